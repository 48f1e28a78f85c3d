/**
 * The errors a person can act on, apart from programming errors. Each message is one sentence that says
 * what to do next; the command line prints it without a stack and turns the class into an exit code
 * (DESIGN 7: 1 the job failed, 2 bad usage). Nothing else decides exit codes.
 */
import type { Failure } from '../core/job.ts'

/** What was asked for cannot be done as asked: a bad option, module, number, file or address. */
export class UsageError extends Error {
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UsageError'
  }
}

/** The job itself failed (E1). `why` names the partition, the message and the stack mapped to its source. */
export class JobFailedError extends Error {
  readonly why: Failure
  constructor (why: Failure) {
    super(describeFailure(why))
    this.name = 'JobFailedError'
    this.why = why
  }
}

/** The job was cancelled by its submitter's key. */
export class JobCancelledError extends Error {
  constructor (job: string) {
    super(`job ${job} was cancelled by its submitter`)
    this.name = 'JobCancelledError'
  }
}

const KINDS: Record<Failure['kind'], string> = {
  threw: 'threw',
  timeout: 'took longer than the time limit',
  memory: 'needed more memory than the limit',
  output: 'returned a value that cannot be an output',
  module: 'could not be started because its module failed',
  collect: 'could not be collected',
  unavailable: 'could not be had from any peer',
  trust: 'could not be trusted as the job asks'
}

/** How the sandbox begins to say what is said here already. */
const REPEATED = /^the output of .*? cannot be sent: /

/** A failure as one line: which partition, what happened, the job's own words. */
export function describeFailure (why: Failure): string {
  const where = why.partition >= 0
    ? `partition ${why.partition}`
    : why.path === '/' || why.kind === 'module' ? 'the job' : `subtree ${why.path}`
  const words = printable(why.message).replaceAll(/\s+/g, ' ').trim()
  const message = why.kind === 'output' ? words.replace(REPEATED, '') : words
  if (message.startsWith(`${where} `) && why.kind !== 'threw') return message
  return message === '' ? `${where} ${KINDS[why.kind]}` : `${where} ${KINDS[why.kind]}: ${message}`
}

/** A stranger's text without what would steer a terminal; lines stay. */
export const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]/gu, '')

/** The first line of whatever was thrown, for messages. */
export function reasonOf (thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return text.split('\n')[0] ?? text
}
