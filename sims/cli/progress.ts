/**
 * Progress on stderr: one line that is written anew on a terminal, elsewhere a line every ten seconds. It reads how far worlds are and
 * draws; nothing of it goes to stdout.
 */
import type { Pulse } from './task.ts'
import { formatDuration, formatMany, formatNumber, formatShare } from '../report/format.ts'

/** Lines come this often where there is no terminal, milliseconds. */
const LINE_MS = 10_000
const BAR_CELLS = 24
const COLUMNS = 80

/** Where progress is drawn; process.stderr is one. */
export interface Screen {
  isTTY?: boolean
  columns?: number
  write: (text: string) => unknown
}

/** One updating line. */
export class Progress {
  readonly #screen: Screen
  readonly #now: () => number
  #shownMs: number
  #isDrawn = false

  constructor (screen: Screen, now: () => number) {
    this.#screen = screen
    this.#now = now
    this.#shownMs = now()
  }

  /** Show how it stands now, unless it is too early for another line. */
  show (text: string): void {
    if (this.#screen.isTTY === true) {
      const columns = this.#screen.columns ?? COLUMNS
      this.#screen.write(`\r\u001b[2K${text.length > columns ? `${text.slice(0, columns - 1)}…` : text}`)
      this.#isDrawn = true
    } else if (this.#now() - this.#shownMs >= LINE_MS) {
      this.#shownMs = this.#now()
      this.#screen.write(`${text}\n`)
    }
  }

  /** Say something that stays, above the line. */
  say (text: string): void {
    this.end()
    this.#screen.write(`${text}\n`)
  }

  /** Take the line away. */
  end (): void {
    if (this.#isDrawn) this.#screen.write('\r\u001b[2K')
    this.#isDrawn = false
  }
}

const barOf = (share: number): string => {
  const full = Math.floor(share * BAR_CELLS)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}`
}

/** Events a second so far, and how much faster than the wall clock the world goes. */
const paceOf = ({ atMs, events, wallMs }: Pulse): string =>
  `${formatNumber(Math.round(1_000 * events / Math.max(1, wallMs)))} events/s, ${formatNumber(atMs / Math.max(1, wallMs))} × real time`

/** How far one world is. */
export const worldText = (pulse: Pulse): string =>
  `${barOf(pulse.share)} ${formatShare(Math.floor(pulse.share * 1_000) / 1_000)}, ${formatDuration(Math.floor(pulse.atMs / 1_000) * 1_000)}, ${formatMany(pulse.live, 'peer')}, ${paceOf(pulse)}`

/** How far many are: those that ended, and what runs. */
export function worldsText (ended: number, all: number, failed: number, running: ReadonlyMap<string, Pulse>): string {
  const share = (ended + [...running.values()].reduce((sum, pulse) => sum + pulse.share, 0)) / all
  const now = [...running].map(([name, pulse]) => `${name} ${formatShare(Math.floor(pulse.share * 100) / 100)}`).join(', ')
  return `${barOf(share)} ${formatNumber(ended)} of ${formatMany(all, 'world')}${failed === 0 ? '' : `, ${failed} failed`}${now === '' ? '' : `; ${now}`}`
}
