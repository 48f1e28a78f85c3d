/**
 * Who watches a world, sorted by what they listen to: things happen a hundred thousand times a second, and most watchers care for few of
 * them. A watcher changes nothing in the world.
 */
import type { Message } from '../../protocol/core/message.ts'
import type { Node } from './node.ts'
import type { Notice } from '../../protocol/core/notice.ts'
import type { Run } from './sandbox.ts'
import type { Computed } from '../../protocol/core/job.ts'

/** What others may do when something happens. */
export interface Watcher {
  onNotice?: (node: Node, notice: Notice) => void
  onSent?: (from: Node, to: Node, message: Message, bytes: number) => void
  onComputed?: (node: Node, run: Run, value: Computed) => void
  /** What its sandbox said, which may be a lie. */
  onMade?: (node: Node, value: Computed) => void
  onCame?: (node: Node) => void
  onGone?: (node: Node) => void
  onPaused?: (node: Node) => void
  onWoken?: (node: Node) => void
}

type Listeners = { [Name in keyof Watcher]-?: Array<NonNullable<Watcher[Name]>> }

export class Watchers {
  readonly #on: Listeners = { onNotice: [], onSent: [], onComputed: [], onMade: [], onCame: [], onGone: [], onPaused: [], onWoken: [] }

  push (...watchers: Watcher[]): void {
    for (const watcher of watchers) {
      for (const name of Object.keys(this.#on) as Array<keyof Watcher>) {
        const listener = watcher[name]
        if (listener !== undefined) (this.#on[name] as unknown[]).push(listener)
      }
    }
  }

  /** Tell one no more. */
  remove (watcher: Watcher): void {
    for (const name of Object.keys(this.#on) as Array<keyof Watcher>) {
      const listeners = this.#on[name] as unknown[]
      const at = listeners.indexOf(watcher[name])
      if (at >= 0) listeners.splice(at, 1)
    }
  }

  notice (node: Node, notice: Notice): void {
    for (const listener of this.#on.onNotice) listener(node, notice)
  }

  sent (from: Node, to: Node, message: Message, bytes: number): void {
    for (const listener of this.#on.onSent) listener(from, to, message, bytes)
  }

  computed (node: Node, run: Run, value: Computed): void {
    for (const listener of this.#on.onComputed) listener(node, run, value)
  }

  made (node: Node, value: Computed): void {
    for (const listener of this.#on.onMade) listener(node, value)
  }

  came (node: Node): void {
    for (const listener of this.#on.onCame) listener(node)
  }

  gone (node: Node): void {
    for (const listener of this.#on.onGone) listener(node)
  }

  paused (node: Node): void {
    for (const listener of this.#on.onPaused) listener(node)
  }

  woken (node: Node): void {
    for (const listener of this.#on.onWoken) listener(node)
  }
}
