/**
 * What a simulated host does when its core says so: protocol/README.md's table of effects, performed on the parts of a world. Never
 * decides anything, and never changes what a core says.
 */
import type { Cid, JobId, Path, PeerId } from '../../protocol/core/ids.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { Message } from '../../protocol/core/message.ts'
import type { Node } from './node.ts'
import type { Value } from '../../protocol/core/job.ts'
import type { World } from './world.ts'
import { cancelRun, enqueue } from './sandbox.ts'
import { clearSlot, setSlot } from './timers.ts'
import { collect as fold } from './fold.ts'
import { rangeOf, sizeOf } from '../../protocol/core/geometry.ts'
import { verify } from './verify.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'

/** A fetch that finds nobody is given up after this, milliseconds. */
const UNFETCHABLE_MS = 3_000

/** Do what one effect of a node's core says. */
export function perform (world: World, node: Node, effect: Effect): void {
  switch (effect.type) {
    case 'send': return send(world, node, effect.to, effect.message)
    // Nobody has a key here: the message goes without receipts.
    case 'certify': return send(world, node, effect.to, effect.message)
    case 'publish': return world.gossip.publish(node, effect.topic, effect.message)
    case 'subscribe': return world.gossip.subscribe(node, effect.topic)
    case 'unsubscribe': return world.gossip.unsubscribe(node, effect.topic)
    case 'neighbours': return setNeighbours(world, node, effect)
    case 'dial': return dial(world, node, effect.contact.peer)
    case 'set-timer': return setSlot(world.queue, node, effect.timer, effect.ms)
    case 'clear-timer': return clearSlot(node, effect.timer)
    case 'compute': return compute(world, node, effect.job, effect.path)
    case 'collect': return collect(world, node, effect.job, effect.path, effect.values)
    case 'cancel-compute':
      world.tally.cancelledMs += cancelRun(world.queue, node, effect.job, effect.path, world.init.pace)
      return
    case 'fetch': return fetch(world, node, effect.job, effect.cid, effect.from)
    case 'find-members': return world.dht.find(node, effect.job)
    case 'provide': return world.dht.provide(node, effect.job)
    case 'drop': return world.tally.drop(effect.reason)
    case 'notice': return world.watchers.notice(node, effect.notice)
    case 'check': case 'judge': case 'prove': return verify(world, node, effect)
    case 'store': case 'forget': return
    default: return unreachable(effect)
  }
}

function send (world: World, node: Node, to: PeerId, message: Message): void {
  const target = world.byId(to)
  if (target !== undefined) world.links.send(node, target, message)
}

function setNeighbours (world: World, node: Node, { job, contacts }: Effect & { type: 'neighbours' }): void {
  const after = contacts.flatMap(({ peer }) => world.byId(peer) ?? [])
  const before = node.neighbours.get(job) ?? []
  node.neighbours.set(job, after)
  world.links.setNeighbours(node, before, after)
}

function dial (world: World, node: Node, to: PeerId): void {
  const target = world.byId(to)
  if (target === undefined) return world.input(node, 0, { type: 'unreachable', peer: to })
  if (node.links.get(target)?.state === 'up') return world.input(node, 0, { type: 'connected', peer: to, addrs: target.addrs })
  world.links.dial(node, target)
}

function compute (world: World, node: Node, job: JobId, path: Path): void {
  const range = rangeOf(world.specOf(job), path)
  if (range === null) throw new Error(`compute of ${path}, which does not exist`)
  enqueue(world.queue, node, { job, path, size: sizeOf(range), startedMs: -1, event: null }, world.init.pace)
}

function collect (world: World, node: Node, job: JobId, path: Path, values: Value[]): void {
  const value = fold(path, values)
  if (value === null) throw new Error(`the values of ${path} do not tile it: ${values.map(({ cid }) => cid).join('; ')}`)
  const ms = world.init.costs.collectMs
  world.input(node, ms, world.made(node, job, value, ms, values))
}

/** Blocks come from whoever has them, after a round trip. */
function fetch (world: World, node: Node, job: JobId, cid: Cid, from: PeerId[]): void {
  const source = from.map(id => world.byId(id)).find(other => other?.state === 'live' && !world.network.isCut(node, other))
  const ms = source === undefined ? UNFETCHABLE_MS : 2 * world.network.delayMs(node, source, 0)
  world.input(node, ms, { type: source === undefined ? 'unfetchable' : 'fetched', job, cid })
}
