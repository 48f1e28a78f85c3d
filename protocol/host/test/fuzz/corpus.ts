/** Inputs that once broke a reader, a file each, named by target and digest; they are tried again in every test run. Test helper. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const FOLDER = fileURLToPath(new URL('./corpus/', import.meta.url))
const slug = (target: string): string => target.replaceAll(' ', '-')

/** @returns the file */
export function keep (target: string, bytes: Uint8Array): string {
  mkdirSync(FOLDER, { recursive: true })
  const file = join(FOLDER, `${slug(target)}.${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.bin`)
  writeFileSync(file, bytes)
  return file
}

export function corpusOf (target: string): Uint8Array[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER).filter(name => name.startsWith(`${slug(target)}.`)).map(name => Uint8Array.from(readFileSync(join(FOLDER, name))))
}
