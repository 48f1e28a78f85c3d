/**
 * The event log of `--events FILE` (DESIGN 7): one JSON object a line, `time` in Unix milliseconds, `type`
 * and `peer`. Several processes may append to one file: each event is one write of one whole line to a
 * file opened for appending, which the kernel does not interleave, and it is on its way to the file before
 * the call returns, so that a peer that is killed leaves everything it had said. It never reads the file.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { eventOf } from '../protocol/core/log-event.ts'
import type { LogEvent } from '../protocol/core/log-event.ts'
import type { Notice } from '../protocol/core/notice.ts'
import { UsageError, reasonOf } from '../protocol/client/errors.ts'

export class EventsLog {
  readonly #file: number
  readonly #peer: string

  /**
   * @param file path of the log; made if missing, appended to otherwise
   * @param peer the full id of the peer that speaks
   * @throws UsageError when the file cannot be written
   */
  constructor (file: string, peer: string) {
    this.#peer = peer
    try {
      this.#file = openSync(file, 'a')
    } catch (error) {
      throw new UsageError(`Cannot write the event log ${file}: ${reasonOf(error)}.`)
    }
  }

  write (event: LogEvent): void {
    const { type, ...rest } = event
    const line = JSON.stringify({ time: Date.now(), type, peer: this.#peer, ...rest }) + '\n'
    writeSync(this.#file, line)
  }

  /** Write a notice, if it is one that is logged. */
  notice (notice: Notice): void {
    const event = eventOf(notice)
    if (event !== null) this.write(event)
  }

  close (): void {
    closeSync(this.#file)
  }
}
