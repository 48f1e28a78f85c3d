/**
 * Private meshes over real libp2p: who has an invitation is served over every transport and a relay, who has none gets nothing but
 * the handshake, and who loses it is cut off (A3, A4, A5).
 */
import { expect } from 'chai'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import type { Admission } from '../../../protocol/host/admission/admission.ts'
import { ALL_RIGHTS } from '../../../protocol/host/admission/rights.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { Recorder } from '../../../protocol/host/test/recorder.ts'
import { JOB, at, rawBlock } from '../../../protocol/host/test/samples.ts'
import { ADMIT_PROTOCOL, readFrame, sendHello } from '../../../protocol/host/admission/handshake.ts'
import { createNodeLibp2p } from '../node.ts'
import { found, invite, narrow } from '../../../protocol/host/admission/invitation.ts'
import { revoke } from '../../../protocol/host/admission/revocation.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Invitation } from '../../../protocol/host/admission/invitation.ts'
import type { MeshServices } from '../../../protocol/host/services.ts'
import type { NodeLibp2pInit } from '../node.ts'
import type { Station } from '../../../protocol/host/test/recorder.ts'

const QUIET: NodeLibp2pInit = { listen: [], identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' }
const TCP = '/ip4/127.0.0.1/tcp/0'
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds

interface Node extends Station { libp2p: Libp2p<MeshServices> }

describe('private meshes', function () {
  this.timeout(60_000)
  const founder = found()
  let invitation: Invitation
  const running: Array<() => Promise<void>> = []

  before(async () => { invitation = await invite(founder, { rights: ALL_RIGHTS, expiresS: inSeconds(3600), peer: null }) })
  afterEach(async () => { await Promise.all(running.splice(0).map(async stop => { await stop() })) })

  async function open (init: Partial<NodeLibp2pInit>): Promise<Node> {
    const { libp2p } = await createNodeLibp2p({ ...QUIET, ...init })
    const network = new Libp2pNetwork(libp2p)
    const seen = new Recorder()
    running.push(async () => { await network.stop() })
    await network.start(seen)
    return { network, seen, libp2p }
  }

  /** A plain libp2p node of somebody who does not use this program. */
  async function stranger (listen: string[] = []): Promise<Libp2p<MeshServices>> {
    const { libp2p } = await createNodeLibp2p({ ...QUIET, listen, dht: 'lan', relay: true })
    running.push(async () => { await libp2p.stop() })
    await libp2p.start()
    return libp2p
  }

  const refusalOf = async (dialled: Promise<unknown>): Promise<string> => await dialled.then(() => 'none', (error: Error) => (error as { fault?: string }).fault ?? error.message)

  /** What a peer says when it is asked for its protocols (multistream-select's `ls`). */
  async function listed (connection: Connection): Promise<string> {
    const { muxer } = connection as unknown as { muxer: { createStream: (options: object) => Promise<Stream> } }
    const stream = await muxer.createStream({})
    let text = ''
    stream.addEventListener('message', ({ data }) => { text += new TextDecoder().decode(data.subarray()) })
    for (const line of ['/multistream/1.0.0\n', 'ls\n', 'nothing\n']) stream.send(Uint8Array.from([line.length, ...new TextEncoder().encode(line)]))
    while (!text.includes('na\n')) await new Promise<void>(resolve => { stream.addEventListener('message', () => { resolve() }, { once: true }) })
    return [...text.matchAll(/\/[\w./-]+/g)].map(([name]) => name).filter(name => name !== '/multistream/1.0.0').join()
  }

  /** Messages, a block and gossip go between two peers that may talk. */
  async function talk (a: Node, b: Node): Promise<void> {
    const block = rawBlock(new Uint8Array(100_000).fill(3))
    b.seen.blocks.set(block.cid, block.bytes)
    for (let id = 0; id < 20; id++) a.network.send(b.network.id, { type: 'query', id, jobs: [JOB], tables: false })
    await b.seen.gotMessages(20)
    b.network.send(a.network.id, { type: 'query', id: 1, jobs: [JOB], tables: false })
    await a.seen.gotMessages(1)
    for await (const { bytes } of a.network.fetchBlocks([block.cid], b.network.id, new AbortController().signal)) expect(bytes).to.deep.equal(block.bytes)
  }

  const transports = [['TCP', TCP], ['WebSocket', `${TCP}/ws`], ['WebRTC-direct', '/ip4/127.0.0.1/udp/0/webrtc-direct']] as const
  for (const [name, listen] of transports) {
    it(`over ${name} those with an invitation are served, and no others (A3)`, async () => {
      const [a, b] = [await open({ listen: [listen], invitation }), await open({ listen: [listen], invitation })]
      const addr = a.network.addrs()[0] as string
      expect(await b.network.connect(addr)).to.equal(a.network.id)
      await talk(b, a)
      const outsider = await open({ listen: [listen] })
      expect(await refusalOf(outsider.network.connect(addr))).to.equal('uninvited')
      expect(await refusalOf(b.network.connect(outsider.network.addrs()[0] as string))).to.equal('not-private')
      expect(outsider.network.connected()).to.deep.equal([])
      expect(a.network.connected()).to.deep.equal([b.network.id])
      expect(b.network.connected()).to.deep.equal([a.network.id])
    })
  }

  it('through a relay, too, whose every user it must admit (A3)', async () => {
    const relay = await open({ listen: [TCP], relay: true, invitation })
    const hidden = await open({ listen: [`${relay.network.addrs()[0] as string}/p2p-circuit`], invitation })
    await hidden.seen.until('a relayed address', () => hidden.network.addrs().length > 0)
    const relayed = hidden.network.addrs()[0] as string
    const caller = await open({ invitation })
    expect(await caller.network.connect(relayed)).to.equal(hidden.network.id)
    await talk(caller, hidden)
    const outsider = await open({})
    expect(await refusalOf(outsider.network.connect(relayed))).to.match(/uninvited|No peer answers/)
    expect(hidden.network.connected()).to.not.include(outsider.network.id)
  })

  it('a raw client gets through with no protocol at all, and learns nothing but that the mesh is private (A3)', async () => {
    const member = await open({ listen: [TCP], invitation, dht: 'lan', relay: true })
    const protocols = member.libp2p.getProtocols().filter(protocol => protocol !== ADMIT_PROTOCOL)
    expect(protocols.join(' ')).to.match(/id\/1\.0\.0/).and.match(/ping/).and.match(/kad/).and.match(/meshsub/).and.match(/blocks/).and.match(/direct/).and.match(/hop/)
    const raw = await stranger()
    const connection = await raw.dial(multiaddr(member.network.addrs()[0] as string))
    const closed = new Promise<void>(resolve => { connection.addEventListener('close', () => { resolve() }) })
    for (const protocol of protocols) {
      const error: unknown = await connection.newStream(protocol, { runOnLimitedConnection: true }).then(() => null, (reason: unknown) => reason)
      expect(error, protocol).to.have.property('name', 'UnsupportedProtocolError')
    }
    expect(await listed(connection)).to.equal(ADMIT_PROTOCOL)
    await closed
    expect(member.seen.messages()).to.deep.equal([])
    expect(member.seen.of('connected')).to.deep.equal([])
    expect(member.libp2p.getConnections()).to.deep.equal([])
  })

  it('nothing is asked of a stranger that a member dials, and one that says nothing is cut off (A3)', async () => {
    const raw = await stranger([TCP])
    const asked: string[] = []
    await raw.handle(ADMIT_PROTOCOL, stream => { stream.addEventListener('message', () => {}) }, { force: true })
    for (const protocol of ['/millionfold/1/direct', '/ipfs/id/1.0.0', '/ipfs/ping/1.0.0']) {
      await raw.handle(protocol, () => { asked.push(protocol) }, { force: true })
    }
    const member = await open({ invitation })
    expect(await refusalOf(member.network.connect(raw.getMultiaddrs()[0]?.toString() as string))).to.match(/it took too long|uninvited|too slow/)
    expect(asked).to.deep.equal([])
  })

  it('a chain that was shown is of no use to another peer (A3)', async () => {
    const [member, victim] = [await open({ listen: [TCP], invitation }), await open({ invitation })]
    const { membership } = victim.libp2p.services.door as Admission
    const raw = await stranger()
    const connection = await raw.dial(multiaddr(member.network.addrs()[0] as string))
    const stream = await connection.newStream(ADMIT_PROTOCOL)
    await sendHello(stream, membership.founder, membership.tuples)
    expect(await readFrame(stream)).to.deep.equal({ no: 'not-yours' })
  })

  it('two meshes stay apart (A4)', async () => {
    const other = await invite(found(), { rights: ALL_RIGHTS, expiresS: inSeconds(3600), peer: null })
    const [a, b] = [await open({ listen: [TCP], invitation }), await open({ invitation: other })]
    expect(await refusalOf(b.network.connect(a.network.addrs()[0] as string))).to.equal('other-mesh')
    const own = (node: Node): string[] => node.libp2p.getProtocols().filter(protocol => /direct|blocks|id\/|ping|revoked/.test(protocol))
    expect(own(a).length).to.be.above(5)
    expect(own(a).filter(protocol => own(b).includes(protocol))).to.deep.equal([])
  })

  it('a revocation reaches peers that are not connected to its issuer, and cuts off who is revoked (A5)', async () => {
    const lent = await narrow(invitation, { rights: ALL_RIGHTS, expiresS: inSeconds(1800), peer: null })
    const [a, b, c, guest] = [await open({ listen: [TCP], invitation }), await open({ listen: [TCP], invitation }), await open({ listen: [TCP], invitation }), await open({ invitation: lent })]
    await a.network.connect(b.network.addrs()[0] as string)
    await c.network.connect(b.network.addrs()[0] as string)
    await guest.network.connect(c.network.addrs()[0] as string)
    await c.seen.saw('connected', guest.network.id)
    const { bytes } = await revoke(lent.chain, 0, await generateKeyPairFromSeed('Ed25519', founder.seed))
    await (a.libp2p.services.door as Admission).membership.revocations.take(bytes)
    await c.seen.saw('disconnected', guest.network.id)
    expect(await refusalOf(guest.network.connect(b.network.addrs()[0] as string))).to.equal('revoked')
    const late = await open({ listen: [TCP], invitation })
    const told = new Promise<string>(resolve => { (late.libp2p.services.door as Admission).membership.revocations.onNew(({ id }) => { resolve(id) }) })
    await late.network.connect(b.network.addrs()[0] as string)
    expect(await told).to.equal(lent.chain.ids.at(-1))
    expect(c.network.connected()).to.deep.equal([b.network.id])
  })

  it('who expires is cut off (A5)', async () => {
    const short = await invite(founder, { rights: ALL_RIGHTS, expiresS: inSeconds(3), peer: null })
    const [a, guest] = [await open({ listen: [TCP], invitation }), await open({ invitation: short })]
    await guest.network.connect(a.network.addrs()[0] as string)
    await a.seen.saw('connected', guest.network.id)
    await a.seen.saw('disconnected', guest.network.id)
    expect(await refusalOf(guest.network.connect(a.network.addrs()[0] as string))).to.equal('expired')
  })

  it('gossip goes between members (A4)', async () => {
    const [a, b] = [await open({ listen: [TCP], invitation }), await open({ invitation })]
    const topic = { job: JOB, path: at('1.3') }
    for (const { network } of [a, b]) network.subscribe(topic)
    await b.network.connect(a.network.addrs()[0] as string)
    const claim = (): void => { a.network.publish(topic, { type: 'claim', job: JOB, path: at('1.3'), fence: [1, 1, 1], peer: { peer: a.network.id, addrs: [] } }) }
    const again = setInterval(claim, 300)
    try {
      await b.seen.gotMessages(1)
    } finally {
      clearInterval(again)
    }
  })

  it('streams that are opened at once wait until both ends are let in (A3)', async () => {
    const [a, b] = [await open({ listen: [TCP], invitation }), await open({ invitation })]
    const connection: Connection = await b.libp2p.dial(multiaddr(a.network.addrs()[0] as string))
    const stream = await connection.newStream((await a.libp2p.getProtocols()).find(protocol => protocol.includes('/ping/')) as string)
    stream.send(new Uint8Array(32))
    await new Promise<void>(resolve => { stream.addEventListener('message', () => { resolve() }) })
  })

  it('that look for peers on one network find their own alone, and no open one finds them (A4)', async function () {
    const other = await invite(found(), { rights: ALL_RIGHTS, expiresS: inSeconds(3600), peer: null })
    const looking = async (of: Invitation | null): Promise<Node> => await open({ listen: ['/ip4/0.0.0.0/tcp/0'], mdns: true, invitation: of })
    const two = async (of: Invitation | null): Promise<Node[]> => await Promise.all([looking(of), looking(of)])
    const [mine, theirs, anybody] = await Promise.all([two(invitation), two(other), two(null)])
    try {
      for (const [a, b] of [mine, theirs, anybody]) await a!.seen.saw('connected', b!.network.id)
    } catch {
      // Some machines, containers above all, pass on no multicast.
      return this.skip()
    }
    // Whoever comes later is heard after all that was said before.
    for (const [of, group] of [[invitation, mine], [other, theirs]] as const) {
      const late = await looking(of)
      for (const { seen } of group) await seen.saw('connected', late.network.id)
      group.push(late)
    }
    const idsOf = (group: Node[]): string[] => group.map(({ network }) => network.id)
    for (const group of [mine, theirs]) {
      for (const { libp2p, network } of group) {
        const known = (await libp2p.peerStore.all()).map(({ id }) => id.toString())
        expect([...new Set([...known, network.id])].sort()).to.deep.equal(idsOf(group).sort())
      }
    }
    for (const { libp2p } of anybody) {
      const known = (await libp2p.peerStore.all()).map(({ id }) => id.toString())
      for (const id of [...idsOf(mine), ...idsOf(theirs)]) expect(known).to.not.include(id)
    }
  })
})
