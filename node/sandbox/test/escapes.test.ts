/**
 * The corpus of escapes for Node (DESIGN 6, X8): every way out fails, every bomb costs its own request, and, so that no
 * entry is a dud, each way out is tried in a process without walls too, where it gets somewhere. Prints one table.
 */
import { expect } from 'chai'
import { fork, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ESCAPES } from '../../../protocol/job/test/sandbox-attacks.ts'
import { SandboxError } from '../../../protocol/job/sandbox.ts'
import { BOMBS, REACHES, VALUES } from './attempts.ts'
import { bare } from '../worker-process.ts'
import { compute, jobOf, outputsOf, result, SUM } from '../../../protocol/job/test/sandbox-kit.ts'
import { createProcessSandbox } from '../process-sandbox.ts'
import type { AddressInfo } from 'node:net'
import type { ForkOptions } from 'node:child_process'
import type { Sandbox } from '../../../protocol/job/sandbox.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
/** What only browsers have, and what no realm of Node gives either: there is no control for these. */
const NO_CONTROL = /XMLHttpRequest|WebTransport|EventSource|RTCPeerConnection|importScripts|indexedDB|caches|a Worker|isolated-vm|gauge|by the caller|by arguments|in a stack|the bridge|host error|Temporal|a module by URL|gc$|of day by Date|time zone/

const rows: Array<{ kind: string, what: string, came: string, control: string }> = []

/** What an expression of job code comes to. */
const reaching = (reach: string): string =>
  `export async function compute (p, input, ctx) { try { const it = ${reach}; return it === undefined || it === null || it === false ? 'nothing' : 'got ' + typeof it } catch (error) { return 'nothing' } }\n`

/** The same in a plain Node process, with all that a script there has. */
const CONTROL = `
const ctx = { params: {}, random: Math.random, sleep: ms => new Promise(done => setTimeout(done, ms)) }
process.once('message', async reaches => {
  const found = {}
  for (const [what, reach] of reaches) {
    const run = new (async () => {}).constructor('ctx', 'require', 'module', 'const it = ' + reach + '; return it === undefined || it === null || it === false ? "nothing" : "got " + typeof it')
    found[what] = await Promise.race([run(ctx, require, module).catch(error => 'nothing: ' + error), new Promise(done => setTimeout(done, 2000, 'silence'))])
  }
  process.send(found, () => process.exit(0))
})`

describe('escapes from Node\'s sandbox', function () {
  this.timeout(120_000)
  let sandbox: Sandbox
  let control: Record<string, string>

  before(async () => {
    sandbox = createProcessSandbox({ cores: 1, memoryMb: 64, loadMs: 300 })
    const child = spawn(process.execPath, ['--no-warnings', '-e', CONTROL], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    child.send(Object.entries({ ...ESCAPES, ...REACHES }).filter(([what]) => !NO_CONTROL.test(what)))
    ;[control] = await once(child, 'message') as [Record<string, string>]
  })

  after(async () => {
    await sandbox.close()
    const kinds = Map.groupBy(rows, ({ kind }) => kind)
    for (const { kind, what, came, control } of rows) console.log(`      ${kind.padEnd(8)} ${what.padEnd(44)} ${came.padEnd(24)} ${control}`)
    console.log(`      ${rows.length} attempts, none got out: ${[...kinds].map(([kind, all]) => `${all.length} ${kind}`).join(', ')}`)
  })

  for (const [what, reach] of Object.entries({ ...ESCAPES, ...REACHES })) {
    it(`[X8] by the language: ${what}`, async () => {
      const [output] = await outputsOf(await compute(sandbox, jobOf(reaching(reach), { partitions: 1 })))
      const found = NO_CONTROL.test(what) ? 'no control' : control[what] ?? ''
      rows.push({ kind: 'language', what, came: String(output), control: found })
      expect(output).to.equal('nothing')
      if (!NO_CONTROL.test(what)) expect(found, 'without walls').to.match(/^got/)
    })
  }

  for (const [what, { source, output }] of Object.entries(VALUES)) {
    it(`[X8] by a value: ${what}`, async (): Promise<void> => {
      const made = await compute(sandbox, jobOf(`export const compute = async () => (${source})\n`, { partitions: 1, timeoutMs: 2_000 })).then(outputsOf, (error: unknown) => error)
      if (!(made instanceof SandboxError) && !Array.isArray(made)) throw made
      rows.push({ kind: 'value', what, came: made instanceof SandboxError ? made.why.kind : 'plain data', control: 'no control' })
      expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined)
      expect(await result(sandbox, `export const compute = p => ({}).polluted ?? p\n${SUM}`)).to.equal(45)
      if (output === 'any') return
      const [found] = made instanceof SandboxError ? [] : made
      if (output === null) expect(made).to.be.instanceOf(SandboxError)
      else if (output === 'bytes') expect(found).to.deep.equal(new Uint8Array(2))
      else expect(found).to.deep.equal(output)
    })
  }

  for (const [what, bomb] of Object.entries(BOMBS)) {
    it(`[X8] by a bomb: ${what}`, async () => {
      const source = `export const compute = async (p, input, ctx) => { const it = ${bomb}; return p }\n`
      const ended = await compute(sandbox, jobOf(source, { partitions: 1, timeoutMs: 500 })).then(() => 'computed', (error: unknown) => error instanceof SandboxError ? error.why.kind : String(error))
      rows.push({ kind: 'bomb', what, came: ended, control: 'no control' })
      expect(ended).to.be.oneOf(['timeout', 'memory', 'threw', 'output'])
      expect(await result(sandbox, `export const compute = p => p\n${SUM}`)).to.equal(45)
    })
  }

  it('[X8] by work that outlives its partition: it does not reach into the next request', async () => {
    const source = 'let late = 0\nexport const compute = async (p, input, ctx) => { void (async () => { for (let i = 0; i < 50; i++) { await ctx.sleep(1); late++ } })(); return late > 1e6 ? 1 : 0 }\n'
    await compute(sandbox, jobOf(source + SUM))
    expect(await result(sandbox, `export const compute = p => p\n${SUM}`)).to.equal(45)
  })

  describe('from its process, had job code broken out of the isolate', () => {
    let folder: string
    const target = createServer((_, reply) => { reply.end() }).on('upgrade', ({ headers }, socket) => {
      const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    })

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'millionfold-test-'))
      for (const name of ['probe.mjs', 'process-attempts.mjs']) await copyFile(join(HERE, name), join(folder, name))
      await copyFile(join(HERE, '..', 'bare.ts'), join(folder, 'bare.mts'))
      process.env['MILLIONFOLD_SECRET'] = 'secret'
      target.listen(0, '127.0.0.1')
      await once(target, 'listening')
    })

    after(async () => {
      delete process.env['MILLIONFOLD_SECRET']
      target.closeAllConnections()
      target.close()
      await rm(folder, { recursive: true })
      for (const name of readdirSync('/tmp').filter(name => name.startsWith('millionfold-escape-'))) rmSync(`/tmp/${name}`, { recursive: true, force: true })
    })

    async function probe (options: ForkOptions, isBare: boolean): Promise<Record<string, string>> {
      const child = fork(join(folder, 'probe.mjs'), ['./bare.mts'], options)
      child.send({ target: (target.address() as AddressInfo).port, isBare })
      const [found] = await once(child, 'message') as [Record<string, string>]
      return found
    }

    it('[X8] nothing is done there that is done without walls', async () => {
      const files = ['probe.mjs', 'process-attempts.mjs', 'bare.mts'].map(name => join(folder, name))
      const [walled, free] = await Promise.all([probe(bare(files), true), probe({ execArgv: ['--no-warnings'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }, false)])
      for (const [what, came] of Object.entries(walled)) rows.push({ kind: 'process', what, came, control: free[what] ?? '' })
      const done = Object.entries(walled).filter(([, came]) => came === 'done').map(([what]) => what)
      expect(done, 'got out').to.deep.equal([])
      const duds = Object.entries(free).filter(([, came]) => came !== 'done').map(([what, came]) => `${what}: ${came}`)
      expect(duds.filter(dud => !CANNOT.test(dud)), 'duds').to.deep.equal([])
    })
  })
})

/** Depends on the machine: who this user is. */
const CANNOT = /another user/
