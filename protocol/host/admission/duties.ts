/**
 * What rights mean (A6): a peer without `volunteer` takes part in jobs of its own alone, and one without `submit` cannot make others
 * take up a job. Each peer holds those it is connected to to it, gossip at its first hop, so that what a peer may not say gets no
 * further than its neighbours; that a submitter may submit is proven to everybody, because jobs travel far. In an open mesh nobody
 * needs any of this.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { hasRight } from './rights.ts'
import { isSignedBy } from './capability.ts'
import { publicKeyOf } from './invitation.ts'
import type { Admission } from './admission.ts'
import type { Announcement } from '../../core/job.ts'
import type { JobId, PeerId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'

const DOMAIN = 'millionfold submit 1'
/** Jobs whose proofs were checked lately: the same one is told again and again. */
const PROVEN_MAX = 1024

const signed = (job: JobId): Uint8Array => encode([DOMAIN, job])

export class Duties {
  readonly #admission: Pick<Admission, 'membership' | 'standingOf'>
  readonly #sign: (bytes: Uint8Array) => Promise<Uint8Array>
  readonly #proven = new Map<string, Uint8Array>()

  /** @param sign - with the key behind the own peer id */
  constructor (admission: Pick<Admission, 'membership' | 'standingOf'>, sign: (bytes: Uint8Array) => Promise<Uint8Array>) {
    this.#admission = admission
    this.#sign = sign
  }

  /**
   * May this peer say that? Of peers that are not connected nothing is known here: whoever they are connected to has asked.
   *
   * @param submitterOf - who submitted a job, null for one that is not known
   * @returns what is wrong, or null
   */
  faultIn (from: PeerId, message: Message, submitterOf: (job: JobId) => PeerId | null): string | null {
    const standing = this.#admission.standingOf(from)
    if (standing === null || hasRight(standing.rights, 'volunteer') || !isWork(from, message) || !('job' in message)) return null
    const submitter = submitterOf(message.job)
    return submitter === null || submitter === from ? null : 'work from a peer that may not volunteer'
  }

  /** What the own announcements of a job carry. */
  async proofOf (job: JobId): Promise<Uint8Array> {
    return encode([this.#admission.membership.tuples, await this.#sign(signed(job))])
  }

  /** Is it of somebody who may submit? Asked of every job that is heard of. */
  async isProven ({ job, submitter, proof }: Announcement): Promise<boolean> {
    if (proof === null) return false
    const known = this.#proven.get(`${job} ${submitter}`)
    if (known !== undefined && isSame(known, proof)) return true
    if (!await this.#isProof(job, submitter, proof).catch(() => false)) return false
    if (this.#proven.size >= PROVEN_MAX) this.#proven.clear()
    this.#proven.set(`${job} ${submitter}`, proof)
    return true
  }

  async #isProof (job: JobId, submitter: PeerId, proof: Uint8Array): Promise<boolean> {
    const [tuples, signature] = decode<unknown[]>(proof)
    const { rights } = await this.#admission.membership.standingOf(submitter, tuples)
    return hasRight(rights, 'submit') && signature instanceof Uint8Array && await isSignedBy(publicKeyOf(submitter), signed(job), signature)
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])

/**
 * Does whoever says it take part in a job with it? Questions are free, and so is passing on what others say: joins, and the answers to
 * them, travel through peers that have no part.
 */
function isWork (from: PeerId, message: Message): boolean {
  switch (message.type) {
    case 'jobs': case 'query': case 'report': case 'ask': case 'heard': case 'leave': case 'later': case 'blame': return false
    case 'join': return message.joiner.peer === from
    case 'offer': case 'rerun': case 'recruit': return message.coordinator.peer === from
    default: return true
  }
}
