/**
 * The picture's colours, for light and dark. A state is told by lightness first and by hue second, so that it is told
 * apart in grey and by the colour-blind; a peer by its hue alone, free of any meaning. Pure: colours in, numbers out.
 *
 * Hues go round by the golden angle, so that peers who came one after the other look most unlike. OKLCH to sRGB is
 * Björn Ottosson's (https://bottosson.github.io/posts/oklab/).
 */
import { AGAIN, DONE, FAILED, FREE, LEASED, STATES, cellOf, peerOf, stateOf } from './cells.ts'
import type { CellState } from './cells.ts'

export type Scheme = 'light' | 'dark'
/** What hue tells: whose a cell is, or what state it is in. */
export type Colouring = 'peers' | 'states'

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number]

/** Lightness 0 to 1, chroma, hue in degrees. */
type Lch = readonly [lightness: number, chroma: number, hue: number]

const STATE_COLOURS: Record<Scheme, Record<CellState, Lch>> = {
  light: { free: [0.925, 0.008, 95], leased: [0.83, 0.115, 82], done: [0.53, 0.095, 180], again: [0.36, 0.13, 285], failed: [0.6, 0.2, 30] },
  dark: { free: [0.275, 0.014, 220], leased: [0.5, 0.085, 75], done: [0.78, 0.11, 178], again: [0.95, 0.035, 290], failed: [0.68, 0.19, 28] }
}

/** Lightness and chroma of a peer's cells; their hue is the peer's. */
const PEER_TONES: Record<Scheme, Record<'leased' | 'done' | 'again', readonly [number, number]>> = {
  light: { leased: [0.885, 0.055], done: [0.64, 0.135], again: [0.42, 0.11] },
  dark: { leased: [0.375, 0.05], done: [0.74, 0.125], again: [0.93, 0.05] }
}

const GOLDEN_DEGREES = 137.507764
const FIRST_HUE = 182
/** Neighbours in hue still differ a little in lightness. */
const STEPS = [0, 0.045, -0.04]

function toRgb ([lightness, chroma, hue]: Lch): Rgb {
  const a = chroma * Math.cos(hue * Math.PI / 180)
  const b = chroma * Math.sin(hue * Math.PI / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)
  ]
}

function toByte (linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
  return Math.round(255 * Math.min(1, Math.max(0, value)))
}

/** The colour of a state. */
export const stateRgb = (scheme: Scheme, state: CellState): Rgb => toRgb(STATE_COLOURS[scheme][state])

/** The colour of a peer's cells; nobody's are grey. */
export function peerRgb (scheme: Scheme, peer: number, tone: 'leased' | 'done' | 'again'): Rgb {
  const [lightness, chroma] = PEER_TONES[scheme][tone]
  if (peer === 0) return toRgb([lightness, 0.005, 90])
  const step = STEPS[peer % STEPS.length] as number
  return toRgb([lightness + (tone === 'done' ? step : step / 2), chroma, FIRST_HUE + (peer - 1) * GOLDEN_DEGREES])
}

/** The colour of a cell. */
export function cellRgb (scheme: Scheme, colouring: Colouring, cell: number): Rgb {
  const state = stateOf(cell)
  if (colouring === 'states' || state === FREE || state === FAILED) return stateRgb(scheme, STATES[state] ?? 'free')
  return peerRgb(scheme, peerOf(cell), state === LEASED ? 'leased' : state === AGAIN ? 'again' : 'done')
}

export const toCss = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`

/** As ImageData has it on every machine that runs a browser: the lowest byte is red. */
export const toPixel = ([red, green, blue]: Rgb): number => (255 << 24 | blue << 16 | green << 8 | red) >>> 0

/** Pixels by cell, filled as peers come. */
export class CellColours {
  readonly scheme: Scheme
  readonly colouring: Colouring
  pixels = new Uint32Array(0)

  constructor (scheme: Scheme, colouring: Colouring) {
    this.scheme = scheme
    this.colouring = colouring
  }

  /** Have the colours of so many peers ready. */
  ensure (peers: number): Uint32Array {
    const length = cellOf(STATES.length, peers)
    if (length <= this.pixels.length) return this.pixels
    const pixels = new Uint32Array(2 * length)
    pixels.set(this.pixels)
    for (let cell = this.pixels.length; cell < pixels.length; cell++) pixels[cell] = toPixel(cellRgb(this.scheme, this.colouring, cell))
    this.pixels = pixels
    return pixels
  }
}

/** States as a legend names them, in the order of a job's way. */
export const LEGEND: ReadonlyArray<{ state: CellState, code: number, name: string, means: string }> = [
  { state: 'free', code: FREE, name: 'free', means: 'nobody has claimed it' },
  { state: 'leased', code: LEASED, name: 'claimed', means: 'a peer has claimed it and sees to it' },
  { state: 'done', code: DONE, name: 'done', means: 'its value has been accepted' },
  { state: 'again', code: AGAIN, name: 'done twice', means: 'computed by more than one peer' },
  { state: 'failed', code: FAILED, name: 'failed', means: 'its last try failed' }
]
