/** Node's sandbox holds the port's acceptance suite; beside it, what only processes have. */
import { expect } from 'chai'
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { decodeValue } from '../../../protocol/job/value.ts'
import { sandboxAttacks } from '../../../protocol/job/test/sandbox-attacks.ts'
import { compute, failureOf, jobOf, result, SUM } from '../../../protocol/job/test/sandbox-kit.ts'
import { sandboxSuite } from '../../../protocol/job/test/sandbox-suite.ts'
import { createProcessSandbox } from '../process-sandbox.ts'
import type { Sandbox } from '../../../protocol/job/sandbox.ts'

const factory = { create: createProcessSandbox }
sandboxSuite('processes', factory)
sandboxAttacks('processes', factory)

/** Processes whose parent is this one and that run a worker's script. */
const workersOf = (parent: number): number[] => {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.map(line => line.trim().split(/\s+/)).filter(([, ppid, ...args]) => Number(ppid) === parent && args.some(arg => arg.endsWith('worker.mjs'))).map(([pid]) => Number(pid))
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Poll for what no event tells, e.g. the end of another's child. */
async function until (holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (holds()) return
    await delay(25)
  }
  throw new Error(`it did not come to be that ${what}`)
}

const COUNT = `export const compute = p => p\n${SUM}`
const ENDLESS = 'export const compute = p => { for (;;); }\n'

describe('processes: what only they have', () => {
  let sandbox: Sandbox

  afterEach(async () => { await sandbox.close() })

  it('starts one process a core at once, and ends all on close', async () => {
    sandbox = createProcessSandbox({ cores: 2 })
    await until(() => workersOf(process.pid).length === 2, 'two workers run')
    const pids = workersOf(process.pid)
    const running = compute(sandbox, jobOf(ENDLESS)).catch((error: Error) => error.message)
    await sandbox.close()
    expect(await running).to.equal('the sandbox is closed')
    expect(pids.filter(isAlive)).to.deep.equal([])
  })

  it('survives the death of a worker, blames the request in it, and starts another (E1)', async () => {
    sandbox = createProcessSandbox({ cores: 1 })
    await result(sandbox, COUNT)
    const [pid] = workersOf(process.pid)
    const running = failureOf(compute(sandbox, jobOf(ENDLESS)))
    process.kill(pid!, 'SIGKILL')
    expect(await running).to.include({ kind: 'memory' })
    expect(await result(sandbox, COUNT)).to.equal(45)
    expect(workersOf(process.pid)).not.to.include(pid)
  })

  it('loses an idle worker without harm', async () => {
    sandbox = createProcessSandbox({ cores: 1 })
    await result(sandbox, COUNT)
    const [pid] = workersOf(process.pid)
    process.kill(pid!, 'SIGKILL')
    await until(() => !isAlive(pid!), 'the worker is gone')
    expect(await result(sandbox, COUNT)).to.equal(45)
  })

  it('leaves signals of a terminal to its parent', async () => {
    sandbox = createProcessSandbox({ cores: 1 })
    const code = jobOf(`export const compute = async (p, input, ctx) => { await ctx.sleep(50); return p }\n${SUM}`)
    await result(sandbox, COUNT)
    const running = compute(sandbox, code)
    for (const pid of workersOf(process.pid)) process.kill(pid, 'SIGINT')
    expect(decodeValue((await running).bytes)).to.equal(45)
  })

  it('stops between partitions without losing the worker', async () => {
    sandbox = createProcessSandbox({ cores: 1 })
    const code = jobOf(`let n = 0\nexport const compute = p => ++n\n${SUM}`, { partitions: 2 ** 36, grain: 1000 })
    await compute(sandbox, code, '0.0.0.0.0.0.0.0.0.0.0')
    const [pid] = workersOf(process.pid)
    const controller = new AbortController()
    const running = compute(sandbox, code, '/', null, controller.signal).catch((error: unknown) => error)
    await delay(100)
    controller.abort()
    await running
    await compute(sandbox, code, '0.0.0.0.0.0.0.0.0.0.0')
    expect(workersOf(process.pid)).to.deep.equal([pid])
  })

  it('ends its workers when its process is killed', async () => {
    sandbox = createProcessSandbox({ cores: 1 })
    const parent = fork(fileURLToPath(new URL('busy-parent.ts', import.meta.url)), { execArgv: ['--no-warnings'] })
    await once(parent, 'message')
    await until(() => workersOf(parent.pid!).length > 0, 'the other process has a worker')
    const pids = workersOf(parent.pid!)
    parent.kill('SIGKILL')
    await until(() => !pids.some(isAlive), 'its workers are gone')
  })

  it('rests as its duty says', async () => {
    sandbox = createProcessSandbox({ cores: 1, duty: 0.25 })
    const code = jobOf(`export const compute = p => { let x = 0; for (let i = 0; i < 2e6; i++) x += i % 7; return x }\n${SUM}`, { partitions: 100 })
    const start = performance.now()
    const { ms } = await compute(sandbox, code)
    expect(ms / (performance.now() - start)).to.be.below(0.6)
  })

  it('counts the memory that WebAssembly takes', async function () {
    sandbox = createProcessSandbox({ cores: 1, memoryMb: 32 })
    const source = 'export const compute = p => { const memory = new WebAssembly.Memory({ initial: 1 }); for (;p === 2;) { memory.grow(160); new Uint8Array(memory.buffer).fill(1) } return 1 }\n'
    expect(await failureOf(compute(sandbox, jobOf(source)))).to.include({ partition: 2 })
  })

  it('refuses limits that make no sense', () => {
    sandbox = createProcessSandbox({ cores: 1 })
    expect(() => createProcessSandbox({ cores: -1 })).to.throw('this many cores')
    expect(() => createProcessSandbox({ cores: 1, memoryMb: 1 })).to.throw('at least 8 MB')
    expect(() => createProcessSandbox({ cores: 1, duty: 0 })).to.throw('duty')
  })
})
