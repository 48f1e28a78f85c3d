/**
 * A Sandbox of this process whose work is done by a tab sandbox in a page of a real Chromium, so that the port's acceptance suite runs
 * against it. Bytes go over loopback. The page asks for its calls itself: a frame whose process ends does not matter to it.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { fileURLToPath } from 'node:url'
import { buffer } from 'node:stream/consumers'
import { SandboxError } from '../../../protocol/job/sandbox.ts'
import { launchChromium, serveEntry } from '../../test/chromium.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JobId } from '../../../protocol/core/ids.ts'
import type { Failure } from '../../../protocol/core/job.ts'
import type { InputChunk } from '../../../protocol/job/inputs.ts'
import type { CollectRequest, ComputeRequest, EqualRequest, FoldsRequest, Output, OutputsRequest } from '../../../protocol/job/sandbox.ts'
import type { TabSandbox, TabSandboxInit } from '../tab-sandbox.ts'

export type Call = { id: number, sandbox: number } & (
  | { type: 'create', init: TabSandboxInit }
  | { type: 'abort', request: number }
  | { type: 'forget', job: JobId }
  | { type: 'close' | 'warm' }
  | { type: 'setDuty' | 'setCores', value: number }
  | { type: 'compute', request: Omit<ComputeRequest, 'inputs'>, inputs: boolean }
  | { type: 'collect', request: CollectRequest }
  | { type: 'outputs', request: Omit<OutputsRequest, 'inputs'>, inputs: boolean }
  | { type: 'folds', request: FoldsRequest }
  | { type: 'equal', request: EqualRequest }
  | { type: 'eval', name: string, argument: unknown }
)
type Without<T> = T extends unknown ? Omit<T, 'id' | 'sandbox'> : never

export type Answer = { id: number, value: unknown } | { id: number, error: { name: string, message: string, why: Failure | null } }

/** A page may be strict: what the sandbox needs of it is `frame-src 'self'`. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"

/** A job that eats objects ends with the engine's limit: set low, MB, so that tests need not fill the machine. */
export const HEAP_MB = 256

export interface TestPageInit {
  /** More switches for Chromium. */
  args?: string[]
  /** Limit of its heaps, MB; null for Chromium's own. */
  heapMb?: number | null
  /** More documents beside the page, by path. */
  documents?: Record<string, string>
}

export interface TestPage {
  url: string
  create: (init: TabSandboxInit) => TabSandbox
  /** Something the page itself is asked (page-entry.ts). */
  ask: (name: string, argument?: unknown) => Promise<unknown>
  close: () => Promise<void>
}

/** A page in a place and a language that no job should know of. */
export async function openPage ({ args = [], heapMb = HEAP_MB, documents = {} }: TestPageInit = {}): Promise<TestPage> {
  const calls = new Calls(documents)
  const site = await serveEntry(fileURLToPath(new URL('page-entry.ts', import.meta.url)), { 'content-security-policy': POLICY }, calls.route)
  const browser = await launchChromium([...args, ...heapMb === null ? [] : [`--js-flags=--max-old-space-size=${heapMb}`]])
  const context = await browser.newContext({ timezoneId: 'Asia/Kathmandu', locale: 'de-DE' })
  const page = await context.newPage()
  page.on('pageerror', error => { console.log(`the page: ${error.message}`) })
  await page.goto(site.url)
  let made = 0
  return {
    url: site.url,
    create: init => new PageSandbox(calls, ++made, init),
    ask: async (name, argument = null) => await calls.put(0, { type: 'eval', name, argument }),
    close: async () => {
      await browser.close()
      await site.close()
    }
  }
}

/** Calls that wait for the page, and for its answers. */
class Calls {
  readonly inputs = new Map<number, AsyncIterator<InputChunk>>()
  readonly #queue: Call[] = []
  readonly #answers = new Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>()
  #poll: ServerResponse | null = null
  #ids = 0

  readonly #documents: Record<string, string>

  constructor (documents: Record<string, string>) {
    this.#documents = documents
  }

  /** @param onId - told the call's id before it is sent */
  put (sandbox: number, call: Without<Call>, onId: (id: number) => void = () => {}): Promise<unknown> {
    const id = ++this.#ids
    onId(id)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#answers.set(id, { resolve, reject })
    this.#queue.push({ ...call, id, sandbox } as Call)
    this.#flush()
    return promise
  }

  readonly route = (request: IncomingMessage, response: ServerResponse): boolean => {
    const text = this.#documents[request.url ?? '']
    if (text !== undefined) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(text)
    else if (request.method !== 'POST') return false
    if (text !== undefined) return true
    void buffer(request).then(async body => { await this.#on(request.url ?? '', decode(body), response) })
    return true
  }

  async #on (path: string, body: unknown, response: ServerResponse): Promise<void> {
    if (path === '/next') {
      this.#poll = response
      this.#flush()
      return
    }
    if (path === '/answer') {
      const answer = body as Answer
      const waiting = this.#answers.get(answer.id)
      this.#answers.delete(answer.id)
      if ('error' in answer) waiting?.reject(errorOf(answer.error))
      else waiting?.resolve(answer.value)
      response.end(encode(null))
      return
    }
    try {
      const next = await this.inputs.get((body as { id: number }).id)!.next()
      response.end(encode({ chunk: next.done === true ? null : next.value }))
    } catch (error) {
      response.end(encode({ error: (error as Error).message }))
    }
  }

  #flush (): void {
    if (this.#poll === null || this.#queue.length === 0) return
    this.#poll.end(encode(this.#queue.shift()))
    this.#poll = null
  }
}

const errorOf = ({ name, message, why }: { name: string, message: string, why: Failure | null }): Error =>
  why === null ? Object.assign(new Error(message), { name }) : new SandboxError(why)

class PageSandbox implements TabSandbox {
  cores: number
  readonly #calls: Calls
  readonly #id: number

  constructor (calls: Calls, id: number, init: TabSandboxInit) {
    this.cores = init.cores
    this.#calls = calls
    this.#id = id
    void this.#put({ type: 'create', init: Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined)) as unknown as TabSandboxInit })
  }

  async compute ({ inputs, ...request }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const iterator = inputs?.[Symbol.asyncIterator]()
    try {
      return await this.#run({ type: 'compute', request, inputs: inputs !== null }, signal, id => { if (iterator !== undefined) this.#calls.inputs.set(id, iterator) })
    } finally {
      await iterator?.return?.()
    }
  }

  async collect (request: CollectRequest, signal: AbortSignal): Promise<Output> {
    return await this.#run({ type: 'collect', request }, signal, () => {})
  }

  async outputs ({ inputs, ...request }: OutputsRequest, signal: AbortSignal): Promise<Uint8Array[] | null> {
    const iterator = inputs?.[Symbol.asyncIterator]()
    try {
      return await this.#run({ type: 'outputs', request, inputs: inputs !== null }, signal, id => { if (iterator !== undefined) this.#calls.inputs.set(id, iterator) })
    } finally {
      await iterator?.return?.()
    }
  }

  async folds (request: FoldsRequest, signal: AbortSignal): Promise<Uint8Array[]> {
    return await this.#run({ type: 'folds', request }, signal, () => {})
  }

  async equal (request: EqualRequest, signal: AbortSignal): Promise<boolean> {
    return await this.#run({ type: 'equal', request }, signal, () => {})
  }

  setDuty (value: number): void {
    void this.#put({ type: 'setDuty', value })
  }

  setCores (value: number): void {
    this.cores = value
    void this.#put({ type: 'setCores', value })
  }

  warm (): void {
    void this.#put({ type: 'warm' })
  }

  forget (job: JobId): void {
    void this.#put({ type: 'forget', job })
  }

  async close (): Promise<void> {
    await this.#put({ type: 'close' })
  }

  async #run<T = Output> (call: Without<Call>, signal: AbortSignal, onId: (id: number) => void): Promise<T> {
    signal.throwIfAborted()
    let request = 0
    const abort = (): void => { void this.#put({ type: 'abort', request }) }
    try {
      const answer = this.#calls.put(this.#id, call, id => { onId(request = id) })
      signal.addEventListener('abort', abort)
      return await answer as T
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #put (call: Without<Call>): Promise<unknown> {
    return this.#calls.put(this.#id, call)
  }
}
