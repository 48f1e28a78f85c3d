/** Where a world's code comes from, and the command that plays it again. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trust } from '../../protocol/core/job.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'
import type { Request } from './request.ts'

/** A checkout, or a published package. */
const ROOT = join(import.meta.dirname, '..', '..')

/** The commit, marked when files differ from it; the package's version where there is no checkout. */
export function commitOf (): string {
  try {
    // Without a look at the folder, git would name the commit of a checkout that the package is installed in.
    if (existsSync(join(ROOT, '.git'))) return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch { /* no git on this machine, or no commit yet */ }
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  return `millionfold ${version}`
}

/** What of a request says which world it is. */
export type Which = Pick<Request, 'plan' | 'scenario' | 'seed' | 'peers' | 'partitions' | 'trust' | 'trace' | 'latency'>

/** The command that plays this world and nothing else. */
export function replayOf ({ plan, scenario, seed, peers, partitions, trust, trace, latency }: Which): string {
  const options = { seed, peers, partitions, trust: trust === undefined ? undefined : trustText(trust), trace, latency, plan }
  const given = Object.entries(options).flatMap(([name, value]) => value === undefined ? [] : [`--${name} ${quoted(String(value))}`])
  return ['npx millionfold sim', ...scenario === undefined ? [] : [scenario], ...given].join(' ')
}

/** A policy as `--trust` takes it. */
function trustText (trust: Trust): string {
  switch (trust.type) {
    case 'none': return 'none'
    case 'votes': return `votes:${trust.quorum}/${trust.voters}`
    case 'adaptive': return `adaptive:${trust.after}`
    case 'audit': return `audit:${trust.rate}`
    default: return unreachable(trust)
  }
}

/** As a shell takes it for one word. */
const quoted = (text: string): string => /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`
