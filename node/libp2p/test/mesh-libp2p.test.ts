/** Whole jobs on MeshPeers over real libp2p in one process, with a peer that vanishes and one that leaves. */
import { expect } from 'chai'
import { CID } from 'multiformats/cid'
import { MemoryBlockstore } from 'blockstore-core'
import { decode } from '@ipld/dag-cbor'
import { CONNECTIONS_MAX } from '../../../protocol/host/network.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { LISTEN_LOOPBACK, createNodeLibp2p } from '../node.ts'
import { MeshPeer } from '../../../protocol/host/mesh-peer.ts'
import { PlainSandbox } from '../../../protocol/host/test/plain-sandbox.ts'
import { SPEC, dagBlock, rawBlock } from '../../../protocol/host/test/samples.ts'
import type { JobId } from '../../../protocol/core/ids.ts'
import type { JobSpec } from '../../../protocol/core/job.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Notice } from '../../../protocol/core/notice.ts'
import type { PlainJob } from '../../../protocol/host/test/plain-sandbox.ts'

/** Adding thirds depends on the order: equal bytes mean that every tree was folded alike. */
const THIRDS: PlainJob = { compute: partition => partition / 3, collect: outputs => (outputs as number[]).reduce((a, b) => a + b, 0), delayMs: 20 }

interface Member { peer: MeshPeer, libp2p: Libp2p, sandbox: PlainSandbox }

describe('mesh over libp2p', function () {
  this.timeout(90_000)
  const members: Member[] = []
  afterEach(async () => { await Promise.all(members.splice(0).map(async ({ peer }) => { await peer.leave() })) })

  async function add (cores: number): Promise<Member> {
    const { libp2p, sign, verify } = await createNodeLibp2p({ listen: LISTEN_LOOPBACK, identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' })
    const sandbox = new PlainSandbox(THIRDS)
    const peer = new MeshPeer({ network: new Libp2pNetwork(libp2p), blocks: new MemoryBlockstore(), sandbox, cores, seed: members.length, sign, verify })
    await peer.start()
    for (const other of members.slice(0, 2)) await peer.connect(other.peer.addrs()[0] as string)
    const member = { peer, libp2p, sandbox }
    members.push(member)
    return member
  }

  async function submit ({ peer }: Member, changes: Partial<JobSpec>): Promise<JobId> {
    const [bundle, params] = [rawBlock(Uint8Array.of(1)), dagBlock({})]
    for (const { cid, bytes } of [bundle, params]) await peer.blocks.put(CID.parse(cid), bytes)
    return await peer.submit({ ...SPEC, bundle: bundle.cid, params: params.cid, ...changes })
  }

  async function seen<K extends Notice['type']> ({ peer }: Member, type: K): Promise<Extract<Notice, { type: K }>> {
    return await new Promise((resolve, reject) => {
      const deadline = setTimeout(() => { reject(new Error(`never saw ${type}`)) }, 60_000)
      const off = peer.onNotice(notice => {
        if (notice.type !== type) return
        clearTimeout(deadline)
        off()
        resolve(notice as Extract<Notice, { type: K }>)
      })
    })
  }

  /** As `kill -9` does: every connection breaks, and nothing answers any more. */
  async function kill ({ libp2p, peer }: Member): Promise<void> {
    members.splice(members.findIndex(member => member.peer === peer), 1)
    for (const connection of libp2p.getConnections()) connection.abort(new Error('killed'))
    await libp2p.stop()
    await peer.leave()
  }

  it('gives the same bytes at one peer, and at five with the submitter killed and one leaving', async () => {
    const alone = await add(1)
    const first = seen(alone, 'done')
    await submit(alone, { partitions: 400 })
    const { value: expected } = await first
    await kill(alone)

    const submitter = await add(0)
    const workers = [await add(1), await add(1), await add(1), await add(1)]
    const [stocked, ended] = [seen(submitter, 'stocked'), seen(workers[3] as Member, 'done')]
    await submit(submitter, { partitions: 400 })
    await stocked
    await kill(submitter)
    await (workers[1] as Member).peer.leave()
    const { value } = await ended
    expect(value.cid).to.equal(expected.cid)
    expect(decode(value.bytes as Uint8Array)).to.be.closeTo(399 * 400 / 6, 1e-6)
  })

  it('keeps connections bounded at sixteen peers', async () => {
    const submitter = await add(0)
    const ended = seen(submitter, 'done')
    for (let i = 0; i < 15; i++) await add(1)
    await submit(submitter, { partitions: 3000 })
    expect((await ended).value.count).to.equal(3000)
    for (const { libp2p } of members) expect(libp2p.getConnections().length).to.be.at.most(CONNECTIONS_MAX)
  })
})
