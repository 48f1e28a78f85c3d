/** Lets a plan's faults happen when their time comes. Whom they hit is looked up then, by the seed's chance. */
import type { Fault, Whom } from '../scenarios/fault.ts'
import type { Node } from './node.ts'
import type { Play } from '../play.ts'
import type { Random } from '../../protocol/core/random.ts'
import { ROOT } from '../../protocol/core/geometry.ts'
import { come, go } from './population.ts'
import { pair } from './network.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'

/** Put all faults of the plan into the queue. */
export function schedule (play: Play): void {
  for (const fault of play.plan.faults) {
    // A stream for each, so that dropping one does not change whom the others hit.
    const random = play.random.split(`fault ${fault.type} ${fault.atMs}`)
    play.world.later(fault.atMs, () => { happen(play, fault, random) })
  }
}

/** Who coordinates the root now; of several, the one with the highest fence. */
export function rootOf ({ world, job }: Play): Node | undefined {
  let best: Node | undefined
  let term = -1
  for (const node of world.live) {
    const root = node.core.jobs.get(job)?.positions.get(ROOT)
    if (root === undefined || (root.fence[0] as number) <= term) continue
    best = node
    term = root.fence[0] as number
  }
  return best
}

/** Somebody with members of its own, below the root. */
function aCoordinator ({ world, job }: Play, random: Random): Node | undefined {
  const all = world.live.filter(node => {
    const positions = node.core.jobs.get(job)?.positions
    if (positions === undefined || positions.has(ROOT)) return false
    for (const position of positions.values()) {
      if (position.children.some(child => child.state === 'leased' && child.holder !== null && child.holder !== node.id)) return true
    }
    return false
  })
  return all[random.below(Math.max(1, all.length))]
}

function find (play: Play, whom: Whom, random: Random): Node | undefined {
  switch (whom) {
    case 'root': return rootOf(play)
    case 'coordinator': return aCoordinator(play, random)
    case 'anyone': return play.world.live[random.below(play.world.live.length)]
    default: return play.volunteers[whom]
  }
}

function happen (play: Play, fault: Fault, random: Random): void {
  const { world } = play
  if (fault.type === 'exodus') return exodus(play, fault, random)
  if (fault.type === 'split') return split(play, fault)
  if (fault.type === 'noise') {
    world.network.disturb(fault.network)
    return world.later(fault.forMs, () => { world.network.calm(fault.network) })
  }
  const node = find(play, fault.whom, random)
  if (node === undefined || node.state !== 'live') return
  const { life } = node
  const back = (forMs: number, act: () => void): void => { world.later(forMs, () => { if (node.life === life) act() }) }
  switch (fault.type) {
    case 'kill': return go(world, node, 'close')
    case 'pause':
      world.pause(node)
      return back(fault.forMs, () => { if (node.state === 'paused') world.wake(node) })
    case 'restart':
      go(world, node, 'close')
      return back(fault.forMs, () => { if (node.state === 'off') come(world, node, play.plan.meshDegree, random) })
    case 'throttle':
      node.timerStepMs = fault.stepMs
      return back(fault.forMs, () => { node.timerStepMs = 0 })
    case 'one-way': return oneWay(play, node, fault, random)
    case 'clog': return clog(play, node, fault, random)
    default: return unreachable(fault)
  }
}

function exodus ({ world, submitter }: Play, { share, silent }: Fault & { type: 'exodus' }, random: Random): void {
  for (const node of [...world.live]) if (node !== submitter && random.next() < share) go(world, node, silent ? 'vanish' : 'close')
}

function split ({ world }: Play, { share, forMs }: Fault & { type: 'split' }): void {
  world.network.groupOf = node => Math.imul(node.index, 0x9e3779b1) >>> 0 < share * 2 ** 32 ? 1 : 0
  world.later(forMs, () => { world.network.groupOf = null })
}

/** What it is sent by others does not arrive. */
function oneWay ({ world }: Play, node: Node, { share, forMs }: Fault & { type: 'one-way' }, random: Random): void {
  const cut: number[] = []
  for (const other of world.live) if (other !== node && random.next() < share) cut.push(pair(other, node))
  for (const key of cut) world.network.cuts.add(key)
  world.later(forMs, () => { for (const key of cut) world.network.cuts.delete(key) })
}

/** Its connections are held up one after the other, and freed in random order (TigerBeetle's clogs). */
function clog ({ world }: Play, node: Node, { delayMs, forMs }: Fault & { type: 'clog' }, random: Random): void {
  for (const other of node.links.keys()) {
    const keys = [pair(node, other), pair(other, node)]
    world.later(random.next() * forMs / 2, () => { for (const key of keys) world.network.clogs.set(key, delayMs) })
    world.later(forMs / 2 + random.next() * forMs / 2, () => { for (const key of keys) world.network.clogs.delete(key) })
  }
}
