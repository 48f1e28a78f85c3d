/**
 * A trust policy as people write it (V1): `none`, `votes:2/3` (two equal values of at most three distinct peers),
 * `adaptive`, `adaptive:20` (a peer is trusted after so many right values), `audit:0.01` (a share of all partitions is
 * recomputed). Says in one sentence what is wrong with anything else.
 */
import { UsageError } from './errors.ts'
import { checkTrust } from '../job/spec.ts'
import type { Trust } from '../core/job.ts'

/** BOINC's: as many right results in a row as its volunteers need. */
const AFTER = 10
/** Few enough to cost nothing, many enough that who lies in one partition of a hundred is found within some hundred of its own. */
const RATE = 0.01
const FORM = /^(?<type>none|votes|adaptive|audit)(?::(?<rest>.*))?$/
const VOTES = /^(?<quorum>\d{1,9})\/(?<voters>\d{1,9})$/
const NUMBER = /^\d{1,9}(?:\.\d{1,12})?$/

/**
 * @param text - undefined for `none`
 * @param deadlineMs - 0 or undefined: wait for ever for enough peers
 * @throws UsageError when it is no policy, or its numbers make no sense
 */
export function trustOf (text: unknown, deadlineMs = 0): Trust {
  const trust = read(text ?? 'none', deadlineMs)
  const wrong = checkTrust(trust)
  if (wrong !== null) throw new UsageError(`The trust policy ${String(text)} makes no sense: ${wrong}.`)
  return trust
}

function read (text: unknown, deadlineMs: number): Trust {
  const { type, rest } = (typeof text === 'string' ? FORM.exec(text)?.groups : undefined) ?? {}
  if (type === 'none' && rest === undefined) return { type }
  if (type === 'votes') return votes(text as string, rest, deadlineMs)
  if (type === 'adaptive') return { type, after: numberIn(text as string, rest, AFTER), deadlineMs }
  if (type === 'audit') return { type, rate: numberIn(text as string, rest, RATE) }
  throw unknown(text)
}

function votes (text: string, rest: string | undefined, deadlineMs: number): Trust {
  const { quorum, voters } = VOTES.exec(rest ?? '')?.groups ?? {}
  if (quorum === undefined || voters === undefined) throw unknown(text)
  return { type: 'votes', quorum: Number(quorum), voters: Number(voters), deadlineMs }
}

function numberIn (text: string, rest: string | undefined, otherwise: number): number {
  if (rest === undefined) return otherwise
  if (!NUMBER.test(rest)) throw unknown(text)
  return Number(rest)
}

const unknown = (text: unknown): UsageError =>
  new UsageError(`There is no trust policy ${String(text)}: give none, votes:2/3, adaptive or audit:0.01.`)
