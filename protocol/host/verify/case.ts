/**
 * One statement and what is known of how it came about: looks at single points of it (V4). A point is right, or wrong, which is
 * a lie of whoever signed the statement and the same for everybody who looks; or it is unknown because something was not shown.
 * Looks only at what it is asked to look at, and asks nobody but the workshop.
 */
import { encode } from '@ipld/dag-cbor'
import { childDigits, childOf, childRange, isLeaf, rangeOf, sizeOf } from '../../core/geometry.ts'
import { LIST_MAX } from '../../core/lists.ts'
import { ValueError } from '../../job/value.ts'
import { cidFrom, cidOfDag, digestOf } from '../../job/cid.ts'
import { encodeEvidence } from './evidence.ts'
import { childStatement, familyFrom, isFamilyOf } from './family.ts'
import { holds, leafRangeOf } from '../../job/commitment/shape.ts'
import { isLink, itemBytes, itemBytesMaxOf } from '../../job/commitment/nodes.ts'
import { isSame } from './same.ts'
import { joinValues } from '../../job/folds.ts'
import { nodeOf, readChunks } from '../../job/gathered.ts'
import { statementBytes } from './statement.ts'
import type { Cid, Path } from '../../core/ids.ts'
import type { Fold } from '../../job/sandbox.ts'
import type { Family } from './family.ts'
import type { Lie } from '../../core/job.ts'
import type { Opening, Step, Way } from '../../job/commitment/opening.ts'
import type { Node } from '../../job/commitment/nodes.ts'
import type { Point } from './evidence.ts'
import type { Range } from '../../core/geometry.ts'
import type { Statement } from './statement.ts'
import type { Workshop } from './workshop.ts'

export type Finding = 'right' | 'wrong' | 'unknown'

/** What a statement's root is: gathered outputs themselves, a tree over a bite, or a family of values made by others. */
export type Kind = 'gathered' | 'bite' | 'folded' | 'unshown'

export class Case {
  readonly statement: Statement
  readonly opening: Opening
  readonly range: Range
  readonly #shop: Workshop
  /** Down to partitions, as shown so far, where they do not end at a list. */
  readonly #ways = new Map<number, Way>()
  /** The last way down to a list, which is that of all its partitions. */
  #last: { list: Range, way: Way } | null = null
  readonly #values = new WeakMap<Node, Uint8Array>()
  #kind: Kind = 'unshown'
  /** Blocks that were read to look at a point: a proof holds them. */
  readonly #read = new Map<Cid, Uint8Array>()

  /** @throws Error when the job has no such path */
  constructor (shop: Workshop, statement: Statement, opening: Opening) {
    const range = rangeOf(shop.spec, statement.path)
    if (range === null) throw new Error(`the job has no path ${statement.path}`)
    this.#shop = shop
    this.statement = statement
    this.opening = opening
    this.range = range
  }

  get kind (): Kind {
    if (this.#kind === 'unshown') this.#kind = this.#shownKind()
    return this.#kind
  }

  #shownKind (): Kind {
    const { cid, root } = this.statement
    if (!this.#shop.spec.collect && root === cid) return 'gathered'
    const bytes = this.opening.node(digestOf(root))
    if (bytes === null) return 'unshown'
    return familyFrom(bytes) === null ? 'bite' : 'folded'
  }

  /** The family of a folded value; null of any other. */
  get family (): Family | null {
    const bytes = this.opening.node(digestOf(this.statement.root))
    return bytes === null ? null : familyFrom(bytes)
  }

  way (partition: number): Way {
    if (this.#last !== null && holds(this.#last.list, partition)) return this.#last.way
    const known = this.#ways.get(partition)
    if (known !== undefined && known.end !== 'missing') return known
    const way = this.opening.way(this.#shop.spec, this.statement.root, this.range, partition)
    const end = way.steps.at(-1)
    if (way.end === 'reached' && end?.node.type === 'list') this.#last = { list: end.part.range, way }
    else this.#ways.set(partition, way)
    return way
  }

  /** The depth of the path whose fold a step belongs to: lists within a leaf have none of their own. */
  foldDepth (partition: number, depth: number): number {
    const leaf = this.way(partition).steps.findIndex(({ part }) => part.kind !== 'inner')
    return leaf < 0 ? depth : Math.min(depth, leaf)
  }

  /** The range of the leaf that holds a partition. */
  leafRange (partition: number): Range {
    return leafRangeOf(this.#shop.spec, this.statement.path, partition)
  }

  /** The range of the list that holds a partition (V2). */
  listRange (partition: number): Range {
    const { from, to } = this.leafRange(partition)
    const start = partition - (partition - from) % LIST_MAX
    return { from: start, to: Math.min(to, start + LIST_MAX) }
  }

  /** @throws what the workshop rejects with, when something cannot be had or computed here */
  async look (point: Point): Promise<Finding> {
    if (!holds(this.range, point.partition)) return 'unknown'
    const { kind } = this
    switch (kind) {
      // Nobody shows how it came about, but whether it is what it should be can be computed.
      case 'unshown': return point.type === 'fold' && point.depth === 0 ? await this.#agreesWithOwn((await this.#shop.compute(this.statement.path)).bytes) : 'unknown'
      case 'gathered': return await this.#lookAtGathered(point)
      case 'folded': return point.type === 'shape' ? await this.#lookAtFamily() : point.type === 'fold' && point.depth === 0 ? await this.#refold() : 'unknown'
      case 'bite': return await this.#lookAtBite(point)
      default: return kind satisfies never
    }
  }

  /** What proves a point to be wrong. */
  lie (point: Point): Lie {
    const { by, path } = this.statement
    const way = this.kind === 'bite' ? this.way(point.partition) : null
    const steps = way?.steps.slice(0, point.type === 'fold' ? point.depth + 1 : undefined).map(({ bytes }) => bytes) ?? []
    const top = this.opening.node(digestOf(this.statement.root))
    const nodes = way === null ? [...top === null ? [] : [top], ...this.#read.values()] : [...steps, ...way.end === 'misshapen' ? [way.bytes] : [], ...this.#read.values()]
    return { peer: by, path, partition: point.type === 'output' ? point.partition : -1, evidence: encodeEvidence({ statement: this.statement, point, nodes: [...new Set(nodes)] }) }
  }

  async #lookAtBite (point: Point): Promise<Finding> {
    const way = this.way(point.partition)
    if (point.type === 'shape') return way.end === 'misshapen' ? 'wrong' : 'right'
    const step = point.type === 'fold' ? way.steps[point.depth] : way.end === 'reached' ? way.steps.at(-1) : undefined
    if (step === undefined) return 'unknown'
    if (point.type === 'fold') return await this.#lookAtFold(way.steps, point.depth, point.partition)
    if (step.node.type === 'whole') return await this.#lookAtFold(way.steps, way.steps.length - 1, point.partition)
    if (step.node.type !== 'list') return 'unknown'
    const truth = await this.#shop.output(point.partition)
    // A job that folds whole leaves has no outputs to list.
    if (truth === null) return 'wrong'
    return await this.#agrees(truth, step.node.items[point.partition - step.part.range.from])
  }

  async #lookAtFold (steps: Step[], depth: number, partition: number): Promise<Finding> {
    const step = steps[depth]!
    const path = this.#pathOf(step, partition, depth)
    if (path === null) return 'unknown'
    const values = this.#valuesIn(step)
    const bytes = values === null ? (await this.#shop.compute(path)).bytes : await this.#shop.fold(path, values)
    return depth === 0 ? await this.#agreesWithOwn(bytes) : await this.#agrees(bytes, step.item)
  }

  /** What a point's fold is to be done again from; null for another point, and where its nodes do not say. */
  foldOf (point: Point): Fold | null {
    const step = point.type === 'fold' ? this.way(point.partition).steps[point.depth] : undefined
    if (point.type !== 'fold' || step === undefined) return null
    const path = this.#pathOf(step, point.partition, point.depth)
    const values = this.#valuesIn(step)
    return path === null || values === null ? null : { path, values }
  }

  /** Can the fold of a node be done again from what was shown? Else all below it has to be computed. */
  shows (step: Step): boolean {
    return this.#valuesIn(step) !== null
  }

  /** What a node folds, dag-cbor of the list; null where its nodes do not say. */
  #valuesIn ({ node, part }: Step): Uint8Array | null {
    const known = this.#values.get(node)
    if (known !== undefined) return known
    const items = node.type === 'inner' ? node.children.map(({ item }) => item) : node.type === 'list' && isLeaf(this.#shop.spec, part.range) ? node.items : null
    const values = items === null ? null : items.some(isLink) ? this.#joined(items) : encode(items)
    if (values !== null) this.#values.set(node, values)
    return values
  }

  #joined (items: unknown[]): Uint8Array | null {
    const values: Uint8Array[] = []
    for (const item of items) {
      const cid = isLink(item) ? cidFrom(item) : null
      const bytes = !isLink(item) ? encode(item) : cid === null ? null : this.opening.node(digestOf(cid))
      if (bytes === null) return null
      values.push(bytes)
    }
    return joinValues(values)
  }

  /** The path that a step folds; null where it is only a part of one. */
  #pathOf ({ part }: Step, partition: number, depth: number): Path | null {
    const { path, range } = this.#pathAt(partition, depth)
    return range.from === part.range.from && range.to === part.range.to ? path : null
  }

  /** The path so many levels down towards a partition. */
  #pathAt (partition: number, depth: number): { path: Path, range: Range } {
    let { path } = this.statement
    let { range } = this
    for (let level = 0; level < depth; level++) {
      const parent = range
      const digit = childDigits(this.#shop.spec, parent).find(each => holds(childRange(parent, this.#shop.spec.fanout, each), partition))
      if (digit === undefined) break
      path = childOf(path, digit)
      range = childRange(parent, this.#shop.spec.fanout, digit)
    }
    return { path, range }
  }

  async #lookAtGathered (point: Point): Promise<Finding> {
    const { cid, path } = this.statement
    if (point.type === 'fold') return point.depth === 0 ? await this.#agreesWithOwn((await this.#shop.compute(path)).bytes) : 'unknown'
    try {
      const top = nodeOf(await this.block(cid))
      const count = top.type === 'list' ? top.items.length : top.links.reduce((sum, [, each]) => sum + each, 0)
      if (count !== sizeOf(this.range)) return 'wrong'
      const at = point.partition - this.range.from
      for await (const { from, bytes } of readChunks(async id => await this.block(id), cid, at, at + 1)) {
        const node = nodeOf(bytes)
        if (point.type === 'shape' || node.type !== 'list') return 'right'
        const truth = await this.#shop.output(point.partition)
        return truth === null ? 'unknown' : await this.#agreesWith(truth, encode(node.items[at - from]))
      }
      return 'wrong'
    } catch (error) {
      if (error instanceof ValueError) return 'wrong'
      throw error
    }
  }

  /** Are these the path's children, and did each maker sign? */
  async #lookAtFamily (): Promise<Finding> {
    const { job, path, cid } = this.statement
    const { family } = this
    if (family === null || !isFamilyOf(family, this.#shop.spec, path, cid)) return 'wrong'
    for (const child of family.children) {
      const statement = childStatement(job, path, child)
      if (!await this.#shop.verify(child.by, statementBytes(statement), child.signature).catch(() => false)) return 'wrong'
    }
    return 'right'
  }

  async #refold (): Promise<Finding> {
    const { family } = this
    if (family === null) return 'unknown'
    const values: Uint8Array[] = []
    for (const { cid, bytes } of family.children) values.push(bytes ?? await this.block(cid))
    return await this.#agreesWithOwn(await this.#shop.collect(this.statement.path, values))
  }

  /** A block that was shown, or one of the job's. */
  async block (cid: Cid): Promise<Uint8Array> {
    const bytes = this.opening.node(digestOf(cid)) ?? await this.#shop.block(cid)
    this.#read.set(cid, bytes)
    return bytes
  }

  async #agreesWithOwn (truth: Uint8Array): Promise<Finding> {
    const { cid } = this.statement
    if (cidOfDag(truth) === cid) return 'right'
    return this.#shop.spec.equal ? await this.#agreesWith(truth, await this.block(cid)) : 'wrong'
  }

  async #agrees (truth: Uint8Array, item: unknown): Promise<Finding> {
    const stated = encode(item)
    if (isSame(itemBytes(truth, itemBytesMaxOf(this.#shop.spec)), stated)) return 'right'
    return isLink(item) ? 'wrong' : await this.#agreesWith(truth, stated)
  }

  async #agreesWith (truth: Uint8Array, stated: Uint8Array): Promise<Finding> {
    return isSame(truth, stated) || await this.#shop.equal(truth, stated) ? 'right' : 'wrong'
  }
}
