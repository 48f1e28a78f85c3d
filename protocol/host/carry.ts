/** The core's effects that the network alone performs, each by the call of its name. */
import { unreachable } from '../core/unreachable.ts'
import type { Effect } from '../core/effect.ts'
import type { JobBook } from './job-book.ts'
import type { Network } from './network.ts'

type Carried = Extract<Effect, { type: 'send' | 'publish' | 'subscribe' | 'unsubscribe' | 'neighbours' | 'dial' | 'find-members' | 'provide' }>

export function carry (network: Network, jobs: JobBook, effect: Carried): void {
  switch (effect.type) {
    case 'send': return network.send(effect.to, effect.message)
    case 'publish': return network.publish(effect.topic, effect.message)
    case 'subscribe': return network.subscribe(effect.topic)
    case 'unsubscribe': return network.unsubscribe(effect.topic)
    case 'neighbours':
      jobs.setNeighbours(effect.job, effect.contacts)
      network.learn(effect.contacts)
      return network.neighbours(effect.job, effect.contacts)
    case 'dial': return network.dial(effect.contact)
    case 'find-members': return network.findMembers(effect.job)
    case 'provide': return network.provide(effect.job)
    default: return unreachable(effect)
  }
}
