/** Where the arrow keys lead in the tree of coordinators. Pure. */
import { ROOT } from '../../protocol/core/geometry.ts'
import type { Picture } from './picture.ts'
import type { TreeNode } from './tree.ts'

/**
 * The coordinator that a key leads to: up and down a level, left and right on one.
 *
 * @returns null where there is none, or for another key
 */
export function neighbourOf (picture: Picture, from: TreeNode | null, key: string): TreeNode | null {
  if (!key.startsWith('Arrow')) return null
  if (from === null) return picture.node(ROOT) ?? first(picture.nodes.filter(node => node !== null))
  if (key === 'ArrowUp') return picture.nodesAt(from.from).filter(node => node.depth < from.depth).at(-1) ?? null
  const row = picture.nodes.filter((node): node is TreeNode => node !== null && node.depth === from.depth + (key === 'ArrowDown' ? 1 : 0))
  if (key === 'ArrowDown') return first(row.filter(node => node.from >= from.from && node.to <= from.to))
  if (key === 'ArrowRight') return first(row.filter(node => node.from >= from.to))
  return row.filter(node => node.to <= from.from).reduce<TreeNode | null>((best, node) => best === null || node.from > best.from ? node : best, null)
}

const first = (nodes: TreeNode[]): TreeNode | null =>
  nodes.reduce<TreeNode | null>((best, node) => best === null || node.from < best.from ? node : best, null)
