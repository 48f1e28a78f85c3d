/** A thread that plays one world after the other, as it is told (player.ts starts it). Here the wall clock is read. */
import { parentPort } from 'node:worker_threads'
import { getHeapStatistics } from 'node:v8'
import type { Play } from '../play.ts'
import type { Task, Told } from './task.ts'
import { BadInput } from '../bad-input.ts'
import { Record } from './record.ts'
import { simulate } from '../simulate.ts'

/** It tells how far it is this often, milliseconds of the wall clock. */
const PULSE_MS = 200

const now = (): number => performance.now()
const tell = (told: Told): void => { parentPort?.postMessage(told) }

parentPort?.on('message', (task: Task) => {
  try {
    play(task)
  } catch (error) {
    if (!(error instanceof BadInput)) throw error
    tell({ type: 'refused', message: error.message })
  }
})

function play ({ record, ...task }: Task): void {
  const log = record === undefined ? null : new Record(record)
  const startedMs = now()
  let toldMs = startedMs
  let share = 0
  let heapBytes = 0
  const onPrepared = (play: Play): void => {
    log?.watch(play)
    play.world.watchers.push({
      onNotice: (_node, notice) => { if (notice.type === 'progress') share = Math.max(share, notice.done / notice.partitions) }
    })
  }
  const onStep = ({ atMs, world }: Play): void => {
    if (now() - toldMs < PULSE_MS) return
    toldMs = now()
    heapBytes = Math.max(heapBytes, heapNow())
    tell({ type: 'pulse', pulse: { atMs, share, live: world.live.length, events: world.tally.events, wallMs: toldMs - startedMs } })
  }
  const report = simulate({ ...task, onPrepared, onStep, now })
  log?.close()
  tell({ type: 'played', played: { report, wallMs: now() - startedMs, heapBytes: Math.max(heapBytes, heapNow()) } })
}

function heapNow (): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}
