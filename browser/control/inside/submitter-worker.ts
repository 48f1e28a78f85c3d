/**
 * The worker in which the submitter's side of a job runs: `prepare`, `log`, `assemble` and the module's own values. It
 * is a job author's code, perhaps a stranger's, so it runs here and never in the page: no network, no storage, nothing
 * but one port. What it prints goes to the page as text.
 */
import { PortStreams, plain } from '../port-stream.ts'
import type { StreamMessage } from '../port-stream.ts'
import type { FromSubmitter, PrintLevel, ToSubmitter } from '../submitter-messages.ts'

type Module = Record<string, unknown>
type Call = (...args: unknown[]) => unknown

const isIterable = (it: unknown): it is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof it === 'object' && it !== null && (Symbol.iterator in it || Symbol.asyncIterator in it)

class Submitter {
  readonly #port: MessagePort
  readonly #streams = new PortStreams((message) => { this.#tell(this.#named(message)) })
  #module: Module = {}
  /** Of the job's module. */
  #url = ''

  constructor (port: MessagePort) {
    this.#port = port
    port.onmessage = ({ data }: MessageEvent<ToSubmitter>) => { this.#onMessage(data) }
    printTo((level, text) => { this.#tell({ type: 'print', level, text }) })
    this.#tell({ type: 'ready' })
  }

  #tell (message: FromSubmitter): void {
    this.#port.postMessage(message)
  }

  #onMessage (message: ToSubmitter): void {
    switch (message.type) {
      case 'load': return this.#attempt(0, async () => { await this.#load(message.code) })
      case 'prepare': return this.#attempt(message.id, async () => { await this.#prepare(message.id, message.params) })
      case 'assemble': return this.#attempt(message.id, () => { this.#assemble(message.id, message.from, message.params) })
      case 'log': return this.#log(message.event, message.params)
      default: this.#streams.onMessage(message)
    }
  }

  #attempt (id: number, run: () => void | Promise<void>): void {
    Promise.resolve().then(run).catch((error: unknown) => {
      const { message, stack } = plain(error)
      this.#tell({ type: 'threw', id, message, stack: this.#stackOf(stack) })
    })
  }

  /** Frames of the job's own module get the name that source maps are looked up by. */
  #stackOf (stack: string): string {
    return this.#url === '' ? stack : stack.replaceAll(this.#url, 'job.mjs')
  }

  #named <T extends StreamMessage>(message: T): T {
    return message.type === 'broken' ? { ...message, stack: this.#stackOf(message.stack) } : message
  }

  async #load (code: Uint8Array): Promise<void> {
    this.#url = URL.createObjectURL(new Blob([code as BlobPart], { type: 'text/javascript' }))
    this.#module = { ...await import(this.#url) as Module }
    const entries = Object.entries(this.#module)
    const functions = entries.filter(([, it]) => typeof it === 'function').map(([name]) => name)
    this.#tell({ type: 'loaded', functions, values: Object.fromEntries(entries.filter(([name]) => !functions.includes(name))) })
  }

  async #prepare (id: number, params: unknown): Promise<void> {
    const value = await (this.#module['prepare'] as Call)(params)
    if (!isIterable(value)) return this.#tell({ type: 'counted', id, value: typeof value === 'number' ? value : null })
    this.#streams.offer(id, value)
    this.#tell({ type: 'listed', id })
  }

  #assemble (id: number, from: number, params: unknown): void {
    this.#streams.offer(id, (this.#module['assemble'] as Call)(this.#streams.read(from), { params }) as AsyncIterable<unknown>)
  }

  #log (event: unknown, params: unknown): void {
    try {
      (this.#module['log'] as Call)(event, { params })
    } catch (error) {
      this.#tell({ type: 'print', level: 'warn', text: `log threw: ${plain(error).message}` })
    }
  }
}

const LEVELS: Record<string, PrintLevel> = { log: 'info', info: 'info', debug: 'info', warn: 'warn', error: 'error' }

/** `console` speaks to the page. */
function printTo (print: (level: PrintLevel, text: string) => void): void {
  for (const [name, level] of Object.entries(LEVELS)) {
    Object.assign(console, { [name]: (...args: unknown[]) => { print(level, args.map(shown).join(' ')) } })
  }
}

function shown (value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return plain(value).message
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}

self.onmessage = ({ ports }: MessageEvent) => {
  self.onmessage = null
  if (ports[0] !== undefined) new Submitter(ports[0])
}
