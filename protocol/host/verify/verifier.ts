/**
 * Performs the core's `check`, `judge` and `prove` effects, and opens this peer's own bites to those who ask (V4, V5). One question is
 * looked into after another, beside the bites that run here; each is answered with exactly one Input. What to do about a lie is the
 * core's part (rows `verified`, `blamed`).
 */
import { Case } from './case.ts'
import { Checker } from './checker.ts'
import { Judge } from './judge.ts'
import { Opening } from '../../job/commitment/opening.ts'
import { Turns } from '../turns.ts'
import { evidenceFrom } from './evidence.ts'
import { openingOf } from '../../job/commitment/pack.ts'
import { rangeOf } from '../../core/geometry.ts'
import { statementBytes, statementOf } from './statement.ts'
import type { AskToOpen, Watcher } from './checker.ts'
import type { Effect } from '../../core/effect.ts'
import type { Input } from '../../core/input.ts'
import type { JobId, Path } from '../../core/ids.ts'
import type { JobSpec, Lie, Value, Verdict } from '../../core/job.ts'
import type { OpenRequest } from '../network.ts'
import type { Pack } from '../../job/commitment/pack.ts'
import type { Packs } from './packs.ts'
import type { Statement } from './statement.ts'
import type { Verify } from '../cancelled.ts'
import type { Workshop } from './workshop.ts'

export type Question = Extract<Effect, { type: 'check' | 'judge' | 'prove' }>

export interface VerifierInit {
  packs: Packs
  /** The workshop of a job; rejects when its code cannot be had. */
  workshop: (job: JobId, spec: JobSpec, signal: AbortSignal) => Promise<Workshop>
  /** Compute a bite of this peer's own again, whose nodes were let go. */
  recompute: (job: JobId, path: Path) => Promise<Pack | null>
  /** Ask a bite's maker to open it. */
  ask: (statement: Statement, partitions: number[], signal: AbortSignal) => Promise<Uint8Array[] | null>
  verify: Verify
  answer: (input: Input) => void
}

/** Questions that wait: a flood of evidence must not pile up. The oldest go on, who comes after them is not answered well. A guess. */
const WAITING_MAX = 256
/** Questions looked into at once: one computes while others wait for answers. A guess. */
const AT_ONCE = 2

export class Verifier {
  readonly #init: VerifierInit
  readonly #turns = new Turns(AT_ONCE)
  readonly #recomputing = new Turns(1)
  readonly #jobs = new Map<JobId, AbortController>()
  #waiting = 0

  constructor (init: VerifierInit) {
    this.#init = init
  }

  /** Look into a question of the core's, and answer it. */
  perform (question: Question, spec: JobSpec): void {
    const { job } = question
    const controller = this.#jobs.get(job) ?? new AbortController()
    this.#jobs.set(job, controller)
    const { signal } = controller
    this.#waiting++
    this.#turns.run(async () => {
      if (signal.aborted) return null
      return this.#waiting > WAITING_MAX ? null : await this.#lookInto(question, await this.#init.workshop(job, spec, signal), signal)
    }).catch(() => null).then(answer => {
      this.#waiting--
      if (!signal.aborted) this.#init.answer(answer ?? unopened(question))
    }, () => {})
  }

  async #check (shop: Workshop, value: Value, partitions: number[], signal: AbortSignal): Promise<Verdict> {
    const statement = statementOf(shop.job, value)
    if (statement === null) return { type: 'unanswered' }
    return await new Checker(shop, this.#asker(signal)).check(statement, value.bite, partitions, shownBy(value))
  }

  /** Check a finished job's value for a person: what nobody opens is computed here, and it tells how it goes. */
  async audit (shop: Workshop, value: Value, partitions: number[], signal: AbortSignal, watcher: Watcher): Promise<Verdict> {
    const statement = statementOf(shop.job, value)
    if (statement === null) return { type: 'unanswered' }
    return await new Checker(shop, this.#asker(signal), watcher).checkOrCompute(statement, value.bite, partitions, shownBy(value))
  }

  /**
   * Open a bite of this peer's own.
   *
   * @returns its nodes down to the partitions; null for what this peer has not made
   */
  async open ({ job, path, root, partitions }: OpenRequest, spec: JobSpec): Promise<Uint8Array[] | null> {
    const bite = this.#init.packs.of(job, path)
    const range = rangeOf(spec, path)
    // Gathered outputs are blocks, and need no opening.
    if (bite === undefined || range === null || bite.root !== root || !spec.collect) return null
    if (partitions.some(partition => partition < range.from || partition >= range.to)) return null
    const pack = bite.pack ?? await this.#recomputing.run(async () => this.#init.packs.of(job, path)?.pack ?? await this.#init.recompute(job, path))
    return pack === null ? null : openingOf(pack, spec, range, partitions)
  }

  /** Stop looking into anything of a job. */
  forget (job: JobId): void {
    this.#jobs.get(job)?.abort()
    this.#jobs.delete(job)
  }

  close (): void {
    for (const controller of this.#jobs.values()) controller.abort()
    this.#jobs.clear()
  }

  async #lookInto (question: Question, shop: Workshop, signal: AbortSignal): Promise<Input> {
    const { job } = question
    switch (question.type) {
      case 'check': {
        const { value, samples } = question
        return { type: 'checked', job, path: value.path, cid: value.cid, by: value.by, verdict: await this.#check(shop, value, samples, signal) }
      }
      case 'judge': return { type: 'judged', job, path: question.path, ...await new Judge(shop, this.#asker(signal)).judge(question.path, question.values) }
      case 'prove': return { type: 'proved', job, evidence: question.evidence, lie: await this.prove(shop, question.evidence) }
      default: return question satisfies never
    }
  }

  /** What evidence proves, by looking at its one point here; null for nothing. */
  async prove (shop: Workshop, bytes: Uint8Array): Promise<Lie | null> {
    const evidence = evidenceFrom(bytes)
    if (evidence === null || evidence.statement.job !== shop.job) return null
    const { statement, point, nodes } = evidence
    if (rangeOf(shop.spec, statement.path) === null) return null
    const isSigned = await this.#init.verify(statement.by, statementBytes(statement), statement.signature).catch(() => false)
    if (!isSigned) return null
    const it = new Case(shop, statement, new Opening(nodes))
    if (await it.look(point) !== 'wrong') return null
    return { peer: statement.by, path: statement.path, partition: point.type === 'output' ? point.partition : -1, evidence: bytes }
  }

  #asker (signal: AbortSignal): AskToOpen {
    return async (statement, partitions) => await this.#init.ask(statement, partitions, signal)
  }
}

/** What travelled with a value. */
const shownBy = ({ bytes }: Value): Uint8Array[] => bytes === null ? [] : [bytes]

/** The answer to what could not be looked into: nobody is blamed, nothing is proved. */
function unopened (question: Question): Input {
  const { job } = question
  switch (question.type) {
    case 'prove': return { type: 'proved', job, evidence: question.evidence, lie: null }
    case 'judge': return { type: 'judged', job, path: question.path, equal: false, verdicts: question.values.map(({ by }) => ({ by, verdict: { type: 'unanswered' } })) }
    case 'check': return { type: 'checked', job, path: question.value.path, cid: question.value.cid, by: question.value.by, verdict: { type: 'unanswered' } }
    default: return question satisfies never
  }
}
