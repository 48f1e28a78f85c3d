/**
 * The file system of a job in a page: an esbuild plugin that knows the given files and nothing else. What is imported
 * by a package's name becomes an empty module in a namespace of its own, so that what only looks needed falls away.
 */
import type { Loader, OnLoadResult, OnResolveResult, Plugin } from 'esbuild-wasm'

/** The folder in which the files seem to lie. */
export const ROOT = '/job'
/** Namespace of what no file gives. */
export const FOREIGN = 'foreign'

type Files = Record<string, string | Uint8Array>

const LOADERS: Record<string, Loader> = {
  ts: 'ts', mts: 'ts', cts: 'ts', tsx: 'tsx', js: 'js', mjs: 'js', cjs: 'js', jsx: 'jsx', json: 'json', txt: 'text', wasm: 'binary'
}
/** Endings that an import may leave out, in esbuild's order. */
const OMITTED = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json']
/** What TypeScript's authors mean by a name of JavaScript. */
const MEANT: Record<string, string[]> = { js: ['ts', 'tsx'], jsx: ['tsx', 'ts'], mjs: ['mts'], cjs: ['cts'] }

export const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const endingOf = (path: string): string => /\.([^./]+)$/.exec(path)?.[1] ?? ''

/** An absolute path without `.` and `..`. */
function joined (folder: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** The file that an import means, as esbuild and TypeScript read it; undefined for none. */
export function fileFor (files: Files, path: string): string | undefined {
  const ending = endingOf(path)
  const stem = path.slice(0, path.length - ending.length)
  const guesses = [path, ...OMITTED.map((end) => path + end), ...(MEANT[ending] ?? []).map((end) => stem + end), ...OMITTED.map((end) => `${path}/index${end}`)]
  return guesses.find((guess) => files[guess.slice(ROOT.length + 1)] !== undefined)
}

/** The plugin. */
export const givenFiles = (files: Files): Plugin => ({
  name: 'given-files',
  setup (build) {
    build.onResolve({ filter: /.*/ }, ({ path, resolveDir }): OnResolveResult => {
      if (!/^\.{0,2}\//.test(path) && path !== '.' && path !== '..') return { path, namespace: FOREIGN, sideEffects: false }
      const found = fileFor(files, joined(resolveDir, path))
      return found === undefined ? { errors: [{ text: `there is no ${path} among the files: add ${nameIn(path)} to them` }] } : { path: found }
    })
    build.onLoad({ filter: /.*/, namespace: 'file' }, ({ path }): OnLoadResult => {
      const contents = files[path.slice(ROOT.length + 1)] ?? ''
      return { contents, loader: LOADERS[endingOf(path)] ?? 'text', resolveDir: path.slice(0, path.lastIndexOf('/')) }
    })
    build.onLoad({ filter: /.*/, namespace: FOREIGN }, (): OnLoadResult => ({ contents: 'module.exports = {}', loader: 'js' }))
  }
})
