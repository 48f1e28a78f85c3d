/**
 * Cancelling a job is the submitter's alone (DESIGN 7, R5): the outcome carries its signature over the job id,
 * and no core ever sees one that does not verify (inbox.ts).
 */
import type { Announcement } from '../core/job.ts'
import type { JobId, PeerId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'

export type Verify = (peer: PeerId, bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>

/** What a submitter signs to cancel a job. */
export const cancelBytes = (job: JobId): Uint8Array => new TextEncoder().encode(`millionfold cancel ${job}`)

/** Cancelled jobs that a message tells of; most messages tell of none. */
export function cancellationsIn (message: Message): Announcement[] {
  const announcements = message.type === 'jobs'
    ? message.jobs
    : message.type === 'report' ? message.jobs.map(({ announcement }) => announcement) : []
  return announcements.filter(({ outcome }) => outcome?.type === 'cancelled')
}

/** Were all of them cancelled by their submitters? */
export async function areCancelled (cancellations: Announcement[], verify: Verify): Promise<boolean> {
  for (const { job, submitter, outcome } of cancellations) {
    if (outcome?.type !== 'cancelled') continue
    const isSigned = await verify(submitter, cancelBytes(job), outcome.signature).catch(() => false)
    if (!isSigned) return false
  }
  return true
}
