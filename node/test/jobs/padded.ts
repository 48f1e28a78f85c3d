/** Adds up the indices; every value carries a pad, so that much waits wherever values wait. */
import type { Ctx } from '../../../protocol/job/module.ts'

interface Sum { sum: number, pad: string }

export const name = 'padded'
export const params = { ms: 1 }

/** Values up to 16 KiB travel inside messages. */
const PAD = 'x'.repeat(16_000)

export async function compute (partition: number, _input: unknown, ctx: Ctx<{ ms: number }>): Promise<Sum> {
  await ctx.sleep(ctx.params.ms)
  return { sum: partition, pad: PAD }
}

export const collect = (outputs: Sum[]): Sum => ({ sum: outputs.reduce((sum, output) => sum + output.sum, 0), pad: PAD })
