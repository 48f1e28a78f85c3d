/**
 * Partitions that do nothing, a hundred million of them: how many the mesh gets through, beside pools that pay for
 * each one.
 */
import { batched, bareLoop, moduleOf, piscina, tinypool } from '../baselines.ts'
import type { Code, Timed } from '../baselines.ts'
import { list, median } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { run } from '../processes.ts'

const THREADS = 2
const JOB = 'node/bench/jobs/noop.ts'
/** Tasks given to the pools. */
const POOL_PARTITIONS = 100_000

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const partitions = quick ? 1e6 : 1e8
  const code: Code = { module: moduleOf(JOB), params: {} }
  const rates: number[] = []
  const wholes: number[] = []
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const summary = await run([JOB, '--partitions', `${partitions}`, '--peers', `${THREADS}`, '--again'])
    if (summary.result !== partitions) throw new Error(`the mesh counted ${String(summary.result)} partitions`)
    rates.push(partitions / summary.wallMs * 1000)
    wholes.push(partitions / summary.spawnedMs * 1000)
  }
  const rate = median(rates)
  const others: Array<{ what: string, timed: Timed, partitions: number }> = [
    { what: 'piscina, a task a partition', timed: await piscina(code, POOL_PARTITIONS, THREADS), partitions: POOL_PARTITIONS },
    { what: 'tinypool, a task a partition', timed: await tinypool(code, POOL_PARTITIONS, THREADS), partitions: POOL_PARTITIONS },
    { what: 'threads given batches of 100', timed: await batched(code, 1e6, THREADS, 100), partitions: 1e6 },
    { what: 'bare loop, nothing in between', timed: await bareLoop(code, partitions, THREADS), partitions }
  ]
  return [
    { what: 'mesh, first lease to done', value: rate, unit: '/s', budget: { atLeast: 2e6 }, note: list(rates) },
    { what: 'mesh, whole command', value: median(wholes), unit: '/s', note: list(wholes) },
    ...others.map(({ what, timed, partitions }): Figure => {
      const other = partitions / timed.ms * 1000
      return { what: `mesh / ${what}`, value: rate / other, unit: '×', note: `${Math.round(other).toLocaleString('en')} /s` }
    })
  ]
}

export const noop: Row = { name: 'noop', title: 'partitions that do nothing, `compute` called for each', measure }
