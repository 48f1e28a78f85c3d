/**
 * What trust costs on real work: the same job under each policy in one mesh, runs alternating so that all see the same machine. The
 * result is checked each time. A vote is the work twice over; an audit is commitments and a share; `adaptive` is a vote until its
 * peers are trusted, which takes ten confirmed bites of each: its first run is printed, and those after it are held to the budget.
 */
import { connect } from '../../index.ts'
import { list, median } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import type { Mesh } from '../../index.ts'

const JOB = new URL('../jobs/silent-primes.ts', import.meta.url)
const KNOWN = new Map([[1e8, 5_761_455], [1e9, 50_847_534]])
const POLICIES = [
  { trust: 'none', what: 'none' },
  { trust: 'audit:0.01', what: 'audit 1 %', budget: { atMost: 1.05 } },
  { trust: 'adaptive', what: 'adaptive, after warm-up', budget: { atMost: 1.15 } },
  { trust: 'votes:2/2', what: 'votes 2 of 2', budget: { atMost: 2.2 } }
]

/** From the first lease to the end, milliseconds. */
async function wallOf (mesh: Mesh, trust: string, limit: number): Promise<number> {
  const handle = mesh.run(JOB, { limit }, { trust, again: true })
  const { wallMs } = await handle.finished
  const count = await handle
  if (count !== KNOWN.get(limit)) throw new Error(`under ${trust} the mesh counted ${String(count)} primes`)
  return wallMs
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const limit = quick ? 1e8 : 1e9
  const walls = new Map<string, number[]>(POLICIES.map(({ trust }) => [trust, []]))
  const mesh = await connect('local:', { peers: 2 })
  try {
    await wallOf(mesh, 'none', limit)
    const first = await wallOf(mesh, 'adaptive', limit)
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      for (const { trust } of POLICIES) walls.get(trust)!.push(await wallOf(mesh, trust, limit))
    }
    return figuresOf(walls, first)
  } finally {
    await mesh.close()
  }
}

function figuresOf (walls: Map<string, number[]>, first: number): Figure[] {
  const none = walls.get('none')!
  return [
    { what: 'none, first lease to done', value: median(none), unit: 'ms', note: list(none) },
    { what: 'adaptive, its first run / none', value: first / median(none), unit: '×' },
    ...POLICIES.slice(1).map(({ trust, what, budget }): Figure => {
      const own = walls.get(trust)!
      return { what: `${what} / none`, value: median(own) / median(none), unit: '×', ...budget === undefined ? {} : { budget }, note: `${list(own)} ms` }
    })
  ]
}

export const trust: Row = { name: 'trust', title: 'what verification costs on π(10^9), two volunteers on two cores', measure }
