/**
 * A mesh of real peers for tests of verification: real libp2p, real sandboxes in their own processes, in one process that sees every
 * notice. One of them may lie: its sandbox is given another module than the job's, and commits to what that makes.
 */
import { MemoryBlockstore } from 'blockstore-core'
import { Libp2pNetwork } from '../../protocol/host/libp2p-network.ts'
import { LOOPBACK } from '../peer.ts'
import { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import { createNodeLibp2p } from '../libp2p/node.ts'
import { createProcessSandbox } from '../sandbox/process-sandbox.ts'
import { prepareFiles } from '../prepare-job.ts'
import { decodeValue } from '../../protocol/job/value.ts'
import type { JobCode, Sandbox } from '../../protocol/job/sandbox.ts'
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import type { JobShape } from '../../protocol/client/prepare-job.ts'
import type { Notice } from '../../protocol/core/notice.ts'

/** What a liar makes of a module's source. */
export type Bend = (source: string) => string

export interface Trusting { peer: MeshPeer, notices: Notice[] }

/** A sandbox that computes and folds with another module, and looks at what others made in a sandbox of its own, or with the same one. */
class BentSandbox implements Sandbox {
  readonly #inner: Sandbox
  readonly #judge: Sandbox | null
  readonly #bend: Bend

  /** @param judge - null for one that believes in its own lies, and so finds that all others lie */
  constructor (inner: Sandbox, bend: Bend, judge: Sandbox | null) {
    this.#inner = inner
    this.#judge = judge
    this.#bend = bend
  }

  get cores (): number {
    return this.#inner.cores
  }

  readonly compute: Sandbox['compute'] = async (request, signal) => await this.#inner.compute(this.#bent(request), signal)
  readonly collect: Sandbox['collect'] = async (request, signal) => await this.#inner.collect(this.#bent(request), signal)
  readonly outputs: Sandbox['outputs'] = async (request, signal) => await (this.#judge?.outputs(request, signal) ?? this.#inner.outputs(this.#bent(request), signal))
  readonly folds: Sandbox['folds'] = async (request, signal) => await (this.#judge?.folds(request, signal) ?? this.#inner.folds(this.#bent(request), signal))
  readonly equal: Sandbox['equal'] = async (request, signal) => await (this.#judge?.equal(request, signal) ?? this.#inner.equal(this.#bent(request), signal))
  readonly forget: Sandbox['forget'] = job => {
    this.#inner.forget(job)
    this.#judge?.forget(job)
  }

  readonly close: Sandbox['close'] = async () => { await Promise.all([this.#inner.close(), this.#judge?.close()]) }

  #bent<T extends { code: JobCode }> (request: T): T {
    const bundle = new TextEncoder().encode(this.#bend(new TextDecoder().decode(request.code.bundle)))
    return { ...request, code: { ...request.code, bundle } }
  }
}

export class TrustingMesh {
  readonly peers: Trusting[] = []

  /**
   * One more peer, connected to all that are there.
   *
   * @param isDeluded - a liar that finds that all others lie
   */
  async add (cores: number, bend: Bend | null = null, isDeluded = false): Promise<Trusting> {
    const { libp2p, guard, connectionsMax, sign, verify } = await createNodeLibp2p({ listen: LOOPBACK, identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' })
    const inner = createProcessSandbox({ cores, memoryMb: 64 })
    const sandbox = bend === null ? inner : new BentSandbox(inner, bend, isDeluded ? null : createProcessSandbox({ cores: 1, memoryMb: 64 }))
    const peer = new MeshPeer({ network: new Libp2pNetwork(libp2p, { guard, connectionsMax }), blocks: new MemoryBlockstore(), sandbox, cores, seed: this.peers.length, sign, verify })
    const notices: Notice[] = []
    peer.onNotice(notice => { notices.push(notice) })
    await peer.start()
    for (const other of this.peers) await peer.connect(other.peer.addrs()[0]!)
    this.peers.push({ peer, notices })
    return { peer, notices }
  }

  /** Submit a job from a peer and wait for its result, or for what it fails with. */
  async run ({ peer, notices }: Trusting, file: string, shape: JobShape, ms: number): Promise<{ job: JobId, result: unknown }> {
    const { job, spec } = await prepareFiles(file, undefined, { again: true, ...shape }, peer.blocks)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const deadline = setTimeout(() => { reject(new Error(`the job did not end within ${ms} ms: ${JSON.stringify(notices.filter(({ type }) => type === 'short' || type === 'blamed' || type === 'conflict'))}`)) }, ms)
    const off = peer.onNotice(notice => {
      if (notice.type === 'done' && notice.job === job) resolve(decodeValue(notice.value.bytes!))
      if (notice.type === 'job-failed') reject(new Error(notice.why.message))
    })
    try {
      await peer.submit(spec)
      return { job, result: await promise }
    } finally {
      clearTimeout(deadline)
      off()
    }
  }

  /** Whom anybody but these blames in a job: a liar's own sandbox finds that all others lie. */
  blamed (job: JobId, ...besides: Trusting[]): Set<PeerId> {
    return new Set(this.peers.filter(({ peer }) => besides.every(other => other.peer !== peer)).flatMap(({ notices }) => notices).flatMap(notice => notice.type === 'blamed' && notice.job === job ? [notice.peer] : []))
  }

  async stop (): Promise<void> {
    await Promise.all(this.peers.map(async ({ peer }) => { await peer.leave() }))
  }
}
