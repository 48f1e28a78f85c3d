/** Float terms, each after a while: the sum's last bits show any fold in another order, or of anything twice. */
import type { Ctx } from 'millionfold'

export const name = 'slow-floats'
export const params = { ms: 10 }

export async function compute (partition: number, _input: unknown, ctx: Ctx<{ ms: number }>): Promise<number> {
  await ctx.sleep(ctx.params.ms)
  return (partition % 2 === 0 ? 4 : -4) / (2 * partition + 1)
}

export const collect = (terms: number[]): number => terms.reduce((sum, term) => sum + term, 0)
