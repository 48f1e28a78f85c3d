/**
 * Which part of a map is seen, and how large: zoom and pan as arithmetic. Lengths on the screen are in device pixels,
 * those on the map in cells. Pure.
 */
import type { Plane } from './hilbert.ts'

/** A cell's side is `scale` device pixels; the map's corner lies at (x, y) of the canvas. */
export interface Viewport { scale: number, x: number, y: number }

export interface Size { width: number, height: number }

/** A cell is shown at most this large, or twice as large as in the whole map. */
const CELL_MAX = 64

/** Cells are drawn in whole pixels, so that all are of one size, where that leaves so much of the room filled. */
const CRISP_FILL = 0.96

/** The whole map, in the middle. */
export function fit (plane: Plane, size: Size): Viewport {
  const exact = Math.min(size.width / plane.width, size.height / plane.height)
  const scale = Math.floor(exact) / exact > CRISP_FILL ? Math.floor(exact) : exact
  return { scale, x: Math.floor((size.width - scale * plane.width) / 2), y: Math.floor((size.height - scale * plane.height) / 2) }
}

/** Keep the map in sight: no smaller than whole, and no edge further in than it has to be. */
export function clamp (view: Viewport, plane: Plane, size: Size): Viewport {
  const whole = fit(plane, size)
  const scale = Math.min(Math.max(view.scale, whole.scale), Math.max(CELL_MAX, 2 * whole.scale))
  const along = (at: number, length: number, room: number): number =>
    length <= room ? Math.floor((room - length) / 2) : Math.min(0, Math.max(room - length, at))
  return { scale, x: along(view.x, scale * plane.width, size.width), y: along(view.y, scale * plane.height, size.height) }
}

/** Zoom by a factor so that what lies at (x, y) of the canvas stays there. */
export function zoomAt (view: Viewport, factor: number, x: number, y: number, plane: Plane, size: Size): Viewport {
  const { scale } = clamp({ ...view, scale: view.scale * factor }, plane, size)
  const real = scale / view.scale
  return clamp({ scale, x: x - (x - view.x) * real, y: y - (y - view.y) * real }, plane, size)
}

export const pan = (view: Viewport, dx: number, dy: number, plane: Plane, size: Size): Viewport =>
  clamp({ ...view, x: view.x + dx, y: view.y + dy }, plane, size)

/** The pixel of the map at a place of the canvas, `y · width + x`, or -1 outside. */
export function pixelAt (view: Viewport, x: number, y: number, plane: Plane): number {
  const column = Math.floor((x - view.x) / view.scale)
  const row = Math.floor((y - view.y) / view.scale)
  return column < 0 || row < 0 || column >= plane.width || row >= plane.height ? -1 : row * plane.width + column
}
