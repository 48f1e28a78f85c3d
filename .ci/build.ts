/**
 * `npm run build`: the package as it is published, in dist/, as plain JavaScript with types: `npm publish ./dist`.
 * The checkout itself runs its TypeScript as it stands and is never published.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** What stands beside the code in the package. */
const COPIED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT', 'node/cli/bin.js']

/** Of package.json, what a user of the package needs; the rest is for the checkout. */
const KEPT = ['name', 'version', 'description', 'keywords', 'license', 'type', 'engines', 'bin', 'dependencies']

rmSync(dist, { recursive: true, force: true })
execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-b', '--force', 'node'], { cwd: root, stdio: 'inherit' })
for (const file of COPIED) copyFileSync(join(root, file), join(dist, file))

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
const published = {
  ...Object.fromEntries(KEPT.map((key) => [key, manifest[key]])),
  exports: { '.': { types: './node/index.d.ts', import: './node/index.js' } },
  sideEffects: false
}
writeFileSync(join(dist, 'package.json'), JSON.stringify(published, null, 2) + '\n')
