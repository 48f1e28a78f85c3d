/**
 * Which partitions of a value are recomputed (V7), and how chance decides it. They are drawn list by list (V2): whoever opens one partition shows its
 * list anyhow, and partitions that follow each other are as cheap to compute again as they were at first. What is drawn hangs on a secret of this peer's host and on what
 * the producer committed to, so nobody can know it before: not even one that has seen all other draws of this peer, whose generator has a
 * seed of 32 bits that could be searched. The same commitment is drawn for in the same way, so sending it again wins nothing.
 */
import type { Context, Job } from './state.ts'
import type { Path } from './ids.ts'
import type { Value } from './job.ts'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { Lists } from './lists.ts'
import { depthMax, depthOf, rangeOf, sizeOf } from './geometry.ts'
import { createRandom } from './random.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Range } from './geometry.ts'
import type { Random } from './random.ts'

/** Of values that coordinators folded or hand over where bites are voted on, so many are recomputed as if audited. A guess. */
const VOTED_SHARE = 0.05
/** Lists of one value that are asked for at once: a check must not take longer than the work. A guess. */
const DRAWN_MAX = 256

/** Chance about one path that its producer cannot foresee; `about` is what it is bound to. */
export function chanceOf (cx: Context, job: Job, path: Path, about: string): Random {
  const key = sha256(concatBytes(cx.secret, utf8ToBytes([job.id, path, about].join('\0'))))
  return createRandom(new DataView(key.buffer, key.byteOffset).getInt32(0), bytesToHex(key))
}

/**
 * How many of a value's lists to recompute, on average: the policy's share of a bite, and a fan-out less of it for each level above the leaves,
 * but one where the share is one or more. So no coordinator has more to do than those of bites, however much lies below it, all levels
 * together do less than twice the share, and what somebody else folded is never taken unseen where it is large.
 *
 * @param count - of the value's lists
 */
function wantedOf (job: Job, { path, bite }: Value, count: number): number {
  const { trust, fanout } = job.spec
  const share = (trust.type === 'audit' ? trust.rate : VOTED_SHARE) * count
  if (bite) return share
  let above = share / fanout
  for (let height = depthMax(job.spec) - depthOf(path); height > 1; height--) above /= fanout
  return Math.max(above, Math.min(1, share))
}

/**
 * Partitions to recompute, ascending: as many lists of them as the rate says on average, one of each equal part of the value, so that no part is left
 * out. A value that is wrong in a share w of its lists escapes k of them with probability (1 - w)^k at most.
 */
export function samplesOf (cx: Context, job: Job, value: Value): number[] {
  const range = rangeOf(job.spec, value.path)
  return range === null ? [] : drawFrom(cx, job, value, range)
}

function drawFrom (cx: Context, job: Job, value: Value, range: Range): number[] {
  const chance = chanceOf(cx, job, value.path, `${value.cid} ${value.commitment?.root ?? ''}`)
  const lists = new Lists(job.spec)
  const count = lists.count(range)
  const wanted = wantedOf(job, value, count)
  const drawn = pick({ from: 0, to: count }, Math.min(DRAWN_MAX, Math.floor(wanted) + (chance.next() < wanted % 1 ? 1 : 0)), chance)
  return drawn.flatMap(index => allOf(lists.at(range, index)))
}

/** Partitions of a result that a peer looks at before it believes the end of a job: a lie in half of them escapes one time in sixteen. A guess. */
const RESULT_SAMPLES = 4

/** Of a result that this peer only hears of. */
export function resultSamplesOf (cx: Context, job: Job, value: Value): number[] {
  const range = rangeOf(job.spec, value.path)
  return range === null ? [] : pick(range, RESULT_SAMPLES, chanceOf(cx, job, value.path, `${value.cid} ${value.commitment?.root ?? ''}`))
}

const allOf = ({ from, to }: Range): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** One of each equal part of the range. */
function pick (range: Range, wanted: number, chance: Random): number[] {
  const count = Math.min(wanted, sizeOf(range))
  const samples: number[] = []
  for (let k = 0; k < count; k++) {
    const from = range.from + Math.floor(k * sizeOf(range) / count)
    const to = range.from + Math.floor((k + 1) * sizeOf(range) / count)
    samples.push(from + chance.below(to - from))
  }
  return samples
}
