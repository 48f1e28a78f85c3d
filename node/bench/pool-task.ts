/** What piscina and tinypool run: one partition of a job module a task. */
import { workerData } from 'node:worker_threads'

interface Job {
  setup?: (params: unknown) => unknown
  compute: (partition: number, input: undefined, ctx: unknown) => number
}

/** Both pools wrap what they are given; the last element is ours. */
const given = (Array.isArray(workerData) ? workerData.at(-1) : workerData) as { module: string, params: unknown }
const job = await import(given.module) as Job
const ctx = { params: given.params, resources: job.setup?.(given.params) }

export default (partition: number): number => job.compute(partition, undefined, ctx)
