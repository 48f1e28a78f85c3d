/**
 * A timeline on the screen: the picture, its controls, and the keys that go with them. It turns the timeline as the
 * frames come and reads no file.
 */
import { useReducer, useRef } from 'preact/hooks'
import type { JSX, TargetedKeyboardEvent } from 'preact'
import { PictureView } from './view.tsx'
import { PlayerBar } from './player-bar.tsx'
import { useFrames } from './use-frames.ts'
import type { Player } from './player.ts'

/** A frame that came late, as after a hidden tab, is no longer than this. */
const FRAME_MAX_MS = 100
const MANY_LINES = 100

export function ReplayView ({ player }: { player: Player }): JSX.Element {
  const { timeline } = player
  const [, render] = useReducer((count: number) => count + 1, 0)
  const last = useRef(0)
  useFrames((now) => {
    const passed = Math.min(FRAME_MAX_MS, now - last.current)
    last.current = now
    if (!player.isPlaying) return
    player.advance(passed)
    if (!player.isPlaying) render(undefined)
  })
  const onKey = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys(player, event)) return
    event.preventDefault()
    render(undefined)
  }
  return (
    <div onKeyDown={onKey}>
      <PictureView picture={timeline.picture} series={timeline.series} start={timeline.start} isReplay={true}>
        <PlayerBar player={player} onChange={() => render(undefined)} />
      </PictureView>
    </div>
  )
}

/** Does the key mean anything here? Sliders and buttons keep their own. */
function keys (player: Player, { key, shiftKey, target }: KeyboardEvent): boolean {
  const isSlider = target instanceof HTMLInputElement
  const isControl = isSlider || target instanceof HTMLButtonElement || target instanceof HTMLSelectElement
  const { timeline } = player
  const acts: Record<string, () => void> = isSlider ? {} : {
    ArrowRight: () => player.step(shiftKey ? MANY_LINES : 1),
    ArrowLeft: () => player.step(shiftKey ? -MANY_LINES : -1),
    Home: () => player.seek(timeline.start),
    End: () => player.seek(timeline.end),
    b: () => player.play(-1),
    B: () => player.play(-1),
    ...isControl ? {} : { ' ': () => player.isPlaying ? player.pause() : player.play(1) }
  }
  const act = acts[key]
  act?.()
  return act !== undefined
}
