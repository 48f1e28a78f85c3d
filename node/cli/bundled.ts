/**
 * The command line and all it imports as one bundle: loading some 700 modules one by one is most of what a
 * volunteer's start costs (DESIGN 9). A published package has the bundle ready; a checkout makes it once per
 * change of its sources. It only changes how the code is loaded, never what runs.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ROOT, hashOf, made } from '../made.ts'
import type { Plugin } from 'esbuild'

/** The bundle's entry, in its folder. */
export const ENTRY = 'main.mjs'

/** What the command line consists of; npm lists in the last what is installed. */
const SOURCES = ['node', 'protocol', 'node_modules/.package-lock.json']

/**
 * @returns the URL of the command line's module: in the bundle, or in the sources where none can be made or kept
 */
export async function bundled (): Promise<string> {
  try {
    const folder = await made('cli', hashOf(SOURCES.map((path) => join(ROOT, path))), makeAll)
    return pathToFileURL(join(folder, ENTRY)).href
  } catch {
    // A folder that cannot be written, or sources with an error, which loading them tells better.
    return mainFile().href
  }
}

/** The sandbox's scripts too, so that the bundler, which stays as a process of 100 MB, is needed in this moment only. */
async function makeAll (folder: string): Promise<void> {
  await bundleInto(folder)
  await (await import('../sandbox/built.ts')).built()
  await (await import('esbuild')).stop()
}

/** Beside this file: TypeScript in a checkout, JavaScript in a published package. */
function mainFile (): URL {
  const source = new URL('./main.ts', import.meta.url)
  return existsSync(source) ? source : new URL('./main.js', import.meta.url)
}

/** Make the bundle in a folder; what a command alone needs is loaded when it runs. */
export async function bundleInto (folder: string): Promise<void> {
  const { build } = await import('esbuild')
  await build({
    entryPoints: { main: fileURLToPath(mainFile()) },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['esbuild', 'classic-level'],
    banner: { js: BANNER },
    plugins: [ownPlaces(folder)],
    legalComments: 'external',
    logLevel: 'silent'
  })
}

/** CommonJS packages ask for Node's modules with `require`, which a module does not have. */
const BANNER = 'import { createRequire as requireFrom } from \'node:module\'; const require = requireFrom(import.meta.url);'

/** Own files find their neighbours by `import.meta.url`; in the bundle it still names the file they came from. */
const ownPlaces = (folder: string): Plugin => ({
  name: 'own-places',
  setup ({ onLoad }) {
    onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return undefined
      const place = JSON.stringify(relative(folder, path).split(sep).join('/'))
      const contents = (await readFile(path, 'utf8')).replaceAll(/(?<!['"`])import\.meta\.url/g, `new URL(${place}, import.meta.url).href`)
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  }
})
