/** Plays worlds side by side while a line on stderr tells how far they are. */
import type { Audience } from './player.ts'
import type { Lanes } from './memory.ts'
import type { Played, Pulse, Task } from './task.ts'
import type { Progress } from './progress.ts'
import { exitCodeOf } from '../simulate.ts'
import { playAll } from './player.ts'
import { worldText, worldsText } from './progress.ts'

export interface Wishes {
  onPlayed: (task: number, played: Played) => void
  onRefused?: Audience['onRefused']
  /** What a world is called in progress; no two the same. By its seed when left out. */
  nameOf?: (task: Task) => string
}

const bySeed = ({ plan }: Task): string => `seed ${plan.seed}`

/**
 * @returns in the order of the tasks
 * @throws as playAll
 */
export async function playTasks (tasks: Task[], lanes: Lanes, progress: Progress, { onPlayed, onRefused, nameOf = bySeed }: Wishes): Promise<Played[]> {
  const running = new Map<string, Pulse>()
  const name = (i: number): string => nameOf(tasks[i] as Task)
  let ended = 0
  let failed = 0
  return await playAll(tasks, lanes, {
    onPulse: (i, pulse) => {
      running.set(name(i), pulse)
      progress.show(tasks.length === 1 ? worldText(pulse) : worldsText(ended, tasks.length, failed, running))
    },
    onPlayed: (i, played) => {
      running.delete(name(i))
      ended++
      if (exitCodeOf(played.report) !== 0) failed++
      onPlayed(i, played)
    },
    ...(onRefused === undefined ? {} : {
      onRefused: (i, error) => {
        running.delete(name(i))
        ended++
        onRefused(i, error)
      }
    })
  })
}
