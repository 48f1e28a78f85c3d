/**
 * `npm run bench`: the rows of DESIGN 9, measured in one run on this machine and printed as ratios to what
 * else does the same work. `--only NAME` runs one row, `--quick` a smoke test, `--full` the long ones.
 * Exits 1 when a row could not be measured, never because a budget was missed.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { lineOf } from './figures.ts'
import type { BenchOptions, Row } from './figures.ts'
import { endAll } from './processes.ts'
import { control } from './rows/control.ts'
import { durable } from './rows/durable.ts'
import { failover } from './rows/failover.ts'
import { idle } from './rows/idle.ts'
import { inputs } from './rows/inputs.ts'
import { lease } from './rows/lease.ts'
import { noop } from './rows/noop.ts'
import { primes } from './rows/primes.ts'
import { restart } from './rows/restart.ts'
import { tab } from './rows/tab.ts'
import { trust } from './rows/trust.ts'

const ROWS: Row[] = [primes, noop, inputs, lease, failover, idle, control, tab, durable, restart, trust]

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false }
  }
})

const unknown = values.only?.filter((name) => !ROWS.some((row) => row.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; --only takes ${ROWS.map((row) => row.name).join(', ')}.`)
  process.exit(2)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const options: BenchOptions = { quick: values.quick, full: values.full }
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB${options.quick ? ', QUICK: sizes too small to judge by' : ''}`)
for (const row of ROWS.filter(({ name }) => values.only?.includes(name) ?? true)) {
  console.log(`\n${row.name}: ${row.title}`)
  try {
    for (const figure of await row.measure(options)) console.log(lineOf(figure))
  } catch (error) {
    process.exitCode = 1
    console.log(`  could not be measured: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    endAll()
  }
}
process.exit()
