/**
 * The controls of a replay: play either way, step, speed, the moment with every failover marked on its slider. It tells
 * the player what people do and shows what the player says.
 */
import { useMemo } from 'preact/hooks'
import type { JSX } from 'preact'
import { SPEED_MAX, SPEED_MIN, tidySpeed } from './player.ts'
import { describe } from './log-line.ts'
import { formatDuration, formatThings } from '../ui/format.ts'
import { plainName, shortPeer } from '../ui/names.ts'
import { useBeat } from './use-frames.ts'
import type { Player } from './player.ts'

/** The slider's steps; finer than any screen. */
const STEPS = 10_000
/** Marks nearer than this share of the slider would lie on each other. */
const MARK_SHARE = 1 / 300
/** More than these are ticks. */
const MARKS_LARGE = 30

const Icon = ({ path }: { path: string }): JSX.Element => <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d={path} fill="currentColor" /></svg>
const PLAY = 'M7 4.5v15l13-7.5z'
const BACK = 'M17 4.5v15L4 12z'
const PAUSE = 'M6 5h4.5v14H6zM13.5 5H18v14h-4.5z'
const NEXT = 'M6 5l9 7-9 7zM16 5h3v14h-3z'
const BEFORE = 'M18 5l-9 7 9 7zM5 5h3v14H5z'

const speedOf = (slider: number): number => tidySpeed(SPEED_MIN * (SPEED_MAX / SPEED_MIN) ** slider)
const sliderOf = (speed: number): number => Math.log(speed / SPEED_MIN) / Math.log(SPEED_MAX / SPEED_MIN)

/** Short logs are told in tenths of seconds. */
const momentOf = (ms: number, length: number): string => length < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms)

export interface PlayerBarInit { player: Player, onChange: () => void }

export function PlayerBar ({ player, onChange }: PlayerBarInit): JSX.Element {
  const { timeline } = player
  useBeat(timeline.picture, 80)
  const length = Math.max(1, timeline.end - timeline.start)
  const share = (player.time - timeline.start) / length
  const act = (what: () => void) => (): void => {
    what()
    onChange()
  }
  const toggle = (direction: 1 | -1): void => {
    if (player.isPlaying && player.direction === direction) player.pause()
    else player.play(direction)
  }
  const isForward = player.isPlaying && player.direction === 1
  const isBackward = player.isPlaying && player.direction === -1
  const { line } = timeline
  const said = `${momentOf(player.time - timeline.start, length)} of ${momentOf(length, length)}`
  return (
    <div class="picture-player" role="group" aria-label="Replay">
      <div class="picture-buttons">
        <button type="button" aria-label="One event back" title="One event back (←)" onClick={act(() => player.step(-1))}><Icon path={BEFORE} /></button>
        <button type="button" aria-label={isBackward ? 'Pause' : 'Play backwards'} title="Backwards (B)" onClick={act(() => toggle(-1))}><Icon path={isBackward ? PAUSE : BACK} /></button>
        <button type="button" class="main" aria-label={isForward ? 'Pause' : 'Play'} title="Play or pause (space)" onClick={act(() => toggle(1))}><Icon path={isForward ? PAUSE : PLAY} /></button>
        <button type="button" aria-label="One event on" title="One event on (→)" onClick={act(() => player.step(1))}><Icon path={NEXT} /></button>
      </div>
      <div class="picture-time">
        <Marks player={player} />
        <input class="slider" type="range" aria-label="Moment" min={0} max={STEPS} step={1} value={Math.round(share * STEPS)} aria-valuetext={said}
          style={{ '--fill': `${share * 100}%` }} onInput={event => act(() => player.seek(timeline.start + event.currentTarget.valueAsNumber / STEPS * length))()} />
        <p><span>{said}</span><span class="picture-event">{line === null ? '' : describe(line, peer => plainName(shortPeer(peer), 24))}</span></p>
      </div>
      <label class="picture-speed">
        <span>{player.speed}× <span class="unseen">speed</span></span>
        <input class="slider" type="range" aria-label="Speed" min={0} max={1} step={0.01} value={sliderOf(player.speed)} aria-valuetext={`${player.speed} times`}
          style={{ '--fill': `${sliderOf(player.speed) * 100}%` }} onInput={event => act(() => { player.speed = speedOf(event.currentTarget.valueAsNumber) })()} />
      </label>
    </div>
  )
}

/** Failovers along the slider. */
function Marks ({ player }: { player: Player }): JSX.Element {
  const { failovers, start, end } = player.timeline
  const shares = useMemo(() => {
    const places: number[] = []
    for (const { time } of failovers) {
      const share = (time - start) / Math.max(1, end - start)
      if (share >= 0 && share - (places.at(-1) ?? -1) >= MARK_SHARE) places.push(share)
    }
    return places
  }, [player])
  return (
    <div class={`picture-marks ${shares.length > MARKS_LARGE ? 'many' : ''}`} role="img" aria-label={`${formatThings(failovers.length, 'failover')} in this log`}>
      {shares.map(share => <i key={share} style={{ left: `${share * 100}%` }} />)}
    </div>
  )
}
