/**
 * Why a tab cannot enter a mesh, in one sentence that says what to do, with a code that pages tell apart.
 */
import type { InvitationError } from '../../protocol/host/admission/fault.ts'

export type EntryFault = 'bad-address' | 'no-answer' | 'other-version' | 'no-webrtc' | 'storage-blocked' | 'insecure' | 'bad-invitation' | 'invitation-over' | 'uninvited'

export class EntryError extends Error {
  readonly code: EntryFault
  constructor (code: EntryFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EntryError'
    this.code = code
  }
}

/** The invitation was good until now. */
export const overErrorOf = (error: InvitationError): EntryError => new EntryError('invitation-over', error.message, { cause: error })

/** What the page says of a refusal: whether the invitation itself is bad, or there is none. */
export const entryErrorOf = (error: InvitationError): EntryError =>
  error.fault === 'uninvited' ? new EntryError('uninvited', 'The mesh that answers is private, and this link holds no invitation.', { cause: error }) : new EntryError('bad-invitation', error.message, { cause: error })
