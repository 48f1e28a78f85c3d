/** `result JOB`: prints a finished job's result; before the end it says how far the job is and exits with 1. */
import { JobCancelledError, JobFailedError } from '../../protocol/client/errors.ts'
import { progressLine } from '../../protocol/client/progress.ts'
import { statusOf } from '../../protocol/client/view.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import type { ExitCode } from './main.ts'
import { jsonLine, writeResult } from './output.ts'

export async function result (job: string, options: AskOptions & { out?: string }): Promise<ExitCode> {
  return await asking(options, async (mesh): Promise<ExitCode> => {
    const { result, report } = await mesh.result(job)
    const { outcome } = report.announcement
    if (result !== null) {
      const shown = await writeResult(result, result.outputs(), options)
      if (options.json === true) process.stdout.write(jsonLine(result, shown, null, performance.now()))
      return 0
    }
    if (outcome?.type === 'failed') throw new JobFailedError(outcome.why)
    if (outcome?.type === 'cancelled') throw new JobCancelledError(job)
    process.stderr.write(`not done yet: ${progressLine({ ...statusOf(report), elapsedMs: 0, leftMs: null })}\n`)
    return 1
  })
}
