/**
 * Looks into one value (V4): recomputes the partitions that were drawn and the folds above them, and holds them against what its
 * maker committed to. Of a folded value it does the fold again and goes down to the bites that hold the partitions. A fold whose
 * values stand as links is done again only for its first partition, by computing all below it: so a sample costs one
 * partition a level on average, whatever a job's values are.
 */
import { Case } from './case.ts'
import { Opening } from '../../job/commitment/opening.ts'
import { SandboxError } from '../../job/sandbox.ts'
import { UnfetchableError } from '../block-fetcher.ts'
import { childRange, isLeaf } from '../../core/geometry.ts'
import { childStatement } from './family.ts'
import { holds } from '../../job/commitment/shape.ts'
import type { Point } from './evidence.ts'
import type { Range } from '../../core/geometry.ts'
import type { Statement } from './statement.ts'
import type { Step, Way } from '../../job/commitment/opening.ts'
import type { Verdict } from '../../core/job.ts'
import type { Workshop } from './workshop.ts'

/** Ask a bite's maker to open it at these partitions; null when it does not. */
export type AskToOpen = (statement: Statement, partitions: number[]) => Promise<Uint8Array[] | null>

/** Told after each partition that was looked at, and of each bite that was computed whole because its maker did not open it. */
export interface Watcher {
  onChecked?: (partitions: number) => void
  onRecomputed?: (statement: Statement) => void
  /** Told when nobody has what a value was folded from. */
  onMissing?: (statement: Statement) => void
}

const VALID: Verdict = { type: 'valid' }
const UNANSWERED: Verdict = { type: 'unanswered' }

export class Checker {
  readonly #shop: Workshop
  readonly #ask: AskToOpen
  readonly #watcher: Watcher

  constructor (shop: Workshop, ask: AskToOpen, watcher: Watcher = {}) {
    this.#shop = shop
    this.#ask = ask
    this.#watcher = watcher
  }

  /**
   * @param isBite - is the value said to be computed at once?
   * @param partitions - to recompute; those outside the path are left out
   * @param shown - the value's own bytes, where they travelled with it
   */
  async check (statement: Statement, isBite: boolean, partitions: number[], shown: Uint8Array[] = []): Promise<Verdict> {
    const it = new Case(this.#shop, statement, new Opening(shown))
    return await answered(async () => {
      const wanted = partitions.filter(partition => holds(it.range, partition))
      if (it.kind === 'gathered') return await this.#bite(it, wanted)
      if (!isBite) it.opening.add([await this.#familyOf(statement)])
      else if (wanted.length > 0) it.opening.add(await this.#ask(statement, this.#oneOfEachList(it, wanted)) ?? [])
      if (it.kind === 'unshown') return isBite && wanted.length === 0 ? VALID : UNANSWERED
      return it.kind === 'folded' ? await this.#folded(it, wanted) : await this.#bite(it, wanted)
    })
  }

  /** Whoever opens one partition shows its list (V2). */
  #oneOfEachList (it: Case, partitions: number[]): number[] {
    const ones: number[] = []
    let list: Range = { from: 0, to: 0 }
    for (const partition of partitions) {
      if (holds(list, partition)) continue
      list = it.listRange(partition)
      ones.push(partition)
    }
    return ones
  }

  async #familyOf (statement: Statement): Promise<Uint8Array> {
    try {
      return await this.#shop.block(statement.root)
    } catch (error) {
      this.#watcher.onMissing?.(statement)
      throw error
    }
  }

  async #folded (it: Case, partitions: number[]): Promise<Verdict> {
    for (const type of ['shape', 'fold'] as const) {
      const verdict = await this.#look(it, { type, partition: it.range.from, depth: 0 })
      if (verdict.type !== 'valid') return verdict
    }
    let unanswered = false
    for (const child of it.family?.children ?? []) {
      const range = childRange(it.range, this.#shop.spec.fanout, child.digit)
      const wanted = partitions.filter(partition => holds(range, partition))
      const verdict = wanted.length === 0 ? VALID : await this.checkOrCompute(childStatement(this.#shop.job, it.statement.path, child), child.bite, wanted, child.bytes === null ? [] : [child.bytes])
      if (verdict.type === 'lie') return verdict
      if (verdict.type === 'unanswered') unanswered = true
    }
    return unanswered ? UNANSWERED : VALID
  }

  /** As `check`; but what nobody opens, since its maker may be gone, is computed as a whole. */
  async checkOrCompute (statement: Statement, isBite: boolean, partitions: number[], shown: Uint8Array[] = []): Promise<Verdict> {
    const verdict = await this.check(statement, isBite, partitions, shown)
    if (verdict.type !== 'unanswered' || !isBite) return verdict
    this.#watcher.onRecomputed?.(statement)
    const whole = new Case(this.#shop, statement, new Opening(shown))
    const recomputed = await answered(async () => await this.#look(whole, { type: 'fold', partition: whole.range.from, depth: 0 }))
    this.#watcher.onChecked?.(partitions.length)
    return recomputed
  }

  async #bite (it: Case, partitions: number[]): Promise<Verdict> {
    await this.#shop.prepare(partitions)
    const folded = new Set<string>()
    let before: Way | null = null
    const pointsOf = new Map(partitions.map(partition => {
      const way = it.kind === 'bite' ? it.way(partition) : null
      const points: Point[] = way === null || way === before ? [{ type: 'output', partition }] : this.#pointsOf(it, way, partition, folded)
      before = way
      return [partition, points]
    }))
    if (it.kind === 'bite') await this.#shop.prepareFolds([...pointsOf.values()].flat().flatMap(point => it.foldOf(point) ?? []))
    for (const points of pointsOf.values()) {
      for (const point of points) {
        const verdict = await this.#look(it, point)
        if (verdict.type !== 'valid') return verdict
      }
      this.#watcher.onChecked?.(1)
    }
    return VALID
  }

  /** What to look at on one way. @param folded - parts whose folds were looked at already; grows */
  #pointsOf (it: Case, { steps, end }: Way, partition: number, folded: Set<string>): Point[] {
    if (end === 'misshapen') return [{ type: 'shape', partition }]
    const points: Point[] = [{ type: 'output', partition }]
    steps.forEach((step, depth) => {
      const key = `${step.part.kind} ${step.part.range.from} ${step.part.range.to}`
      if (folded.has(key) || !this.#isFold(it, step) || !(it.shows(step) || partition === step.part.range.from)) return
      folded.add(key)
      points.push({ type: 'fold', partition, depth })
    })
    return points
  }

  /** Is the node a path's, and not a part of a leaf's list? */
  #isFold (it: Case, { part, node }: Step): boolean {
    if (part.kind === 'inner') return true
    if (node.type === 'whole' || !isLeaf(this.#shop.spec, part.range)) return false
    const leaf = it.leafRange(part.range.from)
    return leaf.from === part.range.from && leaf.to === part.range.to
  }

  async #look (it: Case, point: Point): Promise<Verdict> {
    switch (await it.look(point)) {
      case 'right': return VALID
      case 'wrong': return { type: 'lie', lie: it.lie(point) }
      default: return UNANSWERED
    }
  }
}

/** What cannot be had, or does not compute here, is not answered. */
export async function answered (work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UnfetchableError || error instanceof SandboxError) return UNANSWERED
    throw error
  }
}
