/** Any peer answers what it knows of jobs; `up` leads the asker closer to the root, where it is exact. */
import type { Context, Job } from './state.ts'
import type { JobReport, QueryMessage } from './message.ts'
import type { JobId, PeerId } from './ids.ts'
import { ROOT } from './geometry.ts'
import { announcementOf } from './root.ts'
import { isDeclined } from './declined.ts'
import { tablesOf } from './tables.ts'
import { emptyLoad } from './state.ts'
import { homeView } from './viewed.ts'
import { shownLoad } from './load.ts'
import { send } from './context.ts'

/** Jobs one report tells of at most: each is a spec and a few contacts. */
const REPORT_MAX = 64

export function onQuery (cx: Context, from: PeerId, { id, jobs, tables }: QueryMessage): void {
  send(cx, from, { type: 'report', id, jobs: reportsOf(cx, jobs, tables) })
}

/** What this peer knows of some jobs; of all, where none is named. */
export function reportsOf (cx: Context, ids: JobId[], tables: boolean): JobReport[] {
  const jobs = ids.length === 0 ? [...cx.jobs.values()].slice(-REPORT_MAX) : ids.flatMap(id => cx.jobs.get(id) ?? []).slice(0, REPORT_MAX)
  return jobs.map(job => ({ ...reportOf(cx, job), tables: tables ? tablesOf(cx, job) : [], declined: isDeclined(cx, job.id) }))
}

function reportOf (cx: Context, job: Job): Omit<JobReport, 'tables' | 'declined'> {
  const announcement = announcementOf(cx, job)
  const { partitions } = job.spec
  if (job.outcome !== null) return { announcement, done: job.outcome.type === 'done' ? partitions : 0, load: emptyLoad(), up: [] }
  const root = job.positions.get(ROOT)
  if (root !== undefined) {
    const load = shownLoad(cx, job, root)
    return { announcement, done: partitions - load.remaining, load, up: [] }
  }
  const view = homeView(job)
  if (view === undefined) return { announcement, done: 0, load: emptyLoad(), up: job.hints }
  const done = view.path === ROOT ? partitions - view.load.remaining : 0
  return { announcement, done, load: view.load, up: [view.state.coordinator, ...view.state.heirs] }
}
