/**
 * Values of one path differ: who lied (V4)? Where the job takes them for the same, nobody. Else two of them at a time are bisected
 * to one output or fold, which is computed anew, until all that are left say the same. Where somebody does not show its way, or
 * one value was computed at once and another folded from parts, the path is computed here and each is held against that.
 */
import { Bisection } from './bisect.ts'
import { Case } from './case.ts'
import { Opening } from '../../job/commitment/opening.ts'
import { answered } from './checker.ts'
import { childStatement } from './family.ts'
import { statementOf } from './statement.ts'
import type { AskToOpen } from './checker.ts'
import type { FamilyChild } from './family.ts'
import type { Input } from '../../core/input.ts'
import type { Path } from '../../core/ids.ts'
import type { Point } from './evidence.ts'
import type { Statement } from './statement.ts'
import type { Value, Verdict } from '../../core/job.ts'
import type { Workshop } from './workshop.ts'

type Judgement = Pick<Extract<Input, { type: 'judged' }>, 'equal' | 'verdicts'>

/** Somebody's word for the path's value. */
interface Suspect { statement: Statement, isBite: boolean, bytes: Uint8Array | null, verdict: Verdict | null }

const VALID: Verdict = { type: 'valid' }
const UNANSWERED: Verdict = { type: 'unanswered' }

export class Judge {
  readonly #shop: Workshop
  readonly #ask: AskToOpen

  constructor (shop: Workshop, ask: AskToOpen) {
    this.#shop = shop
    this.#ask = ask
  }

  async judge (path: Path, values: Value[]): Promise<Judgement> {
    const suspects = values.map((value): Suspect | null => {
      const statement = statementOf(this.#shop.job, value)
      return statement === null || value.path !== path ? null : { statement, isBite: value.bite, bytes: value.bytes, verdict: null }
    })
    const stated = suspects.filter(suspect => suspect !== null)
    const camps = await this.#camps(stated)
    const equal = camps.length < 2
    if (!equal) await this.#settle(camps)
    return {
      equal,
      verdicts: values.map(({ by }, i) => ({ by, verdict: suspects[i]?.verdict ?? (suspects[i] === null ? UNANSWERED : VALID) }))
    }
  }

  /** Those who say the same, together. */
  async #camps (suspects: Suspect[]): Promise<Suspect[][]> {
    const camps: Suspect[][] = []
    for (const suspect of suspects) {
      let own: Suspect[] | undefined
      for (const camp of camps) if (own === undefined && await this.#isSame(camp[0]!, suspect)) own = camp
      if (own === undefined) camps.push([suspect])
      else own.push(suspect)
    }
    return camps
  }

  async #isSame (a: Suspect, b: Suspect): Promise<boolean> {
    if (a.statement.cid === b.statement.cid) return true
    if (!this.#shop.spec.equal) return false
    return await this.#shop.equal(await this.#bytesOf(a), await this.#bytesOf(b))
  }

  async #bytesOf ({ bytes, statement }: Suspect): Promise<Uint8Array> {
    return bytes ?? await this.#shop.block(statement.cid)
  }

  async #settle (camps: Suspect[][]): Promise<void> {
    let standing = camps
    while (standing.length > 1) {
      const [a, b] = [standing[0]![0]!, standing[1]![0]!]
      if (!await this.#pair(a, b)) return await this.#holdAgainstTruth(standing)
      for (const camp of standing) await this.#convictLike(camp)
      standing = standing.map(camp => camp.filter(({ verdict }) => verdict === null)).filter(camp => camp.length > 0)
    }
  }

  /** Who said the very same as a liar, under its own name, lied as well. */
  async #convictLike (camp: Suspect[]): Promise<void> {
    const liar = camp.find(({ verdict }) => verdict?.type === 'lie')
    if (liar === undefined) return
    for (const other of camp) {
      if (other.verdict === null && other.statement.root === liar.statement.root) other.verdict = await this.#sameLie(liar, other)
    }
  }

  async #sameLie (liar: Suspect, other: Suspect): Promise<Verdict> {
    const known = this.#found.get(liar)
    if (known === undefined) return UNANSWERED
    const it = new Case(this.#shop, other.statement, known.it.opening)
    return await this.#look(it, known.point)
  }

  readonly #found = new Map<Suspect, { it: Case, point: Point }>()

  /** @returns false when looking at both settles nothing */
  async #pair (a: Suspect, b: Suspect): Promise<boolean> {
    if (!a.isBite || !b.isBite) return false
    const [caseA, caseB] = [a, b].map(suspect => new Case(this.#shop, suspect.statement, new Opening(suspect.bytes === null ? [] : [suspect.bytes]))) as [Case, Case]
    const settled = await answered(async () => {
      const parting = await new Bisection(this.#shop, this.#ask).part(caseA, caseB)
      if ('silent' in parting) return UNANSWERED
      await this.#lookFor(a, caseA, parting.point)
      await this.#lookFor(b, caseB, parting.point)
      return VALID
    })
    return settled.type === 'valid' && (a.verdict !== null || b.verdict !== null)
  }

  async #lookFor (suspect: Suspect, it: Case, point: Point): Promise<void> {
    const verdict = await this.#look(it, point)
    if (verdict.type === 'valid') return
    suspect.verdict = verdict
    this.#found.set(suspect, { it, point })
  }

  /** Compute the path here, and see who differs from that, where. */
  async #holdAgainstTruth (camps: Suspect[][]): Promise<void> {
    for (const suspect of camps.flat()) {
      suspect.verdict ??= await answered(async () => await this.#against(suspect))
    }
  }

  async #against ({ statement, isBite, bytes }: Suspect): Promise<Verdict> {
    const it = new Case(this.#shop, statement, new Opening(bytes === null ? [] : [bytes]))
    const whole: Point = { type: 'fold', partition: it.range.from, depth: 0 }
    if (isBite || it.kind === 'gathered') return await this.#look(it, whole)
    it.opening.add([await this.#shop.block(statement.root)])
    for (const type of ['shape', 'fold'] as const) {
      const verdict = await this.#look(it, { ...whole, type })
      if (verdict.type !== 'valid') return verdict
    }
    for (const child of it.family?.children ?? []) {
      const verdict = await this.#against(this.#childOf(it, child))
      if (verdict.type !== 'valid') return verdict
    }
    return VALID
  }

  #childOf (it: Case, child: FamilyChild): Suspect {
    return { statement: childStatement(this.#shop.job, it.statement.path, child), isBite: child.bite, bytes: child.bytes, verdict: null }
  }

  async #look (it: Case, point: Point): Promise<Verdict> {
    switch (await it.look(point)) {
      case 'right': return VALID
      case 'wrong': return { type: 'lie', lie: it.lie(point) }
      default: return UNANSWERED
    }
  }
}
