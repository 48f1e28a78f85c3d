/**
 * One of many identities of one attacker, ground until it outranks honest peers at a subtree's key (C3). It claims a coordinator's place
 * before its turn, holds it with renewals and states, and does nothing: no work, no grants, no values. Douceur 2002, "The Sybil attack".
 */
import type { Adversary } from '../world/node.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import { ROOT, childOf } from '../../protocol/core/geometry.ts'
import { claimRank } from '../../protocol/core/fence.ts'

/** Identities tried for each one that is used. */
const TRIES = 256
/** The fence of the first election of a subtree below the root. */
const FENCE = [1, 2]

/** @returns the name, among some, that wins a tie for the place of a coordinator below the root */
export function groundName (job: JobId, peer: number, fanout: number): string {
  const path = childOf(ROOT, peer % fanout)
  let best = ''
  let bestRank = ''
  for (let i = 0; i < TRIES; i++) {
    const name = `s${peer}.${i}`
    const rank = claimRank(job, path, FENCE, name as PeerId)
    if (best !== '' && rank >= bestRank) continue
    best = name
    bestRank = rank
  }
  return best
}

export const createSybil = (): Adversary => ({
  name: 'sybil',
  bend: (_node, effects) => effects.flatMap(bend)
})

function bend (effect: Effect): Effect[] {
  if (effect.type === 'set-timer' && effect.timer.name === 'elect') return [{ ...effect, ms: 0 }]
  if (effect.type === 'collect') return []
  if (effect.type !== 'send') return [effect]
  const { type } = effect.message
  return type === 'grant' || type === 'offer' || type === 'value' || type === 'hold' ? [] : [effect]
}
