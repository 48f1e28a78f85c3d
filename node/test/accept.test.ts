/** Volunteers choose what they work for (A7), and a peer without rights gets nobody to work (A6): real peers, and the command line. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { QUIET_PEER, startPeer } from '../peer.ts'
import { bitsOf } from '../../protocol/host/admission/rights.ts'
import { found, invite } from '../../protocol/host/admission/invitation.ts'
import { prepareFiles } from '../prepare-job.ts'
import { JOBS, Running, cli, lastJson } from './cli.ts'
import type { NodePeer, NodePeerInit } from '../peer.ts'

const SUM = join(JOBS, 'sum.ts')
const LISTEN = ['--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns']

describe('volunteers choose', function () {
  this.timeout(60_000)
  const running: Running[] = []
  afterEach(async () => { await Promise.all(running.splice(0).map(async (it) => await it.stop())) })

  async function volunteer (...args: string[]): Promise<string> {
    const peer = new Running(['join', ...LISTEN, ...args])
    running.push(peer)
    return await peer.says(/\/ip4\/127\S+/)
  }

  it('by rule: who does not accept a job does not work for it, and says so (A7)', async () => {
    const picky = await volunteer('--accept', 'partitions<=10', '--accept', 'name=s*')
    const any = await volunteer(picky)
    expect(lastJson(await cli(['run', SUM, '--partitions', '10', '--mesh', picky, '--json']))).to.deep.include({ result: 45 })
    const ended = await cli(['run', SUM, '--partitions', '2000', '--mesh', picky, '--json'])
    expect(lastJson(ended)).to.deep.include({ result: 1_999_000, peers: 1 })
    const [of, at] = [await cli(['jobs', '--mesh', picky]), await cli(['jobs', '--mesh', any])]
    expect(of.out.split('\n').filter((line) => line.includes('2,000')).join()).to.match(/sum {2}\(not accepted by the peer asked\) {2}done/)
    expect(of.out.split('\n').filter((line) => line.includes(' 10 ')).join()).to.not.match(/not accepted/)
    expect(at.out).to.not.match(/not accepted/)
  })

  it('by submitter (A7)', async () => {
    const picky = await volunteer('--only-from', '12D3KooWQqRW4uHsMfNNuvdr2158cvT2pMUSpMC68aqkEvBiqgKj')
    await volunteer(picky)
    expect((await cli(['run', SUM, '--partitions', '50', '--mesh', picky])).code).to.equal(0)
    expect((await cli(['jobs', '--mesh', picky])).out).to.match(/not accepted by the peer asked/)
  })

  it('a submitter that is none is told in one sentence (A7)', async () => {
    const { code, err } = await cli(['up', '--peers', '1', '--only-from', 'alice'])
    expect([code, err.trim()]).to.deep.equal([2, '--only-from takes a peer\'s id such as 12D3KooW…, not `alice`.'])
  })

  it('a rule that is none is told in one sentence (A7)', async () => {
    const { code, err } = await cli(['join', '--accept', 'timeout<soon'])
    expect([code, err.trim()]).to.deep.equal([2, '--accept takes a rule such as timeout<=60s, partitions<=1000000, name=primes* or trust!=none, not `timeout<soon`.'])
  })
})

describe('rights in a private mesh', function () {
  this.timeout(60_000)
  let state: string
  const before0 = process.env['XDG_STATE_HOME']
  const peers: NodePeer[] = []

  before(() => { process.env['XDG_STATE_HOME'] = state = mkdtempSync(join(tmpdir(), 'millionfold-rights-')) })
  after(async () => {
    await Promise.all(peers.map(async (peer) => { await peer.stop() }))
    if (before0 === undefined) delete process.env['XDG_STATE_HOME']
    else process.env['XDG_STATE_HOME'] = before0
    rmSync(state, { recursive: true, force: true })
  })

  it('a peer without `submit` gets nobody to take up its job: others drop and count it (A6)', async () => {
    const founder = found()
    const open = async (some: Partial<NodePeerInit>, ...rights: Array<'volunteer' | 'submit'>): Promise<NodePeer> => {
      const invitation = await invite(founder, { rights: bitsOf(rights), expiresS: Math.floor(Date.now() / 1000) + 600, peer: null })
      const peer = await startPeer({ ...QUIET_PEER, ...some, invitation })
      peers.push(peer)
      return peer
    }
    const [worker, cheat, honest] = [await open({ cores: 1 }, 'volunteer'), await open({}, 'volunteer'), await open({}, 'submit')]
    for (const peer of [cheat, honest]) await peer.join(worker.mesh.addrs())
    // The library lets it, as a changed program would; the command line says why not before.
    const { spec } = await prepareFiles(SUM, undefined, { partitions: 10 }, cheat.mesh.blocks)
    await cheat.mesh.submit(spec)
    const done = Promise.withResolvers<void>()
    honest.mesh.onNotice((notice) => { if (notice.type === 'done') done.resolve() })
    const { spec: allowed } = await prepareFiles(SUM, undefined, { partitions: 20 }, honest.mesh.blocks)
    const job = await honest.mesh.submit(allowed)
    await done.promise
    expect(worker.mesh.counters.dropped.get('a job of a peer that may not submit')).to.be.at.least(1)
    expect((await worker.mesh.query({ peer: worker.mesh.id, addrs: [] }, [])).map(({ announcement }) => announcement.job)).to.deep.equal([job])
  })
})
