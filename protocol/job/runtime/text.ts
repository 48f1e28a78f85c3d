/**
 * TextEncoder and TextDecoder, UTF-8 only, for sandboxes whose engine has none; importing this file
 * installs them. Follows the WHATWG Encoding standard's UTF-8 decoder: malformed bytes become U+FFFD, one
 * per maximal wrong part, or throw when `fatal`.
 */

class Utf8Encoder {
  get encoding (): string { return 'utf-8' }

  encode (text = ''): Uint8Array {
    const bytes = new Uint8Array(text.length * 3)
    return bytes.slice(0, write(`${text}`, bytes).written)
  }

  encodeInto (text: string, bytes: Uint8Array): { read: number, written: number } {
    return write(`${text}`, bytes)
  }
}

/** As much of `text` as fits whole. */
function write (text: string, bytes: Uint8Array): { read: number, written: number } {
  let written = 0
  let read = 0
  while (read < text.length) {
    let point = text.codePointAt(read)!
    const units = point > 0xffff ? 2 : 1
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (written + length > bytes.length) break
    if (length === 1) bytes[written] = point
    else {
      bytes[written] = (0xf00 >> length & 0xff) | point >> 6 * (length - 1)
      for (let i = 1; i < length; i++) bytes[written + i] = 0x80 | (point >> 6 * (length - 1 - i) & 0x3f)
    }
    written += length
    read += units
  }
  return { read, written }
}

class Utf8Decoder {
  readonly fatal: boolean
  readonly ignoreBOM: boolean
  #kept: number[] = []
  #started = false

  constructor (label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    if (!/^\s*(unicode-1-1-)?utf-?8\s*$/i.test(label)) throw new RangeError(`the sandbox decodes UTF-8 only, not ${label}`)
    this.fatal = fatal
    this.ignoreBOM = ignoreBOM
  }

  get encoding (): string { return 'utf-8' }

  decode (input?: ArrayBuffer | ArrayBufferView, { stream = false } = {}): string {
    const fresh = bytesOf(input)
    const bytes = this.#kept.length === 0 ? fresh : Uint8Array.from([...this.#kept, ...fresh])
    const { text, used } = read(bytes, this.fatal, stream)
    this.#kept = [...bytes.subarray(used)]
    const bom = !this.#started && !this.ignoreBOM && text.startsWith('\ufeff')
    this.#started = stream && (this.#started || text !== '')
    return bom ? text.slice(1) : text
  }
}

function bytesOf (input?: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (input === undefined) return new Uint8Array(0)
  return ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input)
}

/** Units are joined in pieces: `fromCharCode` takes so many arguments. */
const PIECE = 4096

function read (bytes: Uint8Array, fatal: boolean, stream: boolean): { text: string, used: number } {
  let text = ''
  let units: number[] = []
  let at = 0
  while (at < bytes.length) {
    const { point, length } = pointAt(bytes, at)
    if (point === INCOMPLETE && stream) break
    if (point < 0 && fatal) throw new TypeError('the bytes are not UTF-8')
    if (point > 0xffff) units.push(0xd800 + (point - 0x10000 >> 10), 0xdc00 + (point & 0x3ff))
    else units.push(point < 0 ? 0xfffd : point)
    at += length
    if (units.length >= PIECE) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return { text: text + String.fromCharCode(...units), used: at }
}

const WRONG = -1
const INCOMPLETE = -2

/** The code point at an index and the bytes it, or the wrong part, takes. */
function pointAt (bytes: Uint8Array, at: number): { point: number, length: number } {
  const lead = bytes[at]!
  if (lead < 0x80) return { point: lead, length: 1 }
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
  if (length === 0) return { point: WRONG, length: 1 }
  let point = lead & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return { point: INCOMPLETE, length: i }
    const [low, high] = i === 1 ? boundsAfter(lead) : [0x80, 0xbf] as const
    if (byte < low || byte > high) return { point: WRONG, length: i }
    point = point << 6 | byte & 0x3f
  }
  return { point, length }
}

/** Overlong forms, surrogates and points above U+10FFFF show in the second byte. */
function boundsAfter (lead: number): readonly [number, number] {
  switch (lead) {
    case 0xe0: return [0xa0, 0xbf]
    case 0xed: return [0x80, 0x9f]
    case 0xf0: return [0x90, 0xbf]
    case 0xf4: return [0x80, 0x8f]
    default: return [0x80, 0xbf]
  }
}

const realm = globalThis as unknown as Record<string, unknown>
realm['TextEncoder'] ??= Utf8Encoder
realm['TextDecoder'] ??= Utf8Decoder
