/** `jobs`: lists what a mesh knows, one job a line. */
import { printable } from '../../protocol/client/errors.ts'
import { counted, progressLine } from '../../protocol/client/progress.ts'
import type { JobStatus } from '../../protocol/client/view.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import type { ExitCode } from './exit-code.ts'

export async function jobs (options: AskOptions): Promise<ExitCode> {
  const known = await asking(options, async (mesh) => await mesh.jobs())
  for (const status of known) {
    process.stdout.write(`${options.json === true ? JSON.stringify(status) : statusLine(status)}\n`)
  }
  if (known.length === 0 && options.json !== true) process.stderr.write('No jobs are known there.\n')
  return 0
}

/** A job as one line: its id, name, state and, while it runs, how it goes. */
export function statusLine (status: JobStatus): string {
  const { job, state, partitions, declined } = status
  const name = `${printable(status.name).replaceAll(/\s+/g, ' ')}${declined ? '  (not accepted by the peer asked)' : ''}`
  if (state !== 'running') return `${job}  ${name}  ${state}, ${counted(partitions)} partitions`
  const leftMs = status.rate > 0 ? (partitions - status.done) * 1000 / status.rate : null
  return `${job}  ${name}  ${progressLine({ ...status, elapsedMs: 0, leftMs })}`
}
