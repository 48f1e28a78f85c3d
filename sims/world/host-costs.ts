/**
 * What a real host takes besides the network's delays, milliseconds: of its one thread for cryptography and handling, and of its
 * system to end a process. Measured on Node peers of two-core machines with `npm run sim:calibrate` and by hand; slower than an idle desktop.
 */
export interface HostCosts {
  /** A message that it handles (DESIGN 4 measured 0.3). */
  messageMs: number
  /** A `collect` in its sandbox. */
  collectMs: number
  /** Both ends' work for a connection: noise's keys and signatures, identify, gossip's streams. 34–64 measured. */
  dialMs: number
  /** A dial that is refused. 2–8 measured. */
  refusedMs: number
  /** Opening a stream before the first message to a peer, both ends' work. 5–8 measured. */
  streamMs: number
  /** From a process's end until its sockets are closed. 8–12 measured. */
  closeMs: number
}

export const NODE_HOST: HostCosts = { messageMs: 0.3, collectMs: 1, dialMs: 50, refusedMs: 3, streamMs: 6, closeMs: 9 }
