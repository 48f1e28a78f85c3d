/** Row `voted`: who is asked alone (V3, adaptive). Whole jobs under votes: trusted.test.ts. */
import { expect } from 'chai'
import { ANNA, BERT, JOB, SPEC, aCoordinator, addressed, path } from './given.ts'
import { sends } from './effects.ts'
import type { Cid, JobId } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JobSpec } from '../job.ts'

const ADAPTIVE: JobSpec = { ...SPEC, trust: { type: 'adaptive', after: 3, deadlineMs: 0 } }
const EARLIER = 'earlier' as JobId
/** So many confirmed values that nobody is paired by chance. */
const MANY = 1e9

/** A submitter that saw Bert confirmed in an earlier job, and has given him a child of this one. */
function afterEarlier (spec: JobSpec): Given {
  const given = aCoordinator({ 3: BERT }, ADAPTIVE)
  given.take({ type: 'submit', job: EARLIER, spec, proof: null })
  given.peer.jobs.get(EARLIER)?.court?.standing.set(BERT, MANY)
  return given
}

const commits = (given: Given): Effect[] => given.hear(BERT, { type: 'commit', job: JOB, path: path('3'), digest: new Uint8Array(32) })
const reveal: Effect = sends(BERT, { type: 'reveal', path: path('3') })

describe('voted', () => {
  it('[V3] adaptive: whoever was confirmed often in an earlier job of this submitter, with the same code, is asked alone', () => {
    expect(commits(afterEarlier(ADAPTIVE))).to.deep.include(reveal)
  })

  it('[V3] adaptive: what it was confirmed in with other code does not count', () => {
    expect(commits(afterEarlier({ ...ADAPTIVE, bundle: 'other' as Cid }))).to.not.deep.include(reveal)
  })

  it('[V3] adaptive: nor does what it did in a job of somebody else, who may be its friend', () => {
    const given = aCoordinator({ 3: BERT }, ADAPTIVE).connect(ANNA)
    given.hear(ANNA, { type: 'jobs', jobs: [{ job: EARLIER, spec: ADAPTIVE, submitter: ANNA, members: [addressed(ANNA)], outcome: null, proof: null }] })
    given.peer.jobs.get(EARLIER)?.court?.standing.set(BERT, MANY)
    expect(commits(given)).to.not.deep.include(reveal)
  })

  it('[V3] adaptive: a lie in one of those jobs ends it', () => {
    const given = afterEarlier(ADAPTIVE)
    given.peer.jobs.get(EARLIER)?.court?.liars.set(BERT, { peer: BERT, path: path('1'), partition: 1, evidence: new Uint8Array(1) })
    expect(commits(given)).to.not.deep.include(reveal)
  })
})
