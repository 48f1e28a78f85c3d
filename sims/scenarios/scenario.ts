/** A scenario: a family of worlds, one for each seed and number of peers. */
import type { Trust } from '../../protocol/core/job.ts'
import type { Plan } from './plan.ts'

export interface Scenario {
  /** What the command line calls it. */
  name: string
  /** What it is, in a few words. */
  title: string
  /** Peers when none are asked for. */
  peers: number
  /**
   * Make the plan of one world.
   *
   * @param seed - any integer; draws what the scenario leaves to chance
   * @param peers - volunteers there at once, on average; the job grows with them
   * @param trust - whose values count, where the scenario says what that promises; others take it as it is
   * @param limitMs - about how long the job takes at the physical limit, milliseconds
   */
  make: (seed: number, peers: number, limitMs?: number, trust?: Trust) => Plan
}
