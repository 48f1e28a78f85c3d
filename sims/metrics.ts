/**
 * Measures a play: watchers that gather what a report asks for (metrics/, one noun a file), and the report made of it. Never changes
 * what happens.
 */
import type { AdversaryName } from './adversaries/index.ts'
import type { Node } from './world/node.ts'
import type { Play } from './play.ts'
import type { Report, Traffic, Violation } from './report/report.ts'
import type { Workload } from './models/limit.ts'
import { Attendance } from './metrics/attendance.ts'
import { Failovers } from './metrics/failovers.ts'
import { Healing } from './metrics/healing.ts'
import { Holders } from './metrics/holders.ts'
import { Lost } from './metrics/lost.ts'
import { Progress } from './metrics/progress.ts'
import { Results } from './metrics/results.ts'
import { Tree } from './metrics/tree.ts'
import { isUseless } from './adversaries/index.ts'
import { Work } from './metrics/work.ts'
import { boundsOf } from './metrics/bounds.ts'
import { endMs } from './scenarios/fault.ts'
import { delayMsMin } from './models/latency.ts'
import { depthMax } from '../protocol/core/geometry.ts'
import { limitCurve, physicalLimit } from './models/limit.ts'
import { quantilesOf } from './metrics/quantiles.ts'

export interface Metrics {
  attendance: Attendance
  failovers: Failovers
  healing: Healing
  holders: Holders
  lost: Lost
  progress: Progress
  results: Results
  tree: Tree
  work: Work
  /** Called after every virtual second from the submission on. */
  sample: () => void
}

/** What a report says that no world knows. */
export interface Circumstances {
  violations: Violation[]
  /** Milliseconds of the wall clock that the run took. */
  wallMs: number
  replay: string
  commit: string
}

/** Measure a play from before its first event on. */
export function measure (play: Play): Metrics {
  const holders = new Holders(play)
  const parts = {
    attendance: new Attendance(play), failovers: new Failovers(play, holders), healing: new Healing(play, holders),
    lost: new Lost(play), progress: new Progress(play), results: new Results(play), work: new Work(play)
  }
  const tree = new Tree(play)
  play.world.watchers.push(...Object.values(parts).map(part => part.watcher), holders.watcher)
  const sampled = [parts.progress, holders, tree, parts.healing, parts.lost]
  const sample = (): void => { for (const part of sampled) part.sample() }
  // The first sample is of the submission.
  play.world.watchers.push({ onNotice: (_node, notice) => { if (notice.type === 'submitted') sample() } })
  return { ...parts, holders, tree, sample }
}

/** What a play that was measured came to. */
export function reportOf (play: Play, metrics: Metrics, { violations, wallMs, replay, commit }: Circumstances): Report {
  const { plan, world, spec } = play
  const { attendance, failovers, healing, lost, progress, results, tree, work } = metrics
  const load: Workload = {
    sessions: attendance.stays, partitions: spec.partitions, partitionMs: plan.job.partitionMs, replication: 1,
    speedOf: index => isHelping(play, world.nodes[index]) ? world.nodes[index]?.speed ?? 0 : 0
  }
  const shape = { depth: depthMax(spec), delayMsMin: delayMsMin(world.init.latency) }
  const limit = physicalLimit({ ...load, ...shape })
  const recomputed = lost.partitions === 0 ? limit : physicalLimit({ ...load, ...shape, partitions: spec.partitions + lost.partitions })
  const times = (ms: number): number => play.doneMs < 0 ? Infinity : play.doneMs / ms
  const rates = attendance.rates()
  const firstWorkMs = quantilesOf(work.firstWorkMs())
  const part = (of: 'detectMs' | 'electMs' | 'catchUpMs'): Report['failoverMs'] => quantilesOf(failovers.all.map(each => each[of]))
  const each = failovers.all.map(({ detectMs, electMs, catchUpMs }) => detectMs + electMs + catchUpMs).sort((a, b) => a - b)
  const byType = byTypeOf(play, attendance.peerSeconds)
  const { p99, p100 } = progress.reachedMs
  const healedMs = plan.faults.reduce((latest, fault) => Math.max(latest, endMs(fault)), 0)
  return {
    scenario: plan.scenario, seed: plan.seed, peers: plan.peers, partitions: spec.partitions, exact: results.isExact,
    limitMs: limit.ms, wallVirtualMs: play.doneMs, xLimit: times(limit.ms),
    failoverMs: quantilesOf(each), falseFailoversPerHour: failovers.falsePerHour, overlapMs: metrics.holders.overlapMs,
    messagesPerPeerPerSecond: quantilesOf(rates.messages), bytesPerPartition: world.tally.controlBytes / spec.partitions,
    maxConnections: tree.maxConnections, maxFanout: tree.maxFanout,
    duplicateFraction: work.duplicateFraction, unavoidableWaste: limit.unavoidableWaste, wrongResults: results.wrong, violations,
    events: world.tally.events, eventsPerSecond: 1_000 * world.tally.events / Math.max(1, wallMs), hash: world.tally.hash,
    bounds: boundsOf(plan, {
      xLimit: times(limit.ms), recomputedX: times(recomputed.ms),
      healedX: play.doneMs < 0 ? Infinity : Math.max(0, play.doneMs - healedMs) / limit.ms, firstWorkP99Ms: firstWorkMs.p99,
      stallMs: progress.stallMs, subtreeStallMs: progress.subtreeStallMs, convergedMs: healing.convergedMs, halfAccepted: healing.leastAccepted,
      messages: sumOf(byType), wrongResults: results.wrong, wrongShare: results.wrongShare, tailPartitions: p100 < 0 ? Infinity : (p100 - p99) / plan.job.partitionMs
    }),
    failoverParts: { detectMs: part('detectMs'), electMs: part('electMs'), catchUpMs: part('catchUpMs') },
    failovers: each, bytesPerPeerPerSecond: quantilesOf(rates.bytes), byType,
    reachedMs: progress.reachedMs, firstWorkMs, curve: curveOf(progress, load, play), tree: tree.series.samples,
    speedUp: world.nowMs / Math.max(1, wallMs), replay, commit
  }
}

/** Does what it computes count? */
const isHelping = ({ spec }: Play, node: Node | undefined): boolean =>
  node !== undefined && node.cores > 0 && (spec.trust.type === 'none' || !isUseless(node.adversary?.name as AdversaryName | undefined))

function byTypeOf ({ world }: Play, peerSeconds: number): Record<string, Traffic> {
  return Object.fromEntries([...world.tally.byType].map(([type, { messages, bytes }]) =>
    [type, { messages: messages / Math.max(1, peerSeconds), bytes: bytes / Math.max(1, peerSeconds) }]))
}

const sumOf = (byType: Record<string, Traffic>): number => Object.values(byType).reduce((sum, { messages }) => sum + messages, 0)

/** The samples and one more, of the end. */
function curveOf ({ series, done }: Progress, load: Workload, { world }: Play): Report['curve'] {
  const samples = [...series.samples, { done, live: world.live.length }]
  return {
    stepMs: series.stepMs, done: samples.map(sample => sample.done), live: samples.map(sample => sample.live),
    limit: limitCurve(load, series.stepMs, samples.length)
  }
}
