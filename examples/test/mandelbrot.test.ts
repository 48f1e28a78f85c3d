/**
 * The picture of example mandelbrot, put together in this process and decoded by zlib: every pixel against a loop
 * over complex numbers, with tiles cut off at both edges.
 */
import { expect } from 'chai'
import { crc32, inflateSync } from 'node:zlib'
import type { Ctx } from 'millionfold'
import { assemble, compute, params as defaults, prepare } from '../mandelbrot.ts'
import type { Params } from '../mandelbrot.ts'
import { escapeSteps } from './oracles.ts'

interface Png { width: number, height: number, palette: Buffer, lines: Buffer[] }

/** Reads a PNG of one byte a pixel without filters, checking every CRC and, through zlib, the Adler sum. */
function decode (png: Buffer): Png {
  expect(png.subarray(0, 8).toString('latin1')).to.equal('\x89PNG\r\n\x1a\n')
  const chunks: Array<{ type: string, data: Buffer }> = []
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at)
    expect(crc32(png.subarray(at + 4, at + 8 + size))).to.equal(png.readUInt32BE(at + 8 + size))
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) })
    at += 12 + size
  }
  const dataOf = (type: string): Buffer => Buffer.concat(chunks.filter((chunk) => chunk.type === type).map(({ data }) => data))
  const head = dataOf('IHDR')
  const width = head.readUInt32BE(0)
  const pixels = inflateSync(dataOf('IDAT'))
  const lines = Array.from({ length: head.readUInt32BE(4) }, (_, row) => pixels.subarray(row * (width + 1), (row + 1) * (width + 1)))
  expect(pixels.length).to.equal(lines.length * (width + 1))
  expect(chunks.at(-1)?.type).to.equal('IEND')
  return { width, height: lines.length, palette: dataOf('PLTE'), lines }
}

async function pictureOf (params: Params): Promise<Buffer> {
  const ctx: Ctx<Params> = { params, resources: undefined, random: () => 0.5, sleep: async () => {}, gpu: null }
  async function * tiles (): AsyncGenerator<Uint8Array> {
    for (let partition = 0; partition < prepare(params); partition++) yield compute(partition, undefined, ctx)
  }
  const parts: Uint8Array[] = []
  for await (const bytes of assemble(tiles(), { params })) parts.push(bytes)
  return Buffer.concat(parts)
}

describe('example mandelbrot', () => {
  it('draws every pixel where it belongs', async () => {
    const params = { ...defaults, width: 600, height: 300, steps: 60 }
    expect(prepare(params)).to.equal(6)
    const png = decode(await pictureOf(params))
    expect([png.width, png.height, png.palette.length]).to.deep.equal([600, 300, 768])
    png.lines.forEach((line, y) => {
      expect(line[0]).to.equal(0)
      for (let x = 0; x < 600; x++) {
        const steps = escapeSteps(params.re + (x + 0.5 - 300) * (3 / 600), params.im + (y + 0.5 - 150) * (3 / 600), 60)
        if (line[x + 1] !== steps) expect.fail(`pixel ${x}, ${y} is ${line[x + 1]}, not ${steps}`)
      }
    })
  })

  it('draws a single pixel', async () => {
    const png = decode(await pictureOf({ ...defaults, width: 1, height: 1 }))
    expect(png.lines.map((line) => [...line])).to.deep.equal([[0, 0]])
  })

  it('refuses sizes that are none', () => {
    for (const width of [0, 2.5, -1, 70_000]) expect(() => prepare({ ...defaults, width })).to.throw(/width and height/)
  })
})
