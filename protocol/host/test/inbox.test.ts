/** What is verified before the core hears it: cancellations (R5), and values of jobs that ask for trust (V2). */
import { expect } from 'chai'
import { ANNOUNCEMENT, JOB, SPEC, at, peerOf, valueOf } from './samples.ts'
import { Inbox } from '../inbox.ts'
import { NO_SALT } from '../../core/salt.ts'
import { cancelBytes } from '../cancelled.ts'
import { cidOfRaw } from '../../job/cid.ts'
import { statementBytes } from '../verify/statement.ts'
import type { JobSpec, Value } from '../../core/job.ts'
import type { Message } from '../../core/message.ts'
import type { PeerId } from '../../core/ids.ts'
import type { Verify } from '../cancelled.ts'

const FROM = peerOf('sender')
const AUDITED: JobSpec = { ...SPEC, trust: { type: 'audit', rate: 0.5 } }
const ROOT_CID = cidOfRaw(Uint8Array.of(9))
const GOOD = Uint8Array.of(1)

const bound = (path: string, signature = GOOD): Value => ({ ...valueOf(at(path), 1), commitment: { root: ROOT_CID, signature } })
const told = (value: Value): Message => ({ type: 'value', job: JOB, value, salt: NO_SALT })

/** Signatures are good when they are `GOOD`; each verification can be held. */
class Verifications {
  readonly asked: Uint8Array[] = []
  readonly held: Array<() => void> = []
  isHolding = false

  readonly verify: Verify = async (_peer, bytes, signature) => {
    this.asked.push(bytes)
    if (this.isHolding) await new Promise<void>(resolve => { this.held.push(resolve) })
    if (signature.length === 0) throw new Error('no such key')
    return signature[0] === 1
  }
}

function inboxOf (spec: JobSpec | undefined, verifications = new Verifications()): { inbox: Inbox, passed: Message[], dropped: string[], until: (count: number) => Promise<void> } {
  const passed: Message[] = []
  const dropped: string[] = []
  let wake = (): void => {}
  const inbox = new Inbox({
    verify: verifications.verify,
    specOf: () => spec,
    accept: (_from, message) => { passed.push(message); wake() },
    drop: reason => { dropped.push(reason); wake() }
  })
  const until = async (count: number): Promise<void> => {
    while (passed.length + dropped.length < count) await new Promise<void>(resolve => { wake = resolve })
  }
  return { inbox, passed, dropped, until }
}

describe('an inbox', () => {
  const cancelled = (signature: Uint8Array): Message => ({ type: 'jobs', jobs: [ANNOUNCEMENT, { ...ANNOUNCEMENT, outcome: { type: 'cancelled', signature } }] })

  it('lets a cancellation through when the submitter signed it (R5)', async () => {
    const verifications = new Verifications()
    const { inbox, passed, dropped, until } = inboxOf(SPEC, verifications)
    inbox.take(FROM, cancelled(GOOD), null)
    inbox.take(FROM, cancelled(Uint8Array.of(2)), null)
    inbox.take(FROM, cancelled(new Uint8Array(0)), null)
    await until(3)
    expect(passed).to.deep.equal([cancelled(GOOD)])
    expect(dropped).to.deep.equal(['a cancellation is not signed by the submitter', 'a cancellation is not signed by the submitter'])
    expect(verifications.asked[0]).to.deep.equal(cancelBytes(JOB))
  })

  it('passes what nobody has to sign at once', () => {
    const { inbox, passed } = inboxOf(SPEC)
    const messages: Message[] = [{ type: 'jobs', jobs: [ANNOUNCEMENT] }, told(valueOf(at('1'), 1)), { type: 'leave', job: JOB }]
    for (const message of messages) inbox.take(FROM, message, null)
    expect(passed).to.deep.equal(messages)
  })

  it('takes values of jobs that ask for trust only when their makers signed job, path, value and root (V2)', async () => {
    const verifications = new Verifications()
    const { inbox, passed, dropped, until } = inboxOf(AUDITED, verifications)
    const value = bound('1')
    inbox.take(FROM, told(value), null)
    inbox.take(FROM, told(bound('2', Uint8Array.of(2))), null)
    inbox.take(FROM, told(valueOf(at('3'), 1)), null)
    await until(3)
    expect(passed).to.deep.equal([told(value)])
    expect(dropped).to.deep.equal(['a value that its maker has not signed', 'a value that is not bound as its job asks'])
    expect(verifications.asked[0]).to.deep.equal(statementBytes({ job: JOB, path: at('1'), cid: value.cid, root: ROOT_CID }))
  })

  it('leaves wrong values out of what is handed over, and an end that is not signed out of the news (V2)', async () => {
    const { inbox, passed, until } = inboxOf(AUDITED)
    inbox.take(FROM, { type: 'hold', job: JOB, values: [bound('1'), bound('2', Uint8Array.of(2)), bound('3')] }, null)
    const done = (signature: typeof GOOD): Message => ({ type: 'jobs', jobs: [{ ...ANNOUNCEMENT, spec: AUDITED, outcome: { type: 'done', value: bound('/', signature), holders: [] } }] })
    inbox.take(FROM, done(Uint8Array.of(2)), null)
    inbox.take(FROM, done(GOOD), null)
    await until(5)
    expect(passed).to.deep.equal([{ type: 'hold', job: JOB, values: [bound('1'), bound('3')] }, { type: 'jobs', jobs: [] }, done(GOOD)])
  })

  it('drops values that are bound though their job does not ask for it (V2)', () => {
    const { inbox, passed, dropped } = inboxOf(SPEC)
    inbox.take(FROM, told(bound('1')), null)
    expect([passed, dropped]).to.deep.equal([[], ['a value that is not bound as its job asks']])
  })

  it('keeps the order of each sender, and holds up no other', async () => {
    const verifications = new Verifications()
    verifications.isHolding = true
    const { inbox, passed, until } = inboxOf(AUDITED, verifications)
    const leave: Message = { type: 'leave', job: JOB }
    inbox.take(FROM, told(bound('1')), null)
    inbox.take(FROM, leave, null)
    inbox.take('other' as PeerId, leave, null)
    expect(passed).to.deep.equal([leave])
    while (verifications.held.length === 0) await Promise.resolve()
    verifications.held[0]!()
    await until(3)
    expect(passed).to.deep.equal([leave, told(bound('1')), leave])
  })

  it('verifies what it has seen before only once', async () => {
    const verifications = new Verifications()
    const { inbox, until, passed } = inboxOf(AUDITED, verifications)
    inbox.take(FROM, told(bound('1')), null)
    await until(1)
    inbox.take(FROM, told(bound('1')), null)
    await until(2)
    expect(passed).to.have.length(2)
    expect(verifications.asked).to.have.length(1)
  })
})
