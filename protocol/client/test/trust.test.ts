/** Trust policies as people write them (V1). */
import { expect } from 'chai'
import fc from 'fast-check'
import { UsageError } from '../errors.ts'
import { checkTrust } from '../../job/spec.ts'
import { trustOf } from '../trust.ts'

describe('a trust policy', () => {
  it('is read (V1)', () => {
    expect(trustOf(undefined)).to.deep.equal({ type: 'none' })
    expect(trustOf('none')).to.deep.equal({ type: 'none' })
    expect(trustOf('votes:2/3')).to.deep.equal({ type: 'votes', quorum: 2, voters: 3, deadlineMs: 0 })
    expect(trustOf('votes:2/2', 5_000)).to.deep.equal({ type: 'votes', quorum: 2, voters: 2, deadlineMs: 5_000 })
    expect(trustOf('adaptive')).to.deep.equal({ type: 'adaptive', after: 10, deadlineMs: 0 })
    expect(trustOf('adaptive:3')).to.deep.equal({ type: 'adaptive', after: 3, deadlineMs: 0 })
    expect(trustOf('audit')).to.deep.equal({ type: 'audit', rate: 0.01 })
    expect(trustOf('audit:0.25')).to.deep.equal({ type: 'audit', rate: 0.25 })
  })

  for (const text of ['', 'all', 'votes', 'votes:2', 'votes:2/x', 'votes:3/2', 'votes:1/2', 'votes:2/1000', 'adaptive:', 'adaptive:0', 'adaptive:1.5', 'audit:', 'audit:0', 'audit:-1', 'audit:1e-3', 'audit:2', 'none:1', 'votes:99999999999/2', 7]) {
    it(`is refused in one sentence: ${JSON.stringify(text)}`, () => {
      expect(() => trustOf(text)).to.throw(UsageError, /^(There is no trust policy|The trust policy) [^\n]*\.$/)
    })
  }

  it('is a policy or refused, whatever is written', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.constantFrom('votes:', 'audit:', 'adaptive:').chain(type => fc.string().map(rest => type + rest))), text => {
      try {
        expect(checkTrust(trustOf(text))).to.equal(null)
      } catch (error) {
        expect(error).to.be.instanceOf(UsageError)
      }
    }), { numRuns: 500 })
  })
})
