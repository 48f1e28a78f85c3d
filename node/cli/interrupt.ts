/**
 * Ctrl-C and SIGTERM: the first one begins a polite end, the second one ends the process at once. A polite
 * end that takes too long is cut short, so that a signal always ends the process.
 */

/** Leaving is bounded (C8), stopping volunteers too; this is for what should not happen. */
const END_MS_MAX = 10_000

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type Interrupt = typeof SIGNALS[number]

function endNow (): never {
  process.exit(130)
}

/** Until a command knows what to put in order, a signal just ends the process. */
export function endAtSignal (): void {
  for (const signal of SIGNALS) process.on(signal, endNow)
}

export class Interrupts {
  /** Resolves with the first signal. */
  readonly first: Promise<Interrupt>
  #seen = false
  readonly #atOnce: () => void

  /** @param atOnce what must still happen, synchronously, before the process ends at the second signal */
  constructor (atOnce: () => void = () => {}) {
    this.#atOnce = atOnce
    const { promise, resolve } = Promise.withResolvers<Interrupt>()
    this.first = promise
    for (const signal of SIGNALS) {
      process.on(signal, () => { this.#on(signal, resolve) })
      process.off(signal, endNow)
    }
  }

  #on (signal: Interrupt, resolve: (signal: Interrupt) => void): void {
    if (this.#seen) this.#end()
    this.#seen = true
    setTimeout(() => { this.#end() }, END_MS_MAX).unref()
    resolve(signal)
  }

  #end (): never {
    this.#atOnce()
    endNow()
  }
}
