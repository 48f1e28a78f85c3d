/** Invitations: what holds, what is refused and why, offline and by the clock (A1, A2, A3, A5). */
import { expect } from 'chai'
import { encode } from '@ipld/dag-cbor'
import { base64url } from 'multiformats/bases/base64'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { ALL_RIGHTS, bitsOf, readRights } from '../rights.ts'
import { InvitationError } from '../fault.ts'
import { Membership } from '../membership.ts'
import { boundTo, found, foundedBy, invite, narrow, readInvitation } from '../invitation.ts'
import { extended, tupleOf } from '../capability.ts'
import { readRevocation, revoke } from '../revocation.ts'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { Invitation, Terms } from '../invitation.ts'
import type { PeerId } from '../../../core/ids.ts'

const NOW_MS = 1_800_000_000_000
const LATER_S = NOW_MS / 1000 + 3600
const VOLUNTEER = bitsOf(['volunteer'])

const terms = (some: Partial<Terms> = {}): Terms => ({ rights: ALL_RIGHTS, expiresS: LATER_S, peer: null, ...some })
const newPeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString() as PeerId
const faultOf = async (act: Promise<unknown>): Promise<string> =>
  await act.then(() => 'none', (error: unknown) => error instanceof InvitationError ? error.fault : String(error))
const textOf = (parts: unknown[]): string => `mfi1${base64url.baseEncode(encode(parts))}`

describe('invitations', () => {
  const founder = found()
  let whole: Invitation

  before(async () => { whole = await invite(founder, terms()) })

  it('come back from text as they were, and fit into a link (A1)', async () => {
    const text = whole.text
    expect(await readInvitation(` ${text}\n`, NOW_MS)).to.deep.equal(whole)
    expect(whole.mesh).to.equal(await foundedBy(founder))
    expect(text.length).to.be.below(300)
    expect(text).to.match(/^[\w-]+$/)
  })

  it('are narrowed and passed on, down to a peer that shows them (A2, A3)', async () => {
    const narrower = await narrow(await narrow(whole, terms({ expiresS: LATER_S - 60 })), terms({ rights: VOLUNTEER, expiresS: LATER_S - 120 }))
    const read = await readInvitation(narrower.text, NOW_MS)
    expect(read.chain).to.include({ rights: VOLUNTEER, expiresS: LATER_S - 120 })
    const [verifier, shower] = [await newPeer(), await newPeer()]
    const membership = await Membership.of({ invitation: whole, peer: verifier, nowMs: () => NOW_MS })
    const shown = (await boundTo(read, shower)).map(tupleOf)
    expect(await membership.standingOf(shower, shown)).to.include({ rights: VOLUNTEER, expiresS: LATER_S - 120 })
    expect(await faultOf(membership.standingOf(verifier, shown))).to.equal('not-yours')
  })

  it('can be made out to one peer (A3)', async () => {
    const [mine, other] = [await newPeer(), await newPeer()]
    const own = await readInvitation((await invite(founder, terms({ peer: mine }))).text, NOW_MS)
    expect(await faultOf(boundTo(own, mine))).to.equal('none')
    expect(await faultOf(boundTo(own, other))).to.equal('not-yours')
    expect(await faultOf(narrow(own, terms()))).to.equal('not-yours')
  })

  it('are refused when they expired, by absolute time (A1)', async () => {
    const text = whole.text
    expect(await faultOf(readInvitation(text, LATER_S * 1000 - 1))).to.equal('none')
    expect(await faultOf(readInvitation(text, LATER_S * 1000))).to.equal('expired')
  })

  it('give nothing that whoever passed them on did not have (A2)', async () => {
    const volunteer = await narrow(whole, terms({ rights: VOLUNTEER }))
    expect(await faultOf(narrow(volunteer, terms({ rights: VOLUNTEER })))).to.equal('narrowed')
    expect(await faultOf(narrow(whole, terms({ expiresS: LATER_S + 1 })))).to.equal('narrowed')
    // By hand, as somebody would who does not use this program.
    for (const wider of [{ rights: ALL_RIGHTS }, { rights: VOLUNTEER }, { rights: VOLUNTEER, expiresS: LATER_S + 1 }]) {
      const secret = new Uint8Array(32).fill(9)
      const { publicKey } = await generateKeyPairFromSeed('Ed25519', secret)
      const key = await generateKeyPairFromSeed('Ed25519', volunteer.secret as Uint8Array)
      const { founder: root } = volunteer.chain
      const once = await extended(root, volunteer.chain.links, key, { audience: publicKey.raw, expiresS: LATER_S, ...wider })
      const peer = await newPeer()
      const shower: Invitation = { ...volunteer, chain: { ...volunteer.chain, links: once, rights: wider.rights, expiresS: wider.expiresS ?? LATER_S }, secret }
      const membership = await Membership.of({ invitation: whole, peer: await newPeer(), nowMs: () => NOW_MS })
      expect(await faultOf(membership.standingOf(peer, (await boundTo(shower, peer)).map(tupleOf)))).to.equal('narrowed')
    }
  })

  it('links cannot be moved to another chain (A1)', async () => {
    const [weak, strong] = [await invite(founder, terms({ rights: bitsOf(['volunteer', 'invite']) })), whole]
    const shared = await generateKeyPair('Ed25519')
    const link = (rights: number): { audience: Uint8Array, rights: number, expiresS: number } => ({ audience: shared.publicKey.raw, rights, expiresS: LATER_S })
    const keyOf = async ({ secret }: Invitation): Promise<Ed25519PrivateKey> => await generateKeyPairFromSeed('Ed25519', secret as Uint8Array)
    const a = await extended(weak.chain.founder, weak.chain.links, await keyOf(weak), link(VOLUNTEER | 4))
    const below = await extended(weak.chain.founder, a, shared, { ...link(VOLUNTEER), audience: new Uint8Array(32).fill(1) })
    const b = await extended(strong.chain.founder, strong.chain.links, await keyOf(strong), link(ALL_RIGHTS))
    const text = textOf([strong.chain.founder, founder.readingKey, [...b, below[2]!].map(tupleOf), null])
    expect(await faultOf(readInvitation(text, NOW_MS))).to.equal('forged')
  })

  it('any changed bit is found, and no bytes crash the reader (A1)', async () => {
    const bytes = base64url.baseDecode(whole.text.slice(4))
    await fc.assert(fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async bit => {
      const changed = bytes.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      // The reading key is no capability: a wrong one reads nothing.
      const isReadingKey = bit >> 3 >= 37 && bit >> 3 < 69
      const fault = await faultOf(readInvitation(`mfi1${base64url.baseEncode(changed)}`, NOW_MS))
      expect(fault).to.match(isReadingKey ? /none|damaged/ : /forged|damaged|expired/)
    }), { numRuns: 60 })
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.uint8Array().map(it => `mfi1${base64url.baseEncode(it)}`), fc.array(fc.anything()).map(it => { try { return textOf(it) } catch { return '' } })), async text => {
      expect(await faultOf(readInvitation(text, NOW_MS))).to.match(/damaged|forged|newer/)
    }), { numRuns: 100 })
    expect(await faultOf(readInvitation('mfi2habc', NOW_MS))).to.equal('newer')
  })

  it('rights are read from words', () => {
    expect([readRights('volunteer, submit'), readRights('invite'), readRights('all'), readRights('')]).to.deep.equal([3, 4, null, null])
  })
})

describe('revocations', () => {
  const founder = found()

  it('hold by the founder and every issuer above, for all below, until they expire (A5)', async () => {
    let nowMs = NOW_MS
    const top = await invite(founder, terms())
    const middle = await narrow(top, terms({ rights: bitsOf(['volunteer', 'invite']) }))
    const low = await narrow(middle, terms({ rights: VOLUNTEER, expiresS: LATER_S - 60 }))
    const peer = await newPeer()
    const shown = (await boundTo(low, peer)).map(tupleOf)
    const keys = [founder.seed, top.secret, middle.secret]
    for (const [issuer, seed] of keys.entries()) {
      const membership = await Membership.of({ invitation: top, peer: await newPeer(), nowMs: () => nowMs })
      await membership.standingOf(peer, shown)
      const { bytes } = await revoke(low.chain, issuer, await generateKeyPairFromSeed('Ed25519', seed as Uint8Array))
      expect(await membership.revocations.take(bytes)).to.equal(true)
      expect(await membership.revocations.take(bytes)).to.equal(false)
      expect(await faultOf(membership.standingOf(peer, shown))).to.equal('revoked')
      expect(await faultOf(membership.standingOf(peer, (await boundTo(middle, peer)).map(tupleOf)))).to.equal('none')
      nowMs = (LATER_S - 60) * 1000
      expect(membership.revocations.all()).to.deep.equal([])
      expect(await membership.revocations.take(bytes)).to.equal(false)
      nowMs = NOW_MS
    }
    const all = await revoke(middle.chain, 0, await generateKeyPairFromSeed('Ed25519', founder.seed))
    const membership = await Membership.of({ invitation: top, peer: await newPeer(), nowMs: () => nowMs })
    await membership.revocations.take(all.bytes)
    expect(await faultOf(membership.standingOf(peer, shown))).to.equal('revoked')
  })

  it('are refused from anybody else (A5)', async () => {
    const top = await invite(founder, terms())
    const [one, other] = [await narrow(top, terms()), await narrow(top, terms())]
    const sibling = await generateKeyPairFromSeed('Ed25519', other.secret as Uint8Array)
    for (const issuer of [0, 1]) {
      const { bytes } = await revoke(one.chain, issuer, sibling)
      expect(await faultOf(readRevocation(bytes, top.chain.founder))).to.equal('forged')
    }
    // Not even by whoever holds it.
    const own = await revoke(one.chain, 1, await generateKeyPairFromSeed('Ed25519', one.secret as Uint8Array))
    expect(await faultOf(readRevocation(own.bytes, top.chain.founder))).to.equal('forged')
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async bytes => {
      expect(await faultOf(readRevocation(bytes, top.chain.founder))).to.equal('damaged')
    }), { numRuns: 50 })
  })
})
