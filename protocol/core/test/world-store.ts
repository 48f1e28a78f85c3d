/** The store of a test world's peer: it applies what the core tells it, and gives it back as a host would. */
import type { JobChange, JobRecord, Restored } from '../record.ts'
import type { JobId, Path } from '../ids.ts'
import type { Value } from '../job.ts'

export type WorldStore = Map<JobId, { record: JobRecord | null, values: Map<Path, Value> }>

export function keep (store: WorldStore, changes: JobChange[]): void {
  for (const { job, record, puts, drops } of changes) {
    const kept = store.get(job) ?? { record: null, values: new Map<Path, Value>() }
    store.set(job, kept)
    kept.record = record ?? kept.record
    for (const path of drops) kept.values.delete(path)
    for (const value of puts) kept.values.set(value.path, value)
  }
}

export function restoredFrom (store: WorldStore): Restored[] {
  return [...store.values()].flatMap(({ record, values }) => record === null ? [] : { record, values: [...values.values()], goods: 'all', ageMs: 0 })
}
