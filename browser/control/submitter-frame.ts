/**
 * The submitter's side of one job, locked into a frame of opaque origin and its worker. It gives a module whose
 * functions are carried out there; a page that closes it ends them, whatever they are at. The page itself never
 * evaluates job code.
 */
import { mapStack } from '../../protocol/job/stack.ts'
import { PortStreams, asError } from './port-stream.ts'
import { readSubmitter } from './submitter-messages.ts'
import type { JobModule, LogEvent } from '../../protocol/job/module.ts'
import type { FromSubmitter, Loaded, PrintLevel, ToSubmitter } from './submitter-messages.ts'

export type Print = (level: PrintLevel, text: string) => void

/** A frame that does not come up, or a module that does not load, is given up after this long. Guesses. */
const OPEN_MS_MAX = 10_000
const LOAD_MS_MAX = 20_000

export class SubmitterFrame {
  readonly #frame = document.createElement('iframe')
  readonly #channel = new MessageChannel()
  readonly #streams = new PortStreams((message) => { this.#tell(message) })
  readonly #waiting = new Map<number, PromiseWithResolvers<FromSubmitter>>()
  readonly #ready = Promise.withResolvers<void>()
  readonly #url: string
  #code = new Uint8Array()
  #lastId = 0
  /** Told of every line the job prints. */
  onPrint: Print = () => {}

  /** @param url - of `submitter.html` */
  constructor (url: string) {
    this.#url = url
    this.#channel.port1.onmessage = ({ data }) => {
      const message = readSubmitter(data)
      if (message !== null) this.#onMessage(message)
    }
    this.#frame.sandbox.add('allow-scripts')
    this.#frame.hidden = true
    this.#frame.title = 'The job\'s own functions'
    addEventListener('message', this.#onFrame)
    this.#frame.src = url
    document.body.append(this.#frame)
    this.#ready.promise.catch(() => {})
  }

  /**
   * Load the submitter's side of a module.
   *
   * @throws Error in one sentence when it cannot be loaded
   */
  async load (code: Uint8Array): Promise<JobModule> {
    this.#code = code as Uint8Array<ArrayBuffer>
    await within(this.#ready.promise, OPEN_MS_MAX, `The locked frame for the job's own functions did not open: ${this.#url} is missing beside this page, or the browser blocks it.`)
    const loaded = this.#answer(0)
    this.#tell({ type: 'load', code })
    const message = await within(loaded, LOAD_MS_MAX, `The module takes longer than ${LOAD_MS_MAX / 1000} s to load: look for an endless loop outside its functions.`)
    return this.#moduleOf(message as Extract<FromSubmitter, { type: 'loaded' }>)
  }

  /** End everything in it. */
  close (): void {
    removeEventListener('message', this.#onFrame)
    this.#frame.remove()
    this.#channel.port1.close()
    this.#fail('The job\'s functions were stopped.')
  }

  #moduleOf ({ values, functions }: Loaded): JobModule {
    const module: JobModule = { ...readable(values) }
    if (functions.includes('prepare')) module.prepare = async (params) => await this.#prepare(params)
    if (functions.includes('log')) module.log = (event, { params }) => { this.#log(event, params) }
    if (functions.includes('assemble')) module.assemble = (outputs, { params }) => this.#assemble(outputs, params)
    return module
  }

  async #prepare (params: unknown): Promise<number | AsyncIterable<unknown>> {
    const id = ++this.#lastId
    const answer = this.#answer(id)
    this.#tell({ type: 'prepare', id, params })
    const message = await answer
    return message.type === 'listed' ? this.#mapped(this.#streams.read(id)) : (message as { value: number }).value
  }

  async * #assemble (outputs: AsyncIterable<unknown>, params: unknown): AsyncGenerator<unknown> {
    const id = ++this.#lastId
    const from = ++this.#lastId
    const failed = this.#answer(id)
    failed.catch(() => {})
    this.#streams.offer(from, outputs)
    this.#tell({ type: 'assemble', id, from, params })
    const items = this.#mapped(this.#streams.read(id))
    try {
      for (;;) {
        // `assemble` may throw before it gives an iterable.
        const next = await Promise.race([items.next(), failed]) as IteratorResult<unknown>
        if (next.done === true) return
        yield next.value
      }
    } finally {
      this.#waiting.delete(id)
      items.return(undefined).catch(() => {})
    }
  }

  #log (event: LogEvent, params: unknown): void {
    try {
      this.#tell({ type: 'log', event, params })
    } catch {
      // A result that cannot be copied into the frame is told without it.
      this.#tell({ type: 'log', event: event.type === 'done' ? { ...event, result: undefined } : event, params })
    }
  }

  async * #mapped (items: AsyncGenerator<unknown>): AsyncGenerator<unknown> {
    try {
      yield * items
    } catch (error) {
      throw this.#inSource(error as Error)
    }
  }

  /** Its stack tells of the source that the author wrote. */
  #inSource (error: Error): Error {
    error.stack = `${error.message}\n${mapStack(error.stack ?? '', this.#code)}`
    return error
  }

  #answer (id: number): Promise<FromSubmitter> {
    const waiting = Promise.withResolvers<FromSubmitter>()
    this.#waiting.set(id, waiting)
    return waiting.promise
  }

  readonly #onFrame = ({ source, data }: MessageEvent): void => {
    if (source !== this.#frame.contentWindow) return
    if (data?.type === 'submitter-up') this.#frame.contentWindow?.postMessage(null, '*', [this.#channel.port2])
    if (data?.type === 'submitter-broken') this.#fail(`The job's own functions ended: ${String(data.message).slice(0, 1024)}.`)
  }

  #onMessage (message: FromSubmitter): void {
    switch (message.type) {
      case 'ready': return this.#ready.resolve()
      case 'print': return this.onPrint(message.level, message.text)
      case 'loaded': return this.#settle(0, message)
      case 'counted':
      case 'listed': return this.#settle(message.id, message)
      case 'threw': {
        this.#waiting.get(message.id)?.reject(this.#inSource(asError(message)))
        this.#waiting.delete(message.id)
        return
      }
      default: this.#streams.onMessage(message)
    }
  }

  #settle (id: number, message: FromSubmitter): void {
    this.#waiting.get(id)?.resolve(message)
    this.#waiting.delete(id)
  }

  #fail (reason: string): void {
    this.#ready.reject(new Error(reason))
    for (const { reject } of this.#waiting.values()) reject(new Error(reason))
    this.#waiting.clear()
    this.#streams.breakAll(reason)
  }

  #tell (message: ToSubmitter): void {
    this.#channel.port1.postMessage(message)
  }
}

/** A module's values that have the kind they must have; others are as if they were not there. */
function readable (values: Record<string, unknown>): JobModule {
  const { name, params, input, sealed, trust } = values
  const module: JobModule = {}
  if (typeof name === 'string' && name !== '') module.name = name
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) module.params = params as Record<string, unknown>
  if (input === 'lines' || input === 'ndjson') module.input = input
  if (sealed === true) module.sealed = true
  // What is no policy is told when it is prepared.
  if (trust !== undefined) module.trust = String(trust)
  for (const key of ['partitions', 'fanout', 'grain', 'timeoutMs'] as const) {
    if (values[key] !== undefined) module[key] = values[key] as number
  }
  return module
}

async function within<T> (promise: Promise<T>, ms: number, late: string): Promise<T> {
  const timer = Promise.withResolvers<never>()
  const handle = setTimeout(() => { timer.reject(new Error(late)) }, ms)
  try {
    return await Promise.race([promise, timer.promise])
  } finally {
    clearTimeout(handle)
  }
}
