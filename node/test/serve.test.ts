/** `serve`: links that work, one sentence for what does not, and a polite end. */
import { expect } from 'chai'
import { Running } from './cli.ts'

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0/ws']

describe('serve', function () {
  this.timeout(60_000)
  const running: Running[] = []
  afterEach(async () => { await Promise.all(running.splice(0).map(async (process) => await process.stop())) })

  function serve (...args: string[]): Running {
    const process = new Running(['serve', '--no-mdns', '--cores', '0', ...args])
    running.push(process)
    return process
  }

  const linkOf = async (process: Running): Promise<string> => (await process.says(/volunteer {2}\S+/)).split(/\s+/)[1]!

  it('gives out both pages with its address in them, and ends at Ctrl-C', async () => {
    const process = serve('--port', '0', ...LISTEN)
    const url = await linkOf(process)
    const addr = await process.says(/\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/\w+/)
    for (const page of [url, `${url}control`]) expect(await (await fetch(page)).text()).to.include(`content="${addr}"`)
    expect((await fetch(`${url}sandbox.html`)).status).to.equal(200)
    expect((await process.stop('SIGINT')).code).to.equal(130)
  })

  it('says in one sentence that its port is taken, or is none', async () => {
    const url = await linkOf(serve('--port', '0', ...LISTEN))
    const { port } = new URL(url)
    const second = await serve('--port', port, ...LISTEN).ended
    expect([second.code, second.err.trim()]).to.deep.equal([2, `Port ${port} for the pages is in use, so choose another with --port.`])
    const nonsense = await serve('--port', 'nonsense').ended
    expect([nonsense.code, nonsense.err.trim()]).to.deep.equal([2, '--port takes a whole number from 0 to 65000, not `nonsense`.'])
  })

  it('says in one sentence that nobody answers', async () => {
    const gone = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWEYfYbZYFN4EJWkys6sQ1eHjs6ATfUmMZsERTTZf9TtTy'
    const { code, err } = await serve('--port', '0', ...LISTEN, gone).ended
    expect([code, err.trim()]).to.deep.equal([2, `No peer answers at ${gone}: the connection was refused.`])
  })
})
