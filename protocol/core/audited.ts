/**
 * Which partitions of a value are recomputed (V7), and how chance decides it. What is drawn hangs on a secret of this peer's host and on what
 * the producer committed to, so nobody can know it before: not even one that has seen all other draws of this peer, whose generator has a
 * seed of 32 bits that could be searched. The same commitment is drawn for in the same way, so sending it again wins nothing.
 */
import type { Context, Job } from './state.ts'
import type { Path } from './ids.ts'
import type { Trust, Value } from './job.ts'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { depthMax, depthOf, rangeOf, sizeOf } from './geometry.ts'
import { isVoted } from './court.ts'
import { createRandom } from './random.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Random } from './random.ts'

/** Of values that coordinators folded or hand over where bites are voted on, so many are recomputed as if audited. A guess. */
const VOTED_SHARE = 0.05
/** Partitions of one value that are asked for at once: a check must not take longer than the work. A guess. */
const SAMPLES_MAX = 256

/** Chance about one path that its producer cannot foresee; `about` is what it is bound to. */
export function chanceOf (cx: Context, job: Job, path: Path, about: string): Random {
  const key = sha256(concatBytes(cx.secret, utf8ToBytes([job.id, path, about].join('\0'))))
  return createRandom(new DataView(key.buffer, key.byteOffset).getInt32(0), bytesToHex(key))
}

/**
 * The share of a value's partitions to recompute: that of the policy for bites, half of it one level above the leaves, a quarter two above.
 * So the sum over all levels stays below twice that of the bites, and below a coordinator who looked well little is done again.
 */
function rateOf (trust: Trust, job: Job, { path, bite }: Value): number {
  const share = trust.type === 'audit' ? trust.rate : VOTED_SHARE
  if (bite) return share
  return share / 2 ** Math.max(1, depthMax(job.spec) - depthOf(path))
}

/**
 * Partitions to recompute, ascending: as many as the rate says on average, one of each equal part of the range, so that no part is left out.
 * A lie in a share w of the partitions escapes k of them with probability (1 - w)^k at most.
 */
export function samplesOf (cx: Context, job: Job, value: Value): number[] {
  const range = rangeOf(job.spec, value.path)
  if (range === null) return []
  const chance = chanceOf(cx, job, value.path, `${value.cid} ${value.commitment?.root ?? ''}`)
  const { trust } = job.spec
  const wanted = sizeOf(range) * rateOf(trust, job, value)
  const drawn = Math.floor(wanted) + (chance.next() < wanted % 1 ? 1 : 0)
  // What is not voted on itself, folded or handed over, is never taken unseen.
  const count = Math.min(SAMPLES_MAX, sizeOf(range), isVoted(trust) ? Math.max(1, drawn) : drawn)
  const samples: number[] = []
  for (let k = 0; k < count; k++) {
    const from = range.from + Math.floor(k * sizeOf(range) / count)
    const to = range.from + Math.floor((k + 1) * sizeOf(range) / count)
    samples.push(from + chance.below(to - from))
  }
  return samples
}
