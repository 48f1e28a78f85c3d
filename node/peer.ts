/**
 * Composes a Node peer: libp2p with Node's transports, the process sandbox, blocks in memory and on disk,
 * and the MeshPeer that drives the core with them. What a peer is for is decided by its options alone:
 * a volunteer computes, a submitter only collects, a light one asks. No protocol rule lives here.
 */
import { randomInt } from 'node:crypto'
import type { Acceptance } from '../protocol/host/acceptance.ts'
import type { Invitation } from '../protocol/host/admission/invitation.ts'
import type { PeerId } from '../protocol/core/ids.ts'
import type { MeshPeer, MeshPeerInit } from '../protocol/host/mesh-peer.ts'
import { UsageError, reasonOf } from '../protocol/client/errors.ts'
import { EventsLog } from './events-log.ts'
import { rangeOf } from '../protocol/core/geometry.ts'
import type { Sandbox } from '../protocol/job/sandbox.ts'
import { FileLog } from './receipts.ts'
import type { PrivateKey } from '@libp2p/interface'
import { createProcessSandbox } from './sandbox/process-sandbox.ts'
import { openStore } from './store/open-store.ts'
import type { PeerStore } from '../protocol/host/store/peer-store.ts'

export interface NodePeerInit {
  /** Multiaddrs to listen on; none for a peer that only dials. */
  listen: string[]
  /** File of the peer's Ed25519 key, made if it is missing; null for a new key that nobody keeps. */
  identity: string | null
  /** Partitions computed at once; 0 for a peer that does not volunteer. */
  cores: number
  /** Memory of one partition's sandbox, MiB. */
  memoryMb: number
  /** Share of a core's time job code may use, 0..1. */
  duty: number
  /** False for a peer that never runs job code, not even `collect`. */
  runsCode: boolean
  /** Find and be found by peers of the local network. */
  mdns: boolean
  dht: 'lan' | 'wan' | 'off'
  /** Relay connections for peers that cannot be dialled. */
  relay: boolean
  /** Room for the connections of tabs that enter here; with `relay`. */
  tabs?: boolean
  /** File of the event log, or null. */
  events: string | null
  /** To a private mesh; null or nothing for an open one. */
  invitation?: Invitation | null
  /** Folder for receipts (K5); by default they are not kept. */
  receipts?: string | null
  /** A folder of stores, of which it takes the first free one, and is the same peer after a restart; null to keep nothing. */
  store: string | null
  /** What the store may take on the disk, MiB. */
  diskMb?: number | undefined
  /** Which kept jobs come back: all, or those that are heard of; with these the peer is the same one only as long as it has some. */
  restores?: 'all' | 'asked'
  /** Told, in sentences for people, what its store does that they should know. */
  say?: (sentence: string) => void
  /** Which jobs it works for; any by default. */
  acceptance?: Acceptance | undefined
}

/** Addresses of a peer that talks to this machine alone. */
export const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

/** A submitter or light peer, which others override. */
export const QUIET_PEER: NodePeerInit = {
  listen: LOOPBACK,
  identity: null,
  cores: 0,
  memoryMb: 256,
  duty: 1,
  runsCode: true,
  mdns: false,
  dht: 'off',
  relay: false,
  events: null,
  store: null
}

/** The core's limit on a seed. */
const SEED_MAX = 2 ** 32

/** A refusal comes at once; what takes longer may be a busy machine, so it is tried again. Guesses. */
const REFUSED_MS = 1_000
const JOIN_TRIES = 3

export class NodePeer {
  readonly mesh: MeshPeer
  /** Rejects when the own invitation to a private mesh expires or is revoked, and otherwise never settles. */
  readonly over: Promise<never>
  /** Its key, for who must prove later that a job was its own. */
  readonly key: PrivateKey
  /** Did unfinished jobs come back from its store? */
  readonly hasKept: boolean
  readonly #log: EventsLog | null
  readonly #close: () => Promise<void>

  constructor ({ mesh, over, key, hasKept, log, close }: Pick<NodePeer, 'mesh' | 'over' | 'key' | 'hasKept'> & { log: EventsLog | null, close: () => Promise<void> }) {
    this.mesh = mesh
    this.over = over
    this.key = key
    this.hasKept = hasKept
    this.#log = log
    this.#close = close
  }

  /**
   * Connect to those of these addresses that answer.
   *
   * @returns the peers found, at least one
   * @throws UsageError when none answers
   */
  async join (addrs: string[]): Promise<PeerId[]> {
    for (let tries = 1; ; tries++) {
      const startMs = performance.now()
      const outcomes = await Promise.allSettled(addrs.map(async (addr) => await this.mesh.connect(addr)))
      const found = outcomes.flatMap((outcome) => outcome.status === 'fulfilled' ? [outcome.value] : [])
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (found.length > 0 || failed === undefined) return found
      const isRefused = performance.now() - startMs < REFUSED_MS || (failed.reason as Error).name === 'InvitationError'
      if (isRefused || tries === JOIN_TRIES) throw new UsageError(reasonOf(failed.reason), { cause: failed.reason })
    }
  }

  /**
   * Leave all jobs politely (C8) and end everything.
   *
   * @param keeps false to forget the jobs it knew, which nobody will ask for
   */
  async stop (keeps = true): Promise<void> {
    this.#log?.write({ type: 'peer-stopped', dropped: Object.fromEntries(this.mesh.counters.dropped) })
    await this.mesh.leave()
    if (!keeps) await this.mesh.keeping.release()
    await this.#close()
    this.#log?.close()
  }
}

/**
 * Start a peer: it listens when this resolves.
 *
 * @param opening its store; closed with it
 * @throws UsageError when a port is in use, an address is not one, or a file or the store cannot be read or written
 */
export async function startPeer (init: NodePeerInit, opening = openStoreOf(init)): Promise<NodePeer> {
  const sandbox = init.runsCode
    ? createProcessSandbox({ cores: init.cores, memoryMb: init.memoryMb, duty: init.duty })
    : null
  const close = async (): Promise<void> => {
    await sandbox?.close()
    await (await opening.catch(() => null))?.close()
  }
  try {
    // The sandbox's process, and a mesh's volunteers, start while libp2p is loaded: it is most of a peer's code.
    const [{ createNodeLibp2p }, { Libp2pNetwork }, { MeshPeer }, { watchDoor }, { keepPorts, keptPorts, keyOf }, blocks] = await Promise.all([
      import('./libp2p/node.ts'), import('../protocol/host/libp2p-network.ts'), import('../protocol/host/mesh-peer.ts'), import('./door.ts'),
      import('./store/kept-peer.ts'), opening
    ])
    const { listen, identity, mdns, dht, relay, tabs = false, invitation = null, restores = 'all', acceptance } = init
    const key = await keyOf(identity, blocks, restores === 'all')
    const { libp2p, guard, connectionsMax, sign, verify } = await createNodeLibp2p({
      listen: await keptPorts(blocks, listen), identity: key, mdns, dht, relay, tabs, invitation, bootstrap: []
    })
    const { over, duties } = await watchDoor(libp2p.services.door, sign)
    const network = new Libp2pNetwork(libp2p, { guard, connectionsMax })
    const mesh = new MeshPeer({ network, blocks, sandbox, cores: init.cores, seed: randomInt(SEED_MAX), sign, verify, restores, duties, acceptance, readingKey: invitation?.readingKey ?? null, ...creditOf(init, network.id) })
    const log = init.events === null ? null : new EventsLog(init.events, mesh.id)
    if (log !== null) mesh.onNotice((notice) => { log.notice(notice) })
    if (log !== null && sandbox !== null) logComputed(sandbox, log)
    let hasKept = false
    mesh.onNotice((notice) => { hasKept ||= notice.type === 'restored' })
    if (init.say !== undefined) tell(mesh, init.say)
    await mesh.start()
    if (blocks.damaged > 0) init.say?.(`${blocks.damaged} damaged entries of the store were dropped; what they held is computed again.`)
    log?.write({ type: 'peer-started', pid: process.pid, addrs: mesh.addrs() })
    keepPorts(blocks, init.listen, mesh.addrs())
    return new NodePeer({ mesh, key, hasKept, over, log, close })
  } catch (error) {
    await close()
    throw error instanceof UsageError ? error : new UsageError(whyNotStarted(error), { cause: error })
  }
}

const creditOf = ({ receipts = null, invitation }: NodePeerInit, peer: PeerId): Pick<MeshPeerInit, 'mesh' | 'receipts'> => ({
  mesh: invitation?.mesh ?? '',
  ...receipts === null ? {} : { receipts: new FileLog(receipts, peer, (sentence) => { process.stderr.write(`${sentence}\n`) }) }
})

/** What was computed to the end, whether or not anybody took it: a log without it could not tell what was done twice. */
function logComputed (sandbox: Sandbox, log: EventsLog): void {
  const compute = sandbox.compute.bind(sandbox)
  sandbox.compute = async (request, signal) => {
    const output = await compute(request, signal)
    const { job, spec } = request.code
    log.write({ type: 'computed', job, path: request.path, ...rangeOf(spec, request.path) })
    return output
  }
}

const openStoreOf = async ({ store, diskMb, say }: NodePeerInit): Promise<PeerStore> => await openStore({ folder: store, diskMb }, say)

/** What people should know of the store, as it happens. */
function tell (mesh: MeshPeer, say: (sentence: string) => void): void {
  const count = new Intl.NumberFormat('en')
  mesh.onNotice((notice) => {
    if (notice.type === 'store' && notice.state === 'full') say(`The store takes nothing more (${notice.why}): computing pauses until there is room.`)
    else if (notice.type === 'store') say('The store has room again: computing goes on.')
    else if (notice.type === 'restored' && notice.goods === 'all') {
      say(`Job ${notice.name} (${notice.job}) goes on: ${count.format(notice.done)} of ${count.format(notice.partitions)} partitions were kept.`)
    } else if (notice.type === 'restored') {
      say(`Job ${notice.name} (${notice.job}) waits: its module, parameters or inputs were not all kept here, so a peer that has them must come back.`)
    }
  })
}

const LISTEN_PROBLEMS: Record<string, string> = {
  EADDRINUSE: 'the port is in use, so choose another one',
  EACCES: 'the port needs more rights than this user has, so choose one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address'
}

/** What libp2p says in several lines, in one sentence that says what to do. */
function whyNotStarted (error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [, addr, code] = /^\s*(\/\S+): [^]*?\b(E[A-Z]{4,})/m.exec(text) ?? []
  if (addr === undefined || code === undefined) return reasonOf(error)
  return `Cannot listen on ${addr}: ${LISTEN_PROBLEMS[code] ?? code}.`
}
