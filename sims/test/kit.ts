/** Small worlds for tests: plans that end in seconds, and worlds whose peers write down what they are fed instead of deciding anything. */
import type { Input } from '../../protocol/core/input.ts'
import type { Message } from '../../protocol/core/message.ts'
import type { NetworkPlan } from '../world/network.ts'
import type { Node } from '../world/node.ts'
import type { Peer } from '../../protocol/core/peer.ts'
import type { Plan } from '../scenarios/plan.ts'
import type { Play } from '../play.ts'
import { DEFAULT_PLAN } from '../scenarios/base.ts'
import { PERFECT } from '../world/network.ts'
import { World } from '../world/world.ts'
import { come, createNode } from '../world/population.ts'
import { createRandom } from '../../protocol/core/random.ts'
import { prepare, run } from '../play.ts'

/** Ten peers that are busy for about twenty seconds. */
export const tinyPlan = (changes: Partial<Plan> = {}): Plan => ({
  ...DEFAULT_PLAN, peers: 10, job: { partitions: 400, fanout: 4, grain: 2, partitionMs: 500 }, latency: 'loopback', untilMs: 600_000, warmUpMs: 1_000, ...changes
})

class Stopped extends Error {}

/** A play in the middle of its job. */
export function playUntil (plan: Plan, atMs: number, prepared: Play = prepare({ plan })): Play {
  try {
    run(prepared, play => { if (play.atMs >= atMs) throw new Stopped() })
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
  return prepared
}

export interface Heard { atMs: number, input: Input }

/** A world of peers in cities that are `tripMs` apart, which note what they are fed. */
export function recordedWorld (count: number, network: Partial<NetworkPlan> = {}, tripMs = 100): { world: World, nodes: Node[], heard: (node: Node) => Heard[] } {
  const random = createRandom(1, 'test')
  const rttMs = new Float32Array(count * count).fill(tripMs)
  const world = new World({
    seed: 1, random, network: { ...PERFECT, ...network }, latency: { cities: count, rttMs }, pace: { partitionMs: 1_000, startMs: 0 }, costs: { messageMs: 0, collectMs: 1, dialMs: 0, refusedMs: 0, streamMs: 0, closeMs: 0 }, tickMs: 0.5
  })
  const log = new Map<Node, Heard[]>()
  const nodes = Array.from({ length: count }, (_, i) => {
    const node = createNode(world, random, { name: `n${i}`, kind: 'node', cores: 1, speed: 1, isLoopback: true, cities: count })
    node.city = i
    come(world, node, 0, random)
    log.set(node, [])
    const note = (input: Input): [] => {
      log.get(node)?.push({ atMs: world.nowMs, input })
      return []
    }
    node.core = { handle: note, countTraffic: () => {}, jobs: new Map() } as unknown as Peer
    return node
  })
  return { world, nodes, heard: node => log.get(node) ?? [] }
}

/** A message that can be told from others of its kind. */
export const numbered = (id: number): Message => ({ type: 'query', id, jobs: [], tables: false })

/** The numbers of the messages that a peer was fed, in order. */
export const numbersOf = (heard: Heard[]): number[] =>
  heard.flatMap(({ input }) => input.type === 'message' && input.message.type === 'query' ? [input.message.id] : [])
