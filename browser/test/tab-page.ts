/**
 * A page that is nothing but a tab's peer, for tests: it starts one, submits jobs that a test has bundled, and tells
 * what the peer sees. What people see is tested on the real pages.
 */
import { describeFailure } from '../../protocol/client/errors.ts'
import { MeshClient } from '../../protocol/client/mesh-client.ts'
import { prepareJob } from '../../protocol/client/prepare-job.ts'
import { startTabPeer } from '../peer/start.ts'
import type { JobHandle } from '../../protocol/client/job-handle.ts'
import type { Work } from '../peer/work.ts'
import type { Given, Neighbour, TabPeer, TabPeerInit } from '../peer/tab-peer.ts'

/** A job as a test hands it over. */
export interface GivenJob {
  /** The module's source. */
  source: string
  partitions: number
  fanout: number
  collects: boolean
}

let tab: TabPeer | null = null
let client: MeshClient | null = null
const handles = new Map<string, JobHandle>()

const page = {
  async start (init: TabPeerInit): Promise<string> {
    const started = await startTabPeer(init)
    tab = started
    const own = new MeshClient({
      peer: () => Promise.resolve(started.mesh),
      entries: () => started.neighbours().map(({ peer }) => ({ peer, addrs: [] })),
      isShared: true
    })
    started.mesh.onNotice((notice) => { own.onNotice(notice) })
    client = own
    addEventListener('pagehide', () => { void started.stop() })
    return started.mesh.id
  },
  async submit ({ source, partitions, fanout, collects }: GivenJob): Promise<string> {
    const bundled = { bundle: new TextEncoder().encode(source), module: { name: 'test' }, collects }
    const handle = client!.run(() => prepareJob(bundled, {}, null, { partitions, fanout }, tab!.mesh.blocks))
    const { job } = await handle.submitted
    handles.set(job, handle)
    return job
  },
  /** Resolves with the value of a job that was submitted here. */
  async value (job: string): Promise<{ value: unknown, peers: number, duplicates: number }> {
    const { result } = await handles.get(job)!.finished
    return { value: await result.value(), peers: result.figures.peers, duplicates: result.figures.duplicates }
  },
  /** The value of any finished job, or how else it ended; null before that. */
  async fetched (job: string): Promise<{ value: unknown } | { ended: string } | null> {
    const { result, report: { announcement: { outcome } } } = await client!.result(job)
    if (result !== null) return { value: await result.value() }
    if (outcome === null) return null
    return { ended: outcome.type === 'failed' ? describeFailure(outcome.why) : outcome.type }
  },
  stocked: async (job: string): Promise<void> => { await handles.get(job)!.stocked },
  addrs: (): string[] => tab!.mesh.addrs(),
  neighbours: (): Neighbour[] => tab!.neighbours(),
  work: (): Work[] => tab!.work(),
  given: (): Given => tab!.given,
  state: (): string => tab!.state,
  /** Why it has stopped by itself; empty while it has not. */
  over: (): string => tab!.over?.message ?? '',
  setCores: (cores: number): void => { tab!.setCores(cores) },
  /** Paths this peer coordinates in a job. */
  holds: async (job: string): Promise<string[]> => {
    const reports = await tab!.mesh.query({ peer: tab!.mesh.id, addrs: [] }, [job as never], true)
    return reports.flatMap(({ tables }) => tables.map(({ path }) => path))
  },
  messages: (): number => tab!.mesh.counters.messages,
  dropped: (): Record<string, number> => Object.fromEntries(tab!.mesh.counters.dropped)
}

export type TabPage = typeof page

Object.assign(globalThis, { tabPage: page })
