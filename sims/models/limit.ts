/**
 * The physical limit of a world (SCENARIOS, "The physical limit"): when so much could be computed that the job could be
 * done, if every peer always had a partition to work on. No scheduler beats it. Work that a peer has begun when it leaves is lost.
 */
import { assert } from '../../protocol/core/unreachable.ts'
import type { Session } from './session.ts'

export interface Workload {
  /** Who is there when, in any order; what lies before 0 does not count. */
  sessions: readonly Session[]
  /** A peer's speed: 1 computes a partition in partitionMs, 2 in half of it, 0 nothing. */
  speedOf: (peer: number) => number
  partitions: number
  /** How long a partition takes at speed 1, milliseconds. */
  partitionMs: number
  /** How long the longest one does; default partitionMs. */
  partitionMsMax?: number
  /** How many peers compute each partition. */
  replication: number
}

export interface Tree {
  /** Levels between a leaf and the root. */
  depth: number
  /** The smallest one-way delay, milliseconds. */
  delayMsMin: number
}

export interface PhysicalLimit {
  /** T_LB, virtual milliseconds from the submission; Infinity when these sessions can never do it. */
  ms: number
  /** T_i, without the tree's delays. */
  computeMs: number
  /** Work lost with peers that left by T_i, over that and all that was finished, 0 to 1. */
  unavoidableWaste: number
}

/** Sessions that can work, by the time they start. */
interface Shifts { count: number, onMs: Float64Array, offMs: Float64Array, speed: Float64Array }

/**
 * T_i = inf{t : sum over sessions of floor(v (min(t, off) - on) / p) >= M r}, T_LB = max(T_i, p_max / v_max) + depth * smallest delay.
 * The sum only grows with t, so T_i is found by halving, to the last bit of a double.
 *
 * @throws when the workload has no partitions, no length or no replication
 */
export function physicalLimit (work: Workload & Tree): PhysicalLimit {
  const shifts = shiftsOf(work)
  const computeMs = reachedMs(shifts, work.partitionMs, work.partitions * work.replication)
  const fastest = shifts.speed.reduce((most, speed) => Math.max(most, speed), 0)
  const longestMs = (work.partitionMsMax ?? work.partitionMs) / fastest
  return {
    ms: Math.max(computeMs, longestMs) + work.depth * work.delayMsMin,
    computeMs,
    unavoidableWaste: wasteAt(shifts, work.partitionMs, computeMs)
  }
}

/**
 * How many partitions could be done at 0, stepMs, 2 stepMs and so on, replication taken off.
 *
 * @returns one number a step, at most the job's partitions
 */
export function limitCurve (work: Workload, stepMs: number, steps: number): number[] {
  const shifts = shiftsOf(work)
  const { partitions, partitionMs, replication } = work
  const active: number[] = []
  const curve: number[] = []
  let [ended, next, done] = [0, 0, 0]
  for (let step = 0; step < steps; step++) {
    // Once all is done it stays so: only the steps before cost anything.
    if (done < partitions) {
      const ms = step * stepMs
      while (next < shifts.count && shifts.onMs[next]! <= ms) active.push(next++)
      let [kept, running] = [0, 0]
      for (const shift of active) {
        const finished = finishedAt(shifts, shift, partitionMs, ms)
        if (shifts.offMs[shift]! <= ms) ended += finished
        else {
          running += finished
          active[kept++] = shift
        }
      }
      active.length = kept
      done = Math.min(partitions, Math.floor((ended + running) / replication))
    }
    curve.push(done)
  }
  return curve
}

function shiftsOf ({ sessions, speedOf, partitions, partitionMs, replication }: Workload): Shifts {
  assert(partitions > 0 && partitionMs > 0 && replication > 0, 'a workload has partitions that last and are computed')
  const able = sessions.filter(({ peer, offMs }) => offMs > 0 && speedOf(peer) > 0)
  if (!isSorted(able)) able.sort((a, b) => a.onMs - b.onMs)
  return {
    count: able.length,
    onMs: Float64Array.from(able, ({ onMs }) => Math.max(0, onMs)),
    offMs: Float64Array.from(able, ({ offMs }) => offMs),
    speed: Float64Array.from(able, ({ peer }) => speedOf(peer))
  }
}

const isSorted = (sessions: Session[]): boolean => sessions.every(({ onMs }, i) => i === 0 || sessions[i - 1]!.onMs <= onMs)

/** Partitions that one session has finished by a time after its start. */
function finishedAt ({ onMs, offMs, speed }: Shifts, shift: number, partitionMs: number, ms: number): number {
  return Math.floor(speed[shift]! * (Math.min(ms, offMs[shift]!) - onMs[shift]!) / partitionMs)
}

/** Partitions that all sessions have finished by a time. */
function allFinishedAt (shifts: Shifts, partitionMs: number, ms: number): number {
  let sum = 0
  for (let shift = 0; shift < shifts.count && shifts.onMs[shift]! <= ms; shift++) sum += finishedAt(shifts, shift, partitionMs, ms)
  return sum
}

/** The first time by which so many partitions are finished, milliseconds; Infinity when they never are. */
function reachedMs (shifts: Shifts, partitionMs: number, needed: number): number {
  const endMs = shifts.offMs.reduce((latest, offMs) => Math.max(latest, offMs), 0)
  if (endMs < Infinity && allFinishedAt(shifts, partitionMs, endMs) < needed) return Infinity
  let [low, high] = [0, Math.min(partitionMs, endMs)]
  while (allFinishedAt(shifts, partitionMs, high) < needed) [low, high] = [high, Math.min(2 * high, endMs)]
  for (;;) {
    const middle = low + (high - low) / 2
    if (middle <= low || middle >= high) return high
    if (allFinishedAt(shifts, partitionMs, middle) < needed) low = middle
    else high = middle
  }
}

/** Work lost by then with those that left, over that and what was finished. */
function wasteAt (shifts: Shifts, partitionMs: number, ms: number): number {
  let [lost, finished] = [0, 0]
  for (let shift = 0; shift < shifts.count && shifts.onMs[shift]! <= ms; shift++) {
    const done = finishedAt(shifts, shift, partitionMs, ms)
    finished += done
    const offMs = shifts.offMs[shift]!
    if (offMs <= ms && offMs < Infinity) lost += shifts.speed[shift]! * (offMs - shifts.onMs[shift]!) / partitionMs - done
  }
  return lost === 0 ? 0 : lost / (lost + finished)
}
