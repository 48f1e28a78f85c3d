/**
 * The named timer slots of a node. Setting a slot again is the most frequent thing a peer does (every state that is heard
 * moves its silence), so a slot that moves to a later time keeps its event, and the event moves on when it comes.
 */
import type { EventQueue, Event } from './event-queue.ts'
import type { Node } from './node.ts'
import type { Timer } from '../../protocol/core/timer.ts'

export interface Slot extends Timer {
  /** The tick in which it fires; NEVER when cleared. */
  at: number
  /** The event that looks at it, and in which tick that comes. */
  event: Event | null
  eventAt: number
}

/** After any time, as a whole number that engines keep small: 24 days of milliseconds. */
const NEVER = 2 ** 31 - 1

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
  const at = queue.tickIn(step > 0 ? Math.ceil((queue.nowMs + Math.max(0, ms)) / step) * step - queue.nowMs : ms)
  let slot = slotOf(node, timer)
  if (slot === undefined) slot = takeSlot(node, timer)
  slot.at = at
  if (slot.event === null || slot.eventAt > at) look(queue, node, slot)
}

function takeSlot (node: Node, { name, job, path }: Timer): Slot {
  const idle = idleSlotOf(node)
  if (idle !== undefined) {
    idle.name = name
    idle.job = job
    idle.path = path
    return idle
  }
  const slot: Slot = { name, job, path, at: NEVER, event: null, eventAt: NEVER }
  // A few slots: a list made anew takes no more room than they need.
  node.slots = node.slots.concat(slot)
  return slot
}

export function clearSlot (node: Node, timer: Timer): void {
  const slot = slotOf(node, timer)
  if (slot !== undefined) slot.at = NEVER
}

/** @returns the timer when its time has come */
export function fireSlot (queue: EventQueue, node: Node, slot: Slot, event: Event): Timer | null {
  // Another event was made for an earlier time.
  if (slot.event !== event) return null
  slot.event = null
  if (slot.at > queue.tick && slot.at !== NEVER) {
    look(queue, node, slot)
    return null
  }
  if (slot.at === NEVER) return null
  slot.at = NEVER
  // The slot may be another timer's by the time a paused peer hears of this one.
  return { name: slot.name, job: slot.job, path: slot.path }
}

function look (queue: EventQueue, node: Node, slot: Slot): void {
  slot.event = queue.pushAt(slot.at, 'timer', node, node.life, slot, null, null)
  slot.eventAt = slot.at
}
