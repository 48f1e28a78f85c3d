/** Whole jobs on MeshPeers in one process, over the memory network and a sandbox of plain functions. */
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { decode } from '@ipld/dag-cbor'
import { expect } from 'chai'
import { BlockFetcher } from '../block-fetcher.ts'
import { MemoryNetwork, MemoryRoom } from '../memory-network.ts'
import { MeshPeer } from '../mesh-peer.ts'
import { PlainSandbox } from './plain-sandbox.ts'
import { readGathered } from '../../job/gathered.ts'
import { spoolInputs } from '../../job/inputs.ts'
import { SPEC, dagBlock, peerOf, rawBlock } from './samples.ts'
import type { Cid, JobId } from '../../core/ids.ts'
import type { Config } from '../../core/config.ts'
import type { JobSpec, Value } from '../../core/job.ts'
import type { Notice } from '../../core/notice.ts'
import type { PlainJob } from './plain-sandbox.ts'

const SUM: PlainJob = { compute: partition => partition, collect: outputs => (outputs as number[]).reduce((a, b) => a + b, 0), delayMs: 5 }
const FAST: Partial<Config> = { renewMs: 200, leaseMs: 1_200, keptMs: 900, heirStepMs: 100, askMs: 100, stateMs: 50, joinRetryMs: 300, claimRepeatMs: 200, dhtAskMs: 1_200 }

interface Member { peer: MeshPeer, sandbox: PlainSandbox, network: MemoryNetwork, notices: Notice[] }

class Mesh {
  readonly room = new MemoryRoom()
  readonly members: Member[] = []

  async add (job: PlainJob, cores: number): Promise<Member> {
    const network = new MemoryNetwork(this.room, peerOf(`member ${this.members.length}`))
    const sandbox = new PlainSandbox(job)
    const peer = new MeshPeer({
      network, sandbox, cores, blocks: new MemoryBlockstore(), seed: this.members.length, config: FAST,
      sign: async bytes => Uint8Array.from([...bytes, 1]),
      verify: async (by, bytes, signature) => signature.length === bytes.length + 1 && signature.at(-1) === 1
    })
    const member = { peer, sandbox, network, notices: [] as Notice[] }
    peer.onNotice(notice => { member.notices.push(notice) })
    this.members.push(member)
    await peer.start()
    const first = this.members[0] as Member
    if (first !== member) await peer.connect(first.peer.addrs()[0] as string)
    return member
  }

  async stop (): Promise<void> {
    await Promise.all(this.members.map(async ({ peer }) => { await peer.leave() }))
  }
}

async function put (peer: MeshPeer, { cid, bytes }: { cid: Cid, bytes: Uint8Array }): Promise<Cid> {
  await peer.blocks.put(CID.parse(cid), bytes)
  return cid
}

async function specOf (peer: MeshPeer, changes: Partial<JobSpec> = {}): Promise<JobSpec> {
  const bundle = await put(peer, rawBlock(new TextEncoder().encode('export const compute = n => n')))
  return { ...SPEC, bundle, params: await put(peer, dagBlock({})), ...changes }
}

type Ending = Extract<Notice, { type: 'done' | 'job-failed' | 'cancelled' }>

function ended ({ peer, notices }: Member, job: JobId): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const isEnd = (notice: Notice): boolean => ['done', 'job-failed', 'cancelled'].includes(notice.type) && 'job' in notice && notice.job === job
    const deadline = setTimeout(() => { reject(new Error(`the job did not end; saw ${notices.map(({ type }) => type).join(' ')}`)) }, 20_000)
    const off = peer.onNotice(take)
    function take (notice: Notice): void {
      if (!isEnd(notice)) return
      clearTimeout(deadline)
      off()
      resolve(notice as Ending)
    }
    const before = notices.find(isEnd)
    if (before !== undefined) take(before)
  })
}

function valueIn (ending: Ending): Value {
  expect(ending.type).to.equal('done')
  return (ending as Extract<Notice, { type: 'done' }>).value
}

describe('MeshPeer', function () {
  this.timeout(40_000)
  let mesh: Mesh
  beforeEach(() => { mesh = new Mesh() })
  afterEach(async () => { await mesh.stop() })

  it('runs a job on three peers, each partition folded once', async () => {
    const submitter = await mesh.add(SUM, 0)
    const workers = [await mesh.add(SUM, 1), await mesh.add(SUM, 1)]
    const job = await submitter.peer.submit(await specOf(submitter.peer))
    const value = valueIn(await ended(submitter, job))
    expect(decode(value.bytes as Uint8Array)).to.equal(499_500)
    expect(value.count).to.equal(1000)
    expect(submitter.sandbox.computed).to.deep.equal([])
    expect(new Set(workers.flatMap(({ sandbox }) => sandbox.computed)).size).to.equal(1000)
    expect(submitter.peer.counters.messages).to.be.greaterThan(0)
    expect(submitter.peer.counters.bytes).to.be.greaterThan(0)
  })

  it('gathers outputs in order, larger than a message', async () => {
    const big: PlainJob = { compute: partition => `${partition}`.padStart(2_000, '.'), collect: null, delayMs: 5 }
    const submitter = await mesh.add(big, 0)
    await mesh.add(big, 1)
    await mesh.add(big, 1)
    const job = await submitter.peer.submit(await specOf(submitter.peer, { partitions: 300, grain: 5, collect: false }))
    const value = valueIn(await ended(submitter, job))
    const reader = await mesh.add(big, 0)
    await reader.peer.fetch(value.cid, [submitter.peer.id])
    const fetcher = new BlockFetcher(reader.network, reader.peer.blocks)
    const outputs: unknown[] = []
    for await (const output of readGathered(async cid => await fetcher.read(cid) as Uint8Array, value.cid)) outputs.push(output)
    expect(outputs).to.deep.equal(Array.from({ length: 300 }, (_, i) => `${i}`.padStart(2_000, '.')))
  })

  it('brings inputs to where they are computed', async () => {
    const double: PlainJob = { ...SUM, compute: (_, input) => (input as number) * 2 }
    const submitter = await mesh.add(double, 0)
    await mesh.add(double, 1)
    const { cid, count } = await spoolInputs(Array.from({ length: 5000 }, (_, i) => i), async (cid, bytes) => await put(submitter.peer, { cid, bytes }))
    const job = await submitter.peer.submit(await specOf(submitter.peer, { partitions: count, inputs: cid }))
    expect(decode(valueIn(await ended(submitter, job)).bytes as Uint8Array)).to.equal(4999 * 5000)
  })

  it('fails the job with the partition that threw', async () => {
    const broken: PlainJob = { ...SUM, compute: partition => { if (partition === 137) throw new Error('no such star'); return 1 } }
    const submitter = await mesh.add(broken, 0)
    for (let i = 0; i < 3; i++) await mesh.add(broken, 1)
    const job = await submitter.peer.submit(await specOf(submitter.peer))
    const ending = await ended(submitter, job)
    expect(ending).to.deep.include({ type: 'job-failed', job })
    expect((ending as Extract<Notice, { type: 'job-failed' }>).why).to.include({ kind: 'threw', partition: 137, message: 'no such star' })
  })

  it('cancels for the submitter, and for nobody else', async () => {
    const slow = { ...SUM, delayMs: 300 }
    const submitter = await mesh.add(slow, 0)
    const worker = await mesh.add(slow, 1)
    const job = await submitter.peer.submit(await specOf(submitter.peer))
    await new Promise<void>(resolve => { worker.peer.onNotice(({ type }) => { if (type === 'leased') resolve() }) })
    const refused = await worker.peer.cancel(job).then(() => null, (error: Error) => error)
    expect(refused?.message).to.match(/^Only .* can cancel it\.$/)
    await submitter.peer.cancel(job)
    expect((await ended(worker, job)).type).to.equal('cancelled')
  })

  it('answers questions about jobs', async () => {
    const submitter = await mesh.add(SUM, 0)
    const asker = await mesh.add(SUM, 0)
    const job = await submitter.peer.submit(await specOf(submitter.peer))
    const reports = await asker.peer.query({ peer: submitter.peer.id, addrs: submitter.peer.addrs() }, [])
    expect(reports.map(({ announcement }) => announcement.job)).to.deep.equal([job])
    const failed = await asker.peer.query({ peer: peerOf('stranger'), addrs: [] }, []).then(() => null, (error: Error) => error)
    expect(failed?.message).to.match(/does not answer\.$/)
  })

  it('gives the same job the same id and computes it once', async () => {
    const submitter = await mesh.add(SUM, 0)
    const worker = await mesh.add(SUM, 1)
    const spec = await specOf(submitter.peer)
    const job = await submitter.peer.submit(spec)
    valueIn(await ended(submitter, job))
    const computed = worker.sandbox.computed.length
    expect(await submitter.peer.submit(spec)).to.equal(job)
    valueIn(await ended(submitter, job))
    expect(worker.sandbox.computed.length).to.equal(computed)
  })

  it('finishes when the submitter vanishes and when half the peers leave politely', async () => {
    const slow = { ...SUM, delayMs: 40 }
    const submitter = await mesh.add(slow, 0)
    const workers: Member[] = []
    for (let i = 0; i < 4; i++) workers.push(await mesh.add(slow, 1))
    for (const { peer } of workers) await peer.connect(workers[0] === undefined || workers[0].peer === peer ? submitter.peer.addrs()[0] as string : workers[0].peer.addrs()[0] as string)
    const job = await submitter.peer.submit(await specOf(submitter.peer, { partitions: 2000 }))
    const last = workers[3] as Member
    await new Promise<void>(resolve => { submitter.peer.onNotice(({ type }) => { if (type === 'stocked') resolve() }) })
    await submitter.network.stop()
    await (workers[1] as Member).peer.leave()
    expect(decode(valueIn(await ended(last, job)).bytes as Uint8Array)).to.equal(1999 * 1000)
  })
})
