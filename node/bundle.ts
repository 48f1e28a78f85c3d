/**
 * Turns a job's file, or its parts, into the block that sandboxes run and the functions that the
 * submitter calls (DESIGN 5). The sandbox's side holds only what `compute`, `computeRange`, `collect`
 * and `setup` reach, and nothing of Node; the submitter's side may use Node. Never runs the sandbox's side.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { mapStack } from '../protocol/job/stack.ts'
import { bareNode, nodeImports } from './bundle-node.ts'
import { BUNDLE_BYTES_MAX, BUNDLE_OPTIONS, BundleError, SANDBOX_MAPS, SANDBOX_NAMES, SANDBOX_OPTIONS, SUBMITTER_EXPORTS, entryOf, faultOf, noCompute, tooLarge } from '../protocol/job/bundling.ts'
import type { BuildOptions, BuildResult, Message } from 'esbuild'
import type { SandboxExport, Source, SubmitterExport } from '../protocol/job/bundling.ts'
import type { JobModule } from '../protocol/job/module.ts'

export { BUNDLE_BYTES_MAX, BundleError } from '../protocol/job/bundling.ts'

/** A job's parts in files of their own; each exports its part by name or as default. */
export interface JobParts {
  prepare?: string
  /** May export `setup` and `computeRange` as well. */
  compute: string
  collect?: string
  logger?: string
}

export interface BundledJob {
  /** What sandboxes run: one ES module, its source map inline. */
  bundle: Uint8Array
  /** What the submitter uses; errors thrown by its functions have their stacks mapped to the source. */
  module: Pick<JobModule, SubmitterExport> & { name: string }
  /** Which of the sandbox's functions the job has. */
  exports: Record<SandboxExport, boolean>
}

/**
 * Bundle a job.
 *
 * @param job - a module's path or file URL, or the paths of its parts
 * @throws BundleError when a file is missing, does not parse or resolve, has no `compute`, or needs Node in the sandbox
 */
export async function bundleJob (job: string | URL | JobParts): Promise<BundledJob> {
  const parts = partsOf(job)
  const exportsOf = new Map<string, string[]>()
  for (const file of new Set(Object.values(parts))) exportsOf.set(file, await exportNames(file))
  const inSandbox = SANDBOX_NAMES.flatMap(name => sourceOf(name, parts, exportsOf))
  const compute = inSandbox.find(source => source.as === 'compute' || source.as === 'computeRange')
  if (compute === undefined) throw noCompute(shown(parts.compute))
  const bundle = await bundleSandbox(inSandbox, parts.compute)
  const submitter = SUBMITTER_EXPORTS.flatMap(name => sourceOf(name, parts, exportsOf))
  const module = await loadSubmitter(submitter, parts.compute)
  const has = (name: SandboxExport): boolean => inSandbox.some(source => source.as === name)
  return {
    bundle,
    module: { ...module, name: nameOf(module.name, parts.compute) },
    exports: { compute: has('compute'), computeRange: has('computeRange'), collect: has('collect'), setup: has('setup'), equal: has('equal') }
  }
}

const nameOf = (name: unknown, file: string): string =>
  typeof name === 'string' && name !== '' ? name : basename(file, extname(file)).slice(0, 64)

function partsOf (job: string | URL | JobParts): Required<JobParts> {
  const given = typeof job === 'string' || job instanceof URL ? { compute: pathOf(job) } : job
  const compute = resolve(given.compute)
  const parts = {
    compute,
    prepare: resolve(given.prepare ?? compute),
    collect: resolve(given.collect ?? compute),
    logger: resolve(given.logger ?? compute)
  }
  for (const file of Object.values(parts)) {
    if (!existsSync(file)) throw new BundleError(`there is no file ${shown(file)}`)
  }
  return parts
}

const pathOf = (job: string | URL): string =>
  job instanceof URL || job.startsWith('file:') ? fileURLToPath(job) : job

/** A path as a person gave it: below the working directory, relative to it. */
function shown (file: string): string {
  const here = `${process.cwd()}/`
  return file.startsWith(here) ? file.slice(here.length) : file
}

/** Where an export comes from: the part it belongs to, or the file of `compute`. */
function sourceOf (name: string, parts: Required<JobParts>, exportsOf: Map<string, string[]>): Source[] {
  const own = { prepare: parts.prepare, log: parts.logger, collect: parts.collect }[name] ?? parts.compute
  const has = (file: string, as: string): boolean => exportsOf.get(file)?.includes(as) ?? false
  if (has(own, name)) return [{ file: own, name, as: name }]
  const apart = own !== parts.compute || (name === 'compute' && Object.values(parts).some(file => file !== own))
  if (apart && has(own, 'default')) return [{ file: own, name: 'default', as: name }]
  const other = [parts.compute, parts.prepare].find(file => has(file, name))
  return other === undefined ? [] : [{ file: other, name, as: name }]
}

/** esbuild with its errors as ours. Paths in maps are relative to the job's folder: they are the same on every machine. */
async function esbuild (file: string, options: BuildOptions): Promise<BuildResult<{ write: false, metafile: true }>> {
  try {
    const { build } = await import('esbuild')
    return await build({
      ...BUNDLE_OPTIONS,
      absWorkingDir: dirname(file),
      outfile: join(dirname(file), 'job.mjs'),
      ...options,
      metafile: true,
      write: false
    })
  } catch (error) {
    const { errors } = error as { errors?: Message[] }
    throw errors?.[0] === undefined ? error : faultOf(errors, name => shown(resolve(dirname(file), name)))
  }
}

async function exportNames (file: string): Promise<string[]> {
  const result = await esbuild(file, { entryPoints: [file], platform: 'node', packages: 'external' })
  return Object.values(result.metafile.outputs)[0]?.exports ?? []
}

async function bundleSandbox (sources: Source[], file: string): Promise<Uint8Array> {
  const options: BuildOptions = {
    stdin: { contents: entryOf(sources), resolveDir: dirname(file), sourcefile: 'entry.mjs' },
    ...SANDBOX_OPTIONS,
    plugins: [bareNode()]
  }
  for (const map of SANDBOX_MAPS) {
    const result = await esbuild(file, { ...options, ...map })
    const [needed] = nodeImports(result.metafile, dirname(file))
    if (needed !== undefined) {
      throw new BundleError(`${shown(needed.file)}:${needed.line}: imports ${needed.specifier}, which compute and collect cannot have: the sandbox has nothing of Node`)
    }
    const bundle = result.outputFiles[0]!.contents
    if (bundle.length <= BUNDLE_BYTES_MAX) return bundle
  }
  throw tooLarge(shown(file))
}

async function loadSubmitter (sources: Source[], file: string): Promise<JobModule> {
  if (sources.length === 0) return {}
  const url = pathToFileURL(file).href
  const result = await esbuild(file, {
    stdin: { contents: entryOf(sources), resolveDir: dirname(file), sourcefile: 'entry.mjs' },
    platform: 'node',
    target: 'node24',
    sourcemap: 'inline',
    define: {
      'import.meta.url': JSON.stringify(url),
      'import.meta.filename': JSON.stringify(file),
      'import.meta.dirname': JSON.stringify(dirname(file))
    },
    banner: { js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(${JSON.stringify(url)});` }
  })
  const code = result.outputFiles[0]!.contents
  const folder = await mkdtemp(join(tmpdir(), 'millionfold-job-'))
  const path = join(folder, 'job.mjs')
  try {
    await writeFile(path, code, { mode: 0o600 })
    return withMappedStacks({ ...await import(pathToFileURL(path).href) as JobModule }, code)
  } catch (error) {
    throw new BundleError(`${shown(file)} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The submitter's functions, throwing errors whose stacks name the source. */
function withMappedStacks (module: JobModule, code: Uint8Array): JobModule {
  const map = (error: unknown): never => {
    if (error instanceof Error) error.stack = `${error.name}: ${error.message}\n${mapStack(error.stack ?? '', code)}`
    throw error
  }
  const wrap = <A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R => (...args) => {
    try {
      const result = call(...args)
      return result instanceof Promise ? result.catch(map) as R : result
    } catch (error) {
      return map(error)
    }
  }
  if (typeof module.prepare === 'function') module.prepare = wrap(module.prepare)
  if (typeof module.log === 'function') module.log = wrap(module.log)
  return module
}
