/**
 * The named timer slots of a node. Setting a slot again is the most frequent thing a peer does (every state that is heard
 * moves its silence), so a slot that moves to a later time keeps its event, and the event moves on when it comes.
 */
import type { EventQueue, Event } from './event-queue.ts'
import type { Node } from './node.ts'
import type { Timer } from '../../protocol/core/timer.ts'

export interface Slot extends Timer {
  /** When it fires; NEVER when cleared. */
  atMs: number
  /** The event that looks at it, and when that comes. */
  event: Event | null
  eventMs: number
}

/** After any time, as a whole number. */
const NEVER = 2 ** 52

const slotOf = (node: Node, { name, job, path }: Timer): Slot | undefined => {
  const { slots } = node
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as Slot
    if (slot.name === name && slot.path === path && slot.job === job) return slot
  }
  return undefined
}

/** One that nothing looks at any more, for another timer. */
const idleSlotOf = (node: Node): Slot | undefined => {
  const { slots } = node
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as Slot
    if (slot.event === null) return slot
  }
  return undefined
}

export function setSlot (queue: EventQueue, node: Node, timer: Timer, ms: number): void {
  const step = node.timerStepMs
  const wanted = queue.nowMs + Math.max(0, ms)
  const atMs = step > 0 ? Math.ceil(wanted / step) * step : wanted
  let slot = slotOf(node, timer)
  if (slot === undefined) slot = takeSlot(node, timer)
  slot.atMs = atMs
  if (slot.event === null || slot.eventMs > atMs) look(queue, node, slot)
}

function takeSlot (node: Node, { name, job, path }: Timer): Slot {
  const idle = idleSlotOf(node)
  if (idle !== undefined) {
    idle.name = name
    idle.job = job
    idle.path = path
    return idle
  }
  const slot: Slot = { name, job, path, atMs: NEVER, event: null, eventMs: NEVER }
  // A few slots: a list made anew takes no more room than they need.
  node.slots = node.slots.concat(slot)
  return slot
}

export function clearSlot (node: Node, timer: Timer): void {
  const slot = slotOf(node, timer)
  if (slot !== undefined) slot.atMs = NEVER
}

/** @returns the timer when its time has come */
export function fireSlot (queue: EventQueue, node: Node, slot: Slot, event: Event): Timer | null {
  // Another event was made for an earlier time.
  if (slot.event !== event) return null
  slot.event = null
  if (slot.atMs > queue.nowMs && slot.atMs !== NEVER) {
    look(queue, node, slot)
    return null
  }
  if (slot.atMs === NEVER) return null
  slot.atMs = NEVER
  // The slot may be another timer's by the time a paused peer hears of this one.
  return { name: slot.name, job: slot.job, path: slot.path }
}

function look (queue: EventQueue, node: Node, slot: Slot): void {
  slot.event = queue.push(slot.atMs - queue.nowMs, 'timer', node, node.life, slot, null, null)
  slot.eventMs = slot.atMs
}
