/**
 * What happens next: a timing wheel of two levels with an overflow list (Varghese and Lauck 1987, scheme 7). Virtual
 * time goes in ticks; events of one tick happen in the order in which they were put in, so a run is the same every
 * time. Putting in and taking out cost the same however many events wait. Events are recycled: nobody may keep
 * one after it happened.
 */
import type { Node } from './node.ts'

/** What an event is; its fields `a`, `b` and `c` depend on it (world.ts). */
export type EventKind = 'message' | 'drain' | 'timer' | 'computed' | 'input' | 'dialled' | 'action'

export interface Event {
  tick: number
  kind: EventKind
  node: Node | null
  /** The life of the node that this is meant for; one that restarted meanwhile is another. */
  life: number
  a: unknown
  b: unknown
  c: unknown
  next: Event | null
}

/** Ticks of the lower wheel, and turns of it in a round of the upper one: powers of two. With half-millisecond ticks, 2 s and 2.3 h. */
const SLOTS = 4096

/** Rounds of the upper wheel. */
const roundOf = (turn: number): number => Math.floor(turn / SLOTS)

export class EventQueue {
  /** Milliseconds a tick lasts. */
  readonly tickMs: number
  /** Events that wait. */
  size = 0
  #tick = 0
  /** First tick that the lower wheel does not hold. */
  #end = SLOTS
  readonly #heads: Array<Event | null> = new Array<Event | null>(SLOTS).fill(null)
  readonly #tails: Array<Event | null> = new Array<Event | null>(SLOTS).fill(null)
  readonly #far: Event[][] = Array.from({ length: SLOTS }, () => [])
  #farthest: Event[] = []
  #free: Event | null = null

  constructor (tickMs: number) {
    this.tickMs = tickMs
  }

  /** Virtual milliseconds of the tick that events are taken from. */
  get nowMs (): number {
    return this.#tick * this.tickMs
  }

  /** The tick that events are taken from. */
  get tick (): number {
    return this.#tick
  }

  /** In which tick it happens what happens in `ms` milliseconds: the present one at the earliest. */
  tickIn (ms: number): number {
    return this.#tick + (ms > 0 ? Math.ceil(ms / this.tickMs) : 0)
  }

  /** Let something happen in `ms` milliseconds, at the end of the present tick at the earliest. */
  push (ms: number, kind: EventKind, node: Node | null, life: number, a: unknown, b: unknown, c: unknown): Event {
    return this.pushAt(this.tickIn(ms), kind, node, life, a, b, c)
  }

  /** @param tick - the present one or a later */
  pushAt (tick: number, kind: EventKind, node: Node | null, life: number, a: unknown, b: unknown, c: unknown): Event {
    let event = this.#free
    if (event === null) event = { tick, kind, node, life, a, b, c, next: null }
    else {
      this.#free = event.next
      event.tick = tick
      event.kind = kind
      event.node = node
      event.life = life
      event.a = a
      event.b = b
      event.c = c
      event.next = null
    }
    this.size++
    if (tick < this.#end) this.#place(event)
    else this.#placeFar(event)
    return event
  }

  /** The next event, unless it comes after `untilMs`; then time stands at `untilMs`. */
  pop (untilMs: number): Event | null {
    const last = Math.floor(untilMs / this.tickMs)
    while (this.#tick <= last) {
      const slot = this.#tick & (SLOTS - 1)
      const event = this.#heads[slot] as Event | null
      if (event !== null) {
        this.#heads[slot] = event.next
        if (event.next === null) this.#tails[slot] = null
        this.size--
        return event
      }
      if (this.#tick === last) return null
      if (++this.#tick === this.#end) this.#turn()
    }
    return null
  }

  /** Give an event back after it happened. */
  recycle (event: Event): void {
    event.node = event.a = event.b = event.c = null
    event.next = this.#free
    this.#free = event
  }

  #place (event: Event): void {
    const slot = event.tick & (SLOTS - 1)
    const tail = this.#tails[slot] as Event | null
    if (tail === null) this.#heads[slot] = event
    else tail.next = event
    this.#tails[slot] = event
  }

  #placeFar (event: Event): void {
    const turn = Math.floor(event.tick / SLOTS)
    // Only of the present round: what was put in for a later one comes down first.
    if (roundOf(turn) === roundOf(this.#end / SLOTS - 1)) (this.#far[turn & (SLOTS - 1)] as Event[]).push(event)
    else this.#farthest.push(event)
  }

  /** The lower wheel has gone round: the next turn's events come down. */
  #turn (): void {
    const turn = this.#end / SLOTS
    this.#end += SLOTS
    if ((turn & (SLOTS - 1)) === 0) {
      const waiting = this.#farthest
      this.#farthest = []
      for (const event of waiting) this.#placeFar(event)
    }
    const due = this.#far[turn & (SLOTS - 1)] as Event[]
    this.#far[turn & (SLOTS - 1)] = []
    for (const event of due) this.#place(event)
  }
}
