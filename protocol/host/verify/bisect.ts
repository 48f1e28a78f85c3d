/**
 * Finds one point at which two commitments to the same path part (V4): down from the roots, always into a child whose value the
 * two state differently, to one output or one fold. Each step asks both makers to open one way; nothing is computed
 * here, so a dispute over a bite costs its judge one partition.
 */
import { encode } from '@ipld/dag-cbor'
import { isLink } from '../../job/commitment/nodes.ts'
import { isSame } from './same.ts'
import { partsBelow } from '../../job/commitment/shape.ts'
import { readGathered } from '../../job/gathered.ts'
import type { AskToOpen } from './checker.ts'
import type { Case } from './case.ts'
import type { Node } from '../../job/commitment/nodes.ts'
import type { Point } from './evidence.ts'
import type { Step } from '../../job/commitment/opening.ts'
import type { Workshop } from './workshop.ts'

/** Where two cases part, or the first that did not show its way there. */
export type Parting = { point: Point } | { silent: Case }

type Below = { next: number } | { point: Point } | null

export class Bisection {
  readonly #shop: Workshop
  readonly #ask: AskToOpen

  constructor (shop: Workshop, ask: AskToOpen) {
    this.#shop = shop
    this.#ask = ask
  }

  /** @param a - of the same path as `b`, its value another */
  async part (a: Case, b: Case): Promise<Parting> {
    if (a.kind === 'gathered' && b.kind === 'gathered') return { point: await this.#listed(a, b) }
    let partition = a.range.from
    for (let depth = 0; ; depth++) {
      for (const it of [a, b]) {
        const way = await this.#shown(it, partition, depth)
        if (way === 'misshapen') return { point: { type: 'shape', partition } }
        if (way === 'missing') return { silent: it }
      }
      const [stepA, stepB] = [a, b].map(it => it.way(partition).steps[depth]!) as [Step, Step]
      const below = await this.#below(stepA, stepB, partition, depth)
      if (below === null) return { point: { type: 'fold', partition, depth: a.foldDepth(partition, depth) } }
      if ('point' in below) return below
      partition = below.next
    }
  }

  /** Make sure that a way is known down to a depth. */
  async #shown (it: Case, partition: number, depth: number): Promise<'shown' | 'missing' | 'misshapen'> {
    if (it.way(partition).steps.length <= depth) it.opening.add(await this.#ask(it.statement, [partition]) ?? [])
    const { steps, end } = it.way(partition)
    if (steps.length > depth) return 'shown'
    return end === 'misshapen' ? 'misshapen' : 'missing'
  }

  /** Where two nodes part: a part below, a point, or null when all below is the same and only the fold is not. */
  async #below (a: Step, b: Step, partition: number, depth: number): Promise<Below> {
    const [nodeA, nodeB] = [a.node, b.node]
    if (nodeA.type !== nodeB.type) return { point: { type: 'output', partition } }
    if (nodeA.type === 'whole') return { point: { type: 'fold', partition, depth } }
    const at = await this.#difference(itemsOf(nodeA), itemsOf(nodeB)) ?? (this.#shop.spec.equal && nodeA.type === 'inner' ? null : differing(digestsOf(nodeA), digestsOf(nodeB)))
    if (at === null) return null
    if (nodeA.type === 'list') return { point: { type: 'output', partition: a.part.range.from + at } }
    return { next: partsBelow(this.#shop.spec, a.part, false)[at]!.range.from }
  }

  /** The first pair of items that are not the same. */
  async #difference (a: unknown[], b: unknown[]): Promise<number | null> {
    for (let i = 0; i < a.length; i++) if (!await this.#isSame(a[i], b[i])) return i
    return null
  }

  async #isSame (a: unknown, b: unknown): Promise<boolean> {
    const [bytesA, bytesB] = [encode(a), encode(b)]
    if (isSame(bytesA, bytesB)) return true
    return !isLink(a) && !isLink(b) && await this.#shop.equal(bytesA, bytesB)
  }

  async #listed (a: Case, b: Case): Promise<Point> {
    const others = readGathered(async cid => await b.block(cid), b.statement.cid)
    let { from } = a.range
    for await (const output of readGathered(async cid => await a.block(cid), a.statement.cid)) {
      const other = await others.next()
      if (other.done === true || !await this.#isSame(output, other.value)) return { type: 'output', partition: from }
      from++
    }
    return { type: 'fold', partition: a.range.from, depth: 0 }
  }
}

function itemsOf (node: Node): unknown[] {
  switch (node.type) {
    case 'list': return node.items
    case 'inner': return node.children.map(({ item }) => item)
    default: return []
  }
}

function digestsOf (node: Node): Uint8Array[] {
  switch (node.type) {
    case 'lists': return node.digests
    case 'inner': return node.children.map(({ digest }) => digest)
    default: return []
  }
}

function differing (a: Uint8Array[], b: Uint8Array[]): number | null {
  const at = a.findIndex((digest, i) => !isSame(digest, b[i]!))
  return at < 0 ? null : at
}
