/**
 * Cancelling a job is the submitter's alone (DESIGN 7, R5): the outcome carries its signature over the job id,
 * and no core ever sees one that does not verify. Signing and verifying are asynchronous, which the core may
 * not be, so they stand before it.
 */
import type { Announcement } from '../core/job.ts'
import type { JobId, PeerId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'

export type Verify = (peer: PeerId, bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>

/** What a submitter signs to cancel a job. */
export const cancelBytes = (job: JobId): Uint8Array => new TextEncoder().encode(`millionfold cancel ${job}`)

/**
 * Let a message through once every cancelled job in it is proven to be cancelled by its submitter: at once when
 * there is none, as in most messages.
 *
 * @param accept - called when all are
 * @param refuse - called when one is not
 */
export function whenSigned (message: Message, verify: Verify, accept: () => void, refuse: () => void): void {
  const cancellations = cancellationsIn(message)
  if (cancellations.length === 0) return accept()
  void areSigned(cancellations, verify).then(isSigned => { (isSigned ? accept : refuse)() })
}

function cancellationsIn (message: Message): Announcement[] {
  const announcements = message.type === 'jobs'
    ? message.jobs
    : message.type === 'report' ? message.jobs.map(({ announcement }) => announcement) : []
  return announcements.filter(({ outcome }) => outcome?.type === 'cancelled')
}

async function areSigned (cancellations: Announcement[], verify: Verify): Promise<boolean> {
  for (const { job, submitter, outcome } of cancellations) {
    if (outcome?.type !== 'cancelled') continue
    const isSigned = await verify(submitter, cancelBytes(job), outcome.signature).catch(() => false)
    if (!isSigned) return false
  }
  return true
}
