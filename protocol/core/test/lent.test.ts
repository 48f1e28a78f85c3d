/** Row `joined`, where there is nothing to give away: a job of one leaf is lent to joiners by a coordinator without cores (J5). */
import { expect } from 'chai'
import { BERT, CARL, DORA, JOB, ME, SPEC, aFailure, aSubmitter, aValue, addressed, path } from './given.ts'
import { drops, sends } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { JobSpec } from '../job.ts'
import type { Message } from '../message.ts'
import type { PeerId } from '../ids.ts'
import { NO_SALT } from '../salt.ts'

const joins = (joiner: PeerId): Message => ({ type: 'join', job: JOB, joiner: addressed(joiner), rate: 0, hops: 0, phase: 'up', via: [] })

describe('a job of one leaf', () => {
  const ONE: JobSpec = { ...SPEC, partitions: 4 }
  const lent = (to: PeerId): Effect => sends(to, { type: 'rerun', to, via: [], path: path('/'), coordinator: addressed(ME) })
  const theValue = (by: PeerId): Message => ({ type: 'value', job: JOB, value: { ...aValue('/', by), count: 4 }, salt: NO_SALT })

  it('[J5] has no child to give away: where its coordinator does not compute, two joiners run it without authority', () => {
    const given = aSubmitter(ONE).connect(BERT, CARL, DORA)
    expect(given.hear(BERT, joins(BERT))).to.deep.equal([lent(BERT)])
    expect(given.hear(CARL, joins(CARL))).to.deep.equal([lent(CARL)])
    expect(given.hear(DORA, joins(DORA)).filter(({ type }) => type === 'send')).to.deep.equal([sends(DORA, { type: 'later', to: DORA, via: [], ms: 2_000 })])
  })

  it('[J5] is given to others when those that run it may be gone', () => {
    const given = aSubmitter(ONE).connect(BERT, CARL, DORA)
    for (const peer of [BERT, CARL]) given.hear(peer, joins(peer))
    given.after(60_000 + 4 * ONE.timeoutMs + 1)
    expect(given.hear(DORA, joins(DORA))).to.deep.equal([lent(DORA)])
  })

  it('[J5] is done with the first value', () => {
    const given = aSubmitter(ONE).connect(BERT)
    given.hear(BERT, joins(BERT))
    given.hear(BERT, theValue(BERT))
    expect(given.fires('hold', '/').some(effect => effect.type === 'notice' && effect.notice.type === 'done')).to.equal(true)
  })

  it('[E1] fails when those that run it say so, and no word of others counts', () => {
    const given = aSubmitter(ONE).connect(BERT, CARL)
    given.hear(BERT, joins(BERT))
    const failed: Message = { type: 'failed', job: JOB, why: aFailure('/'), tried: [] }
    expect(given.hear(CARL, failed)).to.deep.equal([drops(CARL, 'failure of a path that is not the sender\'s')])
    expect(given.hear(BERT, failed).some(effect => effect.type === 'notice' && effect.notice.type === 'job-failed')).to.equal(true)
  })

  it('[J5] is computed by a coordinator that has cores itself', () => {
    const given = aSubmitter(ONE).connect(BERT)
    expect(given.volunteer()).to.deep.include({ type: 'compute', job: JOB, path: path('/') })
    expect(given.hear(BERT, joins(BERT)).some(effect => effect.type === 'send' && effect.message.type === 'rerun')).to.equal(false)
  })
})
