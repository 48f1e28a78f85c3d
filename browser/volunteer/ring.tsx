/**
 * The one big control: Start or Pause, in a ring that shows how far each core is. The ring is for the eye; what it
 * shows stands in words beside it. The name of the button changes with what it does, so it has no pressed state.
 */
import type { JSX } from 'preact'
import type { Mood, Piece } from './view.ts'

const SEGMENTS_MAX = 32

interface RingInit {
  mood: Mood
  cores: number
  pieces: Array<Piece | undefined>
  /** What pressing does: `Start` or `Pause`. */
  label: 'Start' | 'Pause'
  onPress: () => void
}

export function Ring ({ mood, cores, pieces, label, onPress }: RingInit): JSX.Element {
  const count = Math.min(SEGMENTS_MAX, Math.max(cores, pieces.length, 1))
  return (
    <button type="button" class={`ring ${mood}`} onClick={onPress}>
      <svg viewBox="0 0 200 200" aria-hidden="true">
        {Array.from({ length: count }, (_, index) => <Segment key={index} index={index} count={count} piece={pieces[index]} />)}
      </svg>
      <span class="face">
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d={label === 'Start' ? 'M8 5v14l11-7z' : 'M7 5h4v14H7zm6 0h4v14h-4z'} /></svg>
        {label}
      </span>
    </button>
  )
}

function Segment ({ index, count, piece }: { index: number, count: number, piece?: Piece }): JSX.Element {
  const length = count === 1 ? 1 : 1 - Math.min(0.3, 0.012 * count)
  const circle = (name: string, share: number, key: string): JSX.Element => (
    <circle key={key} class={name} cx="100" cy="100" r="92" pathLength={count} transform="rotate(-90 100 100)"
      stroke-dasharray={`${(length * share).toFixed(4)} ${count}`} stroke-dashoffset={-index} />
  )
  return (
    <>
      {circle('track', 1, 'track')}
      {piece !== undefined && circle(piece.share === undefined ? 'arc unsure' : 'arc', piece.share ?? 1, piece.key)}
    </>
  )
}
