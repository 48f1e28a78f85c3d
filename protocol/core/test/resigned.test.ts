/** Row `resigned`: who would keep others waiting with what it has to look at leaves its place to them (V7). */
import { expect } from 'chai'
import { ANNA, DORA, JOB, SPEC, aHolder, addressed, made, path } from './given.ts'
import { AUDIT } from './court.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JobSpec } from '../job.ts'
import { NO_SALT } from '../salt.ts'
import { sends } from './effects.ts'

/** The holder of 3 under Anna, which takes 10 s a partition; Dora holds 3.3 and does so many a second. */
function aSlowHolder (rate: number, spec: JobSpec): Given {
  const given = aHolder('3', {}, spec).connect(DORA)
  given.hear(DORA, { type: 'claim', job: JOB, path: path('3.3'), fence: [1, 1, 1], peer: addressed(DORA) })
  given.hear(DORA, { type: 'renew', job: JOB, path: path('3.3'), fence: [1, 1, 1], done: 0, load: { remaining: 4, free: 0, helpers: 1, rate, levels: 2 }, seen: 99 })
  given.volunteer()
  given.take({ type: 'computed', job: JOB, value: made('3.0'), ms: 40_000, commitment: null, salt: NO_SALT })
  return given
}
const turns = (given: Given): Effect[] => given.fires('renew', '3')
const leaves = [ANNA, DORA].map(peer => sends(peer, { type: 'leave' }))

describe('resigned', () => {
  it('[V7] a coordinator four times as slow as its members leaves as one that stops, and asks the one above for work', () => {
    const given = aSlowHolder(0.41, AUDIT)
    const told = turns(given)
    expect(told).to.deep.include.members(leaves)
    expect(told.flatMap(effect => effect.type === 'send' && effect.message.type === 'join' ? [effect.to] : [])).to.deep.equal([ANNA])
    expect(given.peer.jobs.get(JOB)?.positions.size).to.equal(0)
  })

  it('[V7] not one that is less slow, nor where nothing is looked at', () => {
    for (const given of [aSlowHolder(0.39, AUDIT), aSlowHolder(0.41, SPEC)]) {
      expect(turns(given)).to.not.deep.include(leaves[0])
      expect(given.peer.jobs.get(JOB)?.positions.has(path('3'))).to.equal(true)
    }
  })
})
