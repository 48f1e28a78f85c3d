/**
 * A sandbox that sleeps instead of computing, one bite at a time, so that twenty peers fit on two cores. Its values are those of the
 * simulator (sims/world/fold.ts), which refuses to fold what does not tile. Never runs job code.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cid, Path } from '../../../protocol/core/ids.ts'
import type { CollectRequest, ComputeRequest, Output, Sandbox } from '../../../protocol/job/sandbox.ts'
import type { Oracle } from '../../../sims/world/fold.ts'
import type { Range } from '../../../protocol/core/geometry.ts'
import type { Trial } from './trial.ts'
import type { Value } from '../../../protocol/core/job.ts'
import { Turns } from '../../../protocol/host/turns.ts'
import { cidOfDag } from '../../../protocol/job/cid.ts'
import { collect } from '../../../sims/world/fold.ts'
import { rangeOf, sizeOf } from '../../../protocol/core/geometry.ts'

/** As in the simulator. */
const COLLECT_MS = 1

export class SleepingSandbox implements Sandbox {
  readonly cores = 1
  /** Partitions computed here. */
  computed = 0
  /** How much later than asked for each bite was over, milliseconds: how long this process waited for a processor. */
  readonly lateMs: number[] = []
  readonly #turns = new Turns(this.cores)
  readonly #oracle: Oracle
  readonly #trial: Trial
  #isWarm = false

  constructor (trial: Trial, oracle: Oracle) {
    this.#trial = trial
    this.#oracle = oracle
  }

  async compute ({ code, path }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeOf(code.spec, path) as Range
    const size = sizeOf(range)
    const ms = size * this.#trial.partitionMs
    await this.#turns.run(async () => {
      signal.throwIfAborted()
      const startMs = this.#isWarm ? 0 : this.#trial.startMs
      this.#isWarm = true
      const untilMs = performance.now() + ms + startMs
      await sleep(ms + startMs, undefined, { signal })
      this.lateMs.push(performance.now() - untilMs)
    })
    this.computed += size
    return outputOf(this.#oracle.value(path, range).cid, ms)
  }

  async collect ({ path, values }: CollectRequest): Promise<Output> {
    await sleep(COLLECT_MS)
    const folded = collect(path, values.map(valueIn))
    if (folded === null) throw new Error(`the values of ${path} do not tile it`)
    return outputOf(folded.cid, COLLECT_MS)
  }

  async outputs (): Promise<null> {
    return null
  }

  async folds (): Promise<Uint8Array[]> {
    return []
  }

  async equal (): Promise<boolean> {
    return false
  }

  forget (): void {}

  async close (): Promise<void> {}
}

/** What a value's bytes say, as the simulator's fold takes it: it looks at the content id alone. */
const valueIn = (bytes: Uint8Array): Value => ({ cid: textIn(bytes) as Cid }) as Value

/** The simulator's text of a value. */
export const textIn = (bytes: Uint8Array): string => decode<string>(bytes)

function outputOf (text: string, ms: number): Output {
  const bytes = encode(text)
  return { bytes, cid: cidOfDag(bytes), links: false, blocks: [], commits: null, ms }
}

/** The whole job's value. */
export const resultOf = (oracle: Oracle, partitions: number): string => oracle.value('/' as Path, { from: 0, to: partitions }).cid
