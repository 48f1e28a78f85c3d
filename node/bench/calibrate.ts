/**
 * `npm run sim:calibrate`: the same job and the same kills on real Node peers over loopback and in the simulator, side by side
 * (issue 3, "The model tells the truth"). `--json` prints one line. Exits 1 when a run failed or a result was wrong, never because
 * the two differ.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { LATE_MS_MAX, compare, tableOf } from './calibrate/comparison.ts'
import { endPeers } from './calibrate/peer-child.ts'
import { median, quantile } from './figures.ts'
import { playReal } from './calibrate/real.ts'
import { playSimulated } from './calibrate/simulated.ts'
import { sampleOf } from './calibrate/recording.ts'
import type { RealRun } from './calibrate/real.ts'
import type { Sample } from './calibrate/recording.ts'
import { trialOf } from './calibrate/trial.ts'
import type { Trial } from './calibrate/trial.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '25' },
    runs: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false }
  }
})

const LIMITS = { peers: [2, 64], seconds: [5, 120], runs: [1, 20], seeds: [1, 1_000] } as const

/** A whole number of the command line. Ends the process when it is none. */
function numberOf (name: keyof typeof LIMITS): number {
  const [min, max] = LIMITS[name]
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= min && value <= max) return value
  console.error(`--${name} takes a whole number from ${min} to ${max}, not ${values[name]}.`)
  return process.exit(2)
}

process.on('exit', endPeers)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const [peers, seconds, runs, seeds] = [numberOf('peers'), numberOf('seconds'), numberOf('runs'), numberOf('seeds')]

async function realSamples (trial: Trial): Promise<{ real: Sample[], lateMs: number }> {
  const real: Sample[] = []
  const lateMs: number[] = []
  for (let run = 1; run <= runs; run++) {
    const startMs = performance.now()
    const say = (what: string): void => {
      process.stderr.write(`real run ${run} of ${runs}, ${((performance.now() - startMs) / 1_000).toFixed(1)} s, load ${loadavg()[0]?.toFixed(1)}: ${what}\n`)
    }
    const { recording, ...rig } = await playReal(trial, run, say)
    for (const line of rigOf(rig)) say(line)
    real.push(sampleOf(recording))
    lateMs.push(...rig.lateMs)
  }
  return { real, lateMs: quantile(lateMs, 0.9) }
}

/** What the machine made of a run: the simulator's peers wait for no processor. */
function rigOf ({ publishedCopies, cpuMs, biteCpuMs, lateMs, takeovers }: Omit<RealRun, 'recording'>): string[] {
  return [
    `${publishedCopies} copies of published messages were their publishers' own`,
    `${(cpuMs / 1_000).toFixed(1)} s of processor time in all, ${median(biteCpuMs).toFixed(0)} ms of a volunteer until its first bite`,
    `timers were late by ${median(lateMs).toFixed(1)} ms (p50), ${quantile(lateMs, 0.9).toFixed(1)} ms (p90)`,
    ...takeovers.map((takeover) => `a takeover ${takeover.ms} ms after its connection was lost, with ${takeover.cpuMs.toFixed(1)} ms of its own processor time`)
  ]
}

/** Timers that are rounded up to a step are late by nine tenths of it, or more, one time in ten. */
const stepOf = (lateMs: number): number => lateMs <= LATE_MS_MAX ? 0 : Math.round(lateMs / 0.9)

function simulatedSamples (trial: Trial, lateMs: number): Sample[] {
  return Array.from({ length: seeds }, (_, i) => {
    process.stderr.write(`simulated, seed ${i + 1} of ${seeds}\n`)
    return sampleOf(playSimulated(trial, i + 1, stepOf(lateMs)))
  })
}

const trial = trialOf(peers, seconds)
try {
  const { real, lateMs } = await realSamples(trial)
  // Peers ask for work less often where their timers are late: simulated peers wait as long.
  const simulated = simulatedSamples(trial, lateMs)
  const lines = compare(real, simulated, lateMs)
  const isExact = [...real, ...simulated].every((sample) => sample.isExact)
  if (values.json) console.log(JSON.stringify({ trial, isExact, lateMs, lines, real, simulated }))
  else {
    console.log(`${peers} volunteers and a submitter on loopback, ${trial.job.partitions} partitions of ${trial.partitionMs} ms, kills after ${trial.kills.map(({ atMs, role }) => `${atMs / 1_000} s (${role})`).join(', ')}`)
    for (const line of tableOf(lines, runs, seeds)) console.log(line)
    if (stepOf(lateMs) > 0) console.log(`Simulated timers fire every ${stepOf(lateMs)} ms only, because one in ten of the real ones was ${lateMs.toFixed(0)} ms late.`)
    console.log(isExact ? 'All results are exact.' : 'A RESULT IS WRONG.')
  }
  process.exitCode = isExact ? 0 : 1
} catch (error) {
  console.error(`The calibration failed: ${error instanceof Error ? error.message : String(error)}.`)
  process.exitCode = 1
}
process.exit()
