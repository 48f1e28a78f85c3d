/**
 * A mesh peer's part in verification, put together: what it takes from others, what it committed to, what it looks into for its core, and who may ask it to open its
 * bites how often (V2, V4, V5).
 */
import { Bucket } from '../bucket.ts'
import { Inbox } from '../inbox.ts'
import { Packs } from './packs.ts'
import { DEFAULTS } from '../../core/config.ts'
import { OPENED_MAX } from '../network.ts'
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { InboxInit } from '../inbox.ts'
import type { Input } from '../../core/input.ts'
import type { JobRunner } from '../job-runner.ts'
import type { Rate } from '../limits.ts'
import type { Notice } from '../../core/notice.ts'
import type { Network, OpenRequest } from '../network.ts'
import type { JobSpec, Value, Verdict } from '../../core/job.ts'
import type { Statement } from './statement.ts'
import type { Watcher } from './checker.ts'
import type { Verifier, Question } from './verifier.ts'

export interface VerificationInit extends InboxInit {
  network: Network
  /** The runner that computes this peer's bites; asked for only once there are questions. */
  runner: () => JobRunner
  answer: (input: Input) => void
}

/** Bites whose nodes were let go are computed again for others, at most so often: each costs as much as the bite did. A guess. */
const RECOMPUTES: Rate = { burst: 8, perSecond: 1 / 30 }

export class Verification {
  readonly inbox: Inbox
  readonly packs = new Packs()
  readonly #init: VerificationInit
  /** Blocks that others should get from here, and who waits for that. */
  readonly #shown = new Map<Cid, () => void>()
  readonly #recomputes = new Bucket(RECOMPUTES, performance.now())
  #verifier: Verifier | null = null
  #isClosed = false

  constructor (init: VerificationInit) {
    this.#init = init
    this.inbox = new Inbox(init)
  }

  /** Look into a question of the core's, and answer it. */
  perform (question: Question, spec: JobSpec): void {
    // A page whose verifier cannot be loaded any more answers nothing, as one that is slow.
    this.#loaded().then(verifier => { if (!this.#isClosed) verifier.perform(question, spec) }, () => {})
  }

  forget (job: JobId): void {
    this.packs.forget(job)
    this.#verifier?.forget(job)
  }

  close (): void {
    this.#isClosed = true
    this.#verifier?.close()
  }

  /** Loaded with the first question: pages should be small, and most jobs trust everybody. */
  async #loaded (): Promise<Verifier> {
    const { Verifier } = await import('./verifier.ts')
    const { runner, verify, answer } = this.#init
    return this.#verifier ??= new Verifier({
      packs: this.packs,
      workshop: async (job, spec, signal) => await runner().workshop(job, spec, signal),
      recompute: async (job, path) => await this.#recompute(job, path),
      ask: async (statement, partitions, signal) => await this.#ask(statement, partitions, signal),
      verify,
      answer
    })
  }

  /**
   * A job is done: whoever was next to its root's coordinator, which may leave now, keeps what the result was folded from as well (V2).
   *
   * @param neighboursOf - in the job's tree
   */
  onNotice (notice: Notice, neighboursOf: (job: JobId) => PeerId[]): void {
    if (notice.type !== 'done') return
    const { job, holders, value: { bite, by, commitment } } = notice
    const { network, runner } = this.#init
    if (commitment === null || bite || by === network.id || !neighboursOf(job).includes(by)) return
    // Its maker may be gone, and another neighbour have it already.
    runner().fetch(job, commitment.root, [...new Set([by, ...holders.map(({ peer }) => peer), ...network.connected()])])
  }

  /** A block is shown to somebody. */
  showing (cid: Cid, bytes: Uint8Array | null): Uint8Array | null {
    if (bytes !== null) this.#shown.get(cid)?.()
    return bytes
  }

  /** Resolves when as many have got a block from here as keep a value (R2), or all who are connected, or after so many milliseconds. */
  async handedOn (cid: Cid, ms: number): Promise<void> {
    let wanted = Math.min(this.#init.network.connected().length, DEFAULTS.copies)
    if (wanted === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#shown.set(cid, () => { if (--wanted === 0) resolve() })
    const late = setTimeout(resolve, ms)
    await promise
    clearTimeout(late)
    this.#shown.delete(cid)
  }

  /** Open a bite of this peer's own to somebody, whom the network limits; null where it shows nothing. */
  async open (request: OpenRequest): Promise<Uint8Array[] | null> {
    const spec = this.#init.specOf(request.job)
    if (spec === undefined) return null
    const isLetGo = spec.collect && this.packs.of(request.job, request.path)?.pack === null
    if (isLetGo && !this.#recomputes.take(1, performance.now())) return null
    return await (await this.#loaded()).open(request, spec)
  }

  /**
   * Look into a finished job's value, whoever made it; this peer needs to know no more of the job.
   *
   * @param partitions - to recompute, with the folds above them
   * @throws Error when the job's code cannot be had; the signal's reason
   */
  async audit (job: JobId, spec: JobSpec, value: Value, partitions: number[], signal: AbortSignal, watcher: Watcher): Promise<Verdict> {
    return await (await this.#loaded()).audit(await this.#init.runner().workshop(job, spec, signal), value, partitions, signal, watcher)
  }

  /** Ask a bite's maker to open it; a few partitions at a time, since an opening has a limit. */
  async #ask ({ job, path, root, by }: Statement, partitions: number[], signal: AbortSignal): Promise<Uint8Array[] | null> {
    const { network } = this.#init
    const nodes: Uint8Array[] = []
    for (let at = 0; at < partitions.length; at += OPENED_MAX) {
      const request = { job, path, root, partitions: partitions.slice(at, at + OPENED_MAX) }
      const shown = await (by === network.id ? this.#openOwn(request) : network.open(request, by, signal)).catch(() => null)
      if (shown === null) return null
      nodes.push(...shown)
    }
    return nodes
  }

  async #openOwn (request: { job: JobId, path: Path, root: Cid, partitions: number[] }): Promise<Uint8Array[] | null> {
    const spec = this.#init.specOf(request.job)
    return spec === undefined ? null : await (await this.#loaded()).open(request, spec)
  }

  async #recompute (job: JobId, path: Path): ReturnType<JobRunner['recommit']> {
    const spec = this.#init.specOf(job)
    return spec === undefined ? null : await this.#init.runner().recommit(job, spec, path)
  }
}
