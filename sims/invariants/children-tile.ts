/** The children of a position tile its range: in order, without gap or overlap (G2). */
import type { Invariant } from './checker.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import type { Position } from '../../protocol/core/state.ts'
import { isLeaf, rangeOf } from '../../protocol/core/geometry.ts'
import { FEW_A_SECOND, jobOf, rotation } from './rotation.ts'

export const childrenTile: Invariant = play => {
  const next = rotation(play, FEW_A_SECOND)
  return {
    name: 'children-tile',
    kind: 'safety',
    sample: () => next().flatMap(node => [...jobOf(play, node)?.positions.values() ?? []].flatMap(position => {
      const what = gapIn(play.spec, position)
      return what === null ? [] : [`at ${node.id} ${what}`]
    }))
  }
}

/** @returns what is wrong with a position's children; null when they tile it */
export function gapIn (spec: JobSpec, { path, children }: Position): string | null {
  const range = rangeOf(spec, path)
  if (range === null) return `the position ${path} does not exist`
  if (isLeaf(spec, range)) return children.length === 0 ? null : `the leaf ${path} has children`
  let end = range.from
  for (const child of children) {
    const own = rangeOf(spec, child.path)
    if (own === null) return `the child ${child.path} does not exist`
    if (own.from !== end) return `the children of ${path} leave ${end} to ${own.from}`
    if (own.to - own.from !== child.size) return `the child ${child.path} has ${own.to - own.from} partitions and counts ${child.size}`
    end = own.to
  }
  return end === range.to ? null : `the children of ${path} end at ${end} of ${range.to}`
}
