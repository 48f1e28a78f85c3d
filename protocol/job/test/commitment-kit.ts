/** What tests of commitments hold sandboxes against: the root by the letter of V2, sharing no code with the sandbox's own. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { childDigits, childOf, isLeaf, rangeOf } from '../../core/geometry.ts'
import { Opening } from '../commitment/opening.ts'
import { cidOfDag } from '../cid.ts'
import { collected } from './sandbox-kit.ts'
import type { Cid, Path } from '../../core/ids.ts'
import type { JobSpec } from '../../core/job.ts'

/** A root by definition, and how many nodes there are in all. */
export interface Committed { root: Cid, digest: Uint8Array, nodes: number }

type ComputeOne = (partition: number) => unknown
type Collect = (outputs: unknown[]) => unknown

function item (spec: JobSpec, value: unknown): unknown {
  const bytes = encode(value)
  return bytes.length <= 64 || spec.equal ? value : CID.parse(cidOfDag(bytes))
}

const committed = (node: unknown, nodes: number): Committed => {
  const bytes = encode(node)
  return { root: cidOfDag(bytes), digest: sha256(bytes), nodes: nodes + 1 }
}

function listed (items: unknown[]): Committed {
  if (items.length <= 256) return committed([0, items], 0)
  let span = 256
  while (span * 256 < items.length) span *= 256
  const parts: Committed[] = []
  for (let at = 0; at < items.length; at += span) parts.push(listed(items.slice(at, at + span)))
  return committed([1, Uint8Array.from(parts.flatMap(({ digest }) => [...digest]))], parts.reduce((sum, { nodes }) => sum + nodes, 0))
}

/** The commitment to a path of a job that collects what `compute` gives. */
export function committedTo (spec: JobSpec, path: Path, computeOne: ComputeOne, collect: Collect): Committed {
  const range = rangeOf(spec, path)!
  if (isLeaf(spec, range)) {
    return listed(Array.from({ length: range.to - range.from }, (_, i) => item(spec, computeOne(range.from + i))))
  }
  const paths = childDigits(spec, range).map(digit => childOf(path, digit))
  const parts = paths.map(child => committedTo(spec, child, computeOne, collect))
  const children = paths.map((child, i) => [item(spec, collected(spec, child, computeOne, collect)), parts[i]!.digest])
  return committed([3, children], parts.reduce((sum, { nodes }) => sum + nodes, 0))
}

/** A partition's output as an opening shows it. */
export function outputIn (spec: JobSpec, { root }: { cid: Cid, root: Cid }, nodes: Uint8Array[], partition: number): unknown {
  const { steps, end } = new Opening(nodes).way(spec, root, rangeOf(spec, '/')!, partition)
  const last = steps.at(-1)
  if (end !== 'reached' || last?.node.type !== 'list') throw new Error(`the way ends: ${end}`)
  return last.node.items[partition - last.part.range.from]
}
