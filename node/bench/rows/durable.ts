/**
 * What it costs to keep everything: the million primes with stores, against the same without. Runs alternate, so that both see the same
 * machine; processor time is told beside the wall's, because a busy machine bends the latter.
 */
import { list, median } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { forgetAll, run } from '../processes.ts'

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const limit = quick ? 1e8 : 1e9
  const walls = { kept: [] as number[], none: [] as number[] }
  const works = { kept: [] as number[], none: [] as number[] }
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    for (const [how, args] of [['none', ['--store', 'none']], ['kept', []]] as const) {
      forgetAll()
      const { wallMs, computeMs } = await run(['examples/primes.ts', '--params', JSON.stringify({ limit }), '--peers', '2', ...args])
      walls[how].push(wallMs)
      works[how].push(computeMs)
    }
  }
  return [
    { what: 'without stores, first lease to done', value: median(walls.none), unit: 'ms', note: list(walls.none) },
    { what: 'with stores', value: median(walls.kept), unit: 'ms', note: list(walls.kept) },
    { what: 'with / without', value: median(walls.kept) / median(walls.none), unit: '×', budget: { atMost: 1.03 }, note: `sandbox time ${(median(works.kept) / median(works.none)).toFixed(3)} ×` }
  ]
}

export const durable: Row = { name: 'durable', title: 'the million primes with everything kept on disk', measure }
