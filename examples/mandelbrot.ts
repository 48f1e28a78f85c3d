/**
 * The Mandelbrot set as a picture: `npx millionfold run examples/mandelbrot.ts --peers 4 --out mandelbrot.png`. A partition is a
 * tile of 256 × 256 pixels, a byte each. Without `collect` the tiles stay in order and travel as content, so the
 * picture may be far larger than any message; `assemble` makes the PNG of them as they arrive.
 */
import type { Ctx, LogCtx } from 'millionfold'
import { encodePng } from './png.ts'

export const name = 'mandelbrot'

export interface Params {
  /** Pixels. */
  width: number
  height: number
  /** What lies in the middle. */
  re: number
  im: number
  /** What the width spans. */
  span: number
  /** Steps after which a point counts as one of the set. */
  steps: number
}

export const params: Params = { width: 4096, height: 4096, re: -0.5, im: 0, span: 3, steps: 256 }

/** Pixels along a tile's side; tiles at the right and at the bottom may be smaller. */
const TILE = 256
const SIDE_MAX = 65_536

const across = ({ width }: Params): number => Math.ceil(width / TILE)
const down = ({ height }: Params): number => Math.ceil(height / TILE)

export function prepare (params: Params): number {
  for (const side of [params.width, params.height]) {
    if (!Number.isInteger(side) || side < 1 || side > SIDE_MAX) throw new Error(`width and height must be whole numbers from 1 to ${SIDE_MAX}, not ${side}`)
  }
  return across(params) * down(params)
}

/** The left upper corner and the size of a tile, in pixels. */
function tileOf (partition: number, params: Params): { x: number, y: number, width: number, height: number } {
  const x = partition % across(params) * TILE
  const y = Math.floor(partition / across(params)) * TILE
  return { x, y, width: Math.min(TILE, params.width - x), height: Math.min(TILE, params.height - y) }
}

/** The tile's pixels, row by row: the colour's index, 0 for points of the set. */
export function compute (partition: number, _input: unknown, { params }: Ctx<Params>): Uint8Array {
  const tile = tileOf(partition, params)
  const step = params.span / params.width
  const pixels = new Uint8Array(tile.width * tile.height)
  for (let row = 0; row < tile.height; row++) {
    const im = params.im + (tile.y + row + 0.5 - params.height / 2) * step
    for (let column = 0; column < tile.width; column++) {
      const re = params.re + (tile.x + column + 0.5 - params.width / 2) * step
      const escaped = escape(re, im, params.steps)
      pixels[row * tile.width + column] = escaped === 0 ? 0 : 1 + (escaped - 1) % 255
    }
  }
  return pixels
}

/** Steps after which z → z² + c leaves the circle of radius 2, or 0 when it does not within `steps`. */
function escape (re: number, im: number, steps: number): number {
  let x = 0
  let y = 0
  for (let step = 1; step <= steps; step++) {
    const xx = x * x
    const yy = y * y
    if (xx + yy > 4) return step
    y = 2 * x * y + im
    x = xx - yy + re
  }
  return 0
}

/** Black for the set, and a ramp from blue through white to brown around it. */
function paletteOf (): Uint8Array {
  const palette = new Uint8Array(3 * 256)
  for (let index = 1; index < 256; index++) {
    const height = Math.sqrt(index / 255)
    palette.set([255 * Math.min(1, 2 * height), 255 * (1 - Math.abs(2 * height - 1)), 255 * Math.min(1, 2 - 2 * height)], 3 * index)
  }
  return palette
}

/** The PNG of the tiles, which come in order. */
export function assemble (tiles: AsyncIterable<Uint8Array>, { params }: LogCtx<Params>): AsyncIterable<Uint8Array> {
  return encodePng(params.width, params.height, paletteOf(), rowsOf(tiles, params))
}

/** Rows of pixels, from a row of tiles at a time. */
async function * rowsOf (tiles: AsyncIterable<Uint8Array>, params: Params): AsyncGenerator<Uint8Array> {
  let band = new Uint8Array(params.width * TILE)
  let partition = 0
  for await (const pixels of tiles) {
    const tile = tileOf(partition++, params)
    for (let row = 0; row < tile.height; row++) {
      band.set(pixels.subarray(row * tile.width, (row + 1) * tile.width), row * params.width + tile.x)
    }
    if (tile.x + tile.width < params.width) continue
    for (let row = 0; row < tile.height; row++) yield band.subarray(row * params.width, (row + 1) * params.width)
    band = new Uint8Array(params.width * TILE)
  }
}
