/** `status JOB`: how far one job is. */
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import { statusLine } from './jobs.ts'
import type { ExitCode } from './exit-code.ts'

export async function status (job: string, options: AskOptions): Promise<ExitCode> {
  const known = await asking(options, async (mesh) => await mesh.status(job))
  process.stdout.write(`${options.json === true ? JSON.stringify(known) : statusLine(known)}\n`)
  return 0
}
