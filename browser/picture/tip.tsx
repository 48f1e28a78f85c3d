/** A small note beside what somebody points at. Its text may be a stranger's, and is only ever text. */
import type { JSX } from 'preact'
import type { Tip } from './words.ts'

/** A tip and where, in CSS pixels of the figure that it lies in. */
export interface PlacedTip extends Tip { x: number, y: number }

/** @param room - width of the figure in CSS pixels: the tip stays within */
export function TipNote ({ tip, room }: { tip: PlacedTip | null, room: number }): JSX.Element | null {
  if (tip === null) return null
  const isRight = tip.x > room / 2
  const place = isRight ? { right: `${Math.max(0, room - tip.x + 14)}px` } : { left: `${tip.x + 14}px` }
  return (
    <div class="picture-tip" style={{ top: `${tip.y + 14}px`, ...place }}>
      <strong>{tip.title}</strong>
      {tip.lines.map((line, i) => <span key={i}>{line}</span>)}
    </div>
  )
}
