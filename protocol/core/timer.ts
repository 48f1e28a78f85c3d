/**
 * Named timer slots: setting one that runs replaces it, and a firing that comes after it was cleared is
 * a no-op in the core.
 */
import type { JobId, Path } from './ids.ts'

export type TimerName =
  | 'renew'    // a position renews its lease and repeats its state (C5, C6)
  | 'state'    // a changed state is published, rate-limited (C6)
  | 'hold'     // new values go to the heirs, batched (R2)
  | 'claim'    // an unanswered claim repeats (C1)
  | 'join'     // ask for work again (J2)
  | 'silence'  // a coordinator was not heard in time (C6)
  | 'elect'    // an heir's turn has come (C6)
  | 'ask'      // nobody answered whether they hear the coordinator (C6)
  | 'kept'     // a silent child is no longer kept for its members (C5)
  | 'fill'     // a core is idle soon: the next bite is looked for (J4)
  | 'verify'   // voters that were asked are late, or there are too few (V3)
  | 'expire'   // a job and its outcome are forgotten (R5)

export interface Timer { name: TimerName, job: JobId, path: Path }

/** The slot's key; unique per name, job and path. */
export const timerKey = (timer: Timer): string => `${timer.name} ${timer.job} ${timer.path}`
