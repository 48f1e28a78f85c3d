/** Fails at partition 17 in the way `params.how` says. */
import type { Ctx } from '../../../protocol/job/module.ts'

export const name = 'faulty'
export const partitions = 40

export function compute (partition: number, _input: unknown, ctx: Ctx<{ how: string }>): unknown {
  if (partition !== 17) return partition
  if (ctx.params.how === 'loop') for (;;);
  if (ctx.params.how === 'output') return () => 1
  return fail()
}

function fail (): never {
  throw new Error('seventeen is not allowed')
}
