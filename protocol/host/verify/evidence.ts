/**
 * A proof of a lie (V5): what was signed, where in it the lie is, and the nodes from the root down to there. It is small, since it
 * holds one way through the tree, and anyone who has the job's bundle, params and inputs can check it by recomputing
 * one partition or one fold.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { digitsOf } from '../../core/geometry.ts'
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { Statement } from './statement.ts'

/** What about a statement is looked at. */
export type Point =
  /** The nodes on the way to a partition have not the shape that they must have. */
  | { type: 'shape', partition: number }
  /** The output of a partition. */
  | { type: 'output', partition: number }
  /** The fold of the node so many steps below the root on the way to a partition. */
  | { type: 'fold', partition: number, depth: number }

export interface Evidence { statement: Statement, point: Point, nodes: Uint8Array[] }

/** Levels of a tree, and of lists below its leaves. */
const DEPTH_MAX = 48

export function encodeEvidence ({ statement, point, nodes }: Evidence): Uint8Array {
  const { job, path, cid, root, by, signature } = statement
  return encode({ s: [job, path, cid, root, by, signature], p: [point.type, point.partition, point.type === 'fold' ? point.depth : 0], n: nodes })
}

/** Read evidence, which may come from anyone; null when it is none. */
export function evidenceFrom (bytes: Uint8Array): Evidence | null {
  let it: unknown
  try {
    it = decode(bytes)
  } catch {
    return null
  }
  const { s, p, n } = typeof it === 'object' && it !== null ? it as { s?: unknown, p?: unknown, n?: unknown } : {}
  const statement = statementFrom(s)
  const point = pointFrom(p)
  if (statement === null || point === null || !Array.isArray(n) || !n.every(node => node instanceof Uint8Array)) return null
  return { statement, point, nodes: n }
}

function statementFrom (it: unknown): Statement | null {
  if (!Array.isArray(it) || it.length !== 6) return null
  const [job, path, cid, root, by, signature] = it as unknown[]
  const texts = [job, path, cid, root, by]
  if (!texts.every(text => typeof text === 'string' && text.length <= 256 && !text.includes(' ')) || !(signature instanceof Uint8Array)) return null
  if (digitsOf(path as string) === null || !isCid(cid as string) || !isCid(root as string)) return null
  return { job: job as JobId, path: path as Path, cid: cid as Cid, root: root as Cid, by: by as PeerId, signature }
}

/** CID v1, sha2-256, dag-cbor or raw, base32. */
export const isCid = (text: string): boolean => /^baf(?:yrei|krei)[a-z2-7]{52}$/.test(text)

function pointFrom (it: unknown): Point | null {
  if (!Array.isArray(it) || it.length !== 3) return null
  const [type, partition, depth] = it as unknown[]
  if (!Number.isSafeInteger(partition) || (partition as number) < 0 || !Number.isInteger(depth) || (depth as number) < 0 || (depth as number) > DEPTH_MAX) return null
  if (type === 'shape' || type === 'output') return { type, partition: partition as number }
  return type === 'fold' ? { type, partition: partition as number, depth: depth as number } : null
}
