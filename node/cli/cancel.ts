/** `cancel JOB`: ends a job with the key that submitted it, which `run --mesh` keeps when it leaves a job unfinished. */
import { jobIdIn } from '../../protocol/client/job-id.ts'
import { UsageError } from '../../protocol/client/errors.ts'
import { dropKey, jobKeyFile } from '../state-dir.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import type { ExitCode } from './exit-code.ts'

export async function cancel (job: string, options: AskOptions): Promise<ExitCode> {
  const key = jobKeyFile(jobIdIn(job))
  if (key === null) throw new UsageError(`Only the submitter can cancel a job, and the key of ${job} is not on this machine.`)
  await asking(options, async (mesh) => { await mesh.cancel(job) }, key)
  dropKey(key)
  process.stdout.write(options.json === true ? `${JSON.stringify({ job, state: 'cancelled' })}\n` : `${job} is cancelled\n`)
  return 0
}
