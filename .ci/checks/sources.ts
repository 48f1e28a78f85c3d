/** The checkout's own files, as the checks see them. Never what is built, cached or installed. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT_DIR = join(import.meta.dirname, '..', '..')

/** What .gitignore names, and git's own folder. */
const SKIPPED = new Set(['.git', 'node_modules', 'dist', '.cache'])

const CODE = /\.(tsx?|js|cjs|mjs)$/

/** Paths of all files below a folder, relative to the root, sorted. */
export function listFiles (folder = ''): string[] {
  const entries = readdirSync(join(ROOT_DIR, folder), { withFileTypes: true }).filter(({ name }) => !SKIPPED.has(name))
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return listFiles(path)
    return entry.isFile() ? [path] : []
  }).sort()
}

export const listCode = (): string[] => listFiles().filter((file) => CODE.test(file))

export const readText = (file: string): string => readFileSync(join(ROOT_DIR, file), 'utf8')
