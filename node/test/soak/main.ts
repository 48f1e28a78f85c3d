/** `npm run soak [-- --minutes M --seed S]`: 20 minutes of eight real peers, a table as it goes, and a verdict. */
import { parseArgs } from 'node:util'
import { faultsOf, soak } from './soak.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '20' }, seed: { type: 'string', default: `${Date.now() % 2 ** 31}` } } })
const minutes = Number(values.minutes)
if (!(minutes > 0 && minutes <= 24 * 60)) {
  console.error(`--minutes ${values.minutes} is no number of minutes up to a day.`)
  process.exit(2)
}
console.log(`eight peers for ${minutes} minutes, --seed ${values.seed}`)
const report = await soak({ totalMs: minutes * 60_000, seed: Number(values.seed) >>> 0, print: line => { console.log(line) } })
for (const { firstBytes, lastBytes, firstHandles, lastHandles } of report.trends) {
  console.log(`a peer that stayed: ${Math.round(firstBytes / 2 ** 20)} → ${Math.round(lastBytes / 2 ** 20)} MiB, ${firstHandles} → ${lastHandles} handles`)
}
const faults = faultsOf(report)
for (const fault of faults) console.log(fault)
console.log(`${report.jobs} jobs, ${report.faults.length} wrong; ${report.kills} killed, ${report.leaves} left, ${report.joins} joined, ${report.orphans.length} processes left behind`)
process.exitCode = faults.length === 0 ? 0 : 1
