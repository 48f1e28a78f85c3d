/** Real peers, one of which lies: under each policy the result is exact, the liar is blamed with a proof, and nobody else (V1, V3, V5, V7). */
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { TrustingMesh } from './trusting-mesh.ts'
import type { Bend, Trusting } from './trusting-mesh.ts'

const SQUARES = fileURLToPath(new URL('jobs/squares.ts', import.meta.url))
const SUM = Array.from({ length: 800 }, (_, p) => p * p).reduce((sum, next) => sum + next, 0)
/** A machine under load takes its time, and who keeps leases without getting anything done loses them after 30 s (C5), again and again. */
const DEADLINE_MS = 480_000

/** No partition is right, so that whoever looks at any finds it. */
const lying: Bend = source => source.replace('return partition * partition', 'return 1 - partition')

describe('trust among real peers', function () {
  this.timeout(DEADLINE_MS + 30_000)
  let mesh: TrustingMesh
  let submitter: Trusting
  let liar: Trusting

  async function withLiar (isDeluded: boolean): Promise<void> {
    mesh = new TrustingMesh()
    submitter = await mesh.add(0)
    liar = await mesh.add(1, lying, isDeluded)
    for (let i = 0; i < 2; i++) await mesh.add(1)
  }

  afterEach(async () => { await mesh.stop() })

  for (const trust of ['audit:1', 'votes:2/3', 'adaptive:3']) {
    it(`${trust}: the result is exact, the liar blamed and nobody else`, async () => {
      await withLiar(false)
      const { job, result } = await mesh.run(submitter, SQUARES, { trust }, DEADLINE_MS)
      expect(result).to.equal(SUM)
      expect([...mesh.blamed(job)]).to.deep.equal([liar.peer.id])
    })

    it(`${trust}: a liar that finds that all others lie takes no part, and does no harm`, async () => {
      await withLiar(true)
      const { job, result } = await mesh.run(submitter, SQUARES, { trust }, DEADLINE_MS)
      expect(result).to.equal(SUM)
      expect([liar.peer.id]).to.include.members([...mesh.blamed(job, liar)])
    })
  }

  it('none: the lie is believed, which is what the others are for', async () => {
    await withLiar(false)
    const { job, result } = await mesh.run(submitter, SQUARES, {}, DEADLINE_MS)
    expect(result).not.to.equal(SUM)
    expect([...mesh.blamed(job)]).to.deep.equal([])
  })
})
