/** The scenarios as a table: what each is called, what it is, how many peers it has and what is asked of it. */
import type { Scenario } from '../scenarios/scenario.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { boundTexts } from '../report/verdict.ts'
import { boundsOf, type Measured } from '../metrics/bounds.ts'
import { formatNumber } from '../report/format.ts'
import { gridLines } from '../report/grid.ts'

function rowOf ({ name, title, peers, make }: Scenario): string[] {
  const plan = make(1, peers)
  const nothingYet = Object.fromEntries(Object.keys(plan.bounds).map(key => [key, 0])) as Measured
  const bounds = boundsOf(plan, nothingYet).map(bound => `${bound.name} ${boundTexts(bound)[1]}`)
  return [name, title, formatNumber(peers), bounds.join('; ')]
}

/** @returns lines without a last line end */
export function listText (): string {
  const rows = [['scenario', 'is', 'peers', 'bound'], ...SCENARIOS.map(rowOf)]
  return [...gridLines(rows, 'llrl'), '', 'millionfold sim SCENARIO plays one; millionfold sim --help tells how.'].join('\n')
}
