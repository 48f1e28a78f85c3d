/**
 * `npm run build`: the package as it is published, in dist/, as plain JavaScript with types: `npm publish ./dist`.
 * The checkout itself runs its TypeScript as it stands and is never published. Ends with a look at whether the
 * package's doors, the command, its simulator and the import, open. The pages lie in dist/pages, for `serve` and for any static host.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** What stands beside the code in the package. */
const COPIED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT', 'node/cli/bin.js']

/** Of package.json, what a user of the package needs; the rest is for the checkout. */
const KEPT = ['name', 'version', 'description', 'keywords', 'license', 'type', 'engines', 'bin', 'dependencies']

rmSync(dist, { recursive: true, force: true })
const compiled = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-b', '--force', 'node', 'sims'], { cwd: root, stdio: 'inherit' })
if (compiled.status !== 0) process.exit(1)
const { makeScripts } = await import(pathToFileURL(join(dist, 'node/sandbox/built.js')).href) as { makeScripts: (folder: string) => Promise<void> }
await makeScripts(join(dist, 'node/sandbox/built'))
const { bundleInto } = await import(pathToFileURL(join(dist, 'node/cli/bundled.js')).href) as { bundleInto: (folder: string) => Promise<void> }
await bundleInto(join(dist, 'node/cli/built'))
await (await import('../browser/build/pages.ts')).makePages(join(dist, 'pages'))
for (const file of COPIED) copyFileSync(join(root, file), join(dist, file))

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
const published = {
  ...Object.fromEntries(KEPT.map((key) => [key, manifest[key]])),
  exports: { '.': { types: './node/index.d.ts', import: './node/index.js' } },
  sideEffects: false
}
writeFileSync(join(dist, 'package.json'), JSON.stringify(published, null, 2) + '\n')

const called = (...args: string[]): string => execFileSync(process.execPath, [join(dist, 'node/cli/bin.js'), ...args], { encoding: 'utf8' }).trim()
const version = called('--version')
if (version !== manifest.version) throw new Error(`the built command says it is ${version}, not ${String(manifest.version)}`)
const { exact } = JSON.parse(called('sim', 'calm', '--peers', '6', '--partitions', '60', '--json')) as { exact: boolean }
if (!exact) throw new Error('the built simulator gets a small world wrong')
const { connect } = await import(pathToFileURL(join(dist, 'node/index.js')).href) as { connect: unknown }
if (typeof connect !== 'function') throw new Error('the built package does not export connect')
console.log(`millionfold ${version} in dist/`)
