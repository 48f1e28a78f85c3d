/** Reports that look like those of real worlds, from a seed: what the tests of tables and pages show. Never simulates. */
import { createRandom, type Random } from '../../protocol/core/random.ts'
import type { Curve, Quantiles, Report, Traffic, TreeSample } from '../report/report.ts'

const PEERS = 10_000
const PARTITIONS = 1_000_000
const STEP_MS = 30_000
const LIMIT_MS = 57.5 * 60_000
const FANOUT = 100

const quantilesOf = (sorted: number[]): Quantiles => {
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}

/** The middle of a bell, by Irwin and Hall: twelve uniforms less six. */
const bell = (random: Random): number => Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b, -6)

/** Most coordinators were killed (a second), some fell silent (ten). */
const sampleFailovers = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => (random.next() < 0.85 ? 620 : 8200) * Math.exp(bell(random) * 0.38)).sort((a, b) => a - b)

const shrink = ({ p50, p99, max }: Quantiles, share: number): Quantiles => ({ p50: p50 * share, p99: p99 * share, max: max * share })

function sampleCurve (random: Random, wallMs: number): Curve {
  const steps = Math.ceil(wallMs / STEP_MS) + 1
  const live = Array.from({ length: steps }, (_, i) => Math.round(PEERS * (0.9 + 0.08 * Math.sin(i / 17)) + bell(random) * 30))
  const at = (ms: number, endMs: number): number => Math.min(1, Math.max(0, ms / endMs + 0.03 * Math.sin(6 * ms / endMs)))
  const done = live.map((_, i) => Math.floor(PARTITIONS * at(i * STEP_MS - 4000, wallMs)))
  done[steps - 1] = PARTITIONS
  return { stepMs: STEP_MS, live, done, limit: live.map((_, i) => PARTITIONS * at(i * STEP_MS, LIMIT_MS)) }
}

function sampleTree (random: Random, live: number[]): TreeSample[] {
  return live.map((peers, i) => {
    const grown = Math.min(1, i / 8)
    const inner = Math.round(FANOUT * grown * (0.94 + random.next() * 0.06))
    const deep = Math.round(inner * 2.4 * grown)
    const busy = Math.min(peers, Math.round(peers * (0.2 + 0.79 * grown)))
    return { atMs: i * STEP_MS, coordinators: [1, inner, deep], workers: [0, 12, Math.max(0, busy - inner - deep - 13)], idle: peers - busy }
  })
}

const BY_TYPE: Record<string, Traffic> = {
  renew: { messages: 0.412, bytes: 61.3 },
  state: { messages: 0.131, bytes: 88.1 },
  value: { messages: 0.118, bytes: 40.6 },
  accepted: { messages: 0.104, bytes: 9.8 },
  claim: { messages: 0.057, bytes: 8.9 },
  grant: { messages: 0.052, bytes: 30.2 },
  hold: { messages: 0.033, bytes: 12.5 },
  held: { messages: 0.033, bytes: 2.9 },
  refused: { messages: 0.012, bytes: 1.9 },
  ask: { messages: 0.004, bytes: 0.4 },
  heard: { messages: 0.004, bytes: 0.4 },
  leave: { messages: 0.001, bytes: 0.1 },
  join: { messages: 0.0008, bytes: 0.1 }
}

/**
 * @param seed of the world; 10,000 peers in steady churn that fold a million partitions in about an hour
 * @param change what shall be different
 */
export function sampleReport (seed: number, change: Partial<Report> = {}): Report {
  const random = createRandom(seed, 'sample report')
  const xLimit = 1.06 + random.next() * 0.06
  const wallMs = xLimit * LIMIT_MS
  const failovers = sampleFailovers(random.split('failovers'), 412)
  const failoverMs = quantilesOf(failovers)
  const curve = sampleCurve(random.split('curve'), wallMs)
  return {
    scenario: 'steady', seed, peers: PEERS, partitions: PARTITIONS, exact: true, limitMs: LIMIT_MS, wallVirtualMs: wallMs, xLimit,
    failoverMs, falseFailoversPerHour: 0.4 * random.next(), overlapMs: 4200 * random.next(),
    messagesPerPeerPerSecond: { p50: 0.91 + 0.04 * random.next(), p99: 3.2 + random.next(), max: 41 + 10 * random.next() },
    bytesPerPartition: 8.13, maxConnections: 137, maxFanout: FANOUT, duplicateFraction: 0.021 + 0.005 * random.next(), unavoidableWaste: 0.018,
    wrongResults: 0, violations: [], events: 41_237_118, eventsPerSecond: 356_412.77, hash: `${'9f2c41d07ab36e58'.slice(seed % 8)}${seed}`,
    bounds: [{ name: '× limit', value: xLimit, limit: 1.15, holds: xLimit <= 1.15 }, { name: 'longest stall, s', value: 4.2, limit: 30, holds: true }],
    failoverParts: { detectMs: shrink(failoverMs, 0.72), electMs: shrink(failoverMs, 0.17), catchUpMs: shrink(failoverMs, 0.11) },
    failovers, bytesPerPeerPerSecond: { p50: 257, p99: 1430, max: 21_800 }, byType: BY_TYPE,
    reachedMs: { p50: wallMs * 0.5, p90: wallMs * 0.89, p99: wallMs * 0.985, p100: wallMs },
    firstWorkMs: { p50: 640, p99: 2900, max: 11_400 }, curve, tree: sampleTree(random.split('tree'), curve.live),
    speedUp: 32.4, replay: `npx millionfold sim steady --seed ${seed} --peers ${PEERS}`, commit: '1a22e55', ...change
  }
}

/** A world that stopped at 43 % and computed something twice. */
export function brokenReport (seed: number): Report {
  const whole = sampleReport(seed)
  const steps = whole.curve.done.length
  return sampleReport(seed, {
    exact: false,
    wallVirtualMs: -1,
    xLimit: Infinity,
    reachedMs: { p50: -1, p90: -1, p99: -1, p100: -1 },
    curve: { ...whole.curve, done: whole.curve.done.map((done, i) => i < steps * 0.43 ? done : whole.curve.done[Math.floor(steps * 0.43)]!) },
    violations: [
      { kind: 'safety', invariant: 'fold-once', atMs: 1_612_345.6, what: 'partition 4711 was folded twice below "0/17"' },
      { kind: 'liveness', invariant: 'finishes', atMs: 7_200_000, what: 'no partition was accepted for 300 s after healing; <b>"0/17"</b> & its heirs wait for each other' }
    ],
    bounds: [{ name: '× limit', value: Infinity, limit: 1.15, holds: false }]
  })
}
