/** What a host answers that cannot open commitments (V4): nobody answered, nobody is judged, nothing is proved. A job that asks for trust waits. */
import type { Effect } from '../core/effect.ts'
import type { Input } from '../core/input.ts'

/** The answer to a check, a judgement or a proof. */
export function unopened (effect: Extract<Effect, { type: 'check' | 'judge' | 'prove' }>): Input {
  const { job } = effect
  if (effect.type === 'prove') return { type: 'proved', job, evidence: effect.evidence, lie: null }
  if (effect.type === 'judge') return { type: 'judged', job, path: effect.path, equal: false, verdicts: effect.values.map(({ by }) => ({ by, verdict: { type: 'unanswered' } })) }
  const { path, cid, by } = effect.value
  return { type: 'checked', job, path, cid, by, verdict: { type: 'unanswered' } }
}
