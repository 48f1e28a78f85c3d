/**
 * A mesh peer's part in verification, put together: what it takes from others, what it committed to, what it looks into for its core, and who may ask it to open its
 * bites how often (V2, V4, V5).
 */
import { Bucket } from '../bucket.ts'
import { Inbox } from '../inbox.ts'
import { Packs } from './packs.ts'
import { Verifier } from './verifier.ts'
import { OPENED_MAX } from '../network.ts'
import type { Cid, JobId, Path } from '../../core/ids.ts'
import type { InboxInit } from '../inbox.ts'
import type { Input } from '../../core/input.ts'
import type { JobRunner } from '../job-runner.ts'
import type { Rate } from '../limits.ts'
import type { Network, OpenRequest } from '../network.ts'
import type { Statement } from './statement.ts'

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
  readonly verifier: Verifier
  readonly #init: VerificationInit
  readonly #recomputes = new Bucket(RECOMPUTES, performance.now())

  constructor (init: VerificationInit) {
    const { runner, verify, answer } = init
    this.#init = init
    this.inbox = new Inbox(init)
    this.verifier = new Verifier({
      packs: this.packs,
      workshop: async (job, spec, signal) => await runner().workshop(job, spec, signal),
      recompute: async (job, path) => await this.#recompute(job, path),
      ask: async (statement, partitions, signal) => await this.#ask(statement, partitions, signal),
      verify,
      answer
    })
  }

  /** Open a bite of this peer's own to somebody, whom the network limits; null where it shows nothing. */
  async open (request: OpenRequest): Promise<Uint8Array[] | null> {
    const spec = this.#init.specOf(request.job)
    if (spec === undefined) return null
    const isLetGo = spec.collect && this.packs.of(request.job, request.path)?.pack === null
    if (isLetGo && !this.#recomputes.take(1, performance.now())) return null
    return await this.verifier.open(request, spec)
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
    return spec === undefined ? null : await this.verifier.open(request, spec)
  }

  async #recompute (job: JobId, path: Path): ReturnType<JobRunner['recommit']> {
    const spec = this.#init.specOf(job)
    return spec === undefined ? null : await this.#init.runner().recommit(job, spec, path)
  }
}
