/**
 * The two scripts of a sandbox, bundled: worker.mjs runs in the child process, isolate.js inside its
 * isolates. A published build has them ready beside this file; a checkout makes them once per change of
 * their sources and keeps them in node_modules/.cache.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Paths of the scripts and of isolated-vm's addon for this machine. */
export interface Built { worker: string, isolate: string, addon: string }

const WORKER = 'worker.mjs'
const ISOLATE = 'isolate.js'
const here = fileURLToPath(new URL('.', import.meta.url))
const require = createRequire(import.meta.url)

/** What the scripts are made from, relative to this file. */
const SOURCES = ['.', '../../protocol/job', '../../protocol/job/runtime']

let made: Promise<Built> | undefined

/** The scripts, made if need be. */
export function built (): Promise<Built> {
  made ??= scripts().then(folder => ({ worker: join(folder, WORKER), isolate: join(folder, ISOLATE), addon: addonPath() }))
  return made
}

function addonPath (): string {
  const entry = require.resolve('isolated-vm')
  // The finder that isolated-vm itself loads its addon with.
  const find = createRequire(entry)('node-gyp-build') as { path: (folder: string) => string }
  return find.path(dirname(entry))
}

async function scripts (): Promise<string> {
  const ready = join(here, 'built')
  if (existsSync(join(ready, WORKER))) return ready
  const cache = join(here, '../../node_modules/.cache/millionfold')
  const folder = join(cache, await sourceHash())
  if (existsSync(join(folder, ISOLATE))) return folder
  try {
    await mkdir(cache, { recursive: true })
    return await makeIn(cache, folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES' && (error as NodeJS.ErrnoException).code !== 'EROFS') throw error
    const own = await mkdtemp(join(tmpdir(), 'millionfold-'))
    process.once('exit', () => { void rm(own, { recursive: true, force: true }) })
    return await makeIn(own, join(own, 'built'))
  }
}

/** Make them aside, then put them in place in one step: several processes may do so at once. */
async function makeIn (parent: string, folder: string): Promise<string> {
  const aside = await mkdtemp(join(parent, 'new-'))
  await makeScripts(aside)
  try {
    await rename(aside, folder)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    if (!existsSync(join(folder, ISOLATE))) throw error
  }
  return folder
}

/** Bundle both scripts into a folder. */
export async function makeScripts (folder: string): Promise<void> {
  const { build } = await import('esbuild')
  const common = { bundle: true, write: false, charset: 'utf8', logLevel: 'silent', legalComments: 'none', absWorkingDir: here } as const
  const worker = await build({ ...common, entryPoints: [sourceOf('worker')], platform: 'node', format: 'esm', target: 'node24' })
  const isolate = await build({ ...common, entryPoints: [sourceOf('isolate')], platform: 'neutral', mainFields: ['module', 'main'], format: 'iife', globalName: 'isolate', target: 'es2023' })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, WORKER), worker.outputFiles[0]!.contents)
  await writeFile(join(folder, ISOLATE), isolate.outputFiles[0]!.contents)
}

const sourceOf = (name: string): string => join(here, existsSync(join(here, `${name}.ts`)) ? `${name}.ts` : `${name}.js`)

async function sourceHash (): Promise<string> {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const folder = join(here, source)
    for (const name of (await readdir(folder)).filter(name => /\.[jt]s$/.test(name)).sort()) {
      hash.update(name).update(await readFile(join(folder, name)))
    }
  }
  hash.update(await readFile(sourceOf('../../protocol/core/geometry')))
  for (const name of ['@ipld/dag-cbor', 'multiformats', 'esbuild']) {
    hash.update(await readFile(join(here, '../../node_modules', name, 'package.json')))
  }
  return hash.digest('hex').slice(0, 32)
}
