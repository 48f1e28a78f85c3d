/**
 * Inputs from a text or a file, one a line, read as they are asked for: a file of gigabytes costs one chunk of memory.
 * Lines end at \n or \r\n; a last line need not end (as the command line reads them).
 */
import { UsageError, reasonOf } from '../../protocol/client/errors.ts'

export type InputFormat = 'lines' | 'ndjson'

/** A line of more characters is refused: it could not be one partition's input. */
const LINE_MAX = 16 * 1024 * 1024

/** The format that a file's name tells. */
export const formatOf = (name: string): InputFormat => /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'lines'

/** @throws UsageError when the file cannot be read, or a line is not JSON though the format says so */
export async function * readLines (blob: Blob, name: string, format: InputFormat): AsyncGenerator<unknown> {
  let number = 0
  for await (const line of linesOf(blob, name)) {
    number++
    if (format === 'lines') yield line
    else if (line.trim() !== '') yield parsed(line, name, number)
  }
}

async function * linesOf (blob: Blob, name: string): AsyncGenerator<string> {
  const reader = blob.stream().pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const lines = (rest + chunk.value).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LINE_MAX) throw new UsageError(`${name} has a line of more than 16 MiB; split it into shorter lines.`)
      for (const line of lines) yield trimmed(line)
    }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`Cannot read ${name}: ${reasonOf(error)}.`)
  } finally {
    reader.cancel().catch(() => {})
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
