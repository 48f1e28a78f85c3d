/**
 * A million partitions of real work: the mesh with two volunteer processes against two bare threads of the same
 * code, and the pools a JavaScript program would otherwise use. Runs alternate, so that all see the same machine.
 */
import { bareLoop, batched, moduleOf, piscina, tinypool } from '../baselines.ts'
import type { Code, Timed } from '../baselines.ts'
import { list, median } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { run } from '../processes.ts'

const THREADS = 2
const KNOWN = new Map([[1e8, 5_761_455], [1e9, 50_847_534]])
/** Partitions the pools are given; the million would take them a minute each. */
const POOL_PARTITIONS = 50_000

const checked = (timed: Timed, expected: number | undefined): number => {
  if (timed.sum !== expected) throw new Error(`a bare loop counted ${timed.sum} primes, not ${expected}`)
  return timed.ms
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const limit = quick ? 1e8 : 1e9
  const partitions = limit / 1000
  const code: Code = { module: moduleOf('examples/primes.ts'), params: { limit } }
  const bare: number[] = []
  const batches: number[] = []
  const walls: number[] = []
  const totals: number[] = []
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    bare.push(checked(await bareLoop(code, partitions, THREADS), KNOWN.get(limit)))
    batches.push(checked(await batched(code, partitions, THREADS, 1000), KNOWN.get(limit)))
    const summary = await run(['examples/primes.ts', '--params', JSON.stringify({ limit }), '--peers', `${THREADS}`])
    if (summary.result !== KNOWN.get(limit)) throw new Error(`the mesh counted ${String(summary.result)} primes`)
    walls.push(summary.wallMs)
    totals.push(summary.spawnedMs)
  }
  const bareRate = partitions / median(bare) * 1000
  const pools = [
    { what: 'piscina, a task a partition', timed: await piscina(code, POOL_PARTITIONS, THREADS) },
    { what: 'tinypool, a task a partition', timed: await tinypool(code, POOL_PARTITIONS, THREADS) }
  ]
  return [
    { what: `bare loop on ${THREADS} threads`, value: median(bare), unit: 'ms', note: list(bare) },
    { what: `mesh with ${THREADS} volunteers, first lease to done`, value: median(walls), unit: 'ms', note: list(walls) },
    { what: 'mesh / bare loop', value: median(walls) / median(bare), unit: '×', budget: { atMost: 1.1 } },
    { what: 'whole command / bare loop', value: median(totals) / median(bare), unit: '×', note: `${list(totals)} ms` },
    { what: 'threads given batches of 1,000 / bare loop', value: median(batches) / median(bare), unit: '×' },
    ...pools.map(({ what, timed }): Figure => {
      const rate = POOL_PARTITIONS / timed.ms * 1000
      return { what: `${what} / bare loop`, value: bareRate / rate, unit: '×', note: `${Math.round(rate).toLocaleString('en')} tasks/s over ${POOL_PARTITIONS} of them` }
    })
  ]
}

export const primes: Row = {
  name: 'primes',
  title: 'π(10^9) over 1,000,000 partitions, two volunteers on two cores',
  measure
}
