/** Rules for the jobs a volunteer accepts (A7). */
import { expect } from 'chai'
import { isAccepted, isPeerId, readRule } from '../acceptance.ts'
import { ANNOUNCEMENT, SPEC, peerOf } from './samples.ts'
import type { JobSpec } from '../../core/job.ts'

const accepts = (text: string, spec: Partial<JobSpec>): boolean => {
  const rule = readRule(text)
  if (rule === null) throw new Error(`${text} is no rule`)
  return isAccepted({ submitters: [], rules: [rule] }, { ...ANNOUNCEMENT, spec: { ...SPEC, ...spec } })
}

describe('acceptance', () => {
  it('any job by default, or those of some submitters (A7)', () => {
    expect(isAccepted({ submitters: [], rules: [] }, ANNOUNCEMENT)).to.equal(true)
    expect(isAccepted({ submitters: [peerOf('friend'), ANNOUNCEMENT.submitter], rules: [] }, ANNOUNCEMENT)).to.equal(true)
    expect(isAccepted({ submitters: [peerOf('friend')], rules: [] }, ANNOUNCEMENT)).to.equal(false)
  })

  it('by limits, name and trust, all of which must hold (A7)', () => {
    expect([accepts('timeout<=60s', { timeoutMs: 60_000 }), accepts('timeout<=60', { timeoutMs: 60_001 }), accepts('timeout <= 1.5m', { timeoutMs: 90_000 })]).to.deep.equal([true, false, true])
    expect([accepts('partitions<=100', { partitions: 100 }), accepts('partitions>=100', { partitions: 99 })]).to.deep.equal([true, false])
    expect([accepts('name=primes*', { name: 'primes below' }), accepts('name=primes*', { name: 'my primes' }), accepts('name!=*(a.c)*', { name: 'x(a.c)' })]).to.deep.equal([true, false, false])
    expect([accepts('trust!=none', { trust: { type: 'none' } }), accepts('trust=audit', { trust: { type: 'audit', rate: 0.1 } })]).to.deep.equal([false, true])
    const rules = ['name=a*', 'name=*b'].map(text => readRule(text)!)
    expect(['ab', 'a', 'b'].map(name => isAccepted({ submitters: [], rules }, { ...ANNOUNCEMENT, spec: { ...SPEC, name } }))).to.deep.equal([true, false, false])
  })

  it('what is no peer\'s id is told apart (A7)', () => {
    expect([isPeerId('12D3KooWQqRW4uHsMfNNuvdr2158cvT2pMUSpMC68aqkEvBiqgKj'), isPeerId('alice'), isPeerId('12D3KooW…')]).to.deep.equal([true, false, false])
  })

  it('what is no rule is told apart (A7)', () => {
    for (const text of ['', 'timeout', 'timeout<60', 'timeout<=soon', 'partitions<=3s', 'name<=x', 'memory<=5', 'name=', 'timeout<=-1', 'trust=foo', 'trust!=audit:0.01']) expect(readRule(text), text).to.equal(null)
  })
})
