/** Adds up the indices: N·(N−1)/2. With `ms` each partition takes that long. */
import type { Ctx } from '../../../protocol/job/module.ts'

export const name = 'sum'
export const partitions = 1000
export const params = { ms: 0 }

export async function compute (partition: number, _input: unknown, ctx: Ctx<{ ms: number }>): Promise<number> {
  if (ctx.params.ms > 0) await ctx.sleep(ctx.params.ms)
  return partition
}

export function collect (outputs: number[]): number {
  let sum = 0
  for (const output of outputs) sum += output
  return sum
}
