/** A binary heap of things to do at a virtual time; equal times keep their order of insertion. */
interface Event { at: number, serial: number, act: () => void }

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.serial < b.serial)

export class EventQueue {
  private readonly heap: Event[] = []
  private serial = 0

  push (at: number, act: () => void): void {
    const { heap } = this
    const event = { at, serial: this.serial++, act }
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(event, heap[parent] as Event)) break
      heap[i] = heap[parent] as Event
      i = parent
    }
    heap[i] = event
  }

  /** The next event, unless it comes after `untilMs`. */
  pop (untilMs: number): Event | undefined {
    const { heap } = this
    const first = heap[0]
    if (first === undefined || first.at > untilMs) return undefined
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      if (!isBefore(heap[child] as Event, last)) break
      heap[i] = heap[child] as Event
      i = child
    }
    heap[i] = last
    return first
  }
}
