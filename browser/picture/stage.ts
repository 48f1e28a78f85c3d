/**
 * What the parts of one view share: its picture, what colours mean, what somebody points at, and how the page looks.
 */
import { useEffect, useMemo } from 'preact/hooks'
import { signal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { Colouring, Scheme } from './palette.ts'
import type { Picture } from './picture.ts'
import type { Size } from './viewport.ts'
import type { TreeNode } from './tree.ts'

/** The page's colours and manners, as canvases need them. */
export interface Look {
  scheme: Scheme
  /** Nothing moves that does not have to. */
  isStill: boolean
  inks: { paper: string, ink: string, soft: string, sunk: string, line: string, bad: string, font: string }
}

export interface Stage {
  picture: Picture
  colouring: Signal<Colouring>
  /** The coordinator that is pointed at, in the map or in the tree. */
  focus: Signal<TreeNode | null>
  look: Signal<Look>
}

const DARK = '(prefers-color-scheme: dark)'
const STILL = '(prefers-reduced-motion: reduce)'

function readLook (): Look {
  const style = getComputedStyle(document.documentElement)
  const isDark = matchMedia(DARK).matches
  const ink = (name: string, light: string, dark: string): string => style.getPropertyValue(name).trim() || (isDark ? dark : light)
  return {
    scheme: isDark ? 'dark' : 'light',
    isStill: matchMedia(STILL).matches,
    inks: {
      paper: ink('--card', '#fffefb', '#171f22'), ink: ink('--ink', '#1c2426', '#e8ecea'), soft: ink('--soft', '#566166', '#a2aeb0'),
      sunk: ink('--sunk', '#eceae2', '#222c30'), line: ink('--line', '#dcd9cf', '#2a3539'), bad: ink('--bad', '#a8271c', '#ff9c8f'),
      font: getComputedStyle(document.body).fontFamily || 'system-ui, sans-serif'
    }
  }
}

/** A stage for the picture, which follows the visitor's settings. */
export function useStage (picture: Picture): Stage {
  const stage = useMemo<Stage>(() => ({ picture, colouring: signal<Colouring>('peers'), focus: signal<TreeNode | null>(null), look: signal(readLook()) }), [picture])
  useEffect(() => {
    const queries = [matchMedia(DARK), matchMedia(STILL)]
    const update = (): void => { stage.look.value = readLook() }
    for (const query of queries) query.addEventListener('change', update)
    // Style sheets may have come after the first look.
    update()
    return () => queries.forEach(query => query.removeEventListener('change', update))
  }, [stage])
  return stage
}

/**
 * Tell a canvas's size in device pixels, now and whenever it changes.
 *
 * @returns what ends it
 */
export function watchSize (canvas: HTMLCanvasElement, onSize: (size: Size, ratio: number) => void): () => void {
  const measure = (): void => {
    const ratio = devicePixelRatio
    onSize({ width: Math.round(canvas.clientWidth * ratio), height: Math.round(canvas.clientHeight * ratio) }, ratio)
  }
  const sizes = new ResizeObserver(measure)
  sizes.observe(canvas)
  measure()
  return () => sizes.disconnect()
}
