/**
 * `npm run fuzz [-- --minutes M] [--target NAME] [--seed S --path P]`: all readers in turn, with a new seed each round, for
 * so many minutes (10). What breaks one goes into corpus/, with the command that shows it again; exit code 1.
 */
import { parseArgs } from 'node:util'
import { describeBytes, targets } from './targets.ts'
import { fuzz } from './fuzz.ts'
import { keep } from './corpus.ts'

const ROUND = 2_000
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, target: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string', default: '' } } })
const all = await targets()
const chosen = all.filter(({ name }) => values.target === undefined || name === values.target)
const minutes = Number(values.minutes)
if (chosen.length === 0 || !(minutes > 0)) {
  console.error(chosen.length === 0 ? `There is no target ${values.target}; there are: ${all.map(({ name }) => name).join(', ')}.` : `--minutes ${values.minutes} is no number of minutes.`)
  process.exit(2)
}
const counts = new Map(chosen.map(({ name }) => [name, 0]))
const broken = new Set<string>()
const endMs = performance.now() + minutes * 60_000
const isReplay = values.path !== ''
let seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
do {
  for (const target of chosen.filter(({ name }) => !broken.has(name))) {
    const crash = await fuzz(target, ROUND, seed, values.path)
    counts.set(target.name, (counts.get(target.name) ?? 0) + ROUND)
    if (crash !== null) {
      broken.add(target.name)
      console.log(`${crash.target}: ${crash.why}\n  ${crash.bytes.length} bytes: ${describeBytes(crash.bytes)}\n  kept as ${keep(crash.target, crash.bytes)}`)
      console.log(`  again: npm run fuzz -- --target '${crash.target}' --seed ${crash.seed} --path ${crash.path}`)
    }
    if (performance.now() > endMs) break
  }
  seed++
} while (performance.now() < endMs && !isReplay)
for (const [name, count] of counts) console.log(`${name.padEnd(20)} ${`${count}`.padStart(9)} inputs${broken.has(name) ? ', BROKEN' : ''}`)
process.exitCode = broken.size === 0 ? 0 : 1
