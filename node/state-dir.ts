/**
 * Where this machine keeps what outlives a process: stores, in folders by what their peers are for, and the keys of submitters that have
 * left their job, since only the key that submitted a job may cancel it (DESIGN 7). One key file a job, readable by its owner alone.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Invitation } from '../protocol/host/admission/invitation.ts'
import type { JobId } from '../protocol/core/ids.ts'

/** Peers that volunteer for anybody, those that submit, and the volunteers of one command. */
export type Pool = 'peers' | 'submitters' | 'helpers'

/** Where all of this machine's state lies; may not exist yet. */
export const stateDir = (): string => join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'millionfold')

/**
 * The folder with the places of such peers.
 *
 * @param chosen what the user said: a folder, `none`, or nothing
 * @param invitation to a private mesh, whose jobs must never come back in another mesh
 */
export function storeFolder (pool: Pool, chosen?: string, invitation: Pick<Invitation, 'mesh'> | null = null): string | null {
  return chosen === 'none' ? null : join(chosen ?? join(stateDir(), 'stores'), invitation?.mesh ?? '', pool)
}

/** The folder of keys, made if it is missing. */
function jobsDir (): string {
  const dir = join(stateDir(), 'jobs')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return dir
}

/** Where receipts are kept, beside the stores: null where nothing is to be kept. */
export const receiptsFolder = (chosen?: string): string | null => chosen === 'none' ? null : join(chosen ?? stateDir(), 'receipts')

/** The key that submitted a job from this machine, or null when there is none. */
export function jobKeyFile (job: JobId): string | null {
  const file = join(jobsDir(), `${job}.key`)
  return existsSync(file) ? file : null
}

/** Keep a submitter's key for a job it leaves unfinished. */
export function keepJobKey (key: Uint8Array, job: JobId): void {
  writeFileSync(join(jobsDir(), `${job}.key`), key, { mode: 0o600 })
}

export function dropKey (file: string): void {
  rmSync(file, { force: true })
}
