/**
 * The invitation that a command is given: as text, in a link, in a file, or in the environment, where other users of the machine do
 * not see it. Checks it before anything is started, so that nothing is lost by a bad one.
 */
import { existsSync, readFileSync } from 'node:fs'
import { UsageError } from '../protocol/client/errors.ts'
import { INVITATION_ENV } from './invitation-env.ts'
import { hasRight } from '../protocol/host/admission/rights.ts'
import type { Invitation } from '../protocol/host/admission/invitation.ts'
import type { Right } from '../protocol/host/admission/rights.ts'

/** An invitation's file is a line. */
const FILE_BYTES_MAX = 65_536

const DOES: Record<Right, string> = { volunteer: 'volunteering', submit: 'submitting jobs', invite: 'inviting others' }

/**
 * Read the invitation a command was given.
 *
 * @param option `--invitation`: its text, a link with it, or a file
 * @param rights what the command is about to do
 * @returns null when none was given: an open mesh
 * @throws UsageError when it is damaged, forged, expired, or does not allow that
 */
export async function invitationFor (option: string | undefined, ...rights: Right[]): Promise<Invitation | null> {
  const given = option ?? process.env[INVITATION_ENV]
  if (given === undefined || given === '') return null
  const invitation = await invitationIn(given)
  for (const right of rights) {
    if (!hasRight(invitation.chain.rights, right)) throw new UsageError(`The invitation does not allow ${DOES[right]}: ask for one with the right \`${right}\`.`)
  }
  return invitation
}

/** @throws UsageError saying what is wrong with it */
export async function invitationIn (given: string): Promise<Invitation> {
  try {
    // Loaded late: an open mesh does without.
    const { readInvitation } = await import('../protocol/host/admission/invitation.ts')
    return await readInvitation(textIn(given.trim()), Date.now())
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

function textIn (given: string): string {
  if (given.startsWith('mfi')) return given
  if (/^https?:/.test(given)) return inLink(given)
  if (!existsSync(given)) throw new UsageError(`There is no file ${given.slice(0, 200)} with an invitation, and it is not one itself: those begin with mfi1.`)
  const text = readFileSync(given, 'utf8').slice(0, FILE_BYTES_MAX)
  return /\bmfi\d[\w-]+/.exec(text)?.[0] ?? text
}

/** In the fragment, which no server ever sees. */
const inLink = (link: string): string => new URLSearchParams(URL.parse(link)?.hash.replace(/^#/, '')).get('invitation') ?? ''
