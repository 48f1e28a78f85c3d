/**
 * From a job's files and what its submitter asks for to a job whose blocks are stored: bundles the module with Node's
 * bundler and reads inputs from files; the rest is the same for every platform (protocol/client/prepare-job.ts).
 */
import type { Blockstore } from 'interface-blockstore'
import { prepareJob } from '../protocol/client/prepare-job.ts'
import type { JobShape, PreparedJob } from '../protocol/client/prepare-job.ts'
import { bundleJob } from './bundle.ts'
import type { JobParts } from './bundle.ts'
import { formatOf, readInputLines } from './lines.ts'

/** A job: the path or file URL of its module, or of the separate files of its parts. */
export type JobSource = string | URL | JobParts

export interface JobOptions extends JobShape {
  /** One input a partition: a path of a file of lines or NDJSON (`-`: standard input), or the inputs themselves. */
  input?: string | Iterable<unknown> | AsyncIterable<unknown>
}

/**
 * Bundle a job, count or spool its inputs and put its blocks into the store.
 *
 * @param params what the job is given; an object is laid over the module's own `params`
 * @throws UsageError when something about the module, the parameters, the inputs or the numbers is wrong
 */
export async function prepareFiles (source: JobSource, params: unknown, options: JobOptions, store: Blockstore): Promise<PreparedJob> {
  const { bundle, module, exports } = await bundleJob(source instanceof URL ? source.href : source)
  const { input, ...shape } = options
  const format = module.input ?? (typeof input === 'string' ? formatOf(input) : 'lines')
  const inputs = typeof input === 'string' ? readInputLines(input, format) : input ?? null
  return await prepareJob({ bundle, module, collects: exports.collect, equals: exports.equal }, params, inputs, shape, store)
}
