/**
 * Moves a map by hand: wheel and pinch zoom, drag and arrows move, pointing tells which cell. One finger scrolls the
 * page while the whole map is seen; the wheel does, until the map has been clicked. It draws nothing.
 */
import { fit, pan, pixelAt, zoomAt } from './viewport.ts'
import type { MapRenderer } from './map-renderer.ts'

export interface MapHands {
  /** A cell is pointed at, at (x, y) in CSS pixels; -1 for none. */
  onPoint: (cell: number, x: number, y: number) => void
  /** Is less than the whole map seen? */
  onZoom: (isZoomed: boolean) => void
}

/** A wheel's notch is about 100. */
const WHEEL_STEP = 0.0022
/** Share of the canvas that an arrow key moves. */
const ARROW = 0.15
const KEY_ZOOM = 1.6
/** CSS pixels that a finger may tremble in a tap. */
const TAP_MAX = 6

interface Point { x: number, y: number }

export class MapGestures {
  readonly #canvas: HTMLCanvasElement
  readonly #renderer: MapRenderer
  readonly #hands: MapHands
  readonly #pointers = new Map<number, Point>()
  readonly #closed = new AbortController()
  #start: Point = { x: 0, y: 0 }

  constructor (canvas: HTMLCanvasElement, renderer: MapRenderer, hands: MapHands) {
    this.#canvas = canvas
    this.#renderer = renderer
    this.#hands = hands
    const { signal } = this.#closed
    canvas.addEventListener('wheel', event => this.#onWheel(event), { signal, passive: false })
    canvas.addEventListener('pointerdown', event => this.#onDown(event), { signal })
    canvas.addEventListener('pointermove', event => this.#onMove(event), { signal })
    for (const name of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(name, event => this.#onUp(event), { signal })
    canvas.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') hands.onPoint(-1, 0, 0) }, { signal })
    canvas.addEventListener('blur', () => hands.onPoint(-1, 0, 0), { signal })
    canvas.addEventListener('keydown', event => this.#onKey(event), { signal })
  }

  close (): void {
    this.#closed.abort()
  }

  get #isZoomed (): boolean {
    const { view, bitmap, size } = this.#renderer
    return view.scale > fit(bitmap.plane, size).scale * 1.001
  }

  /** Zoom about the middle; 0 for the whole map. */
  zoom (factor: number): void {
    const { size } = this.#renderer
    this.#zoomAt(factor, size.width / 2, size.height / 2)
  }

  #zoomAt (factor: number, x: number, y: number): void {
    const { view, bitmap, size } = this.#renderer
    this.#renderer.look(factor === 0 ? fit(bitmap.plane, size) : zoomAt(view, factor, x, y, bitmap.plane, size))
    this.#hands.onZoom(this.#isZoomed)
  }

  #pan (dx: number, dy: number): void {
    const { view, bitmap, size } = this.#renderer
    this.#renderer.look(pan(view, dx, dy, bitmap.plane, size))
  }

  /** A place in CSS pixels of the canvas. */
  #placeOf (event: MouseEvent): Point {
    const box = this.#canvas.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  #onWheel (event: WheelEvent): void {
    if (!event.ctrlKey && !this.#isZoomed && document.activeElement !== this.#canvas) return
    event.preventDefault()
    const { x, y } = this.#placeOf(event)
    const ratio = devicePixelRatio
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1
    this.#zoomAt(Math.exp(-event.deltaY * lines * WHEEL_STEP * (event.ctrlKey ? 4 : 1)), x * ratio, y * ratio)
  }

  #onDown (event: PointerEvent): void {
    this.#canvas.setPointerCapture(event.pointerId)
    this.#start = this.#placeOf(event)
    this.#pointers.set(event.pointerId, this.#start)
  }

  #onMove (event: PointerEvent): void {
    const place = this.#placeOf(event)
    const before = this.#pointers.get(event.pointerId)
    if (before === undefined) return this.#point(place)
    const ratio = devicePixelRatio
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1]
    this.#pointers.set(event.pointerId, place)
    if (other !== undefined) {
      const distance = (a: Point): number => Math.max(8, Math.hypot(a.x - other.x, a.y - other.y))
      this.#zoomAt(distance(place) / distance(before), (place.x + other.x) / 2 * ratio, (place.y + other.y) / 2 * ratio)
      this.#pan((place.x - before.x) / 2 * ratio, (place.y - before.y) / 2 * ratio)
    } else if (this.#isZoomed) {
      this.#hands.onPoint(-1, 0, 0)
      this.#pan((place.x - before.x) * ratio, (place.y - before.y) * ratio)
    }
  }

  #onUp (event: PointerEvent): void {
    const place = this.#placeOf(event)
    const isTap = this.#pointers.size === 1 && Math.hypot(place.x - this.#start.x, place.y - this.#start.y) < TAP_MAX
    this.#pointers.delete(event.pointerId)
    if (isTap && event.type === 'pointerup') this.#point(place)
  }

  #point ({ x, y }: Point): void {
    const { view, bitmap } = this.#renderer
    const pixel = pixelAt(view, x * devicePixelRatio, y * devicePixelRatio, bitmap.plane)
    this.#hands.onPoint(pixel < 0 ? -1 : bitmap.cellAt[pixel] ?? -1, x, y)
  }

  #onKey (event: KeyboardEvent): void {
    const { width, height } = this.#renderer.size
    const moves: Record<string, () => void> = {
      '+': () => this.zoom(KEY_ZOOM),
      '=': () => this.zoom(KEY_ZOOM),
      '-': () => this.zoom(1 / KEY_ZOOM),
      0: () => this.zoom(0),
      Escape: () => this.zoom(0),
      ArrowLeft: () => this.#pan(ARROW * width, 0),
      ArrowRight: () => this.#pan(-ARROW * width, 0),
      ArrowUp: () => this.#pan(0, ARROW * height),
      ArrowDown: () => this.#pan(0, -ARROW * height)
    }
    const move = moves[event.key]
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key.startsWith('Arrow') && !this.#isZoomed) return
    event.preventDefault()
    event.stopPropagation()
    move()
  }
}
