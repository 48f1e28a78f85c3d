/** Words for effects that unit tests expect, so that a list of them reads like a sentence. */
import { JOB, SPEC, addressed, path } from './given.ts'
import type { Announcement, Outcome, Value } from '../job.ts'
import type { Cid, PeerId } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { Message } from '../message.ts'
import type { Notice } from '../notice.ts'
import { ROOT } from '../geometry.ts'
import type { TimerName } from '../timer.ts'

/** A union's members without the job, which is always the same here. */
type Jobless<T> = T extends { job: unknown } ? Omit<T, 'job'> : never

/** A message about the job. */
export const about = (message: Jobless<Message>): Message => ({ job: JOB, ...message }) as Message

export const sends = (to: PeerId, message: Jobless<Message>): Effect => ({ type: 'send', to, message: about(message) })
/** Told that these values of its own are accepted, with a receipt. */
export const certifies = (to: PeerId, ...values: Value[]): Effect =>
  ({ type: 'certify', to, message: { type: 'accepted', job: JOB, paths: values.map(({ path }) => path), receipt: null }, values })
export const publishes = (at: string, message: Jobless<Message>): Effect =>
  ({ type: 'publish', topic: { job: JOB, path: path(at) }, message: about(message) })
export const subscribes = (at: string): Effect => ({ type: 'subscribe', topic: { job: JOB, path: path(at) } })
export const unsubscribes = (at: string): Effect => ({ type: 'unsubscribe', topic: { job: JOB, path: path(at) } })
export const sets = (name: TimerName, at: string, ms: number): Effect => ({ type: 'set-timer', timer: { name, job: JOB, path: path(at) }, ms })
export const clears = (name: TimerName, at: string): Effect => ({ type: 'clear-timer', timer: { name, job: JOB, path: path(at) } })
export const tells = (notice: Jobless<Notice>): Effect => ({ type: 'notice', notice: { job: JOB, ...notice } as Notice })
export const drops = (from: PeerId, reason: string): Effect => ({ type: 'drop', from, reason })
export const computes = (at: string): Effect => ({ type: 'compute', job: JOB, path: path(at) })
export const cancels = (at: string): Effect => ({ type: 'cancel-compute', job: JOB, path: path(at) })
export const collects = (at: string, values: Value[]): Effect => ({ type: 'collect', job: JOB, path: path(at), values })
export const fetches = (cid: string, ...from: PeerId[]): Effect => ({ type: 'fetch', job: JOB, cid: cid as Cid, from })
export const dials = (peer: PeerId): Effect => ({ type: 'dial', contact: addressed(peer) })
export const keeps = (...peers: PeerId[]): Effect => ({ type: 'neighbours', job: JOB, contacts: peers.map(addressed) })
export const finds = (): Effect => ({ type: 'find-members', job: JOB })
export const provides = (): Effect => ({ type: 'provide', job: JOB })

export const anAnnouncement = (submitter: PeerId, members: PeerId[], outcome: Outcome | null = null): Announcement =>
  ({ job: JOB, spec: SPEC, submitter, members: members.map(addressed), outcome, proof: null })

/** The application hears of a job. */
export const learns = (announcement: Announcement): Effect => ({ type: 'notice', notice: { type: 'known', announcement } })

/** Jobs told to one peer. */
export const greets = (to: PeerId, ...jobs: Announcement[]): Effect => ({ type: 'send', to, message: { type: 'jobs', jobs } })
/** Jobs told to the mesh. */
export const announces = (...jobs: Announcement[]): Effect => ({ type: 'publish', topic: { job: null, path: ROOT }, message: { type: 'jobs', jobs } })
