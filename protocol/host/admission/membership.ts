/**
 * A peer's place in a private mesh: the invitation it was given, what it shows to others, and what it makes of what they show (A3).
 * Checks what the clock and revocations say; the handshake carries it, admission.ts acts on it. One for each mesh and peer.
 */
import { equals } from 'multiformats/bytes'
import { InvitationError } from './fault.ts'
import { Revocations } from './revocations.ts'
import { boundTo, publicKeyOf } from './invitation.ts'
import { hasRight } from './rights.ts'
import { isExpired, tupleOf, readLinks, verifiedChain } from './capability.ts'
import type { Chain, Tuple } from './capability.ts'
import type { Invitation } from './invitation.ts'
import type { PeerId } from '../../core/ids.ts'
import type { Right } from './rights.ts'

/** What a peer was found to be. */
export type Standing = Pick<Chain, 'ids' | 'rights' | 'expiresS'>

export interface MembershipInit {
  invitation: Invitation
  /** The peer that it is bound to. */
  peer: PeerId
  /** Unix milliseconds; the machine's clock by default. */
  nowMs?: () => number
}

/** Chains verified lately: the same peer comes back, and proves each job it submits. A guess, some 100 bytes each. */
const VERIFIED_MAX = 1024

export class Membership {
  readonly mesh: string
  readonly founder: Uint8Array
  readonly readingKey: Uint8Array
  readonly revocations: Revocations
  readonly own: Standing
  readonly nowMs: () => number
  /** What it shows. */
  readonly tuples: Tuple[]
  readonly #verified = new Map<string, Chain>()

  private constructor (init: MembershipInit, chain: Chain) {
    const { invitation, nowMs = Date.now } = init
    this.mesh = invitation.mesh
    this.founder = invitation.chain.founder
    this.readingKey = invitation.readingKey
    this.nowMs = nowMs
    this.own = chain
    this.tuples = chain.links.map(tupleOf)
    this.revocations = new Revocations(this.founder, nowMs)
  }

  /**
   * Bind an invitation to a peer.
   *
   * @throws InvitationError when it is made out to another
   */
  static async of (init: MembershipInit): Promise<Membership> {
    const links = await boundTo(init.invitation, init.peer)
    return new Membership(init, await verifiedChain(init.invitation.chain.founder, links))
  }

  /** May this peer do that? */
  may (right: Right): boolean {
    return hasRight(this.own.rights, right)
  }

  /** @throws InvitationError when its own invitation no longer counts */
  check (): void {
    this.#check(this.own)
  }

  /** Does it still count? */
  counts (standing: Standing): boolean {
    return !isExpired(standing, this.nowMs()) && !this.revocations.has(standing.ids)
  }

  /**
   * What a peer is that shows this.
   *
   * @param shown - tuples, as they came
   * @throws InvitationError saying what is wrong with it
   */
  async standingOf (peer: PeerId, shown: unknown): Promise<Standing> {
    const links = readLinks(shown)
    const last = links.at(-1)
    if (last === undefined || !equals(last.audience, publicKeyOf(peer))) throw new InvitationError('not-yours')
    const key = `${peer} ${last.signature.join()}`
    const chain = this.#verified.get(key) ?? await verifiedChain(this.founder, links)
    if (!isSame(chain, links)) throw new InvitationError('forged')
    this.#remember(key, chain)
    this.#check(chain)
    return chain
  }

  #check (standing: Standing): void {
    if (isExpired(standing, this.nowMs())) throw new InvitationError('expired')
    if (this.revocations.has(standing.ids)) throw new InvitationError('revoked')
  }

  #remember (key: string, chain: Chain): void {
    this.#verified.delete(key)
    this.#verified.set(key, chain)
    const oldest = this.#verified.keys().next().value
    if (this.#verified.size > VERIFIED_MAX && oldest !== undefined) this.#verified.delete(oldest)
  }
}

/** Signatures are over all before them, but a forger may show a known last link behind others. */
const isSame = ({ links }: Chain, shown: Chain['links']): boolean =>
  links.length === shown.length && links.every((link, index) => equals(link.signature, shown[index]?.signature as Uint8Array) && equals(link.audience, shown[index]?.audience as Uint8Array) &&
    link.rights === shown[index]?.rights && link.expiresS === shown[index]?.expiresS)
