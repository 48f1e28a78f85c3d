/**
 * The map as an image of one pixel a cell, kept up to date by repainting the blocks that have changed and nothing
 * else. It knows cells and colours; how large and where it is shown is map-view.ts's.
 */
import { BLOCK_BITS, isDone } from './cells.ts'
import { hilbert, planeOf } from './hilbert.ts'
import type { CellColours } from './palette.ts'
import type { Picture } from './picture.ts'
import type { Plane } from './hilbert.ts'

/** Above this share of changed blocks one large copy is cheaper than many small ones. */
const MANY = 0.3
/** How much of a freshly done cell is glow at first, and how long it glows. */
const GLOW = 0.8
const GLOW_MS = 700
/** Cells that glow at once; what comes beside them, as after a jump in time, is painted plainly. */
const GLOWING_MAX = 24_000

/** Cells that were done in one frame. */
interface Embers { cells: number[], since: number }

/** A patch of pixels, `right` and `bottom` exclusive. */
interface Box { left: number, top: number, right: number, bottom: number }

export class MapBitmap {
  readonly plane: Plane
  readonly canvas: HTMLCanvasElement
  /** Pixel by cell. */
  readonly order: Uint32Array
  /** Cell by pixel, or -1 where there is none. */
  readonly cellAt: Int32Array
  readonly #picture: Picture
  readonly #context: CanvasRenderingContext2D
  readonly #image: ImageData
  readonly #pixels: Uint32Array
  readonly #boxes: Box[] = []
  #version = 0
  #colours: CellColours | null = null
  #embers: Embers[] = []
  readonly #isGlowing: Uint8Array
  #glowing = 0

  constructor (picture: Picture) {
    const { count } = picture.cells
    this.#picture = picture
    this.plane = planeOf(count)
    this.order = hilbert(this.plane)
    this.cellAt = new Int32Array(this.order.length).fill(-1)
    for (let cell = 0; cell < count; cell++) this.cellAt[this.order[cell] as number] = cell
    this.#isGlowing = new Uint8Array(count)
    this.canvas = document.createElement('canvas')
    Object.assign(this.canvas, this.plane)
    this.#context = this.canvas.getContext('2d') as CanvasRenderingContext2D
    this.#image = this.#context.createImageData(this.plane.width, this.plane.height)
    this.#pixels = new Uint32Array(this.#image.data.buffer)
    for (let from = 0; from < count; from += 1 << BLOCK_BITS) this.#boxes.push(this.#boxOf(from, Math.min(count, from + (1 << BLOCK_BITS))))
  }

  #boxOf (from: number, to: number): Box {
    const { width } = this.plane
    const box = { left: Infinity, top: Infinity, right: 0, bottom: 0 }
    for (let cell = from; cell < to; cell++) {
      const pixel = this.order[cell] as number
      const x = pixel % width
      const y = (pixel - x) / width
      box.left = Math.min(box.left, x)
      box.top = Math.min(box.top, y)
      box.right = Math.max(box.right, x + 1)
      box.bottom = Math.max(box.bottom, y + 1)
    }
    return box
  }

  /**
   * Repaint what has changed since the last call.
   *
   * @param now - ms of any clock, for the glow of what was just done; null for no glow
   * @returns whether anything has
   */
  update (colours: CellColours, now: number | null): boolean {
    const { cells, peers } = this.#picture
    const table = colours.ensure(peers.length)
    const isFresh = colours !== this.#colours
    const since = isFresh ? 0 : this.#version
    this.#colours = colours
    this.#version = cells.version
    const changed = new Set<number>()
    for (let block = 0; block < this.#boxes.length; block++) if ((cells.blocks[block] as number) > since) changed.add(block)
    const isJump = isFresh || now === null || changed.size > MANY * this.#boxes.length && this.#boxes.length > 8
    if (isJump) this.#dropEmbers(Infinity)
    const lit: number[] = []
    for (const block of changed) this.#paint(block << BLOCK_BITS, Math.min(cells.count, (block + 1) << BLOCK_BITS), table, isJump ? null : lit)
    if (now !== null) this.#glow(lit, now, table, changed)
    if (changed.size > MANY * this.#boxes.length) {
      this.#context.putImageData(this.#image, 0, 0)
    } else {
      for (const block of changed) this.#put(this.#boxes[block] as Box)
    }
    return changed.size > 0
  }

  /** @param lit - takes the cells that have become done; null when nobody asks */
  #paint (from: number, to: number, table: Uint32Array, lit: number[] | null): void {
    const { values } = this.#picture.cells
    const { order } = this
    const pixels = this.#pixels
    for (let cell = from; cell < to; cell++) {
      const pixel = order[cell] as number
      const colour = table[values[cell] as number] as number
      if (pixels[pixel] === colour) continue
      pixels[pixel] = colour
      if (lit !== null && isDone(values[cell] as number)) lit.push(cell)
    }
  }

  /** Light what was just done, let the rest fade, and name the blocks in which that shows. */
  #glow (lit: number[], now: number, table: Uint32Array, changed: Set<number>): void {
    const cells = lit.filter(cell => this.#isGlowing[cell] === 0)
    if (cells.length > 0 && this.#glowing + cells.length <= GLOWING_MAX) {
      this.#embers.push({ cells, since: now })
      this.#glowing += cells.length
      for (const cell of cells) this.#isGlowing[cell] = 1
    }
    const { values } = this.#picture.cells
    for (const embers of this.#embers) {
      const share = GLOW * Math.max(0, 1 - (now - embers.since) / GLOW_MS)
      for (const cell of embers.cells) {
        this.#pixels[this.order[cell] as number] = lighten(table[values[cell] as number] as number, share)
        changed.add(cell >>> BLOCK_BITS)
      }
    }
    this.#dropEmbers(now - GLOW_MS)
  }

  /** Forget what has glowed since before then. */
  #dropEmbers (before: number): void {
    for (const { cells, since } of this.#embers) {
      if (since > before) continue
      this.#glowing -= cells.length
      for (const cell of cells) this.#isGlowing[cell] = 0
    }
    this.#embers = this.#embers.filter(({ since }) => since > before)
  }

  #put ({ left, top, right, bottom }: Box): void {
    this.#context.putImageData(this.#image, 0, 0, left, top, right - left, bottom - top)
  }
}

/** A pixel and so much white. */
function lighten (pixel: number, share: number): number {
  const red = pixel & 255
  const green = pixel >>> 8 & 255
  const blue = pixel >>> 16 & 255
  return (255 << 24 | blue + (255 - blue) * share << 16 | green + (255 - green) * share << 8 | red + (255 - red) * share) >>> 0
}
