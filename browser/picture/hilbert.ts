/**
 * Where the cells of a map lie: along a generalized Hilbert curve, so that a run of indices is a compact patch and a
 * subtree of the job keeps its place. On a square whose side is a power of two it is Hilbert's own curve; on others of
 * even sides it still goes from neighbour to neighbour. Pure; it draws nothing.
 *
 * The construction is Jakub Červený's "gilbert" (https://github.com/jakubcerveny/gilbert, BSD-2-Clause), written anew.
 */

/** A map's measures in cells. */
export interface Plane { width: number, height: number }

/**
 * The squarest plane of even sides that holds so many cells: what is left over at the end, at most two rows, stays bare.
 * A power of two for the side would leave up to three quarters bare.
 */
export function planeOf (cells: number): Plane {
  const width = Math.max(2, 2 * Math.ceil(Math.sqrt(cells) / 2))
  const height = Math.max(2, 2 * Math.ceil(cells / width / 2))
  return { width, height }
}

/**
 * The curve through a whole plane.
 *
 * @returns for each index along the curve its pixel, `y · width + x`
 */
export function hilbert ({ width, height }: Plane): Uint32Array {
  const pixels = new Uint32Array(width * height)
  const walk = { pixels, width, at: 0 }
  if (width >= height) trace(walk, 0, 0, width, 0, 0, height)
  else trace(walk, 0, 0, 0, height, width, 0)
  return pixels
}

interface Walk { pixels: Uint32Array, width: number, at: number }

/** A straight run of so many cells. */
function stride (walk: Walk, x: number, y: number, dx: number, dy: number, cells: number): void {
  for (let i = 0; i < cells; i++) walk.pixels[walk.at++] = (y + i * dy) * walk.width + x + i * dx
}

/** Fill the rectangle at (x, y) spanned by the vectors a, along which the curve goes in the end, and b. */
function trace (walk: Walk, x: number, y: number, ax: number, ay: number, bx: number, by: number): void {
  const width = Math.abs(ax + ay)
  const height = Math.abs(bx + by)
  const dax = Math.sign(ax)
  const day = Math.sign(ay)
  const dbx = Math.sign(bx)
  const dby = Math.sign(by)
  if (height === 1) return stride(walk, x, y, dax, day, width)
  if (width === 1) return stride(walk, x, y, dbx, dby, height)
  let ax2 = Math.floor(ax / 2)
  let ay2 = Math.floor(ay / 2)
  let bx2 = Math.floor(bx / 2)
  let by2 = Math.floor(by / 2)
  if (2 * width > 3 * height) {
    // Long: two halves one behind the other, the first of even length.
    if (Math.abs(ax2 + ay2) % 2 === 1 && width > 2) {
      ax2 += dax
      ay2 += day
    }
    trace(walk, x, y, ax2, ay2, bx, by)
    return trace(walk, x + ax2, y + ay2, ax - ax2, ay - ay2, bx, by)
  }
  // Nearly square: up, across, down, as Hilbert does it.
  if (Math.abs(bx2 + by2) % 2 === 1 && height > 2) {
    bx2 += dbx
    by2 += dby
  }
  trace(walk, x, y, bx2, by2, ax2, ay2)
  trace(walk, x + bx2, y + by2, ax, ay, bx - bx2, by - by2)
  trace(walk, x + ax - dax + bx2 - dbx, y + ay - day + by2 - dby, -bx2, -by2, -(ax - ax2), -(ay - ay2))
}
