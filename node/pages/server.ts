/**
 * A small web server for the pages: files of one folder, known at its start, and nothing else of this machine. It
 * writes the addresses of the peer beside it into each page as it goes out. It knows no jobs and keeps no state.
 */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { UsageError } from '../../protocol/client/errors.ts'

export interface PageServerInit {
  folder: string
  /** TCP port; 0 for any. */
  port: number
  /** Address to listen on. */
  host: string
  /** Addresses that a tab can dial, asked for at each page. */
  addrs: () => string[]
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm'
}
const ENCODINGS = [['br', '.br'], ['gzip', '.gz']] as const
const META = '<meta name="millionfold-peers" content="'
/** A tab that has a page half loaded is not waited for. */
const CLOSE_MS = 500

interface File { bytes: Buffer, type: string, encoded: Map<string, Buffer> }

export class PageServer {
  readonly #init: PageServerInit
  readonly #files: Map<string, File>
  readonly #server: Server

  constructor (init: PageServerInit) {
    this.#init = init
    this.#files = filesOf(init.folder)
    this.#server = createServer((request, response) => { this.#serve(request, response) })
  }

  /**
   * Listen.
   *
   * @returns the volunteer page's URL
   * @throws UsageError when the port cannot be had
   */
  async start (): Promise<string> {
    const { port, host } = this.#init
    try {
      this.#server.listen(port, host)
      await once(this.#server, 'listening')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new UsageError(code === 'EADDRINUSE'
        ? `Port ${port} for the pages is in use, so choose another with --port.`
        : `The pages cannot be served on ${host}:${port}: ${(error as Error).message}.`, { cause: error })
    }
    this.#server.unref()
    const { port: taken } = this.#server.address() as AddressInfo
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}/`
  }

  async stop (): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    const timer = setTimeout(() => { this.#server.closeAllConnections() }, CLOSE_MS)
    this.#server.closeIdleConnections()
    await closed
    clearTimeout(timer)
  }

  #serve (request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
    // The page's own files lie beside it, not below.
    if (request.url === '/control/') return void response.writeHead(308, { location: '/control' }).end()
    const file = this.#files.get(fileOf(request.url ?? '/'))
    if (file === undefined) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.\n')
    const { bytes, encoding } = this.#bytesFor(file, request.headers['accept-encoding'] ?? '')
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': bytes.byteLength,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: 'accept-encoding',
      ...(encoding === null ? {} : { 'content-encoding': encoding })
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  }

  #bytesFor (file: File, accepted: string): { bytes: Buffer, encoding: string | null } {
    if (file.bytes.includes(META)) {
      const attribute = this.#init.addrs().join(' ').replaceAll('&', '&amp;').replaceAll('"', '&quot;')
      return { bytes: Buffer.from(file.bytes.toString().replace(META, () => META + attribute)), encoding: null }
    }
    for (const [encoding] of ENCODINGS) {
      const bytes = file.encoded.get(encoding)
      if (bytes !== undefined && new RegExp(`\\b${encoding}\\b(?!;\\s*q=0(\\.0*)?(,|$))`).test(accepted)) return { bytes, encoding }
    }
    return { bytes: file.bytes, encoding: null }
  }
}

/** The name of a file by a request's path; no part of it is ever used as a path of this machine. */
function fileOf (url: string): string {
  const path = url.split(/[?#]/)[0]!.slice(1)
  if (path === '') return 'index.html'
  return path === 'control' ? 'control.html' : path
}

function filesOf (folder: string): Map<string, File> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const files = new Map<string, File>()
  for (const path of names) {
    const type = TYPES[extname(path)]
    if (type === undefined) continue
    const encoded = new Map(ENCODINGS.flatMap(([encoding, ending]) => names.includes(path + ending) ? [[encoding, readFileSync(path + ending)] as const] : []))
    files.set(path.slice(folder.length + 1).split(sep).join('/'), { bytes: readFileSync(path), type, encoded })
  }
  return files
}
