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

function serve (port: MessagePort): void {
  let module: Module = {}
  let url = ''
  const tell = (message: FromSubmitter): void => { port.postMessage(message) }
  const streams = new PortStreams((message) => { tell(named(message)) })
  /** Frames of the job's own module get the name that source maps are looked up by. */
  const named = <T extends StreamMessage>(message: T): T =>
    message.type === 'broken' ? { ...message, stack: stackOf(message.stack) } : message
  const stackOf = (stack: string): string => url === '' ? stack : stack.replaceAll(url, 'job.mjs')
  const threw = (id: number, error: unknown): void => {
    const { message, stack } = plain(error)
    tell({ type: 'threw', id, message, stack: stackOf(stack) })
  }
  printTo((level, text) => { tell({ type: 'print', level, text }) })

  async function load (code: Uint8Array): Promise<void> {
    url = URL.createObjectURL(new Blob([code as BlobPart], { type: 'text/javascript' }))
    module = { ...await import(url) as Module }
    const entries = Object.entries(module)
    const functions = entries.filter(([, it]) => typeof it === 'function').map(([name]) => name)
    tell({ type: 'loaded', functions, values: Object.fromEntries(entries.filter(([name]) => !functions.includes(name))) })
  }

  async function prepare (id: number, params: unknown): Promise<void> {
    const value = await (module['prepare'] as Call)(params)
    if (!isIterable(value)) return tell({ type: 'counted', id, value: typeof value === 'number' ? value : null })
    streams.offer(id, value)
    tell({ type: 'listed', id })
  }

  function log (event: unknown, params: unknown): void {
    try {
      (module['log'] as Call)(event, { params })
    } catch (error) {
      tell({ type: 'print', level: 'warn', text: `log threw: ${plain(error).message}` })
    }
  }

  const attempt = (id: number, run: () => void | Promise<void>): void => {
    Promise.resolve().then(run).catch((error: unknown) => { threw(id, error) })
  }

  port.onmessage = ({ data }: MessageEvent<ToSubmitter>) => {
    switch (data.type) {
      case 'load': return attempt(0, async () => await load(data.code))
      case 'prepare': return attempt(data.id, async () => await prepare(data.id, data.params))
      case 'log': return log(data.event, data.params)
      case 'assemble': {
        const { id, from, params } = data
        return attempt(id, () => { streams.offer(id, (module['assemble'] as Call)(streams.read(from), { params }) as AsyncIterable<unknown>) })
      }
      default: streams.onMessage(data)
    }
  }
  tell({ type: 'ready' })
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
  if (ports[0] !== undefined) serve(ports[0])
}
