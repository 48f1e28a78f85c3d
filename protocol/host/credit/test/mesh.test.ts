/** Credit of whole jobs, on MeshPeers with real keys over the memory network (K1, K2, K3, K5). */
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { expect } from 'chai'
import { Cover } from '../runs.ts'
import { MemoryLog } from '../wallet.ts'
import { MemoryNetwork, MemoryRoom } from '../../memory-network.ts'
import { MeshPeer } from '../../mesh-peer.ts'
import { PlainSandbox } from '../../test/plain-sandbox.ts'
import { SPEC, dagBlock, rawBlock } from '../../test/samples.ts'
import { readTable } from '../table.ts'
import { someone } from './kit.ts'
import { verifyBy } from '../../keys.ts'
import { rangeOf } from '../../../core/geometry.ts'
import type { Cid, JobId } from '../../../core/ids.ts'
import type { ComputeRequest, Output } from '../../../job/sandbox.ts'
import type { CreditTable } from '../table.ts'
import type { Config } from '../../../core/config.ts'
import type { JobSpec } from '../../../core/job.ts'
import type { Range } from '../../../core/geometry.ts'
import type { Notice } from '../../../core/notice.ts'
import type { PlainJob } from '../../test/plain-sandbox.ts'

const FAST: Partial<Config> = { renewMs: 200, leaseMs: 1_200, keptMs: 900, heirStepMs: 100, askMs: 100, stateMs: 200, joinRetryMs: 300, claimRepeatMs: 200, dhtAskMs: 1_200 }
const SUM: PlainJob = { compute: partition => partition, collect: outputs => (outputs as number[]).reduce((a, b) => a + b, 0), delayMs: 0 }

/** One that takes its time for each partition, so that a job has many bites. */
class SlowSandbox extends PlainSandbox {
  override async compute (request: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const { from, to } = rangeOf(request.code.spec, request.path) as Range
    const ms = to - from
    await new Promise(resolve => setTimeout(resolve, ms))
    signal.throwIfAborted()
    return { ...await super.compute(request, signal), ms }
  }
}

type Done = Extract<Notice, { type: 'done' }>

interface Member { peer: MeshPeer, network: MemoryNetwork, log: MemoryLog, done: Promise<Done>, certified: (partitions: number) => Promise<void> }

class Mesh {
  readonly room = new MemoryRoom()
  readonly members: Member[] = []

  async add (cores: number): Promise<Member> {
    const { id, sign } = await someone(`member ${this.members.length}`)
    const network = new MemoryNetwork(this.room, id)
    const log = new MemoryLog()
    const peer = new MeshPeer({
      network, sandbox: new SlowSandbox(SUM), cores, blocks: new MemoryBlockstore(), seed: this.members.length, config: FAST, sign, verify: verifyBy, receipts: log
    })
    const done = new Promise<Done>(resolve => { peer.onNotice(notice => { if (notice.type === 'done') resolve(notice) }) })
    const member = { peer, network, log, done, certified: certifiedAt(peer) }
    this.members.push(member)
    await peer.start()
    for (const other of this.members) if (other !== member) await peer.connect(other.peer.addrs()[0] as string)
    return member
  }

  async stop (): Promise<void> {
    await Promise.all(this.members.map(async ({ peer }) => { await peer.leave() }))
  }
}

/** Resolves when receipts cover so many partitions. */
const certifiedAt = (peer: MeshPeer) => async (partitions: number): Promise<void> => {
  let sum = peer.wallet.sums().reduce((all, each) => all + each.partitions, 0)
  await new Promise<void>((resolve, reject) => {
    if (sum >= partitions) return resolve()
    const deadline = setTimeout(() => { reject(new Error(`receipts for ${sum} of ${partitions} partitions came`)) }, 20_000)
    peer.onNotice(notice => {
      if (notice.type !== 'certified') return
      sum += notice.count
      if (sum < partitions) return
      clearTimeout(deadline)
      resolve()
    })
  })
}

/** Looks until something holds. */
const until = async (holds: () => boolean): Promise<void> => {
  for (const endMs = Date.now() + 20_000; !holds();) {
    if (Date.now() > endMs) throw new Error('it never came about')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function submit ({ peer }: Member, changes: Partial<JobSpec> = {}): Promise<{ job: JobId, spec: JobSpec }> {
  const put = async ({ cid, bytes }: { cid: Cid, bytes: Uint8Array }): Promise<Cid> => { await peer.blocks.put(CID.parse(cid), bytes); return cid }
  const bundle = await put(rawBlock(new TextEncoder().encode('export const compute = n => n')))
  const spec = { ...SPEC, bundle, params: await put(dagBlock({})), ...changes }
  return { job: await peer.submit(spec), spec }
}

async function tableAt ({ peer, done }: Member, { job, spec }: { job: JobId, spec: JobSpec }): Promise<CreditTable> {
  const { value, holders } = await done
  const get = async (cid: Cid): Promise<Uint8Array> => {
    if (!await peer.blocks.has(CID.parse(cid))) await peer.fetch(cid, holders.map(holder => holder.peer).filter(id => id !== peer.id))
    const parts: Uint8Array[] = []
    for await (const part of peer.blocks.get(CID.parse(cid))) parts.push(part)
    return parts[0] as Uint8Array
  }
  return await readTable({ job, spec, value, get, verify: verifyBy })
}

/** Receipts that cover each partition of the job once, but those that the root's coordinator did itself. */
function isExact ({ rows, uncredited, faults, receipts, partitions }: CreditTable): void {
  expect(faults).to.deep.equal([])
  expect(uncredited).to.equal(0)
  const cover = new Cover()
  for (const { runs } of receipts) {
    expect(cover.common(runs)).to.deep.equal([])
    cover.add(runs)
  }
  expect(cover.size + rows.reduce((sum, row) => sum + row.selfIssued, 0)).to.equal(partitions)
}

describe('credit in a mesh', function () {
  this.timeout(60_000)
  let mesh: Mesh
  beforeEach(() => { mesh = new Mesh() })
  afterEach(async () => { await mesh.stop() })

  it('everybody gets receipts for all it did, and the table is the whole job (K1, K3)', async () => {
    const submitter = await mesh.add(0)
    const workers = [await mesh.add(1), await mesh.add(1), await mesh.add(2)]
    const submitted = await submit(submitter)
    const table = await tableAt(submitter, submitted)
    isExact(table)
    expect(table.rows.reduce((sum, { selfIssued }) => sum + selfIssued, 0)).to.equal(0)
    for (const { peer, certified } of workers) {
      const row = table.rows.find(each => each.peer === peer.id)
      await certified(row?.partitions ?? 0)
      expect(peer.wallet.sums().map(({ partitions }) => partitions)).to.deep.equal([row?.partitions])
    }
    expect(submitter.peer.wallet.sums()).to.deep.equal([])
    isExact(await tableAt(workers[0] as Member, submitted))
  })

  it('an heir certifies what the root\'s coordinator did itself (K2)', async () => {
    const submitter = await mesh.add(1)
    const worker = await mesh.add(1)
    const table = await tableAt(submitter, await submit(submitter))
    isExact(table)
    const row = table.rows.find(each => each.peer === submitter.peer.id)
    expect(row?.selfIssued).to.equal(row?.partitions)
    await until(() => submitter.peer.wallet.sums()[0]?.selfIssued === 0)
    expect(submitter.peer.wallet.sums()[0]).to.include({ partitions: row?.partitions, selfIssued: 0 })
    expect(submitter.peer.wallet.held()[0]?.receipts.map(({ issuer }) => issuer)).to.deep.equal([worker.peer.id])
  })

  it('where nobody else is, a receipt is self-issued and says so (K2)', async () => {
    const alone = await mesh.add(1)
    isExact(await tableAt(alone, await submit(alone)))
    await alone.certified(1000)
    expect(alone.peer.wallet.sums()[0]).to.include({ partitions: 1000, selfIssued: 1000 })
  })

  it('a coordinator that vanishes in the middle costs nobody a partition, and none counts twice (K3, K5)', async () => {
    const submitter = await mesh.add(0)
    const workers: Member[] = []
    for (let i = 0; i < 4; i++) workers.push(await mesh.add(1))
    const submitted = await submit(submitter, { partitions: 2000 })
    await new Promise<void>(resolve => { submitter.peer.onNotice(({ type }) => { if (type === 'stocked') resolve() }) })
    await new Promise<void>(resolve => { submitter.peer.onNotice(notice => { if (notice.type === 'progress' && notice.done >= 200) resolve() }) })
    await submitter.network.stop()
    await (workers[1] as Member).network.stop()
    const live = [0, 2, 3].map(i => workers[i] as Member)
    const table = await tableAt(live[0] as Member, submitted)
    isExact(table)
    for (const { peer, certified } of live) {
      const row = table.rows.find(each => each.peer === peer.id)
      await certified(row?.partitions ?? 0)
      expect(peer.wallet.sums()[0]?.partitions).to.equal(row?.partitions)
    }
  })

  it('receipts of others, by others or of another mesh are dropped and counted (K5)', async () => {
    const member = await mesh.add(1)
    const stranger = await mesh.add(0)
    const { job } = await submit(member)
    await member.done
    const receipt = { mesh: '', path: '/' as never, runs: [0, 8], ms: 1, trust: 'none', producer: member.peer.id, issuer: stranger.peer.id, signature: new Uint8Array(64) }
    for (const changes of [{}, { producer: stranger.peer.id }, { issuer: member.peer.id }, { mesh: 'other' }, { runs: [0, 9_999] }]) {
      stranger.network.send(member.peer.id, { type: 'accepted', job, paths: [], receipt: { ...receipt, ...changes } })
    }
    await until(() => [...member.peer.counters.dropped].filter(([reason]) => reason.includes('receipt')).reduce((sum, [, count]) => sum + count, 0) === 5)
    expect(Object.fromEntries([...member.peer.counters.dropped].filter(([reason]) => reason.includes('receipt')))).to.deep.equal({
      'a receipt for or by somebody else': 2, 'a receipt of another mesh': 1, 'a receipt that does not fit its job': 1, 'a receipt that its issuer did not sign': 1
    })
  })
})
