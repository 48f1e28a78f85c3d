/**
 * Reads what a sandbox's worker or frame says. Job code shares the worker, so anything may come: what has not exactly the shape
 * of a message is dropped, texts are cut, and only known fields go on. Content ids are never taken from it (tab-sandbox.ts).
 */
import type { Piece } from '../../protocol/job/runtime/listing.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { FromFrame, FromWorker } from './messages.ts'

const KINDS: ReadonlySet<unknown> = new Set<PlainFailure['kind']>(['threw', 'timeout', 'memory', 'output', 'collect', 'module'])
const MESSAGE_MAX = 1024
const STACK_MAX = 16_384

type Fields = Record<string, unknown>

/** A worker's message, or null. */
export function readWorker (data: unknown): FromWorker | null {
  if (!isObject(data)) return null
  const { type, id } = data
  switch (type) {
    case 'ready': return { type }
    case 'opened': return data['why'] === null || isFailure(data['why']) ? { type, why: failureIn(data['why']), asksGpu: data['asksGpu'] === true } : null
    case 'at': return isCall(data['call']) && isCount(data['calls']) ? { type, call: data['call'], calls: data['calls'], exact: data['exact'] === true } : null
  }
  if (!isCount(id)) return null
  switch (type) {
    case 'want':
    case 'stopped': return { type, id }
    case 'piece': return isPiece(data) ? { type, id, bytes: data.bytes, ends: data.ends } : null
    case 'done': return isDone(data) ? { type, id, bytes: data.bytes, nodes: data.nodes === null ? null : { bytes: data.nodes.bytes, ends: data.nodes.ends }, ms: data.ms } : null
    case 'failed': return isFailure(data['why']) ? { type, id, why: failureIn(data['why'])! } : null
    default: return null
  }
}

/** A frame's message, or null. */
export function readFrame (data: unknown): FromFrame | null {
  if (!isObject(data)) return null
  const { type, message } = data
  if (type === 'up' || type === 'pong') return { type }
  return type === 'broken' && typeof message === 'string' ? { type, message: message.slice(0, MESSAGE_MAX) } : null
}

const isObject = (it: unknown): it is Fields => typeof it === 'object' && it !== null
const isCount = (it: unknown): it is number => Number.isSafeInteger(it) && (it as number) >= 0
const isCall = (it: unknown): it is number => Number.isSafeInteger(it)
/** Bytes that are a buffer's own: what is not lies shared, or is more than it seems. */
const isBytes = (it: unknown): it is Uint8Array => it instanceof Uint8Array && it.buffer instanceof ArrayBuffer

/** Ends rise to the bytes' length. */
function isPiece (data: Fields): data is Piece & Fields {
  const { bytes, ends } = data
  if (!isBytes(bytes) || !(ends instanceof Uint32Array)) return false
  let last = 0
  for (const end of ends) {
    if (end <= last) return false
    last = end
  }
  return last === bytes.length
}

function isDone (data: Fields): data is { bytes: Uint8Array | null, nodes: Piece | null, ms: number } & Fields {
  const { bytes, nodes, ms } = data
  return (bytes === null || isBytes(bytes)) && (nodes === null || (isObject(nodes) && isPiece(nodes) && nodes.ends.length > 0)) && typeof ms === 'number' && Number.isFinite(ms) && ms >= 0
}

function isFailure (why: unknown): boolean {
  if (!isObject(why)) return false
  const { kind, partition, message, stack } = why
  return KINDS.has(kind) && Number.isSafeInteger(partition) && (partition as number) >= -1 && typeof message === 'string' && typeof stack === 'string'
}

function failureIn (why: unknown): PlainFailure | null {
  if (why === null) return null
  const { kind, partition, message, stack } = why as PlainFailure
  return { kind, partition, message: message.slice(0, MESSAGE_MAX), stack: stack.slice(0, STACK_MAX) }
}
