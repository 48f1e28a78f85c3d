/** Schedules of what goes wrong in a run, after the job was submitted; all chance comes from the run's seed. */
import type { Node } from './world.ts'
import { ROOT } from '../geometry.ts'
import type { Run } from './scenario.ts'
import { holderOf, live, pick } from './scenario.ts'

type Faults = (run: Run) => void

/** A peer that coordinates others below the root: not the root's coordinator. */
const midLevel = (run: Run): Node | undefined => live(run).find(node => {
  const positions = [...node.peer.jobs.get(run.job)?.positions.values() ?? []]
  return positions.every(position => position.path !== ROOT) && positions.some(position => position.children.some(child => child.holder !== null && child.holder !== node.id))
})

/** Who holds a child of this peer's, somebody else. */
function childOfPeer (run: Run, node: Node): Node | undefined {
  for (const position of node.peer.jobs.get(run.job)?.positions.values() ?? []) {
    for (const child of position.children) {
      if (child.state === 'leased' && child.holder !== null && child.holder !== node.id) return run.world.get(child.holder)
    }
  }
  return undefined
}

function kill (run: Run, node: Node | undefined): void {
  if (node !== undefined && node.state !== 'dead') run.world.kill(node)
}

export const killSubmitter: Faults = run => run.world.later(run.workMs * 0.4, () => kill(run, run.submitter))

/** The submitter, then the heir that took over. */
export const killHeirToo: Faults = run => {
  run.world.later(run.workMs * 0.3, () => kill(run, run.submitter))
  run.world.later(run.workMs * 0.3 + 1_500, () => kill(run, holderOf(run, ROOT)))
}

export const killMidLevel: Faults = run => {
  for (const part of [0.3, 0.6]) run.world.later(run.workMs * part, () => kill(run, midLevel(run)))
}

export const killParentAndChild: Faults = run => run.world.later(run.workMs * 0.5, () => {
  const parent = midLevel(run) ?? run.submitter
  kill(run, childOfPeer(run, parent))
  kill(run, parent)
})

export const killAllButTwo: Faults = run => run.world.later(run.workMs * 0.5, () => {
  for (const node of live(run).slice(0, -2)) kill(run, node)
})

/** At random times, half of the peers. */
export const killHalf: Faults = run => {
  for (let k = 0; k < run.world.nodes.length / 2; k++) run.world.later(run.random.next() * run.workMs, () => kill(run, pick(run)))
}

export const leaveHalf: Faults = run => {
  for (let k = 0; k < run.world.nodes.length / 2; k++) {
    run.world.later(run.random.next() * run.workMs, () => { const node = pick(run); if (node !== undefined) run.world.leave(node) })
  }
}

/** Half of the peers in the same moment. */
export const leaveTogether: Faults = run => run.world.later(run.workMs * 0.5, () => {
  for (const node of live(run).slice(0, live(run).length / 2)) run.world.leave(node)
})

/** Four times some peer stops for 10 s and goes on as if nothing had been. */
export const pauseSome: Faults = run => {
  for (let k = 0; k < 4; k++) {
    run.world.later(run.random.next() * run.workMs, () => {
      const node = pick(run)
      if (node === undefined) return
      run.world.pause(node)
      run.world.later(10_000, () => { if (node.state === 'paused') run.world.resume(node) })
    })
  }
}

/** Two halves that cannot hear each other for 15 s. */
export const splitInTwo: Faults = run => {
  const { world } = run
  world.later(run.workMs / 3, () => world.split(node => world.nodes.indexOf(node) % 2))
  world.later(run.workMs / 3 + 15_000, () => {
    world.split(() => 0)
    const all = live(run)
    for (const node of all) world.connect(node, all[0] as Node)
  })
}

export const joinLater: Faults = run => {
  for (let k = 0; k < 5; k++) {
    run.world.later(run.random.next() * run.workMs * 0.8, () => {
      const known = pick(run, 0)
      if (known !== undefined) run.world.connect(run.world.add(1), known)
    })
  }
}

export const all = (...faults: Faults[]): Faults => run => { for (const fault of faults) fault(run) }
