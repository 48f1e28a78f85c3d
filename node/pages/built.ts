/**
 * The folder of the pages that `serve` gives out. A published package has them ready; a checkout makes them once per
 * change of their sources, by a maker that comes from outside, since node/ knows nothing of browser/.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, hashOf, made } from '../made.ts'

/** Writes both pages into an empty folder. */
export type MakePages = (folder: string) => Promise<void>

/** What the pages are made from; npm lists in the last what is installed. */
const SOURCES = ['browser', 'protocol', 'examples', 'node_modules/.package-lock.json']

/** In a package, below its root. */
const READY = 'pages'

/**
 * @returns the folder of the pages, made if need be
 * @throws Error when they cannot be made
 */
export async function pagesFolder (make: MakePages): Promise<string> {
  const ready = fileURLToPath(new URL(`../../${READY}`, import.meta.url))
  if (existsSync(join(ready, 'index.html'))) return ready
  return await made('pages', hashOf(SOURCES.map((path) => join(ROOT, path))), make)
}
