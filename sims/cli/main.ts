/**
 * `millionfold sim` (DESIGN 7): lists the scenarios, or plays worlds. Reads its own arguments; node/cli/bin.js hands them on. What
 * cannot be done as asked becomes one sentence on stderr and exit code 2 here and nowhere else.
 */
import { CommanderError } from 'commander'
import { BadInput } from '../bad-input.ts'
import { requestOf } from './request.ts'

/** 0 every invariant holds, 3 something wrong happened, 4 something never happened, 2 bad usage. */
export type ExitCode = 0 | 2 | 3 | 4

/** @param argv - arguments after `sim` */
export async function sim (argv: string[]): Promise<ExitCode> {
  try {
    const request = requestOf(argv)
    if (request.scenario !== undefined || request.plan !== undefined) return await (await import('./run.ts')).run(request)
    process.stdout.write(`${(await import('./list.ts')).listText()}\n`)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof BadInput)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}
