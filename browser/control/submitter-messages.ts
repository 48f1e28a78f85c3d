/**
 * What the page and the worker that holds the submitter's functions tell each other over their port. What comes from the
 * worker is a stranger's word: `readSubmitter` drops what has not the shape of a message.
 */
import type { LogEvent } from '../../protocol/job/module.ts'
import type { StreamMessage } from './port-stream.ts'

/** A module's own values, as far as they can be sent. */
export interface Loaded {
  values: Record<string, unknown>
  /** Names of its functions. */
  functions: string[]
}

export type ToSubmitter =
  | { type: 'load', code: Uint8Array }
  /** Answered by `counted` or `listed`; the inputs are the stream of that id. */
  | { type: 'prepare', id: number, params: unknown }
  /** Outputs are the stream `from`, what is made of them the stream `id`. */
  | { type: 'assemble', id: number, from: number, params: unknown }
  | { type: 'log', event: LogEvent, params: unknown }
  | StreamMessage

export type FromSubmitter =
  | { type: 'ready' }
  | ({ type: 'loaded' } & Loaded)
  | { type: 'counted', id: number, value: unknown }
  | { type: 'listed', id: number }
  /** Loading, `prepare` or `assemble` threw; `id` is 0 for loading. */
  | { type: 'threw', id: number, message: string, stack: string }
  /** A line of the job's own. */
  | { type: 'print', level: PrintLevel, text: string }
  | StreamMessage

export type PrintLevel = 'info' | 'warn' | 'error'

const WITH_ID = new Set(['counted', 'listed', 'threw', 'pull', 'enough', 'items', 'broken'])
const TEXT_MAX = 4096

/** A worker's message, or null. */
export function readSubmitter (data: unknown): FromSubmitter | null {
  if (typeof data !== 'object' || data === null) return null
  const it = data as Record<string, unknown>
  const { type, id } = it
  if (type === 'ready') return { type }
  if (type === 'loaded') return isLoaded(it) ? { type, values: it.values, functions: it.functions } : null
  if (type === 'print') {
    const level = it['level'] === 'warn' || it['level'] === 'error' ? it['level'] : 'info'
    return { type, level, text: String(it['text']).slice(0, TEXT_MAX) }
  }
  if (typeof type !== 'string' || !WITH_ID.has(type) || !Number.isSafeInteger(id)) return null
  if (type === 'items' && !(Array.isArray(it['items']) && typeof it['isLast'] === 'boolean')) return null
  return it as FromSubmitter
}

const isLoaded = (it: Record<string, unknown>): it is Record<string, unknown> & Loaded =>
  typeof it['values'] === 'object' && it['values'] !== null && Array.isArray(it['functions'])
