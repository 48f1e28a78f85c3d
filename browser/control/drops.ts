/** What files that somebody drops or chooses are for: a job's sources, a log to replay, or inputs. Pure. */

export interface Sorted<F extends { name: string }> {
  sources: F[]
  /** Event logs. */
  logs: F[]
  /** Text that is no source: inputs. */
  inputs: F[]
}

const SOURCE = /\.([cm]?[jt]s|[jt]sx|json|wasm)$/i
const LOG = /\.(ndjson|jsonl)$/i

/** @param isLog - is a file of lines of JSON an event log, by its first line? */
export function sortFiles<F extends { name: string }> (files: readonly F[], isLog: (file: F) => boolean): Sorted<F> {
  const sorted: Sorted<F> = { sources: [], logs: [], inputs: [] }
  const hasSource = files.some(({ name }) => SOURCE.test(name) && !/\.(json|wasm)$/i.test(name))
  for (const file of files) {
    if (LOG.test(file.name)) sorted[isLog(file) ? 'logs' : 'inputs'].push(file)
    else if (SOURCE.test(file.name) || (hasSource && /\.txt$/i.test(file.name))) sorted.sources.push(file)
    else sorted.inputs.push(file)
  }
  return sorted
}

/** Does a file begin as an event log does (DESIGN 7)? */
export function isLogLine (line: string): boolean {
  try {
    const { time, type } = JSON.parse(line) as { time?: unknown, type?: unknown }
    return typeof time === 'number' && typeof type === 'string'
  } catch {
    return false
  }
}

/** Of several sources, the one that has `compute`; the first module where none seems to. */
export function mainOf (files: Record<string, string | Uint8Array>): string | undefined {
  const modules = Object.keys(files).filter((name) => /\.([cm]?[jt]s|[jt]sx)$/i.test(name))
  const has = (name: string): boolean => /export\s+(async\s+)?(function\s*\*?|const|let|var)\s+compute(Range)?\b|export\s*\{[^}]*\bcompute(Range)?\b/.test(String(files[name]))
  return modules.find(has) ?? modules[0]
}

/** TypeScript or JavaScript? What is pasted has no name; as TypeScript both are read. */
export const PASTED = 'job.ts'
