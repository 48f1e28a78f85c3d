/**
 * Real and simulated samples side by side: medians, their ratio, and which differ by more than the calibration allows. Times of real
 * peers that waited for a processor say little of the model, and are marked as such instead of being explained away.
 */
import type { Sample } from './recording.ts'
import { gridLines, wrapLines } from '../../../sims/report/grid.ts'
import { median, printed } from '../figures.ts'

/** Issue 3: they agree within so much, or the difference is explained. */
const WITHIN = 0.2
const WIDTH = 96

export interface Line {
  measure: string
  unit: string
  /** Medians of the runs; null where no run has any. */
  real: number | null
  simulated: number | null
  /** Smallest and largest of the runs. */
  realRange: [number, number] | null
  simulatedRange: [number, number] | null
  /** Simulated over real. */
  ratio: number | null
  /** Within the tolerance: by share, or where a count is small by what one more of it would change. */
  agrees: boolean
  /** Why it may not, where something is known to stand in the way of judging it. */
  why: string | null
}

interface Measure {
  name: string
  unit: string
  of: (sample: Sample) => number | null
  /** So large a difference means nothing: the measure's grain. */
  slack: number
}

/** A millisecond is what timers and clocks are good for; a whole thing is the smallest difference of counts. */
const MEASURES: Measure[] = [
  { name: 'completion', unit: 'ms', of: ({ completionMs }) => completionMs, slack: 1 },
  { name: 'submission to first bite', unit: 'ms', of: ({ firstLeaseMs }) => firstLeaseMs, slack: 1 },
  { name: 'submission to median bite', unit: 'ms', of: ({ leaseMs }) => leaseMs, slack: 1 },
  { name: 'failover of the root', unit: 'ms', of: ({ rootFailoverMs }) => rootFailoverMs, slack: 1 },
  { name: 'failover below the root', unit: 'ms', of: ({ coordinatorFailoverMs }) => coordinatorFailoverMs, slack: 1 },
  { name: 'failovers', unit: '', of: ({ failovers }) => failovers, slack: 1 },
  { name: 'duplicates in the result', unit: '', of: ({ duplicates }) => duplicates, slack: 1 },
  { name: 'partitions computed again', unit: '', of: ({ recomputed }) => recomputed, slack: 1 },
  { name: 'messages', unit: '', of: ({ messages }) => messages, slack: 1 },
  { name: 'bytes', unit: '', of: ({ bytes }) => bytes, slack: 1 }
]

/** Later timers than this are those of processes that wait for a processor: on an idle machine it is 1 ms. A guess. */
export const LATE_MS_MAX = 5

/**
 * Medians of both sides, the messages of each type included.
 *
 * @param lateMs - how late one in ten of the real peers' timers was, milliseconds
 */
export function compare (real: Sample[], simulated: Sample[], lateMs: number): Line[] {
  const types = [...new Set([...real, ...simulated].flatMap(({ byType }) => Object.keys(byType)))]
  const count = (type: string) => ({ byType }: Sample): number => byType[type]?.messages ?? 0
  const ofTypes = types.map((type): Measure => ({ name: `messages: ${type}`, unit: '', of: count(type), slack: 1 }))
  const most = (measure: Measure): number => Math.max(...real.map((sample) => measure.of(sample) ?? 0))
  return [...MEASURES, ...ofTypes.sort((a, b) => most(b) - most(a))].map((measure) => lineOf(measure, real, simulated, lateMs))
}

function lineOf ({ name, unit, of, slack }: Measure, real: Sample[], simulated: Sample[], lateMs: number): Line {
  const figures = (samples: Sample[]): number[] => samples.flatMap((sample) => of(sample) ?? [])
  const range = (all: number[]): [number, number] | null => all.length === 0 ? null : [Math.min(...all), Math.max(...all)]
  const [a, b] = [figures(real), figures(simulated)]
  const middle = (all: number[]): number | null => all.length === 0 ? null : median(all)
  const [was, is] = [middle(a), middle(b)]
  const ratio = was === null || is === null || was === 0 ? null : is / was
  const agrees = was === is || (was !== null && is !== null && Math.abs(is - was) <= Math.max(slack, WITHIN * Math.abs(was)))
  return { measure: name, unit, real: was, simulated: is, realRange: range(a), simulatedRange: range(b), ratio, agrees, why: agrees || unit !== 'ms' || lateMs <= LATE_MS_MAX ? null : busy(lateMs) }
}

const busy = (lateMs: number): string =>
  `not to be judged here: one in ten timers of the real peers was more than ${printed(lateMs)} ms late, so they waited for a processor; repeat it on an idle machine.`

/** @returns lines of text; those that differ are marked, with what stands in the way of judging them */
export function tableOf (lines: Line[], runs: number, seeds: number): string[] {
  const cell = (value: number | null, range: [number, number] | null): string =>
    value === null ? 'none' : range === null || range[0] === range[1] ? printed(value) : `${printed(value)} (${printed(range[0])}–${printed(range[1])})`
  const rows = lines.map(({ measure, unit, real, simulated, realRange, simulatedRange, ratio, agrees, why }) => [
    unit === '' ? measure : `${measure}, ${unit}`, cell(real, realRange), cell(simulated, simulatedRange), ratio === null ? '' : ratio.toFixed(2), agrees ? '' : why === null ? 'DIFFERS' : 'BUSY'
  ])
  const differ = lines.filter(({ agrees }) => !agrees)
  const notes = differ.flatMap(({ measure, why }) => wrapLines(`${measure}: ${why ?? 'not explained.'}`, WIDTH - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${line}`))
  return [
    ...gridLines([['measure', `real, median of ${runs}`, `simulated, median of ${seeds}`, 'ratio', ''], ...rows], 'lrrrl'),
    ...(notes.length === 0 ? [] : ['', `Beyond ${100 * WITHIN} %:`, ...notes])
  ]
}
