/**
 * `npm run kills`: kills every process of a mesh at a hundred random moments, and starts it again (D1, D2, D3). Prints a line a job: what was
 * finished, what was computed again, what each start found; and ends with 1 when a result was not exact. `-- N` for another number of
 * moments, `-- N SEED` to begin with another seed.
 */
import { fileURLToPath } from 'node:url'
import { trial } from './trial.ts'
import type { TrialInit } from './trial.ts'

const SUM = fileURLToPath(new URL('../test/jobs/sum.ts', import.meta.url))
const FLOATS = fileURLToPath(new URL('../test/jobs/slow-floats.ts', import.meta.url))
const KILLS_EACH = 5

/** Few large values and slow partitions, and many small values, so that kills hit the store while it writes. */
const JOBS: Array<Omit<TrialInit, 'seed' | 'kills'>> = [
  { job: FLOATS, partitions: 3000, args: ['--fanout', '4', '--params', '{"ms":4}'], result: 3.14125932026572, lastMs: 5_000 },
  { job: SUM, partitions: 6000, args: ['--fanout', '16', '--params', '{"ms":2}'], result: 17_997_000, lastMs: 5_000 }
]

const [moments = 100, first = 1] = process.argv.slice(2).map(Number)
let kills = 0
let finished = 0
let again = 0
let wrong = 0
console.log('seed  kills  ended by  finished  again  share    s')
for (let seed = first; kills < moments; seed++) {
  const job = JOBS[seed % JOBS.length] as (typeof JOBS)[number]
  const now = Math.min(KILLS_EACH, moments - kills)
  kills += now
  try {
    const done = await trial({ ...job, seed, kills: now })
    finished += done.finished
    again += done.again
    const share = `${(100 * done.again / Math.max(1, done.finished)).toFixed(1)} %`
    console.log(`${String(seed).padStart(4)}  ${String(now).padStart(5)}  ${done.ending.padEnd(8)}  ${String(done.finished).padStart(8)}  ${String(done.again).padStart(5)}  ${share.padStart(6)}  ${(done.ms / 1000).toFixed(0).padStart(3)}`)
  } catch (error) {
    wrong++
    console.log(`${String(seed).padStart(4)}  ${(error as Error).message}`)
  }
}
console.log(`${kills} moments, ${wrong} jobs not exact; computed again ${again} partitions, against ${finished} finished before the last kills (${(100 * again / Math.max(1, finished)).toFixed(1)} %)`)
process.exitCode = wrong === 0 ? 0 : 1
