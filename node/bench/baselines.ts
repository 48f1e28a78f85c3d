/**
 * Other ways to get the same partitions computed on this machine, timed with the job's own code: a bare loop on
 * threads, batches sent to threads, and the pools piscina and tinypool with a task a partition.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'

/** A job module by URL, and what it is given. */
export interface Code { module: string, params: unknown }

export interface Timed { sum: number, ms: number }

/** The module of a job of the repository. */
export const moduleOf = (path: string): string => new URL(`../../${path}`, import.meta.url).href

const TASK = fileURLToPath(new URL('./pool-task.ts', import.meta.url))
/** Tasks given to a pool before the first has come back: enough to hide every round trip. */
const IN_FLIGHT = 512

async function workersFor (code: Code, threads: number): Promise<Worker[]> {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./loop-worker.ts', import.meta.url), { workerData: code }))
  await Promise.all(workers.map(async (worker) => await once(worker, 'message')))
  return workers
}

/** Threads that each loop over an equal share; timed without their start, with their set-up, as `wallMs` is. */
export async function bareLoop (code: Code, partitions: number, threads: number): Promise<Timed> {
  return await batched(code, partitions, threads, Math.ceil(partitions / threads))
}

/** Threads that ask for the next batch when one is done. */
export async function batched (code: Code, partitions: number, threads: number, size: number): Promise<Timed> {
  const workers = await workersFor(code, threads)
  const began = performance.now()
  let next = 0
  let sum = 0
  await Promise.all(workers.map(async (worker) => {
    while (next < partitions) {
      const from = next
      next = Math.min(partitions, from + size)
      worker.postMessage({ from, to: next })
      const [part] = await once(worker, 'message') as [number]
      sum += part
    }
  }))
  const ms = performance.now() - began
  await Promise.all(workers.map(async (worker) => await worker.terminate()))
  return { sum, ms }
}

/** A pool, however it spells its parts. */
interface Pool { run: (task: number) => Promise<number>, destroy: () => Promise<void> }

async function pooled (pool: Pool, partitions: number): Promise<Timed> {
  // The first tasks wait for the threads' start, which is not what is asked.
  await Promise.all([pool.run(0), pool.run(0)])
  const began = performance.now()
  let next = 0
  let sum = 0
  const feed = async (): Promise<void> => {
    while (next < partitions) {
      const part = await pool.run(next++)
      sum += part
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, feed))
  const ms = performance.now() - began
  await pool.destroy()
  return { sum, ms }
}

export async function piscina (code: Code, partitions: number, threads: number): Promise<Timed> {
  const pool = new Piscina({ filename: TASK, minThreads: threads, maxThreads: threads, workerData: code })
  return await pooled({ run: async (task) => await pool.run(task) as number, destroy: async () => await pool.destroy() }, partitions)
}

export async function tinypool (code: Code, partitions: number, threads: number): Promise<Timed> {
  const pool = new Tinypool({ filename: TASK, minThreads: threads, maxThreads: threads, workerData: code })
  return await pooled({ run: async (task) => await pool.run(task) as number, destroy: async () => await pool.destroy() }, partitions)
}
