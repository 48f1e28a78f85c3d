/**
 * The few ways a step speaks to the world: each appends one effect. Nothing here decides anything.
 */
import type { Contact, JobId, Path, PeerId } from './ids.ts'
import type { Context, Job, View } from './state.ts'
import type { Message, Topic } from './message.ts'
import type { Notice } from './notice.ts'
import type { TimerName } from './timer.ts'
import { parentOf } from './geometry.ts'
import { addrsOf } from './links.ts'

export const self = (cx: Context): Contact => ({ peer: cx.id, addrs: cx.addrs })

export const contactOf = (cx: Context, peer: PeerId): Contact =>
  peer === cx.id ? self(cx) : { peer, addrs: addrsOf(cx, peer) }

export function send (cx: Context, to: PeerId, message: Message): void {
  if (to !== cx.id) cx.effects.push({ type: 'send', to, message })
}

export function publish (cx: Context, topic: Topic, message: Message): void {
  cx.effects.push({ type: 'publish', topic, message })
}

export function notify (cx: Context, notice: Notice): void {
  cx.effects.push({ type: 'notice', notice })
}

export function drop (cx: Context, from: PeerId, reason: string): void {
  cx.effects.push({ type: 'drop', from, reason })
}

export function setTimer (cx: Context, name: TimerName, job: JobId, path: Path, ms: number): void {
  cx.effects.push({ type: 'set-timer', timer: { name, job, path }, ms })
}

export function clearTimer (cx: Context, name: TimerName, job: JobId, path: Path): void {
  cx.effects.push({ type: 'clear-timer', timer: { name, job, path } })
}

/** Positions or children changed: the end of the input looks at all that follows from them (settled.ts). */
export function unsettle (job: Job): void {
  job.rolling = 'due'
  job.naming = 'due'
}

/** The view of the position above a path, when somebody else holds it. */
export function viewAbove (job: Job, path: Path): View | undefined {
  const parent = parentOf(path)
  return parent === null ? undefined : job.views.get(parent)
}
