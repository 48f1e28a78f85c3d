/**
 * The control page as it is served, over a fake mesh in the page itself: its own document and Content-Security-Policy, the
 * bundler's worker and WebAssembly, both frames' documents. Nothing leaves this machine.
 */
import { build } from 'esbuild'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { BUNDLER_WASM, CONTROL_ENTRIES, SUBMITTER_PAGE, buildSubmitterPage, controlPolicy, examplesPlugin } from '../build.ts'
import { SANDBOX_PAGE, buildSandboxPage } from '../../sandbox/build.ts'
import type { AddressInfo } from 'node:net'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const TYPES: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', wasm: 'application/wasm' }

export interface Site { url: string, close: () => Promise<void>, /** Files by name, to take one away. */ files: Map<string, Uint8Array | string> }

export async function serveControl (): Promise<Site> {
  const bundled = await build({
    entryPoints: { ...CONTROL_ENTRIES, control: here('fake-page.tsx') }, bundle: true, write: false, outdir: '/out', format: 'esm', splitting: true, platform: 'browser', target: 'es2023',
    jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'silent', define: { 'process.env.NODE_ENV': '"production"' }, plugins: [examplesPlugin()]
  })
  const files = new Map<string, Uint8Array | string>(bundled.outputFiles.map(({ path, contents }) => [path.slice('/out/'.length), contents]))
  files.set('control.html', await readFile(here('../control.html'), 'utf8'))
  files.set('icon.svg', await readFile(here('../../ui/icon.svg')))
  files.set('esbuild.wasm', await readFile(BUNDLER_WASM))
  files.set(SUBMITTER_PAGE, await buildSubmitterPage())
  files.set(SANDBOX_PAGE, await buildSandboxPage())
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1)
    const file = files.get(name === '' ? 'control.html' : name)
    if (file === undefined) return void response.writeHead(404).end()
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? TYPES['html'] as string
    const policy = name === '' || name === 'control.html' ? { 'content-security-policy': controlPolicy() } : {}
    response.writeHead(200, { 'content-type': type, ...policy }).end(file)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    files,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
