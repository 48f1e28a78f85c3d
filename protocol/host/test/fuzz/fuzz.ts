/**
 * One target against so many hostile inputs, within bounds of time and memory each; what breaks it is shrunk, and comes
 * with the seed that makes it again. Test helper; `npm run fuzz` is main.ts.
 */
import fc from 'fast-check'
import { mutated } from './mutations.ts'
import type { Target } from './targets.ts'

/** An input of kilobytes that takes longer has found something; machines may be busy. */
const MS_MAX = 5_000
/** What reading one input may take of memory: the longest frame a few times over. */
const BYTES_MAX = 64 * 2 ** 20

/** A target failed: what, and how to see it again. */
export interface Crash { target: string, seed: number, path: string, bytes: Uint8Array, why: string }

/** Feed one input. @throws Error saying what was promised and not kept */
export async function feed (target: Target, bytes: Uint8Array): Promise<void> {
  const before = held()
  const startMs = performance.now()
  await target.feed(bytes)
  const ms = performance.now() - startMs
  const grown = held() - before
  if (ms > MS_MAX) throw new Error(`${bytes.length} bytes took ${Math.round(ms)} ms to read`)
  if (grown > BYTES_MAX) throw new Error(`${bytes.length} bytes took ${Math.round(grown / 2 ** 20)} MiB to read`)
}

/** Without a look at the process's pages, which is slow. */
const held = (): number => { const { heapUsed, external } = process.memoryUsage(); return heapUsed + external }

/**
 * @param path - of a crash, to run only that one again
 * @returns null when the target kept what it promises
 */
export async function fuzz (target: Target, runs: number, seed: number, path = ''): Promise<Crash | null> {
  const property = fc.asyncProperty(mutated(target.valid), async bytes => { await feed(target, bytes) })
  const found = await fc.check(property, { numRuns: runs, seed, path, endOnFailure: false })
  if (!found.failed) return null
  const [bytes = new Uint8Array()] = found.counterexample ?? []
  const { errorInstance } = found as { errorInstance?: unknown }
  return { target: target.name, seed, path: found.counterexamplePath ?? '', bytes, why: errorInstance instanceof Error ? `${errorInstance.name}: ${errorInstance.message}` : String(errorInstance) }
}
