/**
 * Keeps Node out of the sandbox's bundle: an esbuild plugin that puts an empty module in the place of
 * every Node built-in, and the check of what was kept of them after tree shaking. Imports that only
 * `prepare` or `log` use fall away; a `require` in a package's fallback branch throws if it is reached.
 */
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { resolve } from 'node:path'
import { keptImports, lineOfImport } from '../protocol/job/bundling.ts'
import type { Metafile, Plugin } from 'esbuild'

const IMPORTED = 'node-import'
const REQUIRED = 'node-require'
const BUILTINS = new Set(builtinModules)

const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || BUILTINS.has(specifier)

/** The plugin. A package of the same name that is installed (`buffer`, `events`) is taken instead where its name has no `node:`. */
export const bareNode = (): Plugin => ({
  name: 'bare-node',
  setup (build) {
    build.onResolve({ filter: /.*/ }, async args => {
      if (args.pluginData === 'asked' || !isBuiltin(args.path)) return undefined
      if (!args.path.startsWith('node:')) {
        const { importer, kind, resolveDir } = args
        const found = await build.resolve(args.path, { importer, kind, resolveDir, pluginData: 'asked' })
        if (found.errors.length === 0 && !found.external) return found
      }
      const namespace = args.kind === 'require-call' ? REQUIRED : IMPORTED
      return { path: args.path, namespace, sideEffects: false }
    })
    build.onLoad({ filter: /.*/, namespace: IMPORTED }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
    build.onLoad({ filter: /.*/, namespace: REQUIRED }, args => ({
      contents: `throw new Error(${JSON.stringify(`${args.path} is not there in the sandbox`)})`, loader: 'js'
    }))
  }
})

/** An import of Node that was kept: who wrote it, and where. */
export interface NodeImport { file: string, line: number, specifier: string }

/**
 * The imports of Node that the bundle still needs.
 *
 * @param folder - what the metafile's paths are relative to
 */
export function nodeImports (metafile: Metafile, folder: string): NodeImport[] {
  return keptImports(metafile, IMPORTED).map(({ file: name, specifier }) => {
    const file = resolve(folder, name)
    return { file, line: lineOfImport(readFileSync(file, 'utf8'), specifier), specifier }
  })
}
