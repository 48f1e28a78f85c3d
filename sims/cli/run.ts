/** Plays the worlds of a request and tells what they came to: tables or lines on stdout, progress and failures on stderr, files. */
import type { ExitCode } from './main.ts'
import type { Task } from './task.ts'
import type { Report } from '../report/report.ts'
import type { Request } from './request.ts'
import { BadInput } from '../bad-input.ts'
import { compareTable } from '../report/compare.ts'
import { exitCodeOf } from '../simulate.ts'
import { expectWritable, readText, writeText } from './files.ts'
import { jsonLine, parseReport } from '../report/json.ts'
import { lanesFor } from './memory.ts'
import { outOf, shrinkTask, worstOf } from './shrinking.ts'
import { Progress } from './progress.ts'
import { playTasks } from './play-tasks.ts'
import { reportPage } from '../report/page.ts'
import { reportTable, summaryTable } from '../report/table.ts'
import { tasksOf } from './tasks.ts'
import { violationText } from '../report/rows.ts'

/** @throws BadInput before anything is played, if it can be known then */
export async function run (request: Request): Promise<ExitCode> {
  const tasks = tasksOf(request)
  const before = request.compare === undefined ? null : parseReport(readText(request.compare), request.compare)
  expectPlaces(request, tasks)
  const progress = new Progress(process.stderr, () => performance.now())
  try {
    const reports = await play(request, tasks, progress)
    progress.end()
    tell(request, reports)
    if (before !== null) print(request, `\n${compareTable(before, reports[0] as Report)}`)
    if (request.html !== undefined) writeText(request.html, reportPage(reports))
    const failed = reports.findIndex(report => exitCodeOf(report) !== 0)
    if (request.shrink === true && failed >= 0) await shrinkTask(request, tasks[failed] as Task, reports[failed] as Report, progress)
    return worstCode(reports)
  } finally {
    progress.end()
  }
}

/** @throws BadInput when what is asked for has no place to go */
function expectPlaces (request: Request, tasks: Task[]): void {
  for (const file of [request.record, request.html]) if (file !== undefined) expectWritable(file)
  if (request.shrink !== true) return
  for (const task of tasks) {
    const out = outOf(request, task)
    if (out === request.plan) throw new BadInput(`--shrink would write over ${out}: name another file with --out.`)
    expectWritable(out)
  }
}

/** Lines of `--json` come in the order of the seeds, each as soon as it can. */
async function play (request: Request, tasks: Task[], progress: Progress): Promise<Report[]> {
  const reports: Report[] = []
  let told = 0
  await playTasks(tasks, lanesFor(tasks.map(({ plan }) => plan)), progress, {
    onPlayed: (i, { report }) => {
      reports[i] = report
      for (; request.json === true && reports[told] !== undefined; told++) {
        progress.end()
        process.stdout.write(`${jsonLine(reports[told] as Report)}\n`)
      }
    }
  })
  return reports
}

/** Words beside the lines that `--json` promises would spoil them. */
const print = ({ json }: Request, text: string): void => { (json === true ? process.stderr : process.stdout).write(`${text}\n`) }

function tell ({ json }: Request, reports: Report[]): void {
  if (json !== true) return print({}, reports.length === 1 ? reportTable(reports[0] as Report) : summaryTable(reports))
  for (const report of reports.filter(report => exitCodeOf(report) !== 0)) {
    const worst = worstOf(report)
    print({ json }, `Seed ${report.seed} failed at commit ${report.commit}: ${worst === undefined ? 'it never finished' : violationText(worst)}.\n  ${report.replay}`)
  }
}

/** Something wrong is worse than something that never came. */
export function worstCode (reports: Report[]): ExitCode {
  const codes = new Set(reports.map(exitCodeOf))
  return codes.has(3) ? 3 : codes.has(4) ? 4 : 0
}
