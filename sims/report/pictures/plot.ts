/**
 * Draws with Observable Plot into a document that is not a browser's, as text. Colours are the page's variables, so that one
 * picture serves light and dark. Never puts a report's text anywhere but into text nodes, which the document escapes.
 */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** Pictures are drawn twice, since text in one that is shrunk to a phone could not be read. */
export type Width = 'wide' | 'narrow'

/** Pixels. */
export const WIDTHS: Record<Width, number> = { wide: 896, narrow: 343 }

/** More points than these cannot be told apart in a picture. */
const POINTS_MOST: Record<Width, number> = { wide: 240, narrow: 120 }

/** Coordinates that Plot writes, to a tenth of a pixel. */
const COORDINATES = / (?:d|transform|x|y|x1|x2|y1|y2|width|height)="[^"]*"/g

/** @returns the picture as SVG, without styles or ids of its own */
export function drawSvg (options: Plot.PlotOptions): string {
  const { outerHTML } = Plot.plot({ className: 'plot', style: { fontSize: '12px' }, ...options, document: document as unknown as Document })
  return outerHTML
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(COORDINATES, (attribute) => attribute.replaceAll(/\d+\.\d+/g, (number) => String(Math.round(Number(number) * 10) / 10)))
}

/** Every n-th of many samples, and always the last. */
export function thinned<T> (samples: T[], width: Width): T[] {
  const step = Math.ceil(samples.length / POINTS_MOST[width])
  return step <= 1 ? samples : samples.filter((_, i) => i % step === 0 || i === samples.length - 1)
}

/** How an axis tells time. */
export interface TimeUnit { name: string, ms: number }

const UNITS: TimeUnit[] = [{ name: 'hours', ms: 3_600_000 }, { name: 'minutes', ms: 60_000 }, { name: 'seconds', ms: 1000 }]

/** @returns the largest unit of which there are at least two */
export const timeUnit = (lastMs: number): TimeUnit => UNITS.find(({ ms }) => lastMs >= 2 * ms) ?? UNITS.at(-1)!

/** Numbers on an axis: `2.5k`, `1M`. */
export function formatTick (value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))}M`
  if (value >= 1000) return `${Number((value / 1000).toPrecision(3))}k`
  return Number(value.toPrecision(3)).toString()
}

const STEPS = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10]

/** @returns the next number above that four ticks divide into plain ones */
export function roundUp (value: number): number {
  if (value <= 4) return 4
  const power = 10 ** Math.floor(Math.log10(value))
  return power * STEPS.find((step) => step * power >= value)!
}

export { Plot }
