/**
 * Makes `sandbox.html`, the document of a sandbox's frame, with the worker's script in it as text: one file that lies beside the
 * page on any static host. It is a document of its own and not `srcdoc`, because a `srcdoc` frame inherits the page's
 * Content-Security-Policy, and a page that forbids `unsafe-eval` could not run job code in it. Runs where pages are built,
 * never in one.
 */
import { build } from 'esbuild'

/** Under this name beside the page that makes a TabSandbox. */
export const SANDBOX_PAGE = 'sandbox.html'

/** What the worker's script takes from its scope by name, before job code can put others in their place. */
const KEPT = ['Array', 'ArrayBuffer', 'BigInt', 'DataView', 'Error', 'Float64Array', 'JSON', 'Map', 'Number', 'Object', 'Promise', 'RangeError', 'Reflect', 'Set', 'String', 'Symbol', 'TextDecoder', 'TextEncoder', 'TypeError', 'Uint32Array', 'Uint8Array', 'WeakMap']

/**
 * What the frame and its worker may do. No source of anything on a network is named. Job code is evaluated from blobs and may use
 * `eval`, as in Node's sandbox; `unsafe-eval` is WebAssembly's permission as well.
 */
const policy = (script: string): string =>
  `default-src 'none'; script-src '${script}' 'unsafe-eval' blob:; worker-src blob: data:; connect-src 'none'; form-action 'none'; base-uri 'none'`

/** The text of `sandbox.html`. */
export async function buildSandboxPage (): Promise<string> {
  const [worker, frame] = await Promise.all([scriptOf('worker'), scriptOf('frame')])
  const wrapped = `"use strict";{const{${KEPT.join(',')}}=globalThis;${worker}}`
  // HTML ends a script at its end tag, wherever it stands.
  const text = wrapped.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  return '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="${policy(await hashOf(frame))}">` +
    `<title>Millionfold's sandbox</title></head><body><script type="text/plain" id="worker">${text}</script><script>${frame}</script></body></html>\n`
}

async function scriptOf (name: string): Promise<string> {
  const entry = decodeURIComponent(new URL(`inside/${name}.ts`, import.meta.url).pathname)
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, write: false, minify: true, charset: 'utf8', legalComments: 'none', logLevel: 'silent', format: 'iife', platform: 'browser', target: 'es2023'
  })
  return outputFiles[0]!.text.trim()
}

/** As a Content-Security-Policy names a script by what it is. */
async function hashOf (script: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script)))
  return `sha256-${btoa(String.fromCharCode(...digest))}`
}
