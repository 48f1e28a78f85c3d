/**
 * What a checkout makes of its own sources with a bundler, once per change of them, kept in node_modules/.cache
 * by their hash. Several processes may make the same thing at once: each makes it aside and puts it in place in
 * one step. A published package has these things ready and never comes here.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Of each kind, the newest stay: processes that still run load parts of them late. A guess. */
const KEPT = 8
/** Making takes seconds; what is older was given up with its process. */
const ASIDE_MS_MAX = 600_000
const ASIDE = 'new-'

/** A checkout's root; a published package's has nothing of interest. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * The folder of something made from sources with this hash, made if need be.
 *
 * @param kind its name among what is made
 * @param hash of everything it depends on
 * @param make writes it into an empty folder
 * @param cache where such folders are kept
 * @returns its path without links, which is what Node's permissions compare
 * @throws whatever `make` throws, and the system's error where nothing can be written
 */
export async function made (kind: string, hash: string, make: (folder: string) => Promise<void>, cache = join(ROOT, 'node_modules/.cache/millionfold')): Promise<string> {
  const folder = join(cache, `${kind}-${hash}`)
  if (existsSync(folder)) return realpathSync(folder)
  await mkdir(cache, { recursive: true })
  const aside = await mkdtemp(join(cache, ASIDE))
  try {
    await make(aside)
    // Whoever may read the checkout may use it.
    await chmod(aside, 0o755)
    await rename(aside, folder)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  await sweep(cache, basename(folder), `${kind}-`)
  return realpathSync(folder)
}

/** Leave the newest of a kind, and what others are making. */
async function sweep (cache: string, latest: string, prefix: string): Promise<void> {
  const madeMs = (name: string): number => statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const names = readdirSync(cache).filter((name) => name !== latest).sort((a, b) => madeMs(b) - madeMs(a))
  const givenUp = names.filter((name) => name.startsWith(ASIDE) && madeMs(name) < Date.now() - ASIDE_MS_MAX)
  const old = names.filter((name) => name.startsWith(prefix)).slice(KEPT - 1)
  for (const name of [...givenUp, ...old]) await rm(join(cache, name), { recursive: true, force: true })
}

/**
 * A hash of files: of their contents and where they lie.
 *
 * @param paths files and folders; of a folder, the code in it and below that is neither a test nor the bench
 */
export function hashOf (paths: string[]): string {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesIn)) hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file))
  return hash.digest('hex').slice(0, 32)
}

function filesIn (path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isFile()) return [path]
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1)
  return entries.flatMap((entry) => {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) return entry.name === 'test' || entry.name === 'bench' ? [] : filesIn(inside)
    return /\.([jt]sx?|css|html|svg|wgsl)$/.test(entry.name) ? [inside] : []
  })
}
