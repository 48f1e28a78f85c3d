/**
 * Whole jobs in the test world, from seeds: peers start, one submits, faults are scheduled, and the world runs
 * until every live peer knows the outcome. Never checks anything itself: checks.ts does.
 */
import type { JobId, Path } from '../ids.ts'
import type { Effect } from '../effect.ts'
import { SPEC } from './given.ts'
import { World } from './world.ts'
import { createRandom } from '../random.ts'
import type { JobSpec } from '../job.ts'
import type { Node, WorldInit } from './world.ts'
import type { Notice } from '../notice.ts'
import type { Random } from '../random.ts'

export interface Plan extends Partial<WorldInit> {
  seed: number
  /** Volunteers; the submitter does not count and does not compute. */
  peers: number
  spec?: Partial<JobSpec>
  /** Schedules what goes wrong. */
  faults?: (run: Run) => void
  /** Sees every effect, in order. */
  tap?: (peer: Node, effects: Effect[]) => void
  /** Virtual time after which a job that has not ended is stuck. */
  untilMs?: number
}

export interface Run {
  world: World
  job: JobId
  spec: JobSpec
  submitter: Node
  random: Random
  /** What all volunteers together need at least, and when the job was submitted. */
  workMs: number
  startMs: number
  /** Did every live peer learn how it ended? */
  isOver: boolean
  /** The most children's holders, and the most neighbours, that any peer had at any time. */
  most: { members: number, neighbours: number }
}

/** Virtual milliseconds one partition takes on a peer of speed 1. */
export const PARTITION_MS = 5

export const live = (run: Run): Node[] => run.world.nodes.filter(node => node.state === 'live')

/** Some live peer, as long as a few others stay. */
export function pick (run: Run, keep = 2): Node | undefined {
  const all = live(run)
  return all.length > keep ? all[run.random.below(all.length)] : undefined
}

/** Who coordinates a path now. */
export const holderOf = (run: Run, path: Path): Node | undefined =>
  live(run).find(node => node.peer.jobs.get(run.job)?.positions.has(path))

export const noticesOf = <T extends Notice['type']>(run: Run, type: T): Array<{ at: number, peer: string, notice: Notice & { type: T } }> =>
  run.world.notices.filter((entry): entry is { at: number, peer: Node['id'], notice: Notice & { type: T } } => entry.notice.type === type)

/** Distinct peers that hold children of a peer's positions. */
function membersOf (node: Node, job: JobId): number {
  const members = new Set<string>()
  for (const position of node.peer.jobs.get(job)?.positions.values() ?? []) {
    for (const child of position.children) if (child.state === 'leased' && child.holder !== null && child.holder !== node.id) members.add(child.holder)
  }
  return members.size
}

function look (run: Run): void {
  for (const node of live(run)) {
    run.most.members = Math.max(run.most.members, membersOf(node, run.job))
    run.most.neighbours = Math.max(run.most.neighbours, node.neighbours.get(run.job) ?? 0)
  }
}

function addTo (world: World, plan: Plan, cores: number, speed: number): Node {
  const node = world.add(cores, speed)
  const { tap } = plan
  if (tap === undefined) return node
  const handle = node.peer.handle.bind(node.peer)
  node.peer.handle = (input, now) => {
    const effects = handle(input, now)
    tap(node, effects)
    return effects
  }
  return node
}

/** Run a whole job. */
export function play (plan: Plan): Run {
  const { seed, peers, faults, untilMs = 300_000 } = plan
  const random = createRandom(seed, 'plan')
  const world = new World({ partitionMs: PARTITION_MS, ...plan })
  const submitter = addTo(world, plan, 0, 1)
  for (let i = 0; i < peers; i++) addTo(world, plan, 1, 0.5 + random.next())
  world.bootstrap()
  world.run(500)
  const spec = { ...SPEC, partitions: 4_000, fanout: 4, ...plan.spec }
  const job = world.submit(submitter, spec)
  const run: Run = {
    world, job, spec, submitter, random, workMs: spec.partitions * (plan.partitionMs ?? PARTITION_MS) / Math.max(1, peers), startMs: world.now, isOver: false,
    most: { members: 0, neighbours: 0 }
  }
  faults?.(run)
  const isOver = (): boolean => world.nodes.some(({ state }) => state !== 'dead') && world.nodes.every(node => node.state === 'dead' || node.peer.jobs.get(job)?.outcome != null)
  while (!run.isOver && world.now < untilMs) {
    run.isOver = world.run(world.now + 100, isOver)
    look(run)
  }
  return run
}
