/**
 * Makes a commitment's nodes beside a fold (V2): told of each leaf's outputs and of each inner node's values in the
 * order in which they are folded, before `collect` sees them, which may change what it is given.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { DIGEST_BYTES, innerNode, itemOf, itemOfValue, listNode, listsNode, wholeNode } from '../commitment/nodes.ts'
import { LIST_MAX } from '../../core/lists.ts'
import { Scribe } from '../commitment/scribe.ts'
import { spanOf } from '../commitment/shape.ts'
import type { Pack } from '../commitment/pack.ts'

const EMPTY = sha256.create()

export class Committer {
  readonly #itemBytesMax: number
  readonly #scribe = new Scribe()
  readonly #hasher = sha256.create()
  /** Of what is folded but not yet part of an inner node. They are hashed there: many in a row are faster than each between two leaves. */
  #nodes: Uint8Array[] = []

  /** @param itemBytesMax - longer outputs and values stand as links */
  constructor (itemBytesMax: number) {
    this.#itemBytesMax = itemBytesMax
  }

  /** An output as it will stand in its leaf's list. @param bytes - the length of its encoding */
  item (output: unknown, bytes: number): unknown {
    return itemOf(output, bytes, this.#itemBytesMax)
  }

  /** A leaf's outputs. */
  leaf (items: unknown[]): void {
    this.#nodes.push(this.#list(items))
  }

  /** A leaf whose value `computeRange` gave. */
  whole (value: unknown): void {
    this.#nodes.push(this.#scribe.add(wholeNode(itemOfValue(value, this.#itemBytesMax))))
  }

  /** An inner node over its children's values. */
  inner (values: unknown[]): void {
    const digests = this.#nodes.splice(this.#nodes.length - values.length).map(node => this.#digestOf(node))
    this.#nodes.push(this.#scribe.inner(values, digests) ??
      this.#scribe.add(innerNode(values.map((value, i) => ({ item: itemOfValue(value, this.#itemBytesMax), digest: digests[i]! })))))
  }

  /** All nodes since the last call. */
  take (): Pack {
    this.#nodes = []
    return this.#scribe.take()
  }

  /** Forget what an earlier request left unfinished. */
  clear (): void {
    this.#nodes = []
    this.#scribe.clear()
  }

  #list (items: unknown[]): Uint8Array {
    if (items.length <= LIST_MAX) return this.#scribe.list(items) ?? this.#scribe.add(listNode(items))
    const span = spanOf(items.length)
    const digests: Uint8Array[] = []
    for (let at = 0; at < items.length; at += span) digests.push(this.#digestOf(this.#list(items.slice(at, at + span))))
    return this.#scribe.add(listsNode(digests))
  }

  #digestOf (node: Uint8Array): Uint8Array {
    const digest = new Uint8Array(DIGEST_BYTES)
    // One hasher for all: to make one for each node takes as long again as its hash.
    EMPTY._cloneInto(this.#hasher)
    this.#hasher.update(node).digestInto(digest)
    return digest
  }
}
