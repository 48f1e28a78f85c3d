/**
 * Why a tab cannot enter a mesh, in one sentence that says what to do, with a code that pages tell apart.
 */
export type EntryFault = 'bad-address' | 'no-answer' | 'other-version' | 'no-webrtc' | 'storage-blocked' | 'insecure' | 'bad-invitation' | 'uninvited'

export class EntryError extends Error {
  readonly code: EntryFault
  constructor (code: EntryFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EntryError'
    this.code = code
  }
}
