/** `status JOB`: how far one job is. */
import { jobIdIn } from '../../protocol/client/job-id.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import { statusLine } from './jobs.ts'
import type { ExitCode } from './exit-code.ts'

export async function status (job: string, options: AskOptions): Promise<ExitCode> {
  const id = jobIdIn(job)
  const known = await asking(options, async (mesh) => await mesh.status(id))
  process.stdout.write(`${options.json === true ? JSON.stringify(known) : statusLine(known)}\n`)
  return 0
}
