/** What rights mean once a peer is in (A6). */
import { expect } from 'chai'
import fc from 'fast-check'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { Duties } from '../duties.ts'
import { Membership } from '../membership.ts'
import { bitsOf } from '../rights.ts'
import { found, invite } from '../invitation.ts'
import { revoke } from '../revocation.ts'
import { ANNOUNCEMENT, JOB, at, contactOf } from '../../test/samples.ts'
import { MESSAGES } from '../../wire/test/messages.ts'
import type { Announcement } from '../../../core/job.ts'
import type { JobId, PeerId } from '../../../core/ids.ts'
import type { Message, MessageType } from '../../../core/message.ts'
import type { Right } from '../rights.ts'

const NOW_MS = 1_800_000_000_000

/** A peer with an invitation of its own. */
interface Member { id: PeerId, membership: Membership, sign: (bytes: Uint8Array) => Promise<Uint8Array>, links: Awaited<ReturnType<typeof invite>>['chain'] }

describe('duties', () => {
  const founder = found()
  let nowMs = NOW_MS

  async function aMember (...rights: Right[]): Promise<Member> {
    const key = await generateKeyPair('Ed25519')
    const id = peerIdFromPrivateKey(key).toString() as PeerId
    const invitation = await invite(founder, { rights: bitsOf(rights), expiresS: NOW_MS / 1000 + 60, peer: null })
    const membership = await Membership.of({ invitation, peer: id, nowMs: () => nowMs })
    return { id, membership, sign: async bytes => await key.sign(bytes), links: invitation.chain }
  }

  /** The duties of a member who is connected to these. */
  const dutiesOf = (member: Member, others: Member[] = []): Duties => {
    const standings = new Map(others.map(({ id, membership }) => [id, membership.own]))
    return new Duties({ membership: member.membership, standingOf: peer => standings.get(peer) ?? null }, member.sign)
  }

  it('who may not volunteer takes part in jobs of its own alone, in every kind of message (A6)', async () => {
    const [me, guest, worker] = [await aMember('volunteer'), await aMember('submit'), await aMember('volunteer')]
    const duties = dutiesOf(me, [guest, worker])
    const free = ['jobs', 'query', 'report', 'ask', 'heard', 'leave', 'later', 'blame']
    for (const type of Object.keys(MESSAGES) as MessageType[]) {
      const [sample] = fc.sample(MESSAGES[type], { numRuns: 1, seed: 1 })
      const own = { peer: guest.id, addrs: [] }
      const message = { ...sample, ...type === 'join' ? { joiner: own } : type === 'offer' || type === 'rerun' || type === 'recruit' ? { coordinator: own } : {} } as Message
      expect(duties.faultIn(guest.id, message, () => worker.id), type).to.equal(free.includes(type) ? null : 'work from a peer that may not volunteer')
      expect(duties.faultIn(guest.id, message, () => guest.id), type).to.equal(null)
      expect(duties.faultIn(worker.id, message, () => guest.id), type).to.equal(null)
    }
    // What it passes on is not its own; of whom this peer does not know, others have asked.
    expect(duties.faultIn(guest.id, { type: 'offer', job: JOB, to: worker.id, via: [], path: at('1'), fence: [1, 1], coordinator: contactOf('other') }, () => worker.id)).to.equal(null)
    expect(duties.faultIn('stranger' as PeerId, { type: 'claim', job: JOB, path: at('1'), fence: [1, 1], peer: contactOf('other') }, () => worker.id)).to.equal(null)
  })

  it('a job is taken up when its submitter proves that it may submit (A6)', async () => {
    const [me, submitter, guest] = [await aMember('volunteer'), await aMember('submit'), await aMember('volunteer', 'invite')]
    const duties = dutiesOf(me)
    const by = async (member: Member, changes: Partial<Announcement> = {}): Promise<boolean> =>
      await duties.isProven({ ...ANNOUNCEMENT, submitter: member.id, proof: await dutiesOf(member).proofOf(ANNOUNCEMENT.job), ...changes })
    expect(await by(submitter)).to.equal(true)
    expect(await by(submitter)).to.equal(true)
    expect(await by(guest)).to.equal(false)
    expect(await by(submitter, { proof: null })).to.equal(false)
    expect(await by(submitter, { proof: Uint8Array.of(0xa0) })).to.equal(false)
    // Neither another's name nor another job.
    expect(await by(submitter, { submitter: guest.id })).to.equal(false)
    expect(await by(submitter, { job: 'another' as JobId })).to.equal(false)
    const outsider = new Duties({ membership: (await aMember('submit')).membership, standingOf: () => null }, guest.sign)
    expect(await by(submitter, { proof: await outsider.proofOf(ANNOUNCEMENT.job) })).to.equal(false)
  })

  it('not when its invitation was revoked or has expired (A5, A6)', async () => {
    const [me, submitter] = [await aMember('volunteer'), await aMember('submit')]
    const announcement = { ...ANNOUNCEMENT, submitter: submitter.id, proof: await dutiesOf(submitter).proofOf(ANNOUNCEMENT.job) }
    nowMs = NOW_MS + 60_000
    expect(await dutiesOf(me).isProven(announcement)).to.equal(false)
    nowMs = NOW_MS
    expect(await dutiesOf(me).isProven(announcement)).to.equal(true)
    await me.membership.revocations.take((await revoke(submitter.links, 0, await generateKeyPairFromSeed('Ed25519', founder.seed))).bytes)
    expect(await dutiesOf(me).isProven(announcement)).to.equal(false)
  })
})
