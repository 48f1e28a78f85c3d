/**
 * A real browser for tests: Debian's Chromium, headless, with a fresh profile for each, and a small web server on
 * loopback for what is bundled for a test alone. Nothing leaves this machine, and nothing is left behind.
 */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { buildSandboxPage, SANDBOX_PAGE } from '../sandbox/build.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

const ARGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/**
 * Start Chromium. A fresh context (`browser.newContext()`) is a fresh profile.
 *
 * @param args - more of its switches
 */
export async function launchChromium (args: string[] = []): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false, args: [...ARGS, ...args] })
}

export interface TestSite { url: string, close: () => Promise<void> }

/**
 * Serve an entry file, bundled for browsers, below an empty page, and the sandbox's document beside it.
 *
 * @param entry - absolute path of a .ts or .tsx file
 * @param headers - of the page, such as a Content-Security-Policy
 * @param route - answers other requests; false for those it does not know
 */
export async function serveEntry (entry: string, headers: Record<string, string> = {}, route: (request: IncomingMessage, response: ServerResponse) => boolean = () => false): Promise<TestSite> {
  const bundled = await build({
    entryPoints: [entry], bundle: true, write: false, outdir: '/out', entryNames: 'entry', format: 'esm', splitting: true, sourcemap: 'inline', platform: 'browser', target: 'es2023', jsx: 'automatic',
    jsxImportSource: 'preact', logLevel: 'silent', loader: { '.wgsl': 'text' }, define: { 'process.env.NODE_ENV': '"production"' }
  })
  const files = new Map(bundled.outputFiles.map(({ path, contents }) => [path.slice('/out'.length), contents]))
  const sandbox = await buildSandboxPage()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = files.get(path)
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': path.endsWith('.css') ? 'text/css' : 'text/javascript' }).end(file)
    } else if (path === '/') {
      const style = files.has('/entry.css') ? '<link rel="stylesheet" href="/entry.css">' : ''
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
        .end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title>${style}<body><main id="app"></main><script type="module" src="/entry.js"></script>`)
    } else if (path === `/${SANDBOX_PAGE}`) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(sandbox)
    } else if (!route(request, response)) {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
