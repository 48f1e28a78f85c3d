/** What an invariant looks like: it watches a play, or looks at it now and then, and says in a sentence what is broken. */
import type { Play } from '../play.ts'
import type { Watcher } from '../world/watchers.ts'

export interface Checker {
  /** The invariant's file name. */
  name: string
  /** Safety: something wrong happened. Liveness: something never did. */
  kind: 'safety' | 'liveness'
  watcher?: Watcher
  /** Called after every virtual second. @returns what is broken */
  sample?: () => string[]
  /** Called when the run is over. @returns what is broken */
  end?: () => string[]
}

/** Makes the checker of one invariant for one play, before its first event. A watcher that finds something tells `report`. */
export type Invariant = (play: Play, report: (what: string) => void) => Checker
