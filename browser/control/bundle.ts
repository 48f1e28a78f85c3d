/**
 * Bundles a job from files that a page holds, as texts and bytes and nothing else (DESIGN 5): the same split and the
 * same options as the command line's bundler, so that the same files give the same bundle and the same job. Packages
 * and Node's modules cannot be had in a page; one sentence says which line asks for them. It never runs the job.
 */
import { BUNDLE_BYTES_MAX, BUNDLE_OPTIONS, BundleError, SANDBOX_MAPS, SANDBOX_NAMES, SANDBOX_OPTIONS, SUBMITTER_EXPORTS, entryOf, faultOf, keptImports, lineOfImport, noCompute, tooLarge } from '../../protocol/job/bundling.ts'
import { FOREIGN, ROOT, givenFiles, nameIn } from './given-files.ts'
import type { BuildOptions, BuildResult, Message, Metafile } from 'esbuild-wasm'
import type { SandboxExport, Source } from '../../protocol/job/bundling.ts'

/** A job as a page is given it. */
export interface JobFiles {
  /** Name of the file that has `compute`. */
  main: string
  /** Contents by name; a name may have folders in it. */
  files: Record<string, string | Uint8Array>
}

export interface PageBundle {
  /** What sandboxes run: one ES module, its source map inline. */
  bundle: Uint8Array
  /** What the submitter runs, locked in too; null when the job has nothing of the kind. */
  submitter: Uint8Array | null
  /** The main file's name without its ending: what a job without a name is called. */
  stem: string
  /** Which of the sandbox's functions the job has. */
  exports: Record<SandboxExport, boolean>
}

/** esbuild's, or esbuild-wasm's. */
export type Build = (options: BuildOptions) => Promise<BuildResult>

type Built = BuildResult<{ write: false, metafile: true }>

/**
 * @throws BundleError when a file is missing, does not parse, has no `compute`, or imports what a page does not have
 */
export async function bundleFiles (build: Build, job: JobFiles): Promise<PageBundle> {
  if (job.files[job.main] === undefined) throw new BundleError(`there is no file ${job.main}`)
  const file = `${ROOT}/${job.main}`
  const names = await run(build, job, { entryPoints: [file] }).then(exportsOf)
  const has = (name: string): boolean => names.includes(name)
  if (!has('compute') && !has('computeRange')) throw noCompute(job.main)
  const sources = (wanted: readonly string[]): Source[] => wanted.filter(has).map((name) => ({ file, name, as: name }))
  const bundle = await bundleSandbox(build, job, sources(SANDBOX_NAMES))
  const kept = sources(SUBMITTER_EXPORTS)
  return {
    bundle,
    submitter: kept.length === 0 ? null : await bundleSubmitter(build, job, kept),
    stem: stemOf(job.main),
    exports: { compute: has('compute'), computeRange: has('computeRange'), collect: has('collect'), setup: has('setup'), equal: has('equal') }
  }
}

const stemOf = (name: string): string => nameIn(name).replace(/(.)\.[^.]*$/, '$1').slice(0, 64)

const exportsOf = ({ metafile }: Built): string[] => Object.values(metafile.outputs)[0]?.exports ?? []

async function run (build: Build, job: JobFiles, options: BuildOptions): Promise<Built> {
  try {
    return await build({
      ...BUNDLE_OPTIONS,
      platform: 'browser',
      absWorkingDir: folderOf(job),
      outfile: `${folderOf(job)}/job.mjs`,
      plugins: [givenFiles(job.files)],
      ...options,
      metafile: true,
      write: false
    } satisfies BuildOptions) as Built
  } catch (error) {
    const { errors } = error as { errors?: Message[] }
    throw errors?.[0] === undefined ? error : faultOf(errors, (name) => shown(job, name))
  }
}

/** The main file's folder, as the command line has it. */
function folderOf ({ main }: JobFiles): string {
  const end = main.lastIndexOf('/')
  return end < 0 ? ROOT : `${ROOT}/${main.slice(0, end)}`
}

/** A file's name as people know it, from how esbuild names it. */
function shown (job: JobFiles, name: string): string {
  const { pathname } = new URL(name, `file://${folderOf(job)}/`)
  return decodeURIComponent(pathname).replace(`${ROOT}/`, '')
}

const entry = (job: JobFiles, sources: Source[]): BuildOptions =>
  ({ stdin: { contents: entryOf(sources), resolveDir: folderOf(job), sourcefile: 'entry.mjs' } })

async function bundleSandbox (build: Build, job: JobFiles, sources: Source[]): Promise<Uint8Array> {
  for (const map of SANDBOX_MAPS) {
    const result = await run(build, job, { ...SANDBOX_OPTIONS, ...entry(job, sources), ...map })
    refuseForeign(job, result.metafile)
    const bundle = result.outputFiles[0]?.contents as Uint8Array
    if (bundle.length <= BUNDLE_BYTES_MAX) return bundle
  }
  throw tooLarge(job.main)
}

async function bundleSubmitter (build: Build, job: JobFiles, sources: Source[]): Promise<Uint8Array> {
  const result = await run(build, job, { ...entry(job, sources), define: { 'process.env.NODE_ENV': '"production"' }, sourcemap: 'inline' })
  refuseForeign(job, result.metafile)
  return result.outputFiles[0]?.contents as Uint8Array
}

/** @throws BundleError when something is needed that no file gives */
function refuseForeign (job: JobFiles, metafile: Metafile): void {
  const [needed] = keptImports(metafile, FOREIGN)
  if (needed === undefined) return
  const file = shown(job, needed.file)
  const text = job.files[file]
  const line = typeof text === 'string' ? lineOfImport(text, needed.specifier) : 0
  throw new BundleError(`${file}:${line}: imports ${needed.specifier}, ${whyNot(needed.specifier)}`)
}

const whyNot = (specifier: string): string => specifier.startsWith('node:')
  ? 'which belongs to Node: neither a page nor a volunteer has it'
  : 'a package that a page cannot install: run the job from the command line, or drop the package as one bundled file and import that'
