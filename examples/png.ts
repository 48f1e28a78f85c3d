/**
 * Writes a PNG with a palette (PNG specification, 3rd edition) row by row, so that an image of any size needs a
 * few rows of memory. Compression is the platform's CompressionStream, found in Node and in browsers alike.
 */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** One byte a pixel, an index into the palette. */
const BIT_DEPTH = 8
const COLOUR_INDEXED = 3

/** The table of CRC-32, one entry a byte (PNG specification, annex D). */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  return crc
})

function crcOf (bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Length, type, data, and the CRC of the latter two. */
function chunk (type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  bytes.set([...type].map((letter) => letter.charCodeAt(0)), 4)
  bytes.set(data, 8)
  view.setUint32(8 + data.length, crcOf(bytes.subarray(4, 8 + data.length)))
  return bytes
}

function header (width: number, height: number): Uint8Array {
  const data = new Uint8Array(13)
  const view = new DataView(data.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  data.set([BIT_DEPTH, COLOUR_INDEXED], 8)
  return chunk('IHDR', data)
}

/**
 * The bytes of a PNG.
 *
 * @param palette - red, green and blue of each colour, at most 256 of them
 * @param rows - from the top, each of `width` bytes
 */
export async function * encodePng (width: number, height: number, palette: Uint8Array, rows: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield SIGNATURE
  yield header(width, height)
  yield chunk('PLTE', palette)
  const pixels = streamOf(rows).pipeThrough(new CompressionStream('deflate'))
  for await (const bytes of pixels) yield chunk('IDAT', bytes)
  yield chunk('IEND', new Uint8Array(0))
}

/** Each row behind the number of its filter: 0, none, which suits indexed colours best. */
function streamOf (rows: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = rows[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull (controller) {
      const { done, value } = await iterator.next()
      if (done === true) return controller.close()
      const line = new Uint8Array(value.length + 1)
      line.set(value, 1)
      controller.enqueue(line)
    },
    async cancel () {
      await iterator.return?.()
    }
  })
}
