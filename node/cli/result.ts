/** `result JOB`: prints a finished job's result; before the end it says how far the job is and exits with 1. */
import { JobCancelledError, JobFailedError } from '../../protocol/client/errors.ts'
import { progressLine } from '../../protocol/client/progress.ts'
import { statusOf } from '../../protocol/client/view.ts'
import { jobIdIn } from '../../protocol/client/job-id.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import type { ExitCode } from './exit-code.ts'
import type { JobReport } from '../../protocol/core/message.ts'
import { jsonLine, writeResult } from './output.ts'

export async function result (job: string, options: AskOptions & { out?: string }): Promise<ExitCode> {
  const id = jobIdIn(job)
  return await asking(options, async (mesh): Promise<ExitCode> => {
    const { result, report } = await mesh.result(id)
    if (result === null) return notDone(report)
    const shown = await writeResult(result, result.outputs(), options)
    if (options.json === true) process.stdout.write(jsonLine(result, shown, null, performance.now()))
    return 0
  })
}

/**
 * Says how far a job is that has no result.
 *
 * @throws JobFailedError or JobCancelledError when it will have none
 */
export function notDone (report: JobReport): ExitCode {
  const { job, outcome } = report.announcement
  if (outcome?.type === 'failed') throw new JobFailedError(outcome.why)
  if (outcome?.type === 'cancelled') throw new JobCancelledError(job)
  process.stderr.write(`not done yet: ${progressLine({ ...statusOf(report), elapsedMs: 0, leftMs: null })}\n`)
  return 1
}
