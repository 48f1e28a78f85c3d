/**
 * `run --sealed` (A8): the job gives its result, and its params and inputs stand in no store of any peer and in no byte on the wire. The
 * same job unsealed shows that these would be found in the stores.
 */
import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { JOBS, Running, cli, lastJson } from './cli.ts'
import type { AddressInfo, Server } from 'node:net'

/** As many random-looking characters as no compression finds again. */
const OPEN = 'k7Qz0vXw9LmRt3Ny5PbUe1'
const SECRET = 'h4Gd8sKc2VjWq6Ax0ZoTi9'

/** Does any file below this folder hold the text? */
const holds = (folder: string, text: string): boolean =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))

describe('sealed jobs', function () {
  this.timeout(120_000)
  let dir: string
  let volunteer: Running | undefined
  let proxy: Server | undefined

  before(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-sealed-')) })
  after(async () => {
    await volunteer?.stop()
    proxy?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Passes a connection on and keeps what goes by. */
  async function tapped (port: number, seen: Buffer[]): Promise<number> {
    proxy = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on('data', (bytes) => { seen.push(Buffer.from(bytes)); to.write(bytes) })
        from.on('error', () => { to.destroy() })
        from.on('close', () => { to.destroy() })
      }
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    return (proxy.address() as AddressInfo).port
  }

  it('leave their params and inputs nowhere in plain (A8)', async () => {
    const [theirs, mine] = [join(dir, 'theirs'), join(dir, 'mine')]
    const env = { XDG_STATE_HOME: mine }
    const invitation = lastJson(await cli(['invite', '--new', '--json'], '', env))['invitation'] as string
    const job = join(dir, 'lengths.ts')
    writeFileSync(job, 'export const compute = (_: number, input: string, ctx: { params: { who: string } }) => input.length + ctx.params.who.length\nexport const collect = (all: number[]) => all.reduce((a, b) => a + b, 0)\n')
    volunteer = new Running(['join', '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--invitation', invitation], '', { XDG_STATE_HOME: theirs })
    const addr = await volunteer.says(/\/ip4\/127\S+/)
    const seen: Buffer[] = []
    const port = await tapped(Number(/\/tcp\/(\d+)/.exec(addr)?.[1]), seen)
    const run = async (text: string, ...args: string[]): Promise<Record<string, unknown>> => {
      const input = join(dir, `${text}.txt`)
      writeFileSync(input, `${text}\n`.repeat(20))
      const { code, out, err } = await cli(['run', job, '--input', input, '--params', JSON.stringify({ who: text }), '--mesh', addr.replace(/\/tcp\/\d+/, `/tcp/${port}`), '--invitation', invitation, '--json', ...args], '', env)
      rmSync(input)
      expect(code, err).to.equal(0)
      return lastJson({ code, out, err })
    }
    expect(await run(OPEN)).to.deep.include({ result: 20 * 44 })
    expect(await run(SECRET, '--sealed')).to.deep.include({ result: 20 * 44 })
    expect([holds(theirs, OPEN), holds(dir, SECRET), Buffer.concat(seen).includes(SECRET)]).to.deep.equal([true, false, false])
    expect(Buffer.concat(seen).length).to.be.above(1_000)
  })

  it('are refused in an open mesh in one sentence (A8)', async () => {
    const { code, err } = await cli(['run', join(JOBS, 'sum.ts'), '--partitions', '4', '--sealed'])
    expect([code, err.trim()]).to.deep.equal([2, 'Sealing needs a private mesh, since in an open one everybody is admitted: give an invitation, or run the job unsealed.'])
  })
})
