/**
 * How much memory worlds may take. Node gives a thread some 4 GB of heap whatever the machine has, which is too little for
 * worlds of more than some 200,000 peers; so every world is played in a worker thread whose heap is as large as the machine allows,
 * which needs no restart with --max-old-space-size and ends with an error that can be told.
 */
import { availableParallelism, totalmem } from 'node:os'
import type { Plan } from '../scenarios/plan.ts'
import { BadInput } from '../bad-input.ts'
import { formatBytes, formatNumber } from '../report/format.ts'

/** Heap of a peer with its links, timers and messages under way, bytes: a million are to fit in 16 GB. A world that takes more ends with a sentence. */
const PEER_BYTES = 16_000
/** What the oracle and the measuring keep of a partition, bytes. */
const PARTITION_BYTES = 12
/** A world without anybody: code and tables. */
const WORLD_BYTES = 64e6
/** Of the machine's memory; the rest is the system's, and what is not heap. */
const SHARE = 0.85

/** How many worlds at once, and the heap of each. */
export interface Lanes { count: number, heapBytes: number }

/** What this process may use: the machine's memory, or what its container is given of it; bytes. */
function memoryBytes (): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** About how much a world takes, bytes. */
export const bytesOf = ({ peers, flash, job }: Plan): number => WORLD_BYTES + PEER_BYTES * (peers + (flash?.peers ?? 0)) + PARTITION_BYTES * job.partitions

/**
 * As many worlds at once as there are cores, fewer where memory is short.
 *
 * @param plans - of the worlds
 * @throws BadInput when the largest of them is too large for this machine
 */
export function lanesFor (plans: Plan[], memory = memoryBytes(), cores = availableParallelism()): Lanes {
  const usable = SHARE * memory
  const largest = plans.reduce((a, b) => bytesOf(b) > bytesOf(a) ? b : a)
  const bytes = bytesOf(largest)
  if (bytes > usable) {
    throw new BadInput(`A world of ${formatNumber(largest.peers)} peers and ${formatNumber(largest.job.partitions)} partitions takes about ${formatBytes(bytes)} of memory, of which this machine has ${formatBytes(usable)} to give: ask for fewer.`)
  }
  const count = Math.max(1, Math.min(cores, plans.length, Math.floor(usable / bytes)))
  return { count, heapBytes: usable / count }
}

/** Must it be played alone, for want of memory? */
export const isLarge = (plan: Plan): boolean => bytesOf(plan) * availableParallelism() > SHARE * memoryBytes()
