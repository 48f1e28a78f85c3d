/** The wire: what goes in comes out, nothing that comes in throws, and what the core must not see stays out. */
import fc from 'fast-check'
import { expect } from 'chai'
import { CID } from 'multiformats/cid'
import { ANNOUNCEMENT, JOB, LOAD, STATE, at, contactOf, dagBlock, peerOf, valueOf } from '../../test/samples.ts'
import { MESSAGES } from './messages.ts'
import { decodeMessage, encodeMessage } from '../codec.ts'
import type { JoinPhase, Message, MessageType } from '../../../core/message.ts'
import { NO_SALT } from '../../../core/salt.ts'

const RUNS = 60

const BEAT: Message = { type: 'beat', job: JOB, path: at('1.3'), fence: [1, 0, 7], version: 12, since: 9, load: LOAD, nextMs: 2_000 }

/** What a peer would read. */
const sent = (message: Message): ReturnType<typeof decodeMessage> => decodeMessage(encodeMessage(message))

const reasonFor = (message: Message): string | null => {
  const decoded = sent(message)
  return decoded.message === null ? decoded.reason : null
}

describe('wire: codec', () => {
  for (const type of Object.keys(MESSAGES) as MessageType[]) {
    it(`carries every ${type}`, () => {
      fc.assert(fc.property(MESSAGES[type], message => {
        expect(sent(message)).to.deep.equal({ message })
      }), { numRuns: RUNS })
    })
  }

  it('reads arbitrary bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
      const decoded = decodeMessage(bytes)
      if (decoded.message === null) expect(decoded.reason).to.be.a('string')
    }), { numRuns: 3000 })
  })

  it('reads damaged messages without throwing', () => {
    const any = fc.oneof(...Object.values(MESSAGES))
    fc.assert(fc.property(any, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (message, changes, cut) => {
      const bytes = encodeMessage(message).slice()
      for (const [where, byte] of changes) bytes[where % bytes.length] = byte
      decodeMessage(bytes)
      decodeMessage(bytes.subarray(0, cut % (bytes.length + 1)))
    }), { numRuns: 1500 })
  })

  it('[C6] a beat is a quarter of the state it stands for', () => {
    expect(encodeMessage(BEAT).length).to.be.at.most(encodeMessage(STATE).length / 4)
  })

  it('[J2, J5] carries a question\'s phase, and refuses one it does not know', () => {
    const join = (phase: JoinPhase): Message => ({ type: 'join', job: JOB, joiner: contactOf('joiner'), rate: 2, hops: 1, phase, via: [] })
    for (const phase of ['up', 'down', 'tail'] as const) expect(sent(join(phase))).to.deep.equal({ message: join(phase) })
    const [up, tail] = [encodeMessage(join('up')), encodeMessage(join('tail'))]
    // `up` is what an absent field means, so the field is two bytes: its tag and the phase.
    expect(tail.length - up.length).to.equal(2)
    const where = tail.findIndex((byte, i) => byte === 0x18 && tail[i + 1] === 2)
    const unknown = Uint8Array.from(tail.with(where + 1, 3))
    expect(decodeMessage(unknown).message).to.equal(null)
  })

  it('stays small', () => {
    const fence = [1, 0, 7]
    const path = at('1.3')
    const sizes: Array<[Message, number]> = [
      [{ type: 'renew', job: JOB, path, fence, done: 100_000, load: LOAD, seen: 12 }, 80],
      [{ type: 'claim', job: JOB, path, fence, peer: contactOf('a') }, 120],
      [{ type: 'accepted', receipt: null, job: JOB, paths: Array.from({ length: 16 }, (_, i) => at(`1.3.${i}`)) }, 130],
      [STATE, 500],
      [BEAT, 100],
      [{ type: 'value', job: JOB, value: valueOf(path, 12345), salt: NO_SALT }, 210],
      [{ type: 'jobs', jobs: [ANNOUNCEMENT] }, 420]
    ]
    for (const [message, bytesMax] of sizes) expect(encodeMessage(message).length, message.type).to.be.at.most(bytesMax)
  })
})

describe('wire: what is refused', () => {
  const path = at('1.3')
  const value = valueOf(path, 1)
  const hold = (changes: object): Message => ({ type: 'hold', job: JOB, values: [{ ...value, ...changes }] })
  const link = dagBlock({ c: [[CID.parse(JOB), 1]] })

  const cases: Array<[string, Message, string]> = [
    ['a fence that is too short (C4)', { type: 'stale', job: JOB, path, fence: [1, 2] }, 'a fence does not fit its path'],
    ['a fence that is too long (C4)', { type: 'claim', job: JOB, path, fence: [1, 2, 3, 4], peer: contactOf('a') }, 'a fence does not fit its path'],
    ['a beat whose fence does not fit (C4)', { ...BEAT, path: at('1') }, 'a fence does not fit its path'],
    ['a value that counts nothing (R1)', hold({ count: 0 }), 'a value counts nothing'],
    ['bytes that are not what the content id says (R1)', hold({ bytes: Uint8Array.of(2) }), 'a value is not what its content id says'],
    ['links that are kept quiet about (R2)', hold({ cid: link.cid, bytes: link.bytes }), 'a value hides its links'],
    ['producers in disorder', hold({ stats: { ...value.stats, producers: [9, 3] } }), 'producers are not in order'],
    ['a leased child without a holder (C6)', { ...STATE, children: [{ digit: 1, state: 'leased', term: 1, holder: null }] }, 'a leased child has no holder'],
    ['a child told of twice (C6)', { ...STATE, children: [{ digit: 1, state: 'free', term: 1, holder: null }, { digit: 1, state: 'free', term: 1, holder: null }] }, 'children are not in order'],
    ['more addresses of one peer than anyone has', { ...STATE, coordinator: { peer: peerOf('a'), addrs: [] }, up: Array.from({ length: 9 }, () => contactOf('a')) }, 'a list is too long']
  ]
  for (const [what, message, reason] of cases) {
    it(what, () => { expect(reasonFor(message)).to.equal(reason) })
  }

  it('digits above 127, and depths no tree has', () => {
    expect(reasonFor({ type: 'ended', job: JOB, path: at('200') })).to.equal('a path is none')
    expect(reasonFor({ type: 'ended', job: JOB, path: at(Array(65).fill(1).join('.')) })).to.equal('a field has too many bytes')
  })

  it('text longer than its limit is cut by an honest sender', () => {
    const why = { kind: 'threw' as const, path, partition: 1, message: 'é'.repeat(20_000), stack: '' }
    const decoded = sent({ type: 'failed', job: JOB, why, tried: [] })
    expect(decoded.message?.type === 'failed' && decoded.message.why.message).to.equal('é'.repeat(8192))
  })

  it('a job id that is not its spec\'s cannot even be said', () => {
    const other = dagBlock('other').cid as string as typeof JOB
    const decoded = sent({ type: 'jobs', jobs: [{ ...ANNOUNCEMENT, job: other }] })
    expect(decoded.message?.type === 'jobs' && decoded.message.jobs[0]?.job).to.equal(JOB)
  })

  it('frames without a type, with two, or about no job', () => {
    const leave = encodeMessage({ type: 'leave', job: JOB })
    const stocked = encodeMessage({ type: 'stocked', job: JOB })
    const reason = (bytes: Uint8Array): string | null => {
      const decoded = decodeMessage(bytes)
      return decoded.message === null ? decoded.reason : null
    }
    expect(reason(new Uint8Array())).to.equal('a message is of no known type')
    expect(reason(Uint8Array.from([...leave, ...stocked]))).to.equal('a message is of no known type')
    expect(reason(leave.subarray(38))).to.equal('a message is about no job')
  })
})
