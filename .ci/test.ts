/**
 * `npm test`: types, lint, import directions, the package's build, then the unit and the integration tests, one after the other,
 * all of them even when one fails (STYLE rule 14). The last line says `N passed, N failed`, a check counting
 * as one. Never leaves a process behind: a group that does not end after its last test is ended and fails.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Counts } from './reporter.ts'

interface Step { name: string, command: string, args: string[], counted: boolean, limitMs: number }

const MINUTE_MS = 60_000
/** After its last test a group has this long to close what it opened. */
const LINGER_MS = 15_000

const STEPS: Step[] = [
  { name: 'types', command: 'tsc', args: ['-b'], counted: false, limitMs: 5 * MINUTE_MS },
  { name: 'lint', command: 'eslint', args: ['--cache', '--cache-location', '.cache/eslint/', '.'], counted: false, limitMs: 5 * MINUTE_MS },
  { name: 'directions', command: 'depcruise', args: ['--config', '.dependency-cruiser.cjs', 'protocol', 'node', 'browser', 'sims', 'examples'], counted: false, limitMs: 5 * MINUTE_MS },
  { name: 'build', command: 'node', args: ['.ci/build.ts'], counted: false, limitMs: 5 * MINUTE_MS },
  { name: 'unit tests', command: 'mocha', args: ['--config', '.ci/mocha-unit.json'], counted: true, limitMs: 20 * MINUTE_MS },
  { name: 'integration tests', command: 'mocha', args: ['--config', '.ci/mocha-integration.json'], counted: true, limitMs: 45 * MINUTE_MS },
  { name: 'browser tests', command: 'mocha', args: ['--config', '.ci/mocha-browser.json'], counted: true, limitMs: 25 * MINUTE_MS }
]

const root = join(import.meta.dirname, '..')
const env = { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + process.env.PATH }

let running: ChildProcess | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    running?.kill(signal)
    process.exit(1)
  })
}

/** Runs one step to its end. A step that fails without counting a failure counts as one. */
function run (step: Step): Promise<Counts> {
  console.log(`\n== ${step.name}`)
  const child = spawn(step.command, step.args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  running = child
  let counts: Counts = { passed: 0, failed: 0 }
  let timer = setTimeout(() => end(`took more than ${step.limitMs / MINUTE_MS} minutes`), step.limitMs)
  function end (why: string): void {
    console.log(`${step.name}: ${why}; ended`)
    child.kill('SIGKILL')
  }
  child.on('message', (message) => {
    counts = message as Counts
    clearTimeout(timer)
    timer = setTimeout(() => end('something is still open after the last test'), LINGER_MS)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.log(`${step.name}: ${error.message}`)
      clearTimeout(timer)
      resolve({ passed: 0, failed: 1 })
    })
    child.on('exit', (code) => {
      clearTimeout(timer)
      const unseen = code !== 0 && counts.failed === 0
      if (!step.counted && !unseen) console.log('ok')
      resolve({ passed: counts.passed + (step.counted || unseen ? 0 : 1), failed: counts.failed + (unseen ? 1 : 0) })
    })
  })
}

mkdirSync(join(root, '.cache', 'types'), { recursive: true })
let passed = 0
let failed = 0
for (const step of STEPS) {
  const counts = await run(step)
  passed += counts.passed
  failed += counts.failed
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
