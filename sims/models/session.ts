/**
 * One stay of one peer in the mesh. A peer may have several, one after the other: it comes back under its old
 * identity with nothing but that.
 */
export interface Session {
  /** Number of the peer, from 0. */
  peer: number
  /** When it comes, virtual milliseconds; the job is submitted at 0, so those that are there already have negative times. */
  onMs: number
  /** When it goes; Infinity when it stays. */
  offMs: number
}
