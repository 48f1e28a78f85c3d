/**
 * Hooks that keep time for the picture: one for what is drawn in every frame, one for words and figures that nobody can
 * read sixty times a second. Both rest while the page is hidden.
 */
import { useEffect, useReducer, useRef } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Picture } from './picture.ts'

/** Call with the time, in ms, before every frame. */
export function useFrames (draw: (now: number) => void): void {
  const latest = useRef(draw)
  latest.current = draw
  useEffect(() => {
    let frame = requestAnimationFrame(function next (now) {
      latest.current(now)
      frame = requestAnimationFrame(next)
    })
    return () => cancelAnimationFrame(frame)
  }, [])
}

/** Render again when the picture has changed, so often at most. */
export function useBeat (picture: Picture, everyMs = 250): void {
  const [, render] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    let seen = picture.version
    let now = picture.now
    const timer = setInterval(() => {
      if (document.hidden || picture.version === seen && picture.now === now) return
      seen = picture.version
      now = picture.now
      render(undefined)
    }, everyMs)
    return () => clearInterval(timer)
  }, [picture, everyMs])
}

/** How often a screen reader's words are renewed. */
const SPOKEN_MS = 1000

/** Keep what a screen reader says of a canvas up to date. */
export function useSpoken (canvas: RefObject<HTMLCanvasElement | null>, describe: () => string): void {
  const told = useRef(-Infinity)
  useFrames((now) => {
    if (now - told.current < SPOKEN_MS) return
    told.current = now
    const words = describe()
    if (canvas.current?.getAttribute('aria-label') !== words) canvas.current?.setAttribute('aria-label', words)
  })
}
