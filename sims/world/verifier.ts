/**
 * What hosts do for verification (V2 to V6), in a world without keys: a book of who signed what, and an oracle that knows what is right. What it
 * costs is told beside each answer, in partitions to recompute and in round trips to whoever made a value.
 */
import type { Cid, Path, PeerId } from '../../protocol/core/ids.ts'
import type { Commitment, Computed, JobSpec, Lie, Value, Verdict } from '../../protocol/core/job.ts'
import type { Oracle } from './fold.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { collect } from './fold.ts'

/** An Ed25519 signature has 64 bytes. */
const SIGNATURE = new Uint8Array(64)
/** What a signature and a Merkle path of a small output weigh, bytes (V5). */
const EVIDENCE_BYTES = 3_000

interface Statement { peer: PeerId, path: Path, cid: Cid, root: Cid, partition: number }

export class Verifier {
  readonly #spec: JobSpec
  readonly #oracle: Oracle
  /** What folded values were made of, by root: the blocks that everybody who keeps the value has. */
  readonly #families = new Map<Cid, Value[]>()
  readonly #signed = new Set<string>()
  /** Partitions recomputed since the start, beside bites. */
  recomputed = 0

  constructor (spec: JobSpec, oracle: Oracle) {
    this.#spec = spec
    this.#oracle = oracle
  }

  /** What a producer is bound to; `parts` is null for a bite. */
  commit (peer: PeerId, { path, cid }: Computed, parts: Value[] | null): Commitment {
    const root = (parts === null ? `root ${path} ${cid}` : `fold ${path} ${parts.map(({ cid, by }) => `${cid} ${by}`).join()}`) as Cid
    if (parts !== null) this.#families.set(root, parts)
    this.#signed.add(`${peer} ${path} ${cid} ${root}`)
    return { root, signature: SIGNATURE }
  }

  check (value: Value, samples: number[]): Verdict {
    if (value.bite) {
      this.recomputed += samples.length
      const isRight = this.#valueOf(value.path) === value.cid
      return isRight || samples.length === 0 ? { type: 'valid' } : lieOf(value, samples[0] as number)
    }
    const parts = this.#families.get(value.commitment?.root as Cid)
    if (parts === undefined) return { type: 'unanswered' }
    if (collect(value.path, parts)?.cid !== value.cid) return lieOf(value, -1)
    for (const part of parts) {
      const range = rangeOf(this.#spec, part.path)
      const below = samples.filter(i => range !== null && i >= range.from && i < range.to)
      const verdict: Verdict = below.length === 0 ? { type: 'valid' } : this.check(part, below)
      if (verdict.type !== 'valid') return verdict
    }
    return { type: 'valid' }
  }

  /** Bisected to one partition each. */
  judge (values: Value[]): Array<{ by: PeerId, verdict: Verdict }> {
    return values.map(value => ({ by: value.by, verdict: this.check(value, [rangeOf(this.#spec, value.path)?.from ?? 0]) }))
  }

  prove (evidence: Uint8Array): Lie | null {
    const { peer, path, cid, root, partition } = JSON.parse(new TextDecoder().decode(evidence)) as Statement
    // A signature is looked at first: what nobody signed costs next to nothing.
    if (!this.#signed.has(`${peer} ${path} ${cid} ${root}`)) return null
    this.recomputed++
    const parts = this.#families.get(root)
    const right = parts === undefined ? this.#valueOf(path) : collect(path, parts)?.cid
    return cid === right ? null : { peer, path, partition, evidence }
  }

  #valueOf (path: Path): Cid | null {
    const range = rangeOf(this.#spec, path)
    return range === null ? null : this.#oracle.value(path, range).cid
  }
}

function lieOf ({ by, path, cid, commitment }: Value, partition: number): Verdict {
  const statement: Statement = { peer: by, path, cid, root: commitment?.root as Cid, partition }
  // As long as the real ones.
  const evidence = utf8ToBytes(JSON.stringify(statement).padEnd(EVIDENCE_BYTES))
  return { type: 'lie', lie: { peer: by, path, partition, evidence } }
}
