/**
 * What hosts do for verification, in a world without keys: everybody's signature is a line in one book, and a proof recomputes from the oracle.
 * A lie is a bite whose value is not the oracle's, or a fold that is not that of its parts.
 */
import type { Cid, Path, PeerId } from '../ids.ts'
import type { Commitment, Computed, JobSpec, Lie, Value, Verdict } from '../job.ts'
import type { Effect } from '../effect.ts'
import type { Input } from '../input.ts'
import { encodeFold, foldOf, foldOracle } from './oracle.ts'
import { rangeOf } from '../geometry.ts'
import { utf8ToBytes } from '@noble/hashes/utils.js'

interface Signed { peer: PeerId, path: Path, cid: Cid, root: Cid }

export class Verifier {
  readonly #spec: JobSpec
  readonly #isVarying: boolean
  /** What collected values were folded from, by root. */
  readonly #folds = new Map<Cid, Value[]>()
  readonly #signed = new Set<string>()
  /** Partitions and folds recomputed. */
  recomputed = 0

  constructor (spec: JobSpec, isVarying = false) {
    this.#spec = spec
    this.#isVarying = isVarying
  }

  /** What a producer is bound to; `parts` is null for a bite. */
  commit (peer: PeerId, { path, cid }: Computed, parts: Value[] | null): Commitment {
    const root = `root of ${path} ${cid} ${parts?.map(part => part.commitment?.root).join() ?? ''}` as Cid
    if (parts !== null) this.#folds.set(root, parts)
    this.#signed.add(JSON.stringify([peer, path, cid, root]))
    return { root, signature: utf8ToBytes(peer) }
  }

  /** What a host answers. */
  answer (effect: Extract<Effect, { type: 'check' | 'judge' | 'prove' }>): Input {
    const { job } = effect
    if (effect.type === 'prove') return { type: 'proved', job, evidence: effect.evidence, lie: this.prove(effect.evidence) }
    if (effect.type === 'judge') return { type: 'judged', job, path: effect.path, equal: false, verdicts: this.judge(effect.values) }
    const { path, cid, by } = effect.value
    return { type: 'checked', job, path, cid, by, verdict: this.check(effect.value, effect.samples) }
  }

  check (value: Value, samples: number[]): Verdict {
    if (this.#isVarying) return { type: 'valid' }
    if (value.bite) return samples.length > 0 && value.cid !== foldOracle(this.#spec, value.path).cid ? this.#lieOf(value, samples[0] as number) : this.#valid(samples)
    const parts = this.#folds.get(value.commitment?.root as Cid)
    if (parts === undefined) return { type: 'unanswered' }
    this.recomputed++
    if (encodeFold(value.path, foldOf(parts)).cid !== value.cid) return this.#lieOf(value, -1)
    for (const part of parts) {
      const range = rangeOf(this.#spec, part.path)
      const below = samples.filter(i => range !== null && i >= range.from && i < range.to)
      const verdict = below.length === 0 ? { type: 'valid' as const } : this.check(part, below)
      if (verdict.type !== 'valid') return verdict
    }
    return { type: 'valid' }
  }

  judge (values: Value[]): Array<{ by: PeerId, verdict: Verdict }> {
    return values.map(value => ({ by: value.by, verdict: this.check(value, [rangeOf(this.#spec, value.path)?.from ?? 0]) }))
  }

  prove (evidence: Uint8Array): Lie | null {
    const { peer, path, cid, root, partition } = JSON.parse(new TextDecoder().decode(evidence)) as Signed & { partition: number }
    if (!this.#signed.has(JSON.stringify([peer, path, cid, root]))) return null
    this.recomputed++
    const parts = this.#folds.get(root)
    const right = parts === undefined ? foldOracle(this.#spec, path).cid : encodeFold(path, foldOf(parts)).cid
    return cid === right ? null : { peer, path, partition, evidence }
  }

  #valid (samples: number[]): Verdict {
    this.recomputed += samples.length
    return { type: 'valid' }
  }

  #lieOf ({ by, path, cid, commitment }: Value, partition: number): Verdict {
    this.recomputed++
    const evidence = utf8ToBytes(JSON.stringify({ peer: by, path, cid, root: commitment?.root, partition }))
    return { type: 'lie', lie: { peer: by, path, partition, evidence } }
  }
}
