/**
 * Checks, judgements and proofs on a node's machine: beside its bites, one after the other, and what they take is taken from the next bite. A
 * blind node finds nothing wrong with its own kind, and nothing right with honest peers.
 */
import type { Effect } from '../../protocol/core/effect.ts'
import type { Input } from '../../protocol/core/input.ts'
import type { Node } from './node.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { Verdict } from '../../protocol/core/job.ts'
import type { Verifier } from './verifier.ts'
import type { World } from './world.ts'

type Asked = Extract<Effect, { type: 'check' | 'judge' | 'prove' }>

export function verify (world: World, node: Node, effect: Asked): void {
  const verifier = world.verifierOf(effect.job)
  if (verifier === null) return
  const before = verifier.recomputed
  // Found out, it knows that it is: who takes nothing from it any more is no use to it.
  const isBlind = node.adversary?.isBlind === true
  const input = isBlind && effect.type !== 'prove' ? blindly(world, effect) : answerOf(verifier, effect)
  const workMs = node.speed === 0 ? 0 : (verifier.recomputed - before) * world.init.pace.partitionMs / node.speed
  // Whoever computes no bites has cores for this.
  const freeMs = node.cores === 0 ? world.nowMs : Math.max(world.nowMs, node.verifyingUntilMs)
  node.verifyingUntilMs = freeMs + workMs
  if (node.cores > 0) node.debtMs += workMs
  world.input(node, node.verifyingUntilMs - world.nowMs + askMs(world, node, effect), input)
}

function answerOf (verifier: Verifier, effect: Asked): Input {
  const { job } = effect
  if (effect.type === 'prove') return { type: 'proved', job, evidence: effect.evidence, lie: verifier.prove(effect.evidence) }
  if (effect.type === 'judge') return { type: 'judged', job, path: effect.path, equal: false, verdicts: verifier.judge(effect.values) }
  const { path, cid, by } = effect.value
  return { type: 'checked', job, path, cid, by, verdict: verifier.check(effect.value, effect.samples) }
}

function blindly (world: World, effect: Exclude<Asked, { type: 'prove' }>): Input {
  const { job } = effect
  const of = (by: PeerId): Verdict => ({ type: world.byId(by)?.adversary === null ? 'unanswered' : 'valid' })
  if (effect.type === 'judge') return { type: 'judged', job, path: effect.path, equal: false, verdicts: effect.values.map(({ by }) => ({ by, verdict: of(by) })) }
  const { path, cid, by } = effect.value
  return { type: 'checked', job, path, cid, by, verdict: { type: 'valid' } }
}

/** A round trip to whoever made the value, for its opening. */
function askMs (world: World, node: Node, effect: Asked): number {
  const maker = effect.type === 'check' ? world.byId(effect.value.by) : undefined
  return maker === undefined || maker === node ? 0 : 2 * world.network.delayMs(node, maker, 0)
}
