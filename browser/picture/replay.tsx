/**
 * A log of `run --events` or `sim --record`, dropped on the page or chosen, played forwards and backwards at any speed.
 * The file is read here and goes nowhere.
 */
import type { JSX } from 'preact'

export interface ReplayInit {
  /** A log to open at once; without it a visitor drops or chooses one. */
  file?: Blob
}

export function Replay ({ file }: ReplayInit): JSX.Element {
  return <section class="picture" aria-label="Replay"><p>{file?.size ?? 0}</p></section>
}
