/**
 * A thread of the baselines: calls a job module's own `compute` for ranges of partitions and adds the results up.
 * The same source as the mesh runs, in a plain thread with nothing around it.
 */
import { parentPort, workerData } from 'node:worker_threads'

interface Job {
  setup?: (params: unknown) => unknown
  compute: (partition: number, input: undefined, ctx: unknown) => number
}

const { module, params } = workerData as { module: string, params: unknown }
const job = await import(module) as Job
const compute = job.compute
let ctx: unknown = null

parentPort!.on('message', ({ from, to }: { from: number, to: number }) => {
  ctx ??= { params, resources: job.setup?.(params) }
  let sum = 0
  for (let partition = from; partition < to; partition++) sum += compute(partition, undefined, ctx)
  parentPort!.postMessage(sum)
})
parentPort!.postMessage('ready')
