/** Files of the command, read and written whole: what cannot be is refused in one sentence, and before a world is played where that can be known. */
import { W_OK } from 'node:constants'
import { accessSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { BadInput } from '../bad-input.ts'

/** The system's reason without its path and code. */
function reasonOf (error: unknown): string {
  const { message } = error as Error
  return /^[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message
}

/** @throws BadInput when it cannot be read */
export function readText (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInput(`Cannot read ${file}: ${reasonOf(error)}.`)
  }
}

/** Write to a file, in whatever way. @throws BadInput when it cannot be done */
export function attempt<T> (file: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw new BadInput(`Cannot write ${file}: ${reasonOf(error)}.`)
  }
}

/** @throws BadInput when it cannot be written */
export const writeText = (file: string, text: string): void => { attempt(file, () => writeFileSync(file, text)) }

/** Look ahead, so that nobody waits an hour for a page that has no place. @throws BadInput when a file could not be written */
export function expectWritable (file: string): void {
  attempt(file, () => {
    const there = statSync(file, { throwIfNoEntry: false })
    if (there?.isDirectory() === true) throw new Error('it is a folder')
    accessSync(there === undefined ? dirname(file) : file, W_OK)
  })
}
