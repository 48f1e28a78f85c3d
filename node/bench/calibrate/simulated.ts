/**
 * The simulated side of a calibration: the same trial in a world with the latencies of loopback, everybody connected to the
 * submitter, and what happens written down as the real side does.
 */
import type { ByType, Killed, NotedAt, Recording } from './recording.ts'
import type { Kill, Trial } from './trial.ts'
import type { Node } from '../../../sims/world/node.ts'
import type { Path } from '../../../protocol/core/ids.ts'
import type { Plan } from '../../../sims/scenarios/plan.ts'
import type { Play } from '../../../sims/play.ts'
import { DEFAULT_PLAN } from '../../../sims/scenarios/base.ts'
import { NEWS_MS, roleOf } from './trial.ts'
import { PERFECT } from '../../../sims/world/network.ts'
import { countInto } from './recording.ts'
import { go } from '../../../sims/world/population.ts'
import { hasMembers } from '../../../sims/metrics/holders.ts'
import { prepare, run } from '../../../sims/play.ts'
import { resultOf } from './sleeping-sandbox.ts'

/** The world of a trial. */
export const planOf = ({ peers, job, partitionMs }: Trial, seed: number): Plan => ({
  ...DEFAULT_PLAN,
  scenario: 'calibrate', seed, peers, job: { ...job, partitionMs }, network: PERFECT, latency: 'loopback',
  compute: { speedSigma: 0, slow: 0, slowSpeed: 1, hang: 0 }, meshDegree: 0
})

/**
 * Play a trial once.
 *
 * @param timerStepMs - timers fire at multiples of so many milliseconds only, as those of peers do that wait for a processor
 */
export function playSimulated (trial: Trial, seed: number, timerStepMs = 0): Recording {
  const play = prepare({ plan: planOf(trial, seed) })
  const { world, submitter, job, startMs } = play
  const notices: NotedAt[] = []
  const killed: Killed[] = []
  const traffic: ByType = {}
  const result = resultOf(world.oracleOf(job), trial.job.partitions)
  let computed = 0
  let endMs = Infinity
  let isExact = true
  world.watchers.push({
    onCame: (node) => {
      node.timerStepMs = timerStepMs
      if (node !== submitter) world.links.dial(node, submitter)
    },
    onSent: (_from, _to, message, bytes) => { if (world.nowMs < endMs) countInto(traffic, message.type, 1, bytes) },
    onComputed: (_node, { size }) => { if (world.nowMs < endMs) computed += size },
    onNotice: ({ id }, notice) => {
      if (notice.type !== 'leased' && notice.type !== 'failover' && notice.type !== 'done') return
      notices.push({ timeMs: world.nowMs, peer: id, notice })
      if (notice.type !== 'done') return
      isExact &&= notice.value.cid === result
      endMs = Math.min(endMs, world.nowMs + NEWS_MS)
    }
  })
  for (const kill of trial.kills) {
    world.later(startMs + kill.atMs, () => {
      const victim = victimOf(play, kill, seed)
      if (victim === undefined) return
      killed.push({ timeMs: world.nowMs, peer: victim.id, role: kill.role, paths: coordinatedBy(play, victim) })
      go(world, victim, 'close')
    })
  }
  run(play)
  return { submittedMs: startMs, notices, killed, traffic, computed, partitions: trial.job.partitions, isExact }
}

function victimOf (play: Play, { role }: Kill, seed: number): Node | undefined {
  const able = play.world.nodes.filter((node) => node.state === 'live' && roleOf(coordinatedBy(play, node)) === role)
  return able[seed % Math.max(1, able.length)]
}

/** Paths below which others work for a peer. */
const coordinatedBy = ({ job }: Play, node: Node): Path[] =>
  [...node.core.jobs.get(job)?.positions.values() ?? []].filter((position) => hasMembers(node, position)).map(({ path }) => path)
