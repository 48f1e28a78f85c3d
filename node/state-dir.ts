/**
 * Where a submitter's keys are kept after it has left its job: only the key that submitted a job may cancel
 * it (DESIGN 7). One file a job, readable by its owner alone. A key in use is kept under the name of its
 * process, so that no second process takes on the same identity while the first one lives.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { JobId } from '../protocol/core/ids.ts'

const base = (): string => process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state')

/** Where all of this machine's state lies; may not exist yet. */
export const stateDir = (): string => join(base(), 'millionfold')

/** The folder, made if it is missing. */
function jobsDir (): string {
  const dir = join(stateDir(), 'jobs')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return dir
}

/** Where receipts are kept, unless a folder is named. */
export const receiptsFolder = (store?: string): string => join(store ?? join(base(), 'millionfold'), 'receipts')

let uses = 0

/** A path for the key of a submitter that is about to start. */
export const runningKeyFile = (): string => join(jobsDir(), `running-${process.pid}-${uses++}.key`)

/** The key that submitted a job from this machine, or null when there is none. */
export function jobKeyFile (job: JobId): string | null {
  const file = join(jobsDir(), `${job}.key`)
  return existsSync(file) ? file : null
}

/** Keep a running submitter's key for a job it leaves unfinished. */
export function keepJobKey (running: string, job: JobId): void {
  renameSync(running, join(jobsDir(), `${job}.key`))
}

export function dropKey (file: string): void {
  rmSync(file, { force: true })
}
