/**
 * `join`: volunteers this machine until it is told to stop. Under a supervisor it is told over the channel
 * whom to dial and when to stop, and ends when the channel closes. It prints its address once it is in, and then is quiet.
 */
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { invitationFor } from '../invitation.ts'
import { startPeer } from '../peer.ts'
import type { Acceptance, Rule } from '../../protocol/host/acceptance.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { NodePeer } from '../peer.ts'
import { receiptsFolder } from '../state-dir.ts'
import { restWhenQuiet } from '../rest.ts'
import { storeFolder } from '../state-dir.ts'
import type { FromVolunteer, ToVolunteer } from '../supervisor.ts'
import { checkAddrs } from './addrs.ts'
import { Interrupts } from './interrupt.ts'
import { listenOn } from './listen.ts'
import type { ExitCode } from './exit-code.ts'

export interface JoinOptions {
  cores?: number
  memory?: number
  duty?: number
  listen?: string[]
  port?: number
  identity?: string
  store?: string
  /** MiB. */
  disk?: number
  mdns?: boolean
  events?: string
  /** To a private mesh: its text, a link with it, or a file. */
  invitation?: string
  /** Peer ids. */
  onlyFrom?: string[]
  accept?: Rule[]
  /** It is the child of a supervisor. */
  supervised?: boolean
  /** It serves its supervisor's mesh alone: no local network, DHT or relay. */
  local?: boolean
}

/** Which jobs are worked for. */
export const acceptanceOf = ({ onlyFrom = [], accept = [] }: Pick<JoinOptions, 'onlyFrom' | 'accept'>): Acceptance =>
  ({ submitters: onlyFrom as PeerId[], rules: accept })

/** Memory of one sandbox, MiB. A guess that leaves small machines usable. */
export const MEMORY_MB = 256

/** An address of a supervisor that does not answer is tried again after so long, at first and at most. Guesses. */
const DIAL_MS_MIN = 200
const DIAL_MS_MAX = 10_000

export async function join (addrs: string[], options: JoinOptions): Promise<ExitCode> {
  checkAddrs(addrs)
  const invitation = await invitationFor(options.invitation, 'volunteer')
  const interrupts = new Interrupts()
  const local = options.local === true
  const orders = options.supervised === true ? new Orders() : null
  const peer = await startPeer({
    listen: listenOn(options),
    identity: options.identity ?? null,
    cores: options.cores ?? availableParallelism(),
    memoryMb: options.memory ?? MEMORY_MB,
    duty: options.duty ?? 1,
    runsCode: true,
    mdns: !local && options.mdns !== false && addrs.length === 0,
    dht: local ? 'off' : 'lan',
    relay: !local,
    receipts: local ? null : receiptsFolder(options.store),
    events: options.events ?? null,
    invitation,
    acceptance: acceptanceOf(options),
    store: storeFolder(local ? 'helpers' : 'peers', options.store, invitation),
    diskMb: options.disk,
    restores: local ? 'asked' : 'all',
    ...local ? {} : { say }
  })
  orders?.obey(peer)
  let keeps = true
  try {
    if (addrs.length > 0) await enter(peer, addrs)
    if (orders === null) for (const addr of peer.mesh.addrs()) process.stdout.write(`${addr}\n`)
    restWhenQuiet()
    const how = await Promise.race([interrupts.first, peer.over, ...(orders === null ? [] : [orders.stopped])])
    keeps = how !== 'release'
    return how === 'SIGINT' ? 130 : 0
  } finally {
    await peer.stop(keeps)
  }
}

export const say = (sentence: string): void => { process.stderr.write(`${sentence}\n`) }

/** Those it was told of may not have come back yet; a peer that kept work goes on alone, and tries again. */
export async function enter (peer: NodePeer, addrs: string[]): Promise<void> {
  try {
    await peer.join(addrs)
  } catch (error) {
    if (!peer.hasKept) throw error
    say(`${(error as Error).message} Going on with what was kept, and trying again.`)
    void again(peer, addrs)
  }
}

async function again (peer: NodePeer, addrs: string[]): Promise<void> {
  for (let ms = DIAL_MS_MIN, found: unknown[] = []; found.length === 0; ms = Math.min(2 * ms, DIAL_MS_MAX)) {
    await sleep(ms, undefined, { ref: false })
    found = await peer.join(addrs).catch(() => [])
  }
}

/** The channel to a supervisor. What it says before the peer has started is kept. */
class Orders {
  /** Resolves when the supervisor says stop, what was kept included, or is gone. */
  readonly stopped: Promise<'stop' | 'release'>
  #early: string[] = []
  #dial = (addrs: string[]): void => { this.#early.push(...addrs) }

  constructor () {
    const { promise, resolve } = Promise.withResolvers<'stop' | 'release'>()
    this.stopped = promise
    process.on('disconnect', () => { resolve('stop') })
    process.on('message', (message: ToVolunteer) => {
      if (message.type === 'stop') resolve(message.keeps ? 'stop' : 'release')
      else this.#dial(message.addrs)
    })
    if (process.connected !== true) resolve('stop')
  }

  obey (peer: NodePeer): void {
    this.#dial = (addrs) => { void this.#untilMet(peer, addrs) }
    tell({ type: 'started', peer: peer.mesh.id, addrs: peer.mesh.addrs() })
    const told = new Set<string>()
    peer.mesh.onNotice((notice) => {
      if (notice.type !== 'leased' || told.has(notice.job)) return
      told.add(notice.job)
      tell({ type: 'leased', job: notice.job, timeMs: Date.now() })
    })
    if (this.#early.length > 0) this.#dial(this.#early)
  }

  /** Dial until one answers: a supervisor under load may be slow, and without it there is no work. */
  async #untilMet (peer: NodePeer, addrs: string[]): Promise<void> {
    let isOver = false
    void this.stopped.then(() => { isOver = true })
    for (let ms = DIAL_MS_MIN; !isOver; ms = Math.min(2 * ms, DIAL_MS_MAX)) {
      const found = await peer.join(addrs).catch(() => [])
      if (found.length > 0) return
      await sleep(ms, undefined, { ref: false })
    }
  }
}

function tell (message: FromVolunteer): void {
  if (process.connected === true) process.send?.(message, undefined, undefined, () => { /* a supervisor that is gone is seen by `disconnect` */ })
}
