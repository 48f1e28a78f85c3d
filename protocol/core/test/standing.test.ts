/** Row `voted`: what peers were confirmed in by earlier jobs (V3, adaptive). */
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
function afterEarlier (spec: JobSpec, own = ADAPTIVE, hasLied = false): Given {
  const given = aCoordinator({ 3: BERT }, own)
  given.take({ type: 'submit', job: EARLIER, spec, proof: null })
  const court = given.peer.jobs.get(EARLIER)?.court
  court?.standing.set(BERT, MANY)
  if (hasLied) court?.liars.set(BERT, { peer: BERT, path: path('1'), partition: 1, evidence: new Uint8Array(1) })
  given.take({ type: 'cancel', job: EARLIER, signature: new Uint8Array(64) })
  return given
}

const commits = (given: Given): Effect[] => given.hear(BERT, { type: 'commit', job: JOB, path: path('3'), digest: new Uint8Array(32) })
const reveal: Effect = sends(BERT, { type: 'reveal', path: path('3') })

describe('standing', () => {
  it('[V3] adaptive: whoever was confirmed often in an earlier job with the same code is asked alone', () => {
    expect(commits(afterEarlier(ADAPTIVE))).to.deep.include(reveal)
  })

  it('[V3] adaptive: what it was confirmed in with other code does not count', () => {
    expect(commits(afterEarlier({ ...ADAPTIVE, bundle: 'other' as Cid }))).to.not.deep.include(reveal)
  })

  it('[V3] adaptive: it spares the first pairings and no more: who has just been confirmed so often is paired with probability 1/after', () => {
    expect(commits(afterEarlier(adaptive(1), adaptive(1)))).to.not.deep.include(reveal)
  })

  it('[V3] adaptive: a lie in one of those jobs ends it', () => {
    expect(commits(afterEarlier(ADAPTIVE, ADAPTIVE, true))).to.not.deep.include(reveal)
  })
})
