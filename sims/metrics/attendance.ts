/** Who was really there, when, faults and pauses included: for the physical limit and for figures a peer and second. */
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'
import type { Session } from '../models/session.ts'
import type { Watcher } from '../world/watchers.ts'

/** Peers that were there for less say nothing about rates, milliseconds. */
const THERE_MS_MIN = 10_000

export class Attendance {
  /** Stays by the node's index, in milliseconds after the submission; Infinity while they last. */
  readonly stays: Session[] = []
  readonly watcher: Watcher
  readonly #play: Play
  /** Where a node's stay is in the list while it lasts, and how long its stays before were, by index. */
  readonly #open: number[] = []
  readonly #beforeMs: number[] = []

  constructor (play: Play) {
    this.#play = play
    const begin = (node: Node): void => { this.#begin(node) }
    const end = (node: Node): void => { this.#end(node) }
    this.watcher = { onCame: begin, onWoken: begin, onPaused: end, onGone: end }
  }

  #begin ({ index }: Node): void {
    if ((this.#open[index] ?? -1) >= 0) return
    this.#open[index] = this.stays.length
    this.#beforeMs[index] ??= 0
    this.stays.push({ peer: index, onMs: this.#play.atMs, offMs: Infinity })
  }

  #end ({ index }: Node): void {
    const stay = this.stays[this.#open[index] ?? -1]
    this.#open[index] = -1
    if (stay === undefined) return
    stay.offMs = this.#play.atMs
    this.#beforeMs[index] = (this.#beforeMs[index] ?? 0) + stay.offMs - stay.onMs
  }

  /** How long a node has been there in all its stays, milliseconds. */
  thereMs ({ index }: Node): number {
    const stay = this.stays[this.#open[index] ?? -1]
    return (this.#beforeMs[index] ?? 0) + (stay === undefined ? 0 : this.#play.atMs - stay.onMs)
  }

  /** Seconds that all peers were there, together. */
  get peerSeconds (): number {
    let ms = 0
    for (const node of this.#play.world.nodes) ms += this.thereMs(node)
    return ms / 1_000
  }

  /** Messages and bytes that each peer sent a second. */
  rates (): { messages: number[], bytes: number[] } {
    const messages: number[] = []
    const bytes: number[] = []
    for (const node of this.#play.world.nodes) {
      const ms = this.thereMs(node)
      if (ms < THERE_MS_MIN) continue
      messages.push(1_000 * node.sentMessages / ms)
      bytes.push(1_000 * node.sentBytes / ms)
    }
    return { messages, bytes }
  }
}
