/**
 * The plainest job: `input` is copied to each of N partitions and summed, so the answer is input × N. An
 * optional delay stands for a `compute` that takes its time; what is left is the mesh itself.
 */
import type { Ctx, LogCtx, LogEvent } from 'millionfold'
import { known, number } from './report.ts'

export const name = 'million'
export const partitions = 1_000_000

export interface Params {
  /** What every partition gives. */
  input: number
  /** Milliseconds a partition takes. */
  delayMs: number
}

export const params: Params = { input: 1, delayMs: 0 }

export function compute (_partition: number, _input: unknown, ctx: Ctx<Params>): number | Promise<number> {
  const { input, delayMs } = ctx.params
  return delayMs === 0 ? input : ctx.sleep(delayMs).then(() => input)
}

export function collect (outputs: number[]): number {
  let sum = 0
  for (const output of outputs) sum += output
  return sum
}

let submitted = 0

export function log (event: LogEvent, ctx: LogCtx<Params>): void {
  if (event.type === 'submitted') submitted = event.partitions
  if (event.type !== 'done') return
  const { input } = ctx.params
  known(`${number(input)} × ${number(submitted)}`, event.result, Number.isInteger(input) ? input * submitted : undefined)
}
