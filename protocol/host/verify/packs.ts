/**
 * What this peer has committed to: the nodes of its bites, to open them when asked (V4). The oldest are let go when they are too many
 * bytes: they can be computed anew. That it made a bite is remembered longer, so that nobody has others computed here.
 */
import type { Cid, JobId, Path } from '../../core/ids.ts'
import type { Commits } from '../../job/sandbox.ts'
import type { Pack } from '../../job/commitment/pack.ts'

/** Forty bytes a partition: the bites of a job of a million on two cores. A guess. */
const BYTES_MAX = 64 * 1024 * 1024

interface Bite { root: Cid, pack: Pack | null }

export class Packs {
  readonly #bytesMax: number
  readonly #jobs = new Map<JobId, Map<Path, Bite>>()
  /** Bites whose nodes are kept, the oldest first. */
  readonly #kept = new Set<Bite>()
  #bytes = 0

  constructor (bytesMax = BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** A bite was computed here, for the first time or again. */
  put (job: JobId, path: Path, { root, nodes }: Commits): void {
    const bites = this.#jobs.get(job) ?? new Map<Path, Bite>()
    this.#jobs.set(job, bites)
    this.#letGo(bites.get(path))
    const bite: Bite = { root, pack: nodes }
    bites.set(path, bite)
    if (nodes === null) return
    this.#kept.add(bite)
    this.#bytes += sizeOf(nodes)
    for (const oldest of this.#kept) {
      if (this.#bytes <= this.#bytesMax) break
      this.#letGo(oldest)
    }
  }

  /** The root of a bite that was made here, and its nodes or null where they were let go; undefined for any other. */
  of (job: JobId, path: Path): Readonly<Bite> | undefined {
    return this.#jobs.get(job)?.get(path)
  }

  forget (job: JobId): void {
    for (const bite of this.#jobs.get(job)?.values() ?? []) this.#letGo(bite)
    this.#jobs.delete(job)
  }

  #letGo (bite: Bite | undefined): void {
    if (bite?.pack == null) return
    this.#kept.delete(bite)
    this.#bytes -= sizeOf(bite.pack)
    bite.pack = null
  }
}

const sizeOf = ({ bytes, ends }: Pack): number => bytes.length + 4 * ends.length
