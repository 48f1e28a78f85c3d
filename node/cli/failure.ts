/**
 * What the command line says when something goes wrong: the reason as the last line of stderr, a job's
 * mapped stack before it, our own stack only for errors that are bugs. Returns the exit code; never exits.
 */
import { JobCancelledError, JobFailedError, UsageError, printable, reasonOf } from '../../protocol/client/errors.ts'
import type { ExitCode } from './exit-code.ts'

/** Errors of the parts below that a submitter can act on, by name, so that these parts are not loaded for it. */
const ACTIONABLE = new Set(['UsageError', 'BundleError', 'SpecError', 'ValueError', 'InvitationError'])

/** Say it and give the code: 1 for a job that failed, 2 for what was asked wrongly. */
export function explain (error: unknown): ExitCode {
  if (error instanceof JobFailedError) {
    if (error.why.stack !== '') process.stderr.write(`${printable(error.why.stack).trimEnd()}\n`)
    process.stderr.write(`${error.message}\n`)
    return 1
  }
  if (error instanceof JobCancelledError) {
    process.stderr.write(`${error.message}\n`)
    return 1
  }
  if (error instanceof UsageError || (error instanceof Error && ACTIONABLE.has(error.name))) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 2
  }
  if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
  process.stderr.write(`This is a bug in millionfold: ${reasonOf(error)}\n`)
  return 1
}
