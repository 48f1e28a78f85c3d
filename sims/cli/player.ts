/**
 * Plays worlds in threads of their own, so that the command stays awake for Ctrl-C and progress, all cores are used, and a world
 * that needs more memory than there is ends with a sentence instead of with the process.
 */
import { extname } from 'node:path'
import { Worker, type ResourceLimits } from 'node:worker_threads'
import type { Lanes } from './memory.ts'
import type { Played, Pulse, Task, Told } from './task.ts'
import { BadInput } from '../bad-input.ts'
import { formatBytes, formatNumber } from '../report/format.ts'

/**
 * Most of the young generation, MB, and its share of a thread's heap at most: messages under way and timers live for a second, and with Node's
 * 48 MB a world of 3,000 peers spends three times as long on copying them.
 */
const YOUNG_MB = 192
const YOUNG_SHARE = 1 / 8

/** Beside this file: TypeScript in a checkout, JavaScript in a published package. */
const WORKER = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)

function limitsOf (heapBytes: number): ResourceLimits {
  const heapMb = Math.floor(heapBytes / 2 ** 20)
  return { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: Math.min(YOUNG_MB, Math.floor(YOUNG_SHARE * heapMb)) }
}

/** One thread. */
export class Player {
  readonly #heapBytes: number
  #worker: Worker | null = null

  /** @param heapBytes - what its worlds may take */
  constructor (heapBytes: number) {
    this.#heapBytes = heapBytes
  }

  /**
   * Play a world; one at a time.
   *
   * @throws BadInput when its memory does not suffice or a file cannot be used
   */
  async play (task: Task, onPulse: (pulse: Pulse) => void = () => {}): Promise<Played> {
    const worker = this.#worker ??= new Worker(WORKER, { resourceLimits: limitsOf(this.#heapBytes) })
    const { promise, resolve, reject } = Promise.withResolvers<Played>()
    const onError = (error: Error & { code?: string }): void => {
      this.#worker = null
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? this.#outOfMemory(task) : error)
    }
    const onTold = (told: Told): void => {
      if (told.type === 'pulse') onPulse(told.pulse)
      else if (told.type === 'played') resolve(told.played)
      else reject(new BadInput(told.message))
    }
    worker.on('message', onTold).on('error', onError)
    worker.postMessage(task)
    try {
      return await promise
    } finally {
      worker.off('message', onTold).off('error', onError)
    }
  }

  async end (): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = null
  }

  #outOfMemory ({ plan, replay }: Task): BadInput {
    return new BadInput(`The world of ${formatNumber(plan.peers)} peers took more than the ${formatBytes(this.#heapBytes)} of memory it may have here (${replay}): ask for fewer.`)
  }
}

export interface Audience {
  onPulse: (task: number, pulse: Pulse) => void
  onPlayed: (task: number, played: Played) => void
  /** A world that cannot be played ends all of them, unless this is there to be told. */
  onRefused?: (task: number, error: BadInput) => void
}

/**
 * Play many worlds, so many at once.
 *
 * @returns in the order of the tasks
 * @throws as Player.play; the others are ended then
 */
export async function playAll (tasks: Task[], { count, heapBytes }: Lanes, { onPulse, onPlayed, onRefused }: Audience): Promise<Played[]> {
  const all: Played[] = []
  const waiting = tasks.entries()
  const players = Array.from({ length: count }, () => new Player(heapBytes))
  const lane = async (player: Player): Promise<void> => {
    for (const [i, task] of waiting) {
      try {
        const played = await player.play(task, pulse => { onPulse(i, pulse) })
        all[i] = played
        onPlayed(i, played)
      } catch (error) {
        if (onRefused === undefined || !(error instanceof BadInput)) throw error
        onRefused(i, error)
      }
    }
  }
  try {
    await Promise.all(players.map(lane))
  } finally {
    await Promise.all(players.map(async player => { await player.end() }))
  }
  return all
}
