/**
 * The event log of `--record FILE`: what `run --events` writes of real peers, one JSON object a line. `time` is virtual Unix
 * milliseconds that start at 0 with the world, some seconds before the submission; a peer's `pid` is its number in the world. Other than a
 * process that is killed, a simulated peer that is gone without a goodbye has its `peer-stopped` too.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { LogEvent } from '../../protocol/core/log-event.ts'
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'
import { attempt } from './files.ts'
import { eventOf } from '../../protocol/core/log-event.ts'

/** Lines are written together, about so many characters at once. */
const CHUNK = 1 << 16

export class Record {
  readonly #name: string
  readonly #file: number
  #lines = ''

  /**
   * @param file - made anew: times of two worlds in one log would mean nothing
   * @throws BadInput when it cannot be written, here and later
   */
  constructor (file: string) {
    this.#name = file
    this.#file = attempt(file, () => openSync(file, 'w'))
  }

  /** Write what happens in a world from now on. */
  watch ({ world }: Play): void {
    const write = (node: Node, { type, ...rest }: LogEvent): void => {
      this.#lines += `${JSON.stringify({ time: Math.floor(world.nowMs), type, peer: node.id, ...rest })}\n`
      if (this.#lines.length >= CHUNK) this.#flush()
    }
    world.watchers.push({
      onCame: node => { write(node, { type: 'peer-started', pid: node.index, addrs: node.addrs }) },
      onNotice: (node, notice) => {
        const event = eventOf(notice)
        if (event !== null) write(node, event)
      },
      onGone: node => { write(node, { type: 'peer-stopped' }) }
    })
  }

  close (): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush (): void {
    attempt(this.#name, () => writeFileSync(this.#file, this.#lines))
    this.#lines = ''
  }
}
