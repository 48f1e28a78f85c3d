/**
 * The script of a sandbox's frame: makes one worker for the page that framed it, and tells that it is alive. It runs only where its
 * origin is opaque, so the document does no harm when it is opened or framed by others. Job code never runs here.
 */
import type { FromFrame, Kind, ToFrame } from '../messages.ts'

const script = document.getElementById('worker')!.textContent
const tell = (message: FromFrame): void => { parent.postMessage(message, '*') }

/** From now on only workers of this scheme; other policies stay in force. */
function allowWorkers (scheme: string): void {
  const policy = document.createElement('meta')
  policy.httpEquiv = 'Content-Security-Policy'
  policy.content = `worker-src ${scheme}`
  document.head.append(policy)
}

function workerOf (kind: Kind): Worker {
  if (kind === 'gpu') {
    allowWorkers('data:')
    return new Worker(`data:text/javascript;charset=utf-8,${encodeURIComponent(script)}`)
  }
  allowWorkers('blob:')
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const worker = new Worker(url)
  // Once it runs, no URL is left that a worker could be made of.
  worker.onmessage = () => { URL.revokeObjectURL(url) }
  return worker
}

let worker: Worker | null = null

function onMessage ({ source, data, ports }: MessageEvent<ToFrame>): void {
  if (source !== parent) return
  if (data.type === 'ping') return tell({ type: 'pong' })
  if (worker !== null) return
  worker = workerOf(data.kind)
  worker.onerror = event => {
    event.preventDefault()
    const { message } = event as Partial<ErrorEvent>
    // What job code throws where nobody waits is its own affair; an event without words is the engine's.
    if (message === undefined || message === '' || /out of memory/i.test(message)) tell({ type: 'broken', message: message ?? '' })
  }
  worker.postMessage(data, [...ports])
}

if (origin === 'null' && parent !== window) {
  addEventListener('message', onMessage)
  tell({ type: 'up' })
}
