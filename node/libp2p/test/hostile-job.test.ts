/**
 * A raw libp2p client meddles with a running job: values for wrong paths and with wrong counts, claims and grants
 * that are not its to make, fences out of date, a cancellation it did not sign for. All is dropped and counted, and
 * the result is exact.
 */
import { CID } from 'multiformats/cid'
import { MemoryBlockstore } from 'blockstore-core'
import { decode } from '@ipld/dag-cbor'
import { expect } from 'chai'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { DIRECT_PROTOCOL } from '../../../protocol/host/links.ts'
import { LISTEN_LOOPBACK, createNodeLibp2p } from '../node.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { MeshPeer } from '../../../protocol/host/mesh-peer.ts'
import { PlainSandbox } from '../../../protocol/host/test/plain-sandbox.ts'
import { LOAD, ROOT, SPEC, STATE, at, dagBlock, peerOf, rawBlock, valueOf } from '../../../protocol/host/test/samples.ts'
import { encodeMessage } from '../../../protocol/host/wire/codec.ts'
import { frameOf } from '../../../protocol/host/frames.ts'
import type { JobId, PeerId } from '../../../protocol/core/ids.ts'
import type { JobSpec } from '../../../protocol/core/job.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Message } from '../../../protocol/core/message.ts'
import type { Notice } from '../../../protocol/core/notice.ts'
import { NO_SALT } from '../../../protocol/core/salt.ts'

const init = { identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' as const }
const SUM = { compute: (partition: number) => partition, collect: (outputs: unknown[]) => (outputs as number[]).reduce((a, b) => a + b, 0), delayMs: 150 }

describe('a hostile client in a running job', function () {
  this.timeout(60_000)
  const peers: MeshPeer[] = []
  let client: Libp2p

  afterEach(async () => {
    await client.stop()
    await Promise.all(peers.splice(0).map(async peer => { await peer.leave() }))
  })

  async function add (cores: number): Promise<MeshPeer> {
    const { libp2p, sign, verify } = await createNodeLibp2p({ ...init, listen: LISTEN_LOOPBACK })
    const peer = new MeshPeer({ network: new Libp2pNetwork(libp2p), blocks: new MemoryBlockstore(), sandbox: new PlainSandbox(SUM), cores, seed: peers.length, sign, verify })
    await peer.start()
    if (peers[0] !== undefined) await peer.connect(peers[0].addrs()[0] as string)
    peers.push(peer)
    return peer
  }

  async function submit (peer: MeshPeer): Promise<{ job: JobId, spec: JobSpec }> {
    const [bundle, params] = [rawBlock(Uint8Array.of(1)), dagBlock({})]
    for (const { cid, bytes } of [bundle, params]) await peer.blocks.put(CID.parse(cid), bytes)
    const spec = { ...SPEC, partitions: 1000, bundle: bundle.cid, params: params.cid }
    return { job: await peer.submit(spec), spec }
  }

  const saw = async (peer: MeshPeer, type: Notice['type']): Promise<Notice> => await new Promise(resolve => {
    const off = peer.onNotice(notice => {
      if (notice.type !== type) return
      off()
      resolve(notice)
    })
  })

  it('changes nothing, and everything it sends is counted', async () => {
    const submitter = await add(0)
    const worker = await add(1)
    const [ended, leased] = [saw(submitter, 'done'), saw(worker, 'leased')]
    const { job, spec } = await submit(submitter)
    await leased
    client = (await createNodeLibp2p({ ...init, listen: [] })).libp2p
    await client.start()
    const me = client.peerId.toString() as PeerId
    await client.dial(multiaddr(submitter.addrs()[0]))
    const stream = await client.dialProtocol(peerIdFromString(submitter.id), DIRECT_PROTOCOL)

    const forged: Array<[string, Message]> = [
      ['value with a wrong path or count', { type: 'value', job, value: { ...valueOf(at('0'), 7), count: 9 }, salt: NO_SALT }],
      ['value with a wrong path or count', { type: 'value', job, value: { ...valueOf(at('9.9'), 7), count: 1 }, salt: NO_SALT }],
      ['a claim that its claimer did not send', { type: 'claim', job, path: at('0'), fence: [1, 1], peer: { peer: worker.id, addrs: [] } }],
      ['grant nobody asked for', { type: 'grant', job, path: at('0'), fence: [9, 9], peer: submitter.id, leaseMs: 6000, values: [], state: { ...STATE, job, path: ROOT, fence: [9], coordinator: { peer: me, addrs: [] } } }],
      ['message of an unknown job', { type: 'leave', job: dagBlock('no such job').cid as string as JobId }],
      ['a cancellation is not signed by the submitter', { type: 'jobs', jobs: [{ job, spec, submitter: submitter.id, members: [], outcome: { type: 'cancelled', signature: new Uint8Array(64) }, proof: null }] }]
    ]
    const ignored: Message[] = [
      { type: 'renew', job, path: at('0'), fence: [0, 0], done: 1000, load: LOAD, seen: 0 },
      { type: 'stale', job, path: at('3.3'), fence: [9, 9, 9] },
      { type: 'accepted', receipt: null, job, paths: [at('0'), at('1')] },
      { type: 'held', job, paths: [ROOT] },
      { type: 'heard', job, path: ROOT, peer: peerOf('nobody'), ms: -1, now: null }
    ]
    for (const message of [...forged.map(([, message]) => message), ...ignored]) stream.send(frameOf(encodeMessage(message)))
    const done = await ended as Extract<Notice, { type: 'done' }>
    expect(decode(done.value.bytes as Uint8Array)).to.equal(499_500)
    for (const [reason] of forged) expect(submitter.counters.dropped.get(reason), reason).to.be.greaterThan(0)
  })
})
