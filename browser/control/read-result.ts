/**
 * Reads a finished job's result once, as a stream: what there is to see of it, and a file to download, which is written
 * as the command line writes it: text and numbers one a line, bytes as they are, everything else as dag-json a line.
 * Never more of it is held as values than is shown.
 */
import { stringify } from '@ipld/dag-json'

export interface ReadResult {
  /** `outputs`: those of all partitions, in order; `value` then holds the first of them. */
  kind: 'number' | 'text' | 'image' | 'bytes' | 'value' | 'outputs'
  value: unknown
  /** Outputs read, or 1. */
  count: number
  file: { blob: Blob, ending: 'txt' | 'json' | 'ndjson' | 'png' | 'jpg' | 'webp' | 'gif' | 'bin' }
}

export interface ReadInit {
  /** Outputs of all partitions, or what was assembled of them; otherwise one value. */
  isGathered: boolean
  /** Made by the module's `assemble`, or the one value: bytes are parts of a file. */
  isAssembled: boolean
  /** Told how many items are read, now and then. */
  onCount: (count: number) => void
  signal: AbortSignal
}

/** Outputs shown; all are in the file. */
export const SHOWN_MAX = 100
/** Text of so many characters is put away as a blob, which the browser keeps on disk if it likes. */
const PART_CHARS = 2 ** 20
/** A larger picture is offered as a file and not shown. A guess. */
export const IMAGE_BYTES_MAX = 256 * 2 ** 20
/** The page can draw and listen at least this often, milliseconds. */
const PAUSE_MS = 50

const IMAGES = [['png', [0x89, 0x50, 0x4e, 0x47]], ['jpg', [0xff, 0xd8, 0xff]], ['webp', [0x52, 0x49, 0x46, 0x46]], ['gif', [0x47, 0x49, 0x46, 0x38]]] as const
const TYPES = { txt: 'text/plain', json: 'application/json', ndjson: 'application/x-ndjson', png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif', bin: 'application/octet-stream' }

type Ending = ReadResult['file']['ending']

/** A file that grows by lines and bytes. */
class Parts {
  readonly #parts: BlobPart[] = []
  #text = ''

  line (text: string): void {
    this.#text += `${text}\n`
    if (this.#text.length >= PART_CHARS) this.#flush()
  }

  bytes (bytes: Uint8Array): void {
    this.#parts.push(new Blob([bytes as Uint8Array<ArrayBuffer>]))
  }

  file (ending: Ending): ReadResult['file'] {
    this.#flush()
    return { blob: new Blob(this.#parts, { type: TYPES[ending] }), ending }
  }

  #flush (): void {
    if (this.#text !== '') this.#parts.push(new Blob([this.#text]))
    this.#text = ''
  }
}

/** @throws what reading throws; the signal's reason */
export async function readResult (outputs: AsyncIterable<unknown>, init: ReadInit): Promise<ReadResult> {
  const { isGathered, isAssembled, onCount, signal } = init
  const parts = new Parts()
  const shown: unknown[] = []
  let count = 0
  let head: Uint8Array | null = null
  let pausedMs = performance.now()
  for await (const output of outputs) {
    signal.throwIfAborted()
    if (isAssembled && output instanceof Uint8Array) {
      head ??= output.slice(0, 16)
      parts.bytes(output)
    } else {
      if (shown.length < SHOWN_MAX) shown.push(output)
      if (isGathered) parts.line(lineOf(output))
    }
    count++
    if (performance.now() - pausedMs < PAUSE_MS) continue
    onCount(count)
    await new Promise((resolve) => setTimeout(resolve))
    pausedMs = performance.now()
  }
  if (head !== null) return ofBytes(parts, head, count)
  return isGathered ? ofOutputs(parts, shown, count) : ofValue(shown[0])
}

const lineOf = (output: unknown): string => typeof output === 'string' ? output : stringify(output)

function ofBytes (parts: Parts, head: Uint8Array, count: number): ReadResult {
  const ending = imageIn(head) ?? 'bin'
  const file = parts.file(ending)
  const isShown = ending !== 'bin' && file.blob.size <= IMAGE_BYTES_MAX
  return { kind: isShown ? 'image' : 'bytes', value: file.blob.size, count, file }
}

function ofOutputs (parts: Parts, shown: unknown[], count: number): ReadResult {
  const file = parts.file(shown.every((output) => typeof output === 'string') ? 'txt' : 'ndjson')
  return { kind: 'outputs', value: shown, count, file }
}

function ofValue (value: unknown): ReadResult {
  const parts = new Parts()
  parts.line(lineOf(value))
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const kind = isNumber ? 'number' : typeof value === 'string' ? 'text' : 'value'
  return { kind, value, count: 1, file: parts.file(kind === 'value' ? 'json' : 'txt') }
}

/** What kind of picture begins like this. */
export function imageIn (head: Uint8Array): 'png' | 'jpg' | 'webp' | 'gif' | null {
  return IMAGES.find(([, mark]) => mark.every((byte, index) => head[index] === byte))?.[0] ?? null
}
