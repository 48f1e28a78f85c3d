/**
 * `npm run sim:full`: the large worlds of all scenarios, on all cores as far as memory allows, then a table with their figures, their speed
 * and their memory, and a page. Takes hours. Exit codes are those of `millionfold sim`.
 */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command, CommanderError } from 'commander'
import type { ExitCode } from './main.ts'
import type { Played, Task } from './task.ts'
import type { Row } from './full-worlds.ts'
import { BadInput } from '../bad-input.ts'
import { FULL, PLANET_MESSAGES_X } from './full-worlds.ts'
import { Progress } from './progress.ts'
import { availableParallelism } from 'node:os'
import { expectWritable, writeText } from './files.ts'
import { planLines } from './expected.ts'
import { formatBytes, formatDuration, formatFine, formatNumber } from '../report/format.ts'
import { gridLines } from '../report/grid.ts'
import { hasFailovers } from '../report/figure.ts'
import { isLarge, lanesFor } from './memory.ts'
import { playTasks } from './play-tasks.ts'
import { reportPage } from '../report/page.ts'
import { standingOf, verdictOf } from '../report/verdict.ts'
import { tasksOf } from './tasks.ts'
import { worstCode } from './run.ts'

interface Options { only?: string, plan?: boolean, html: string, trace?: string, latency?: string }

/** The worlds of a row, and what they came to. */
interface Group { row: Row, tasks: Task[], played: Played[] }

const PAGE = join(import.meta.dirname, '..', '..', '.cache', 'sim-full.html')

const optionsOf = (argv: string[]): Options => new Command('npm run sim:full --')
  .description('Plays the large worlds of all scenarios.')
  .option('--only <name>', 'one scenario')
  .option('--plan', 'say what would be played and about how long it takes, and play nothing')
  .option('--trace <file>', 'sessions of the scenario trace, which is left out without')
  .option('--latency <file>', 'round trips between cities')
  .option('--html <file>', 'where the page goes', PAGE)
  .exitOverride()
  .parse(argv, { from: 'user' })
  .opts<Options>()

/** @throws BadInput when a scenario has no rows, or a file cannot be used */
function groupsOf ({ only, trace, latency }: Options): Group[] {
  const rows = FULL.filter(({ scenario }) => (only === undefined || scenario === only) && (scenario !== 'trace' || trace !== undefined))
  if (rows.length === 0) throw new BadInput(`There are no large worlds of ${only}${only === 'trace' ? ' without --trace FILE' : ''}.`)
  return rows.map(row => {
    const files = { ...(row.scenario === 'trace' ? { trace } : {}), ...(latency === undefined ? {} : { latency }) }
    return { row, tasks: tasksOf({ ...row, ...files }), played: [] }
  })
}

const nameOf = ({ plan }: Task): string => `${plan.scenario} of ${formatNumber(plan.peers)}, seed ${plan.seed}`

/** Those of which several fit at once, side by side; then the others one by one, each with all the memory. */
async function play (groups: Group[], progress: Progress): Promise<void> {
  const all = groups.flatMap(group => group.tasks.map((task, i) => ({ group, task, i })))
  const [large, small] = [all.filter(({ task }) => isLarge(task.plan)), all.filter(({ task }) => !isLarge(task.plan))]
  for (const entries of [small, ...large.map(entry => [entry])]) await playSome(entries, progress)
}

async function playSome (entries: Array<{ group: Group, task: Task, i: number }>, progress: Progress): Promise<void> {
  if (entries.length === 0) return
  const tasks = entries.map(({ task }) => task)
  const refuse = (error: unknown): void => {
    if (!(error instanceof BadInput)) throw error
    progress.say(error.message)
  }
  try {
    await playTasks(tasks, lanesFor(tasks.map(({ plan }) => plan)), progress, {
      nameOf,
      onPlayed: (n, played) => {
        const { group, task, i } = entries[n] as typeof entries[number]
        group.played[i] = played
        progress.say(`${nameOf(task)}: ${verdictOf(played.report)}, in ${formatDuration(played.wallMs)}`)
      },
      onRefused: (_, error) => { refuse(error) }
    })
  } catch (error) {
    refuse(error)
  }
}

const most = (values: number[]): number => Math.max(...values)
const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

/** Of several worlds the worst × limit and failover, the middle of the rates, and the wall clock's sum. */
function rowText ({ row, tasks, played }: Group): string[] {
  const { scenario, seeds } = row
  const name = [scenario, formatNumber((tasks[0] as Task).plan.peers)]
  const ended = played.filter(each => each !== undefined)
  if (ended.length === 0) return [...name, 'left out']
  const reports = ended.map(({ report }) => report)
  const standings = new Map<string, number>()
  for (const report of reports) standings.set(standingOf(report), (standings.get(standingOf(report)) ?? 0) + 1)
  return [
    ...name, seeds.length === 1 ? [...standings.keys()].join() : [...standings].map(([standing, count]) => `${count} ${standing}`).join(', '),
    formatFine(most(reports.map(({ xLimit }) => xLimit))), reports.some(hasFailovers) ? formatDuration(most(reports.map(({ failoverMs }) => failoverMs.p99))) : 'none',
    formatNumber(middle(reports.map(({ messagesPerPeerPerSecond }) => messagesPerPeerPerSecond.p50))),
    formatNumber(middle(reports.map(({ eventsPerSecond }) => eventsPerSecond))), formatNumber(middle(reports.map(({ speedUp }) => speedUp))),
    formatDuration(ended.reduce((sum, { wallMs }) => sum + wallMs, 0)), formatBytes(most(ended.map(({ heapBytes }) => heapBytes)))
  ]
}

/** What no world alone can be held to: a planet's messages against the steady world's. */
function planetLines (groups: Group[]): string[] {
  const rateOf = (scenario: string): Array<[number, number]> => groups.filter(({ row, played }) => row.scenario === scenario && played[0] !== undefined)
    .map(({ tasks, played }) => [(tasks[0] as Task).plan.peers, (played[0] as Played).report.messagesPerPeerPerSecond.p50])
  const [steady] = rateOf('steady')
  if (steady === undefined) return []
  return rateOf('planet').map(([peers, rate]) => `planet, ${formatNumber(peers)} peers: ${(rate / steady[1]).toFixed(2)} × the messages of steady, bound ${PLANET_MESSAGES_X}${rate > PLANET_MESSAGES_X * steady[1] ? ', MISSED' : ''}`)
}

function table (groups: Group[]): string {
  const head = ['', 'peers', 'verdict', '× limit', 'failover p99', 'messages/peer/s', 'events/s', '× real time', 'took', 'heap']
  return [...gridLines([head, ...groups.map(rowText)], 'lrlrrrrrrr'), '', ...planetLines(groups), `${availableParallelism()} cores`].join('\n')
}

async function full (argv: string[]): Promise<ExitCode> {
  try {
    const options = optionsOf(argv)
    const groups = groupsOf(options)
    const lines = planLines(groups.map(({ tasks }) => tasks.map(({ plan }) => plan)), availableParallelism(), isLarge).join('\n')
    if (options.plan === true) {
      process.stdout.write(`${lines}\n`)
      return 0
    }
    if (options.html === PAGE) mkdirSync(dirname(PAGE), { recursive: true })
    expectWritable(options.html)
    const progress = new Progress(process.stderr, () => performance.now())
    progress.say(lines)
    await play(groups, progress)
    progress.end()
    const reports = groups.flatMap(({ played }) => played.filter(each => each !== undefined).map(({ report }) => report))
    process.stdout.write(`${table(groups)}\n`)
    if (reports.length > 0) {
      writeText(options.html, reportPage(reports))
      process.stderr.write(`Pictures: ${options.html}\n`)
    }
    return worstCode(reports)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof BadInput)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

process.exitCode = await full(process.argv.slice(2))
