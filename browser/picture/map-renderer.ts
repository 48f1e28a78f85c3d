/**
 * Draws the map onto a canvas: the bitmap at the size and place that is looked at, the borders of the subtrees right
 * below the root, and the outline of what somebody points at. It draws only when something has changed, and it hears
 * of no event: map.tsx tells it.
 */
import { MapBitmap } from './map-bitmap.ts'
import { NO_GROUP, bordersOf, pathOf } from './borders.ts'
import { childRange, isLeaf } from '../../protocol/core/geometry.ts'
import { clamp, fit } from './viewport.ts'
import type { CellColours } from './palette.ts'
import type { Picture } from './picture.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Size, Viewport } from './viewport.ts'

/** Device pixels of a cell from which on it has a gap around it. */
const GAP_FROM = 7
/** Below this the bitmap has to be averaged, or cells would be left out. */
const AVERAGE_BELOW = 0.5

/** The page's own colours. */
export interface Inks { paper: string, ink: string, line: string }

export class MapRenderer {
  readonly bitmap: MapBitmap
  view: Viewport = { scale: 1, x: 0, y: 0 }
  size: Size = { width: 0, height: 0 }
  readonly #picture: Picture
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #inks: Inks = { paper: '#fff', ink: '#000', line: '#888' }
  #borders: Path2D | null = null
  #focus: Path2D | null = null
  #focused: Range | null = null
  #hovered = -1
  #isStale = true

  constructor (canvas: HTMLCanvasElement, picture: Picture) {
    this.#canvas = canvas
    this.#picture = picture
    this.#context = canvas.getContext('2d', { alpha: true }) as CanvasRenderingContext2D
    this.bitmap = new MapBitmap(picture)
    this.#borders = this.#bordersBelowRoot()
  }

  /** @param size - of the canvas in device pixels */
  resize (size: Size): void {
    if (size.width === this.size.width && size.height === this.size.height) return
    const wasWhole = this.size.width === 0 || this.view.scale <= fit(this.bitmap.plane, this.size).scale
    this.size = size
    Object.assign(this.#canvas, size)
    this.look(wasWhole ? fit(this.bitmap.plane, size) : this.view)
  }

  look (view: Viewport): void {
    this.view = clamp(view, this.bitmap.plane, this.size)
    this.#isStale = true
  }

  setInks (inks: Inks): void {
    this.#inks = inks
    this.#isStale = true
  }

  /** Outline a range of partitions; null for none. */
  setFocus (range: Range | null): void {
    if (range?.from === this.#focused?.from && range?.to === this.#focused?.to) return
    this.#focused = range
    this.#focus = range === null || range.to - range.from === this.#picture.shape.partitions ? null : this.#outline(range)
    this.#isStale = true
  }

  /** Outline one cell; -1 for none. */
  setHovered (cell: number): void {
    if (cell === this.#hovered) return
    this.#hovered = cell
    this.#isStale = true
  }

  /**
   * Draw if there is anything new.
   *
   * @param now - ms, for what glows; null where nothing shall move
   */
  draw (colours: CellColours, now: number | null): boolean {
    const isNew = this.bitmap.update(colours, now)
    if (!isNew && !this.#isStale || this.size.width === 0) return false
    this.#isStale = false
    const context = this.#context
    const { scale, x, y } = this.view
    const { width, height } = this.bitmap.plane
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, this.size.width, this.size.height)
    context.imageSmoothingEnabled = scale < 3
    context.imageSmoothingQuality = scale < AVERAGE_BELOW ? 'medium' : 'low'
    context.drawImage(this.bitmap.canvas, x, y, width * scale, height * scale)
    if (scale >= GAP_FROM) this.#drawGaps()
    this.#stroke(this.#borders, this.#inks.paper, Math.max(1, Math.min(3, this.size.width / 500)))
    if (this.#focus !== null) {
      this.#stroke(this.#focus, this.#inks.paper, 5)
      this.#stroke(this.#focus, this.#inks.ink, 2.5)
    }
    this.#drawHovered()
    return true
  }

  /** A path in cells, with a line as wide in device pixels. */
  #stroke (path: Path2D | null, colour: string, lineWidth: number): void {
    if (path === null) return
    const { scale, x, y } = this.view
    this.#context.setTransform(scale, 0, 0, scale, x, y)
    Object.assign(this.#context, { strokeStyle: colour, lineWidth: lineWidth / scale, lineCap: 'square' })
    this.#context.stroke(path)
    this.#context.setTransform(1, 0, 0, 1, 0, 0)
  }

  #drawGaps (): void {
    const context = this.#context
    const { scale, x, y } = this.view
    const { width, height } = this.bitmap.plane
    context.fillStyle = this.#inks.paper
    const gap = Math.max(1, Math.round(scale / 14))
    for (let column = Math.max(0, Math.floor(-x / scale)); column <= width && x + column * scale < this.size.width; column++) {
      context.fillRect(Math.round(x + column * scale), y, gap, height * scale)
    }
    for (let row = Math.max(0, Math.floor(-y / scale)); row <= height && y + row * scale < this.size.height; row++) {
      context.fillRect(x, Math.round(y + row * scale), width * scale, gap)
    }
  }

  #drawHovered (): void {
    if (this.#hovered < 0) return
    const { scale, x, y } = this.view
    const { width } = this.bitmap.plane
    const pixel = this.bitmap.order[this.#hovered] as number
    const side = Math.max(scale, 5)
    const left = x + (pixel % width + 0.5) * scale - side / 2
    const top = y + (Math.floor(pixel / width) + 0.5) * scale - side / 2
    const context = this.#context
    Object.assign(context, { strokeStyle: this.#inks.paper, lineWidth: 5 })
    context.strokeRect(left, top, side, side)
    Object.assign(context, { strokeStyle: this.#inks.ink, lineWidth: 2.5 })
    context.strokeRect(left, top, side, side)
  }

  #bordersBelowRoot (): Path2D | null {
    const { shape } = this.#picture
    const whole = { from: 0, to: shape.partitions }
    if (isLeaf(shape, whole) || shape.partitions < 4 * shape.fanout) return null
    const groups = new Uint8Array(this.bitmap.order.length).fill(NO_GROUP)
    for (let digit = 0; digit < shape.fanout; digit++) this.#group(groups, childRange(whole, shape.fanout, digit), digit)
    return pathOf(bordersOf(this.bitmap.plane, groups))
  }

  #outline (range: Range): Path2D {
    const groups = new Uint8Array(this.bitmap.order.length).fill(NO_GROUP)
    this.#group(groups, range, 0)
    return pathOf(bordersOf(this.bitmap.plane, groups))
  }

  #group (groups: Uint8Array, range: Range, group: number): void {
    const { from, to } = this.#picture.cellsOf(range)
    for (let cell = from; cell < to; cell++) groups[this.bitmap.order[cell] as number] = group
  }
}
