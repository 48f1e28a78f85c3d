/** Row `voted`: who is asked alone for what it did in earlier jobs (V3, adaptive). Else: voted.test.ts. */
import { expect } from 'chai'
import { BERT, JOB, SPEC, aCoordinator, path } from './given.ts'
import { sends } from './effects.ts'
import type { Cid, JobId } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JobSpec } from '../job.ts'

const EARLIER = 'earlier' as JobId
/** So many confirmed values that nobody is paired by chance. */
const MANY = 1e9
const adaptive = (after: number): JobSpec => ({ ...SPEC, trust: { type: 'adaptive', after, deadlineMs: 0 } })
const ADAPTIVE = adaptive(MANY)

/** A coordinator that saw Bert confirmed in an earlier job, and has given him a child of this one. */
function afterEarlier (spec: JobSpec, own = ADAPTIVE): Given {
  const given = aCoordinator({ 3: BERT }, own)
  given.take({ type: 'submit', job: EARLIER, spec, proof: null })
  given.peer.jobs.get(EARLIER)?.court?.standing.set(BERT, MANY)
  return given
}

const commits = (given: Given): Effect[] => given.hear(BERT, { type: 'commit', job: JOB, path: path('3'), digest: new Uint8Array(32) })
const reveal: Effect = sends(BERT, { type: 'reveal', path: path('3') })

describe('adaptive', () => {
  it('[V3] whoever was confirmed often in an earlier job with the same code is asked alone', () => {
    expect(commits(afterEarlier(ADAPTIVE))).to.deep.include(reveal)
  })

  it('[V3] what it was confirmed in with other code does not count', () => {
    expect(commits(afterEarlier({ ...ADAPTIVE, bundle: 'other' as Cid }))).to.not.deep.include(reveal)
  })

  it('[V3] it spares the first pairings and no more: who has just been confirmed so often is paired with probability 1/after', () => {
    expect(commits(afterEarlier(adaptive(1), adaptive(1)))).to.not.deep.include(reveal)
  })

  it('[V3] a lie in one of those jobs ends it', () => {
    const given = afterEarlier(ADAPTIVE)
    given.peer.jobs.get(EARLIER)?.court?.liars.set(BERT, { peer: BERT, path: path('1'), partition: 1, evidence: new Uint8Array(1) })
    expect(commits(given)).to.not.deep.include(reveal)
  })
})
