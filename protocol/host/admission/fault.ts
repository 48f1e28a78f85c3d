/**
 * Why an invitation is no good, as a code that peers tell each other and one sentence that says what to do (A1). Nothing here
 * decides; a code that is not known, as from a newer peer, becomes the plainest one.
 */

export type Fault = 'damaged' | 'newer' | 'forged' | 'expired' | 'narrowed' | 'other-mesh' | 'revoked' | 'not-yours' | 'uninvited' | 'not-private'

const SENTENCES: Record<Fault, string> = {
  damaged: 'This is not an invitation, or a part of it is missing: ask for the whole of it.',
  newer: 'The invitation is of a newer version of millionfold: update this one, or ask for an older invitation.',
  forged: 'The invitation is forged or was changed on the way: ask whoever gave it for the original.',
  expired: 'The invitation has expired: ask for a new one.',
  narrowed: 'The invitation claims more than whoever passed it on was allowed to give: ask somebody who may invite.',
  'other-mesh': 'The invitation is for another mesh than the one that answers: use it with an address of its own mesh.',
  revoked: 'The invitation has been revoked: ask for a new one.',
  'not-yours': 'The invitation was made out to another peer: ask for one for this peer, or use the key it was made for (--identity FILE).',
  uninvited: 'The mesh that answers is private: give an invitation with --invitation.',
  'not-private': 'The peer that answers is not part of the invitation\'s private mesh.'
}

/** An invitation, or a peer that shows one, was refused. */
export class InvitationError extends Error {
  readonly fault: Fault
  constructor (fault: Fault, options?: ErrorOptions) {
    super(SENTENCES[fault], options)
    this.name = 'InvitationError'
    this.fault = fault
  }
}

/** A fault as another peer named it. */
export const faultOf = (code: unknown): Fault =>
  typeof code === 'string' && Object.hasOwn(SENTENCES, code) ? code as Fault : 'forged'
