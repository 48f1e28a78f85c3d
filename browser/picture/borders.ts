/**
 * Lines between groups of neighbouring cells: the outline of a subtree, the borders of all subtrees of a level.
 * Straight pieces are joined, so that even a million cells give a path that is drawn at once. Pure but for Path2D.
 */
import type { Plane } from './hilbert.ts'

/** A straight piece in cells. */
export type Segment = readonly [x1: number, y1: number, x2: number, y2: number]

/** No cell lies there. */
export const NO_GROUP = 255

/**
 * The lines between pixels of different groups, the map's own edge included.
 *
 * @param groups - for each pixel its group
 */
export function bordersOf ({ width, height }: Plane, groups: Uint8Array): Segment[] {
  const at = (x: number, y: number): number => x < 0 || y < 0 || x >= width || y >= height ? NO_GROUP : groups[y * width + x] as number
  const segments: Segment[] = []
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x < width;) {
      if (at(x, y - 1) === at(x, y)) {
        x++
        continue
      }
      const from = x
      while (x < width && at(x, y - 1) !== at(x, y)) x++
      segments.push([from, y, x, y])
    }
  }
  for (let x = 0; x <= width; x++) {
    for (let y = 0; y < height;) {
      if (at(x - 1, y) === at(x, y)) {
        y++
        continue
      }
      const from = y
      while (y < height && at(x - 1, y) !== at(x, y)) y++
      segments.push([x, from, x, y])
    }
  }
  return segments
}

export function pathOf (segments: readonly Segment[]): Path2D {
  const path = new Path2D()
  for (const [x1, y1, x2, y2] of segments) {
    path.moveTo(x1, y1)
    path.lineTo(x2, y2)
  }
  return path
}
