/**
 * What the control page needs when pages are built: the document of the submitter's frame, the examples' texts, and which
 * files are entries. Runs where pages are built, never in one; the examples are read as text and never imported.
 */
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'

/** Under this name beside the page. */
export const SUBMITTER_PAGE = 'submitter.html'

const pathOf = (name: string): string => decodeURIComponent(new URL(name, import.meta.url).pathname)

/** Entries by the name that they have beside the page; its document is `control.html` and asks for `control.js` and `control.css`. */
export const CONTROL_ENTRIES = { control: pathOf('main.tsx'), bundler: pathOf('bundle-worker.ts') }

/** The bundler itself, which lies beside the page as `esbuild.wasm`. */
export const BUNDLER_WASM = pathOf('../../node_modules/esbuild-wasm/esbuild.wasm')

/** Examples that the page offers, and what they import of each other. */
const OFFERED = ['primes', 'mandelbrot', 'wordcount', 'floatsum', 'table', 'wasm', 'gpu', 'png', 'report']

/**
 * The Content-Security-Policy that the page works under. `wasm-unsafe-eval` is esbuild's; nothing evaluates text.
 *
 * @param connect - sources of peers: `ws:` and `wss:` for those of any host
 */
export const controlPolicy = (connect = 'ws: wss:'): string =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' blob: ${connect}; ` +
  "worker-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'"

/** Puts the examples' texts into `example-texts.ts`. */
export const examplesPlugin = (): Plugin => ({
  name: 'examples',
  setup (builder) {
    builder.onLoad({ filter: /[/\\]control[/\\]example-texts\.ts$/ }, async () => {
      const texts = await readTexts()
      return { contents: `export const texts = ${JSON.stringify(texts)}`, loader: 'js' }
    })
  }
})

/** Those of the offered examples that are there. */
async function readTexts (): Promise<Record<string, string>> {
  const texts = await Promise.all(OFFERED.map(async (name) => {
    const options = { bundle: true, write: false, format: 'esm', logLevel: 'silent', loader: { '.ts': 'text' } } as const
    const found = await build({ ...options, entryPoints: [pathOf(`../../examples/${name}.ts`)] }).catch(() => null)
    const code = found?.outputFiles[0]?.text
    return code === undefined ? [] : [[`${name}.ts`, await textIn(code)]]
  }))
  return Object.fromEntries(texts.flat())
}

const textIn = async (code: string): Promise<string> =>
  ((await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { default: string }).default

/**
 * What the frame and its worker may do: run the one script and blobs of the job, compile WebAssembly. No source of
 * anything on a network is named.
 */
const policy = (script: string): string =>
  `default-src 'none'; script-src '${script}' 'wasm-unsafe-eval' blob:; worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none'`

/** The text of `submitter.html`: a document of its own, since a `srcdoc` frame inherits the page's policy. */
export async function buildSubmitterPage (): Promise<string> {
  const [worker, frame] = await Promise.all([scriptOf('submitter-worker'), scriptOf('submitter-frame')])
  const text = worker.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  return '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="${policy(await hashOf(frame))}">` +
    `<title>Millionfold: the job's own functions</title></head><body><script type="text/plain" id="worker">${text}</script><script>${frame}</script></body></html>\n`
}

async function scriptOf (name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [pathOf(`inside/${name}.ts`)], bundle: true, write: false, minify: true, charset: 'utf8', legalComments: 'none', logLevel: 'silent', format: 'iife', platform: 'browser', target: 'es2023'
  })
  return outputFiles[0]!.text.trim()
}

/** As a Content-Security-Policy names a script by what it is. */
async function hashOf (script: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script)))
  return `sha256-${btoa(String.fromCharCode(...digest))}`
}
