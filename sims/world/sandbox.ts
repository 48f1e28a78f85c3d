/**
 * The sandbox of a node: runs bites one after the other on each of its cores, at the node's speed. Collects do not wait behind
 * bites, as in the real one. What it computes is the world's oracle (fold.ts), so that a value folded twice or out of order shows.
 */
import type { EventQueue, Event } from './event-queue.ts'
import type { JobId, Path } from '../../protocol/core/ids.ts'
import type { Node } from './node.ts'

export interface Run {
  job: JobId
  path: Path
  /** Partitions. */
  size: number
  startedMs: number
  event: Event | null
}

/** A bite of one partition of a job at speed 1 takes this long, and a sandbox this long before its first. */
export interface Pace { partitionMs: number, startMs: number }

export function enqueue (queue: EventQueue, node: Node, run: Run, pace: Pace): void {
  node.queue.push(run)
  startRuns(queue, node, pace)
}

/** Fill free cores from the queue. */
export function startRuns (queue: EventQueue, node: Node, pace: Pace): void {
  while (node.running.length < node.cores) {
    const run = node.queue.shift()
    if (run === undefined) return
    run.startedMs = queue.nowMs
    node.running = node.running.concat(run)
    if (node.speed === 0) continue
    const ms = runMs(node, run, pace) + (node.hasBundle ? 0 : pace.startMs) + node.debtMs
    node.debtMs = 0
    node.hasBundle = true
    run.event = queue.push(ms, 'computed', node, node.life, run, null, null)
  }
}

/** Milliseconds a run takes on this node. */
export const runMs = (node: Node, run: Run, pace: Pace): number => run.size * pace.partitionMs / node.speed

/** @returns whether the run still mattered; its core is free again */
export function endRun (node: Node, run: Run, event: Event): boolean {
  if (run.event !== event) return false
  const at = node.running.indexOf(run)
  if (at < 0) return false
  node.running.splice(at, 1)
  return true
}

/** @returns the milliseconds of work that were thrown away */
export function cancelRun (queue: EventQueue, node: Node, job: JobId, path: Path, pace: Pace): number {
  const waiting = node.queue.findIndex(run => run.path === path && run.job === job)
  if (waiting >= 0) {
    node.queue.splice(waiting, 1)
    return 0
  }
  const at = node.running.findIndex(run => run.path === path && run.job === job)
  if (at < 0) return 0
  const [run] = node.running.splice(at, 1) as [Run]
  run.event = null
  startRuns(queue, node, pace)
  return queue.nowMs - run.startedMs
}
