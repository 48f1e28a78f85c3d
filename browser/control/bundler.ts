/**
 * The page's side of the bundler: starts its worker when the first job is given, asks it, and tells what is wrong in
 * one sentence. A later request makes earlier ones void.
 */
import { BundleError } from '../../protocol/job/bundling.ts'
import type { BundleAnswer, BundleRequest } from './bundle-worker.ts'
import type { JobFiles, PageBundle } from './bundle.ts'

/** Addresses of what the build puts beside the page. */
export interface BundlerAssets {
  /** Of `bundle-worker.ts`, bundled as a module. */
  bundlerUrl: string
  /** Of `esbuild.wasm`. */
  wasmUrl: string
}

export class Bundler {
  readonly #assets: BundlerAssets
  readonly #waiting = new Map<number, PromiseWithResolvers<PageBundle>>()
  #worker: Worker | null = null
  #last = 0

  constructor (assets: BundlerAssets) {
    this.#assets = assets
  }

  /** @throws BundleError with what is wrong with the files; Error when there is no bundler to be had */
  async bundle (job: JobFiles): Promise<PageBundle> {
    const worker = this.#worker ??= this.#start()
    const id = ++this.#last
    const waiting = Promise.withResolvers<PageBundle>()
    this.#waiting.set(id, waiting)
    const absolute = new URL(this.#assets.wasmUrl, document.baseURI).href
    worker.postMessage({ id, wasmUrl: absolute, job } satisfies BundleRequest)
    return await waiting.promise
  }

  #start (): Worker {
    const worker = new Worker(this.#assets.bundlerUrl, { type: 'module', name: 'bundler' })
    worker.onmessage = ({ data }: MessageEvent<BundleAnswer>) => {
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if ('bundled' in data) waiting?.resolve(data.bundled)
      else if (data.isOurs) this.#fail(data.fault, waiting)
      else waiting?.reject(new BundleError(data.fault))
    }
    worker.onerror = (event) => {
      event.preventDefault()
      this.#fail(event.message)
    }
    return worker
  }

  /** It cannot be used; the next request starts another. */
  #fail (reason: string | undefined, waiting?: PromiseWithResolvers<PageBundle>): void {
    const error = new Error(`The bundler could not be loaded${reason === undefined || reason === '' ? '' : `: ${reason.replace(/\.$/, '')}`}. Check the connection to this page's server and try again.`)
    this.#worker?.terminate()
    this.#worker = null
    waiting?.reject(error)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
