/**
 * The bundler's worker: esbuild in WebAssembly, kept off the page's own thread. It is started when a job is given and
 * not before, since it weighs more than the rest of the page together.
 */
import { build, initialize } from 'esbuild-wasm'
import { bundleFiles } from './bundle.ts'
import type { JobFiles, PageBundle } from './bundle.ts'

export interface BundleRequest { id: number, wasmUrl: string, job: JobFiles }

export type BundleAnswer = { id: number } & ({ bundled: PageBundle } | { fault: string, isOurs: boolean })

let ready: Promise<void> | null = null

self.onmessage = async ({ data }: MessageEvent<BundleRequest>): Promise<void> => {
  const { id, wasmUrl, job } = data
  try {
    // Not in a worker of its own: this is one.
    ready ??= initialize({ wasmURL: wasmUrl, worker: false })
    await ready
    answer({ id, bundled: await bundleFiles(build, job) })
  } catch (error) {
    const { name, message } = error as Error
    answer({ id, fault: message, isOurs: name !== 'BundleError' })
  }
}

const answer = (message: BundleAnswer): void => { self.postMessage(message) }
