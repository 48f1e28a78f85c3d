/**
 * What goes wrong, as data: when, to whom, for how long. Times are milliseconds after the submission. Shrinking drops entries of this
 * list one by one.
 */
import type { NetworkPlan } from '../world/network.ts'

/** Whom a fault hits: the root's coordinator, some other coordinator, anybody; or the peer of a number. */
export type Whom = 'root' | 'coordinator' | 'anyone' | number

export type Fault =
  /** The process ends without a word. */
  | { type: 'kill', atMs: number, whom: Whom }
  /** So does a share of all volunteers, in the same moment. */
  | { type: 'exodus', atMs: number, share: number, silent: boolean }
  /** Two groups cannot hear each other for a while; `share` of all peers are in the first. */
  | { type: 'split', atMs: number, forMs: number, share: number }
  /** One peer can send to a share of the others but hears nothing of them. */
  | { type: 'one-way', atMs: number, forMs: number, whom: Whom, share: number }
  /** Messages between a peer and each of its connections are held up. */
  | { type: 'clog', atMs: number, forMs: number, whom: Whom, delayMs: number }
  /** It stops and goes on as if nothing had been. */
  | { type: 'pause', atMs: number, forMs: number, whom: Whom }
  /** Its process ends and starts again under the same identity after a while. */
  | { type: 'restart', atMs: number, forMs: number, whom: Whom }
  /** Its timers are rounded up to a step: a hidden tab. */
  | { type: 'throttle', atMs: number, forMs: number, whom: Whom, stepMs: number }
  /** The whole network is worse for a while. */
  | { type: 'noise', atMs: number, forMs: number, network: Partial<NetworkPlan> }

/** When a fault is over, milliseconds after the submission. */
export const endMs = (fault: Fault): number => fault.atMs + ('forMs' in fault ? fault.forMs : 0)
