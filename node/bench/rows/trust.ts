/**
 * What trust costs on real work: the same job under each policy, runs alternating so that all see the same machine. The result is
 * checked each time. A vote is the work twice over; an audit is commitments and a share; `adaptive` is a vote until its peers are
 * trusted, which takes ten confirmed bites of each.
 */
import { list, median } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { run } from '../processes.ts'

const KNOWN = new Map([[1e8, 5_761_455], [1e9, 50_847_534]])
const POLICIES = [
  { trust: 'none', what: 'none' },
  { trust: 'audit:0.01', what: 'audit 1 %', budget: { atMost: 1.05 } },
  { trust: 'adaptive', what: 'adaptive, from its first bite on', budget: { atMost: 1.15 } },
  { trust: 'votes:2/2', what: 'votes 2 of 2', budget: { atMost: 2.2 } }
]

async function wallOf (trust: string, limit: number): Promise<number> {
  const { result, wallMs } = await run(['examples/primes.ts', '--params', JSON.stringify({ limit }), '--peers', '2', '--trust', trust])
  if (result !== KNOWN.get(limit)) throw new Error(`under ${trust} the mesh counted ${String(result)} primes`)
  return wallMs
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const limit = quick ? 1e8 : 1e9
  const walls = new Map<string, number[]>(POLICIES.map(({ trust }) => [trust, []]))
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    for (const { trust } of POLICIES) walls.get(trust)!.push(await wallOf(trust, limit))
  }
  const none = walls.get('none')!
  return [
    { what: 'none, first lease to done', value: median(none), unit: 'ms', note: list(none) },
    ...POLICIES.slice(1).map(({ trust, what, budget }): Figure => {
      const own = walls.get(trust)!
      return { what: `${what} / none`, value: median(own) / median(none), unit: '×', ...budget === undefined ? {} : { budget }, note: `${list(own)} ms` }
    })
  ]
}

export const trust: Row = { name: 'trust', title: 'what verification costs on π(10^9), two volunteers on two cores', measure }
