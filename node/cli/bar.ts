/**
 * Progress on stderr: a bar that is redrawn on a terminal, a plain line every two seconds elsewhere. It
 * reads progress and draws; it never decides anything. Nothing of it goes to stdout.
 */
import { progressLine } from '../../protocol/client/progress.ts'
import type { Progress } from '../../protocol/client/progress.ts'

/** Plain lines come this often at most, milliseconds. */
const LINE_MS = 2_000
const BAR_CELLS = 24
const COLUMNS = 80

/** Where progress is drawn; process.stderr is one. */
export interface Screen {
  isTTY?: boolean
  columns?: number
  write: (text: string) => unknown
}

/** The bar and its figures in at most `columns` characters. */
export function barText (progress: Progress, columns: number): string {
  const share = progress.partitions === 0 ? 1 : progress.done / progress.partitions
  const full = Math.round(share * BAR_CELLS)
  const text = `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${progressLine(progress)}`
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text
}

/** Draw until the progress ends. */
export async function drawProgress (progress: AsyncIterable<Progress>, screen: Screen): Promise<void> {
  if (screen.isTTY === true) await drawBar(progress, screen)
  else await drawLines(progress, screen)
}

async function drawBar (progress: AsyncIterable<Progress>, screen: Screen): Promise<void> {
  let drawn = false
  for await (const now of progress) {
    screen.write(`\r\u001b[2K${barText(now, screen.columns ?? COLUMNS)}`)
    drawn = true
  }
  if (drawn) screen.write('\n')
}

async function drawLines (progress: AsyncIterable<Progress>, screen: Screen): Promise<void> {
  let last: Progress | null = null
  let written: Progress | null = null
  for await (const now of progress) {
    last = now
    if (written !== null && now.elapsedMs - written.elapsedMs < LINE_MS) continue
    screen.write(`${progressLine(now)}\n`)
    written = now
  }
  if (last !== null && last.done !== written?.done) screen.write(`${progressLine(last)}\n`)
}
