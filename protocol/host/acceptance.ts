/**
 * Which jobs a volunteer works for (A7): any by default, or those of some submitters, of some names and kinds, within some limits. A
 * rule is one comparison, `timeout<=60s`; all must hold. Pure: a rule sees an announcement and nothing else. A job that is not accepted
 * is passed on all the same.
 */
import type { Announcement, JobSpec, Trust } from '../core/job.ts'
import type { PeerId } from '../core/ids.ts'

type Operator = '=' | '!=' | '<=' | '>='

export interface Rule {
  field: 'name' | 'trust' | 'timeout' | 'partitions'
  operator: Operator
  /** Text, where `*` stands for anything; milliseconds of a timeout; a number of partitions. */
  value: string | number
}

export interface Acceptance {
  /** Whose jobs; empty for anybody's. */
  submitters: readonly PeerId[]
  rules: readonly Rule[]
}

/** How a rule looks, for messages. */
export const RULE_EXAMPLES = 'timeout<=60s, partitions<=1000000, name=primes* or trust!=none'

/** What `trust` may be compared with: a rule that fits none of them is a slip, and would refuse every job. */
const POLICIES: readonly Trust['type'][] = ['none', 'votes', 'adaptive', 'audit']

const UNITS_MS: Record<string, number> = { '': 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** @returns null when it is no rule */
export function readRule (text: string): Rule | null {
  const [, field, operator, value] = /^\s*(name|trust|timeout|partitions)\s*(<=|>=|!=|=)\s*(\S(?:.*\S)?)\s*$/.exec(text) ?? []
  if (field === undefined || operator === undefined || value === undefined) return null
  if (field === 'trust' && !POLICIES.some(policy => matches(policy, value))) return null
  if (field === 'name' || field === 'trust') return operator === '=' || operator === '!=' ? { field, operator, value } : null
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value) ?? []
  if (digits === undefined || (field === 'partitions' && unit !== undefined)) return null
  return { field: field as 'timeout' | 'partitions', operator: operator as Operator, value: Number(digits) * (field === 'timeout' ? UNITS_MS[unit ?? ''] as number : 1) }
}

/** Does it look like a peer's id? Who is none submits nothing, so a slip would refuse every job. */
export const isPeerId = (text: string): text is PeerId => /^[1-9A-HJ-NP-Za-km-z]{46,53}$/.test(text)

/** Is it a job to work for? */
export function isAccepted ({ submitters, rules }: Acceptance, { spec, submitter }: Pick<Announcement, 'spec' | 'submitter'>): boolean {
  return (submitters.length === 0 || submitters.includes(submitter)) && rules.every(rule => holds(rule, spec))
}

function holds ({ field, operator, value }: Rule, { name, trust, timeoutMs, partitions }: JobSpec): boolean {
  const fact = { name, trust: trust.type, timeout: timeoutMs, partitions }[field]
  switch (operator) {
    case '=': return matches(fact, value)
    case '!=': return !matches(fact, value)
    case '<=': return fact <= value
    case '>=': return fact >= value
  }
}

function matches (fact: string | number, value: string | number): boolean {
  if (typeof value === 'number' || typeof fact === 'number') return fact === value
  const pattern = value.split('*').map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')
  return new RegExp(`^${pattern}$`, 's').test(fact)
}
