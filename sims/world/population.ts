/** Makes machines and lets them come and go: where they live, how fast they are, whom they know first. */
import type { Node } from './node.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { Population } from '../scenarios/plan.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { World } from './world.ts'
import { ADDRS } from './sizes.ts'
import { Peer } from '../../protocol/core/peer.ts'

/** Share of peers behind NATs that need hole punching; the rest can be dialled (SCENARIOS: 58 % restricted, 39 % unknown, 2 % open). */
const OPEN_SHARE = { node: 0.3, tab: 0.02 }

export interface NodeInit {
  name: string
  kind: 'node' | 'tab'
  cores: number
  speed: number
  /** Is the whole world one machine? Then everybody can be dialled. */
  isLoopback: boolean
  /** Can it be dialled whatever its kind's share? */
  isOpen?: boolean
  cities: number
}

export function createNode (world: World, random: Random, init: NodeInit): Node {
  const id = init.name as PeerId
  const nat = init.isLoopback || init.isOpen === true || random.next() < OPEN_SHARE[init.kind] ? 'open' : 'restricted'
  const node: Node = {
    index: world.nodes.length, id, life: 0, state: 'off', refuses: true, core: world.nobody, kind: init.kind, city: random.below(init.cities), nat,
    cores: init.cores, speed: init.speed, addrs: [`${ADDRS[init.isLoopback ? 'loopback' : nat === 'open' ? 'open' : 'relayed']}${id}`],
    links: new Map(), slots: [], running: [], queue: [], topics: new Set(), neighbours: new Map(), inbox: [], liveAt: -1, busyUntilMs: 0, lineFreeMs: 0,
    skewMs: 0, timerStepMs: 0, cameMs: 0, verifyingUntilMs: 0, debtMs: 0, worksSinceMs: -1, hasBundle: false, sentMessages: 0, sentBytes: 0, adversary: null
  }
  world.enter(node)
  return node
}

/** A machine starts, under its old name if it had one, and connects to some that are there. */
export function come (world: World, node: Node, degree: number, random: Random): void {
  node.life++
  node.state = 'live'
  node.core = new Peer({ id: node.id, config: world.config, seed: world.init.seed + node.life })
  node.cameMs = world.nowMs
  node.worksSinceMs = -1
  node.hasBundle = false
  node.busyUntilMs = node.lineFreeMs = 0
  const { live } = world
  const others = new Set<Node>()
  for (let n = 0; n < degree && live.length > 0; n++) others.add(live[random.below(live.length)] as Node)
  node.liveAt = live.length
  live.push(node)
  world.feed(node, { type: 'listening', addrs: node.addrs })
  world.feed(node, { type: 'capacity', cores: node.cores })
  for (const other of others) world.links.dial(node, other)
  world.watchers.came(node)
}

export type Departure = 'leave' | 'close' | 'vanish'

/** How long a polite goodbye takes to be sent before the process ends. */
const GOODBYE_MS = 50

/** It is gone: with a goodbye (C8), with its connections closed, or without a trace. */
export function go (world: World, node: Node, how: Departure): void {
  if (node.state === 'off') return
  if (how === 'leave' && node.state === 'live') {
    world.feed(node, { type: 'leave' })
    const { life } = node
    world.later(GOODBYE_MS, () => { if (node.life === life) end(world, node, false) })
  } else end(world, node, how === 'vanish')
}

function end (world: World, node: Node, isSilent: boolean): void {
  if (node.state === 'off') return
  world.watchers.gone(node)
  node.state = 'off'
  node.refuses = !isSilent
  world.links.closeAll(node, isSilent)
  world.gossip.forget(node)
  // What it knew is gone with it; a world of churn has many more that were there than are.
  node.core = world.nobody
  node.slots = []
  node.running = []
  node.queue = []
  node.inbox = []
  node.neighbours.clear()
  const last = world.live.pop() as Node
  if (last !== node) {
    world.live[node.liveAt] = last
    last.liveAt = node.liveAt
  }
  node.liveAt = -1
}

/** Which departure it is, by the shares of its population. */
export function drawDeparture ({ polite, silent }: Population, random: Random): Departure {
  const draw = random.next()
  return draw < polite ? 'leave' : draw < polite + silent ? 'vanish' : 'close'
}
