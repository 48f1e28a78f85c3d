/**
 * What stops a volunteer from starting, in words: what is wrong and what to do. Each code of an EntryError has its
 * entry here; what has none is told with its own message. Pure.
 */

export type ProblemCode = 'bad-address' | 'no-answer' | 'other-version' | 'no-webrtc' | 'storage-blocked' | 'insecure' | 'bad-invitation' | 'invitation-over' | 'uninvited' | 'elsewhere' | 'unknown'

export interface Problem {
  code: ProblemCode
  title: string
  /** What happened, as the peer said it; empty when the title says it all. */
  detail: string
  todo: string
  /** The button below. */
  action?: 'retry' | 'reload' | 'take'
}

const WORDS: Record<ProblemCode, Omit<Problem, 'code' | 'detail'>> = {
  'bad-address': {
    title: 'This link does not lead to a mesh',
    todo: 'Part of it may be missing or mistyped. Ask whoever gave it to you for the whole link, and open that.'
  },
  'no-answer': {
    title: 'Nobody answers',
    todo: 'The mesh may be over or have moved, or your network may block it. This page keeps trying. If it goes on, ask for a fresh link.',
    action: 'retry'
  },
  'other-version': {
    title: 'This mesh speaks another version',
    todo: 'Reload to get the newest page. If that does not help, the link belongs to an older mesh: ask for a fresh one.',
    action: 'reload'
  },
  'no-webrtc': {
    title: 'This browser cannot reach other volunteers',
    todo: 'WebRTC is missing or switched off. Use a current Firefox, Chrome, Edge or Safari, or allow WebRTC in the settings or the extension that blocks it.',
    action: 'reload'
  },
  'storage-blocked': {
    title: 'This browser keeps nothing for this page',
    todo: 'Allow this site to store data, in the browser\'s privacy settings or by leaving the private window. Then reload.',
    action: 'reload'
  },
  insecure: {
    title: 'This page came over an insecure connection',
    todo: 'Browsers allow this kind of work only over https, or from this very machine. Open the link with https.'
  },
  'bad-invitation': {
    title: 'This invitation does not let you in',
    todo: 'Ask whoever gave you the link for a new one, and open that.'
  },
  'invitation-over': {
    title: 'Your invitation is over',
    todo: 'This tab has left the mesh and computes no more; what you gave counts. To go on, ask whoever gave you the link for a new one, and open that.'
  },
  uninvited: {
    title: 'This mesh is private',
    todo: 'It takes in who has an invitation. Ask whoever gave you the link for one with an invitation in it.'
  },
  elsewhere: {
    title: 'Another tab volunteers already',
    todo: 'One tab a computer is enough. This one takes over by itself when the other is closed.',
    action: 'take'
  },
  unknown: {
    title: 'Something went wrong',
    todo: 'Reload the page. If it happens again, try another browser or ask whoever gave you the link.',
    action: 'reload'
  }
}

/** What to tell of anything that was thrown while entering a mesh. */
export function problemOf (error: unknown): Problem {
  const { code, message } = (error ?? {}) as { code?: unknown, message?: unknown }
  const known = typeof code === 'string' && Object.hasOwn(WORDS, code) ? code as ProblemCode : 'unknown'
  return { code: known, detail: typeof message === 'string' ? message : String(error), ...WORDS[known] }
}
