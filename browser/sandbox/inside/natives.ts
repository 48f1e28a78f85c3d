/**
 * What the sandbox's own script keeps of a worker's scope, taken before anything is removed from it and before job code
 * comes. Nothing here can connect, store or start anything.
 */

/** The scope's functions by name; the DOM's types know more than a worker has. */
export const scope = globalThis as unknown as Record<string, unknown>

const now = performance.now.bind(performance)

export const natives = {
  /** Milliseconds. */
  clock: (): number => now(),
  setTimeout: setTimeout.bind(globalThis) as (run: () => void, ms: number) => number,
  clearTimeout: clearTimeout.bind(globalThis) as (timer: number) => void,
  Registry: FinalizationRegistry,
  /** A URL of a module's text until `drop`. */
  urlOf: ((Part, make) => (parts: BlobPart[]): string => make(new Part(parts, { type: 'text/javascript' })))(Blob, URL.createObjectURL.bind(URL)),
  dropUrl: URL.revokeObjectURL.bind(URL),
  gpu: (navigator as { gpu?: unknown }).gpu ?? null
}

const channel = new MessageChannel()
const turns: Array<() => void> = []
let turnsFrom = 0
channel.port2.onmessage = () => {
  const turn = turns[turnsFrom]
  turns[turnsFrom++] = () => {}
  if (turnsFrom === turns.length) turns.length = turnsFrom = 0
  turn?.()
}

/** Lets messages and timers in: resolves in a later task. */
export const turn = (): Promise<void> => new Promise(resolve => {
  turns[turns.length] = resolve
  channel.port1.postMessage(null)
})
