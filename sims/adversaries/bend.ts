/** Rewrites values wherever a peer's effects carry them: what it sends, hands over, grants with, and folds itself. */
import type { Cid } from '../../protocol/core/ids.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { Message } from '../../protocol/core/message.ts'
import type { Value } from '../../protocol/core/job.ts'

type Rewrite = (value: Value) => Value

/** @returns effects with every value rewritten; others as they are */
export function bendValues (effects: Effect[], rewrite: Rewrite): Effect[] {
  return effects.map(effect => {
    switch (effect.type) {
      case 'send': return { ...effect, message: bendMessage(effect.message, rewrite) }
      case 'collect': return { ...effect, values: effect.values.map(rewrite) }
      default: return effect
    }
  })
}

function bendMessage (message: Message, rewrite: Rewrite): Message {
  switch (message.type) {
    case 'value': return { ...message, value: rewrite(message.value) }
    case 'hold': case 'grant': return { ...message, values: message.values.map(rewrite) }
    default: return message
  }
}

/** The wrong value that all liars tell of a path, so that two of them confirm each other: its sum is one too high (world/fold.ts). */
export function lieOf (value: Value): Value {
  const [from, to, sum] = value.cid.split(' ').map(Number) as [number, number, number]
  return { ...value, cid: `${from} ${to} ${sum + 1}` as Cid }
}
