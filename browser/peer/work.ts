/**
 * What a tab is at work on and what it has given, for the people who watch it: a sandbox that tells of each
 * request on its way through. It changes nothing about them.
 */
import { rangeOf } from '../../protocol/core/geometry.ts'
import type { JobId, Path } from '../../protocol/core/ids.ts'
import type { CollectRequest, ComputeRequest, EqualRequest, FoldsRequest, Output, OutputsRequest, Sandbox } from '../../protocol/job/sandbox.ts'

/** One computation that runs, or waits for a core. */
export interface Work {
  job: JobId
  /** The job's name, from its spec: a stranger's text. */
  name: string
  path: Path
  /** First partition and the one after the last. */
  from: number
  to: number
  /** Unix milliseconds. */
  startedMs: number
}

export class WatchedSandbox implements Sandbox {
  /** Work has begun or ended; `ms` were spent in the sandbox. */
  onChange: (ms: number) => void = () => {}
  readonly #inner: Sandbox
  readonly #work = new Set<Work>()

  constructor (inner: Sandbox) {
    this.#inner = inner
  }

  get cores (): number {
    return this.#inner.cores
  }

  /** Oldest first. */
  work (): Work[] {
    return [...this.#work]
  }

  async compute (request: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const { spec, job } = request.code
    const { from, to } = rangeOf(spec, request.path) ?? { from: 0, to: 0 }
    const work: Work = { job, name: spec.name, path: request.path, from, to, startedMs: Date.now() }
    let ms = 0
    this.#work.add(work)
    this.onChange(0)
    try {
      const output = await this.#inner.compute(request, signal)
      ms = output.ms
      return output
    } finally {
      this.#work.delete(work)
      this.onChange(ms)
    }
  }

  async collect (request: CollectRequest, signal: AbortSignal): Promise<Output> {
    return await this.#inner.collect(request, signal)
  }

  async outputs (request: OutputsRequest, signal: AbortSignal): Promise<Uint8Array[] | null> {
    return await this.#inner.outputs(request, signal)
  }

  async folds (request: FoldsRequest, signal: AbortSignal): Promise<Uint8Array[]> {
    return await this.#inner.folds(request, signal)
  }

  async equal (request: EqualRequest, signal: AbortSignal): Promise<boolean> {
    return await this.#inner.equal(request, signal)
  }

  forget (job: JobId): void {
    this.#inner.forget(job)
  }

  async close (): Promise<void> {
    await this.#inner.close()
  }
}
