/**
 * The picture in words: the headline, what a screen reader says of a canvas, what a tip tells. Names come from strangers
 * and are cut to one line; all of it is text for text nodes.
 */
import { LEGEND } from './palette.ts'
import { formatCount, formatRange, formatShare, formatThings } from '../ui/format.ts'
import { plainName, shortPeer } from '../ui/names.ts'
import { peerOf, stateOf } from './cells.ts'
import type { Picture } from './picture.ts'
import type { Phase, TreeNode } from './tree.ts'

export const nameOf = (picture: Picture, peer: number): string =>
  peer === 0 ? 'nobody known' : plainName(shortPeer(picture.peers[peer]?.id ?? ''), 24)

const PHASES: Record<Phase, string> = { waiting: 'not begun', running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled' }

export const phaseOf = (picture: Picture): string => PHASES[picture.phase]

export const shareDone = (picture: Picture): number => picture.done / picture.shape.partitions

/** What the map shows, in a sentence. */
export function describeMap (picture: Picture): string {
  const { partitions } = picture.shape
  return `Map of ${formatThings(partitions, 'partition')}: ${formatShare(shareDone(picture))} done, ${formatThings(picture.tallies.works, 'peer')} at work.`
}

/** What the tree shows, in a sentence. */
export function describeTree (picture: Picture): string {
  const live = picture.nodes.reduce((count, node) => count + (node?.state === 'live' ? 1 : 0), 0)
  return `Tree of ${formatThings(live, 'coordinator')} on ${formatThings(picture.depth + 1, 'level')}, ${formatThings(picture.failovers, 'failover')} so far.`
}

/** A tip's first line and those below. */
export interface Tip { title: string, lines: string[] }

const pathName = (node: TreeNode): string => node.depth === 0 ? 'root' : node.path

export function tipOfNode (picture: Picture, node: TreeNode): Tip {
  const size = node.to - node.from
  const lines = [
    `${nameOf(picture, node.coordinator)} ${node.state === 'lost' ? 'coordinated it and is gone' : node.state === 'done' ? 'coordinated it' : 'coordinates it'}`,
    `${formatShare(picture.shareOf(node))} of ${formatThings(size, 'partition')} done`,
    `partitions ${formatRange(node.from, node.to)}`,
    `fence ${node.fence.length === 0 ? 'not told' : node.fence.join('.')}`,
    node.heirs.length === 0 ? 'no heirs' : `heirs ${node.heirs.map(heir => nameOf(picture, heir)).join(', ')}`
  ]
  const last = node.failovers.at(-1)
  if (last !== undefined) lines.push(`${formatThings(node.failovers.length, 'failover')}${last.ms === null ? '' : `, the last after ${formatCount(Math.round(last.ms))} ms of silence`}`)
  if (node.conflicts > 0) lines.push(`${formatThings(node.conflicts, 'conflict')} of values`)
  return { title: `${pathName(node)} · level ${node.depth}`, lines }
}

export function tipOfCell (picture: Picture, cell: number): Tip {
  const value = picture.cells.values[cell] ?? 0
  const { from, to } = picture.partitionsOf(cell)
  const state = LEGEND.find(({ code }) => code === stateOf(value))
  const peer = peerOf(value)
  const holder = picture.nodesAt(from).at(-1)
  const lines = [`${state?.name ?? ''}${peer === 0 ? '' : state?.state === 'leased' ? ` by ${nameOf(picture, peer)}` : `, by ${nameOf(picture, peer)}`}`]
  if (holder !== undefined) lines.push(`below ${pathName(holder)}, of ${nameOf(picture, holder.coordinator)}`)
  return { title: `${to - from > 1 ? 'Partitions' : 'Partition'} ${formatRange(from, to)}`, lines }
}
