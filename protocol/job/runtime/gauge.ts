/**
 * What a running sandbox shows its keeper without a message: a few numbers in shared memory, written
 * before every call of job code. The keeper reads them to know which partition runs too long or broke
 * the process, and writes the signal to stop or pause between partitions. Job code never sees it.
 */

/** Slot: the call that runs; a partition's index, or one of the codes below. */
export const CALL = 0
/** Slot: what the keeper wants. */
export const SIGNAL = 1
export const GAUGE_LENGTH = 2

/** No job code runs: waiting for inputs, asleep, or done. */
export const IDLE = -1
/** The module is loaded, or `setup` runs. */
export const LOADING = -2
/** Codes from here downwards are `collect` calls, each with its own. */
export const COLLECTING = -3

export const GO = 0
/** End now; the request's result is not wanted. */
export const STOP = 1
/** Wait before the next partition until the signal changes. */
export const PAUSE = 2

/** The partition that a call code names, or -1. */
export const partitionOf = (call: number): number => call >= 0 ? call : -1
