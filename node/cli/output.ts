/**
 * Writes results: text and numbers one a line, everything else as dag-json a line, bytes as they are.
 * Outputs are written as they are read, in order, no faster than the reader takes them. Also makes the
 * last line of `--json` (DESIGN 7).
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { stringify } from '@ipld/dag-json'
import { UsageError, reasonOf } from '../../protocol/client/errors.ts'
import type { JobResult } from '../../protocol/client/result.ts'

/** Above this many characters of dag-json a result is named by its content id in `--json`: DESIGN 7's 1 MB. */
const RESULT_CHARS_MAX = 1_000_000
/** Text is written in pieces of about this many characters. */
const PIECE_CHARS = 65_536

export interface OutputOptions {
  /** File to write to; standard output if none. */
  out?: string
  json?: boolean
}

/** One output as text of its own line. */
export const lineOf = (output: unknown): string => typeof output === 'string' ? output : jsonOf(output)

/** dag-json; of plain values it is JSON, which is made many times faster. */
const jsonOf = (output: unknown): string =>
  typeof output === 'object' && output !== null ? stringify(output) : JSON.stringify(output)

/** A place to write to that makes the writer wait when it is full. */
class Sink {
  readonly #stream: Writable
  #text = ''
  #failed: unknown = null

  constructor (stream: Writable) {
    this.#stream = stream
    stream.on('error', (error) => { this.#failed = error })
  }

  /** @returns true when it is time to `flush` */
  line (text: string): boolean {
    this.#text += text + '\n'
    return this.#text.length >= PIECE_CHARS
  }

  async bytes (bytes: Uint8Array): Promise<void> {
    await this.flush()
    await this.#write(bytes)
  }

  async flush (): Promise<void> {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    await this.#write(text)
  }

  async end (): Promise<void> {
    await this.flush()
    if (this.#stream === process.stdout) return
    this.#stream.end()
    await once(this.#stream, 'finish')
  }

  async #write (piece: string | Uint8Array): Promise<void> {
    if (this.#failed !== null) throw this.#failed
    if (!this.#stream.write(piece)) await once(this.#stream, 'drain')
  }
}

/** The dag-json of outputs as they pass, until it is too long to be shown. */
class Shown {
  readonly #parts: string[] = []
  #chars = 0

  add (output: unknown): void {
    if (this.#chars > RESULT_CHARS_MAX) return
    const text = jsonOf(output)
    this.#chars += text.length + 1
    this.#parts.push(text)
  }

  text (result: JobResult): string {
    if (this.#chars > RESULT_CHARS_MAX) return stringify({ cid: result.cid })
    return result.isGathered ? `[${this.#parts.join(',')}]` : this.#parts[0] ?? 'null'
  }
}

/**
 * Write a result where it is wanted.
 *
 * @param outputs the result's outputs, or what was assembled of them
 * @returns the result as the dag-json of `--json`; empty when `json` is not asked for
 * @throws UsageError when the file cannot be written; Error when a block cannot be had
 */
export async function writeResult (result: JobResult, outputs: AsyncIterable<unknown>, options: OutputOptions): Promise<string> {
  const { out, json = false } = options
  const sink = new Sink(out === undefined ? process.stdout : await fileFor(out))
  const shown = json ? new Shown() : null
  for await (const output of outputs) {
    shown?.add(output)
    if (output instanceof Uint8Array && isBinaryWelcome(options)) {
      await sink.bytes(output)
    } else if (sink.line(output instanceof Uint8Array ? `${output.byteLength} bytes; --out FILE writes them` : lineOf(output))) {
      await sink.flush()
    }
  }
  await sink.end()
  return shown?.text(result) ?? ''
}

/** Raw bytes would spoil a terminal and the last line that `--json` promises. */
const isBinaryWelcome = ({ out, json }: OutputOptions): boolean =>
  out !== undefined || (json !== true && !process.stdout.isTTY)

async function fileFor (file: string): Promise<Writable> {
  const stream = createWriteStream(file)
  try {
    await once(stream, 'open')
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${reasonOf(error)}.`)
  }
  return stream
}

/**
 * The last line of `--json`.
 *
 * @param shown the result's dag-json from `writeResult`
 * @param wallMs from first lease to done, milliseconds; null when not known here
 * @param totalMs the whole command, milliseconds
 */
export function jsonLine (result: JobResult, shown: string, wallMs: number | null, totalMs: number): string {
  const { partitions, ...figures } = result.figures
  const before = JSON.stringify({ job: result.job }).slice(0, -1)
  const after = JSON.stringify({ partitions, wallMs: wallMs === null ? null : Math.round(wallMs), totalMs: Math.round(totalMs), ...figures }).slice(1)
  return `${before},"result":${shown},${after}\n`
}
