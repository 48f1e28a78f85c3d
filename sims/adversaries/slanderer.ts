/** Works rightly, and accuses whoever it works with of lies they never told, with evidence that it made up. */
import type { Adversary } from '../world/node.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** Of its messages to coordinators, one in so many comes with an accusation. */
const EVERY = 20

export function createSlanderer (): Adversary {
  let said = 0
  const bend = (effect: Effect, others: PeerId[]): Effect[] => {
    if (effect.type !== 'send' || effect.message.type !== 'renew' || said++ % EVERY !== 0) return [effect]
    const peer = others[said % others.length]
    if (peer === undefined || peer === effect.to) return [effect]
    const { job, path } = effect.message
    const evidence = utf8ToBytes(JSON.stringify({ peer, path, cid: '0 1 1', root: 'none', partition: 0 }))
    return [effect, { type: 'send', to: effect.to, message: { type: 'blame', job, peer, evidence, within: null } }]
  }
  return {
    name: 'slanderer',
    bend: (node, effects) => {
      const others = [...node.neighbours.values()].flatMap(peers => peers.map(({ id }) => id))
      return effects.flatMap(effect => bend(effect, others))
    }
  }
}
