/**
 * Inputs from a file or a pipe, one a line, as they come: nothing is read ahead of what is asked for, so
 * a file of gigabytes costs one chunk of memory. Lines end at \n or \r\n; a last line need not end.
 */
import { spawn } from 'node:child_process'
import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { UsageError, reasonOf } from '../protocol/client/errors.ts'

/** `lines` gives each line as a string, `ndjson` gives each non-empty line parsed as JSON. */
export type InputFormat = 'lines' | 'ndjson'

/** A line of more characters is refused: it could not be one partition's input. */
const LINE_MAX = 16 * 1024 * 1024

/** The format a file's name tells: NDJSON for `.ndjson` and `.jsonl`. */
export const formatOf = (file: string): InputFormat => /\.(ndjson|jsonl)$/i.test(file) ? 'ndjson' : 'lines'

/**
 * The inputs of a file, or of standard input for `-`.
 *
 * @throws UsageError when the file cannot be read or a line is not JSON though the format says so
 */
export async function * readInputLines (file: string, format: InputFormat): AsyncGenerator<unknown> {
  const stream: Readable = file === '-' ? process.stdin : isPipe(file) ? piped(file) : createReadStream(file, { highWaterMark: 1 << 18 })
  const name = file === '-' ? 'standard input' : file
  let number = 0
  for await (const line of linesOf(stream, name)) {
    number++
    if (format === 'lines') yield line
    else if (line.trim() !== '') yield parsed(line, name, number)
  }
}

const isPipe = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false

/** A named pipe is read by a process of its own: a read that waits for a writer would keep this one from ending (libuv joins its threads). */
function piped (file: string): Readable {
  const reader = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => { reader.kill('SIGKILL') })
  return reader.stdout
}

async function * linesOf (stream: Readable, name: string): AsyncGenerator<string> {
  stream.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LINE_MAX) throw new UsageError(`${name} has a line of more than 16 MiB; split it into shorter lines.`)
      for (const line of lines) yield trimmed(line)
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`Cannot read ${name}: ${reasonOf(error)}.`)
  }
  if (rest !== '') yield trimmed(rest)
}

const trimmed = (line: string): string => line.endsWith('\r') ? line.slice(0, -1) : line

function parsed (line: string, name: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new UsageError(`Line ${number} of ${name} is not JSON: ${reasonOf(error)}.`)
  }
}
