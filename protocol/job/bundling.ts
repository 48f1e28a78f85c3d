/**
 * The bundling contract (DESIGN 5): which of a module's exports travel to sandboxes and which stay with the submitter,
 * and the options under which esbuild gives the same bytes on every platform, so that the command line and a page make
 * the same job of the same files. The bundlers themselves are the platforms'; nothing here reads a file.
 */
import type { BuildOptions, Message, Metafile } from 'esbuild'

/** A bundle travels as one block (bytes); blocks are capped at this size. */
export const BUNDLE_BYTES_MAX = 2 ** 21

export const SANDBOX_EXPORTS = ['compute', 'computeRange', 'collect', 'setup', 'equal'] as const
/** What else travels: no functions, so a job may lack them silently. */
export const SANDBOX_FLAGS = ['gpu'] as const
export const SUBMITTER_EXPORTS = ['name', 'prepare', 'log', 'assemble', 'partitions', 'fanout', 'grain', 'params', 'input', 'timeoutMs', 'sealed', 'trust'] as const

export type SandboxExport = typeof SANDBOX_EXPORTS[number]
export type SubmitterExport = typeof SUBMITTER_EXPORTS[number]

/** A job does not bundle; the message is one sentence with file, line and reason. */
export class BundleError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'BundleError'
  }
}

/** `name` as `from` exports it: by that name or as default. */
export interface Source { file: string, name: string, as: string }

/** A module that exports just these. */
export const entryOf = (sources: Source[]): string =>
  sources.map(({ file, name, as }) => `export { ${name} as ${as} } from ${JSON.stringify(file)}`).join('\n')

/** What the sandbox's side of a module exports, by what it has, in the order that its bundle depends on. */
export const SANDBOX_NAMES = [...SANDBOX_EXPORTS, ...SANDBOX_FLAGS] as const

/** For both sides. Paths in maps are relative to the job's folder: they are the same on every machine. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  format: 'esm',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
  // What tabs and Node 24 both run.
  target: 'es2022',
  loader: { '.wasm': 'binary', '.txt': 'text' }
} as const satisfies BuildOptions

/** For what travels. */
export const SANDBOX_OPTIONS = {
  platform: 'browser',
  define: { 'process.env.NODE_ENV': '"production"' },
  supported: { 'top-level-await': false }
} as const satisfies BuildOptions

/** Source maps to try, the fullest first, until the bundle fits into a block. */
export const SANDBOX_MAPS = [
  { sourcemap: 'inline', sourcesContent: true },
  { sourcemap: 'inline', sourcesContent: false },
  { sourcemap: false }
] as const satisfies BuildOptions[]

/** The fault of a job without `compute`. */
export const noCompute = (file: string): BundleError =>
  new BundleError(`${file} exports no compute: add \`export function compute (partition, input, ctx) {…}\``)

export const tooLarge = (file: string): BundleError =>
  new BundleError(`${file} bundles to more than ${BUNDLE_BYTES_MAX} bytes: pass large data as inputs or params`)

/**
 * esbuild's errors as one sentence.
 *
 * @param shown - a file of the job as people know it
 */
export function faultOf (errors: readonly Message[], shown: (file: string) => string): BundleError {
  const [first] = errors
  if (first === undefined) return new BundleError('it does not bundle')
  const { text, location } = first
  const at = location === null ? '' : `${shown(location.file)}:${location.line}:${location.column + 1}: `
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return new BundleError(`${at}${text.replaceAll('\n', ' ')}${more}`)
}

/** An import that the bundle kept after tree shaking: by which file, of what. */
export interface KeptImport { file: string, specifier: string }

/**
 * The imports that lead into a plugin's namespace and that the bundle still needs.
 *
 * @returns files as the metafile names them
 */
export function keptImports (metafile: Metafile, namespace: string): KeptImport[] {
  const output = Object.values(metafile.outputs)[0]
  const isKept = (input: string): boolean => (output?.inputs[input]?.bytesInOutput ?? 0) > 0
  const found: KeptImport[] = []
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    if (!isKept(file)) continue
    for (const { path, original } of imports) {
      if (path.startsWith(`${namespace}:`) && isKept(path)) found.push({ file, specifier: original ?? path.slice(namespace.length + 1) })
    }
  }
  return found
}

/** The line, from 1, on which a text names a specifier; 0 for none. */
export const lineOfImport = (text: string, specifier: string): number =>
  text.split('\n').findIndex(line => line.includes(`'${specifier}'`) || line.includes(`"${specifier}"`)) + 1
