/**
 * The two scripts of a sandbox, bundled: worker.mjs runs in the child process, isolate.js inside its
 * isolates. A published build has them ready beside this file; a checkout makes them once per change of
 * their sources and keeps them in node_modules/.cache.
 */
import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, hashOf, made } from '../made.ts'

/** Paths of the scripts and of isolated-vm's addon for this machine. */
export interface Built { worker: string, isolate: string, addon: string }

const WORKER = 'worker.mjs'
const ISOLATE = 'isolate.js'
const here = fileURLToPath(new URL('.', import.meta.url))
const require = createRequire(import.meta.url)

/** What the scripts are made from; npm lists in the last what is installed. */
const SOURCES = ['node/sandbox', 'protocol/job', 'protocol/core/geometry.ts', 'protocol/core/lists.ts', 'node_modules/.package-lock.json']

let scriptsMade: Promise<Built> | undefined

/** The scripts, made if need be. */
export function built (): Promise<Built> {
  scriptsMade ??= scripts().then(folder => ({ worker: join(folder, WORKER), isolate: join(folder, ISOLATE), addon: addonPath() }))
  return scriptsMade
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
  const hash = hashOf(SOURCES.map(path => join(ROOT, path)))
  try {
    return await made('sandbox', hash, makeScripts)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES' && (error as NodeJS.ErrnoException).code !== 'EROFS') throw error
    const own = await mkdtemp(join(tmpdir(), 'millionfold-'))
    process.once('exit', () => { rmSync(own, { recursive: true, force: true }) })
    return await made('sandbox', hash, makeScripts, own)
  }
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
