/**
 * A sandbox frame as its page sees it: an invisible iframe of opaque origin that may run scripts and nothing else, with one worker
 * in it that ends when the frame is removed. One frame a worker: removing it ends whatever runs, and browsers that put
 * such frames into processes of their own keep the page's heap out of it. Knows nothing of jobs.
 */
import { readFrame } from './check.ts'
import type { Allowed, FromFrame, Kind, ToFrame } from './messages.ts'

/** A document that is loaded has run its script by then, milliseconds. */
const UP_MS = 2_000
/** A page that loads and a machine that is busy: a frame takes 0.1 s on an idle one, milliseconds. A guess. */
const START_MS = 30_000

export class Frame {
  /** The page's end of the port to the worker. */
  readonly port: MessagePort
  readonly #element: HTMLIFrameElement
  readonly #heard: (message: FromFrame) => void
  readonly #listener: (event: MessageEvent<unknown>) => void
  #theirs: MessagePort | null
  #onPong: (() => void) | null = null
  /** Told when the document is not the sandbox's. */
  onAbsent: () => void = () => {}
  /** Told when the worker broke. */
  onBroken: () => void = () => {}

  /** @param url - of the frame's document, made by build.ts */
  constructor (url: string, kind: Kind, allowed: Allowed) {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.#theirs = port2
    const element = document.createElement('iframe')
    element.setAttribute('sandbox', 'allow-scripts')
    // Nothing of what a browser lets frames ask for.
    element.setAttribute('allow', "camera 'none'; microphone 'none'; geolocation 'none'; display-capture 'none'; clipboard-read 'none'; clipboard-write 'none'; fullscreen 'none'")
    element.referrerPolicy = 'no-referrer'
    element.hidden = true
    element.tabIndex = -1
    element.title = 'Sandbox'
    element.src = url
    element.onload = () => { setTimeout(() => { if (this.#theirs !== null) this.onAbsent() }, UP_MS) }
    this.#element = element
    this.#heard = message => {
      switch (message.type) {
        case 'up': this.#start(kind, allowed); break
        case 'pong': this.#onPong?.(); break
        case 'broken': this.onBroken(); break
        default: message satisfies never
      }
    }
    this.#listener = ({ source, data }) => {
      const message = source !== null && source === element.contentWindow ? readFrame(data) : null
      if (message !== null) this.#heard(message)
    }
    addEventListener('message', this.#listener)
    document.body.append(element)
  }

  get isRemoved (): boolean {
    return !this.#element.isConnected
  }

  /** End the worker and all that is the frame's. */
  remove (): void {
    removeEventListener('message', this.#listener)
    this.port.close()
    this.#element.remove()
  }

  /** Resolves when the frame's own script has answered; a worker that is busy does not hold it up. */
  pong (): Promise<void> {
    return new Promise(resolve => {
      this.#onPong = resolve
      this.#post({ type: 'ping' })
    })
  }

  #start (kind: Kind, allowed: Allowed): void {
    if (this.#theirs === null) return
    this.#post({ type: 'start', kind, allowed }, [this.#theirs])
    this.#theirs = null
  }

  /** The frame has no origin that could be named. */
  #post (message: ToFrame, transfer: Transferable[] = []): void {
    this.#element.contentWindow?.postMessage(message, '*', transfer)
  }
}

export const notStarted = (): Error =>
  new Error('the sandbox frame did not start: is sandbox.html beside the page, and does the page\'s Content-Security-Policy allow frame-src \'self\'?')

/** @throws Error when a frame does not start in time */
export async function started (ready: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => { late.reject(notStarted()) }, START_MS)
  try {
    await Promise.race([ready, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
