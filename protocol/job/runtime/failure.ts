/**
 * What went wrong inside a sandbox, as plain data that can cross its wall (E1). What job code throws may
 * be anything, so it is read with care and cut to size. Stacks are mapped outside (stack.ts).
 */
import { COLLECTING, IDLE, LOADING, partitionOf } from './gauge.ts'
import { OutputError } from './errors.ts'
import type { Failure } from '../../core/job.ts'

/** A failure before its path is known and its stack mapped. */
export type PlainFailure = Omit<Failure, 'path'>

const MESSAGE_MAX = 1024
const STACK_MAX = 16_384
/** What V8 says when buffers, or WebAssembly's memories, cannot be had. */
const NO_MEMORY = /Array buffer allocation failed|could not allocate memory|Cannot allocate Wasm memory|Out of memory/

/**
 * @param error - what was thrown
 * @param call - the gauge's call at that moment
 */
export function describeFailure (error: unknown, call: number): PlainFailure {
  const { message, stack } = textOf(error)
  const base = { partition: partitionOf(call), stack }
  if (NO_MEMORY.test(message)) return { ...base, kind: 'memory', message: `${who(call)} ran out of memory` }
  if (error instanceof OutputError) return { ...base, kind: 'output', stack: '', message: `the output of ${who(call)} cannot be sent: ${error.message}` }
  return { ...base, kind: kindOf(call), message }
}

/** A call that ran too long. */
export const timedOut = (call: number, ms: number): PlainFailure =>
  ({ kind: 'timeout', partition: partitionOf(call), message: `${who(call)} took longer than ${ms} ms`, stack: '' })

/** A call that ate all memory. */
export const outOfMemory = (call: number, megabytes: number): PlainFailure =>
  ({ kind: 'memory', partition: partitionOf(call), message: `${who(call)} needed more than the ${megabytes} MB of memory it may have`, stack: '' })

const kindOf = (call: number): Failure['kind'] => call === LOADING ? 'module' : call <= COLLECTING ? 'collect' : 'threw'

const who = (call: number): string =>
  call === LOADING ? 'loading the module' : call <= COLLECTING ? 'collect' : call === IDLE ? 'the job' : `partition ${call}`

function textOf (error: unknown): { message: string, stack: string } {
  try {
    if (!(error instanceof Error)) return { message: `threw ${String(error)}`.slice(0, MESSAGE_MAX), stack: '' }
    const name = String(error.name)
    const message = String(error.message)
    return {
      message: (name === 'Error' ? message : `${name}: ${message}`).slice(0, MESSAGE_MAX),
      stack: String(error.stack).slice(0, STACK_MAX)
    }
  } catch {
    return { message: 'threw something that cannot be shown', stack: '' }
  }
}
