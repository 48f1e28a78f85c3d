/**
 * Makes the pages as files that any static host can serve: `index.html` for volunteers, `control.html` for submitters,
 * the sandbox's document and the bundler's WebAssembly beside them, each with its compressed forms. Runs in Node, where
 * pages are built; never in one.
 */
import { build } from 'esbuild'
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SANDBOX_PAGE, buildSandboxPage } from '../sandbox/build.ts'
import type { Plugin } from 'esbuild'
import { BUNDLER_WASM, CONTROL_ENTRIES, SUBMITTER_PAGE, buildSubmitterPage, controlPolicy, examplesPlugin } from '../control/build.ts'

const FOLDER = join(import.meta.dirname, '..')

/**
 * Without these the volunteer page could do what it has no need to; job code has a document of its own (sandbox/build.ts).
 * Peers are anywhere: a page cannot know the addresses of those it will be told of.
 */
const VOLUNTEER_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; " +
  "frame-src 'self'; form-action 'none'; base-uri 'none'"

/** Where `serve` writes the addresses of its peer. */
export const PEERS_META = '<meta name="millionfold-peers" content="">'

const COMPRESSED = /\.(html|js|css|svg|wasm)$/

/**
 * Make all files of both pages.
 *
 * @param folder - an empty one
 */
export async function makePages (folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: { main: join(FOLDER, 'volunteer/main.tsx'), ...CONTROL_ENTRIES },
    outdir: folder,
    chunkNames: 'parts/[hash]',
    assetNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.wgsl': 'text' },
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [examplesPlugin(), withoutMetrics]
  })
  await writeFile(join(folder, SANDBOX_PAGE), await buildSandboxPage())
  await writeFile(join(folder, SUBMITTER_PAGE), await buildSubmitterPage())
  await page('volunteer/index.html', join(folder, 'index.html'), VOLUNTEER_POLICY)
  await page('control/control.html', join(folder, 'control.html'), controlPolicy())
  await copyFile(join(FOLDER, 'ui/icon.svg'), join(folder, 'icon.svg'))
  await copyFile(BUNDLER_WASM, join(folder, 'esbuild.wasm'))
  await compress(folder)
}

/** Gossip's figures for Prometheus, which no page gathers, would be 3 kB of the first load; what they count by is used elsewhere. */
const withoutMetrics: Plugin = {
  name: 'without-metrics',
  setup (builder) {
    builder.onLoad({ filter: /[/\\]@libp2p[/\\]gossipsub[/\\]dist[/\\]src[/\\]metrics\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const at = source.indexOf('export function getMetrics')
      if (at < 0) throw new Error(`${path} has no getMetrics any more, so that pages cannot be built without it.`)
      return { contents: `${source.slice(0, at)}\nexport function getMetrics () { throw new Error('pages have no metrics') }`, loader: 'js' }
    })
  }
}

/** An HTML file with its policy, which holds wherever it is served, and a place for addresses. */
async function page (source: string, target: string, policy: string): Promise<void> {
  const html = await readFile(join(FOLDER, source), 'utf8')
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">\n  ${PEERS_META}`
  if (!html.includes('<meta charset="utf-8">')) throw new Error(`${source} names no charset to put the policy after.`)
  await writeFile(target, html.replace('<meta charset="utf-8">', `<meta charset="utf-8">\n  ${meta}`))
}

/** A `.br` and a `.gz` beside each file that gets smaller. */
async function compress (folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true })
  await Promise.all(files.filter((file) => COMPRESSED.test(file)).map(async (file) => {
    const bytes = await readFile(join(folder, file))
    // The bundler's 13 MB would take half a minute at the best quality.
    const quality = bytes.byteLength > 2 ** 22 ? 5 : 11
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality }
    await writeFile(join(folder, `${file}.br`), await promisify(brotliCompress)(bytes, { params }))
    await writeFile(join(folder, `${file}.gz`), await promisify(gzip)(bytes, { level: 9 }))
  }))
}
