/**
 * Runs a core: inputs are handled one after another, each with its effects performed in their order before the
 * next, never one inside another (DESIGN 3, the core's contract). An error in there is a bug; it stops everything.
 */
import type { Effect } from '../core/effect.ts'
import type { Input } from '../core/input.ts'

/** What a driver needs of a core; `Peer` is one. */
export interface Core {
  handle (input: Input, now: number): Effect[]
}

export interface DriverInit {
  core: Core
  perform: (effect: Effect) => void
  /** Told of an error in the core or in performing; nothing is handled afterwards. */
  onCrash: (error: unknown) => void
}

export class Driver {
  readonly #init: DriverInit
  readonly #inputs: Input[] = []
  #state: 'idle' | 'handling' | 'stopped' = 'idle'

  constructor (init: DriverInit) {
    this.#init = init
  }

  /** Handle an input now, or after the one that is being handled. */
  feed (input: Input): void {
    if (this.#state === 'stopped') return
    this.#inputs.push(input)
    if (this.#state === 'handling') return
    this.#state = 'handling'
    try {
      this.#handleAll()
      if (this.#state === 'handling') this.#state = 'idle'
    } catch (error) {
      this.stop()
      this.#init.onCrash(error)
    }
  }

  /** Handle nothing any more, waiting inputs included. */
  stop (): void {
    this.#state = 'stopped'
    this.#inputs.length = 0
  }

  #handleAll (): void {
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      for (const effect of this.#init.core.handle(next, performance.now())) this.#init.perform(effect)
    }
  }
}
