/** The timing wheel against a list that is sorted by tick, and by the order in which events were put in. */
import { expect } from 'chai'
import fc from 'fast-check'
import { EventQueue } from '../world/event-queue.ts'

/** Take out everything up to a time: what was put in as `a`. */
function drain (queue: EventQueue, untilMs: number): unknown[] {
  const taken: unknown[] = []
  for (let event = queue.pop(untilMs); event !== null; event = queue.pop(untilMs)) {
    taken.push(event.a)
    queue.recycle(event)
  }
  return taken
}

const put = (queue: EventQueue, ms: number, name: unknown): void => { queue.push(ms, 'action', null, 0, name, null, null) }

/** Waits in ticks: the lower wheel's, the upper one's, and those beyond both. */
const waits = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 16_770_000, max: 16_790_000 }))

/** Steps of a run: put something in, or let time pass. */
const steps = fc.array(fc.oneof(fc.record({ type: fc.constant('put' as const), ticks: waits }), fc.record({ type: fc.constant('pass' as const), ticks: waits })), { maxLength: 40 })

describe('the event queue', () => {
  it('gives events in order of time, those of one tick in the order in which they were put in', () => {
    fc.assert(fc.property(steps, given => {
      const queue = new EventQueue(1)
      const waiting: Array<{ atMs: number, id: number }> = []
      let nowMs = 0
      given.forEach(({ type, ticks }, id) => {
        if (type === 'put') {
          put(queue, ticks, id)
          waiting.push({ atMs: nowMs + ticks, id })
          return
        }
        nowMs += ticks
        const due = waiting.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs || a.id - b.id)
        for (const event of due) waiting.splice(waiting.indexOf(event), 1)
        expect(drain(queue, nowMs)).to.deep.equal(due.map(event => event.id))
        expect(queue.nowMs).to.equal(nowMs)
        expect(queue.size).to.equal(waiting.length)
      })
    }), { numRuns: 30 })
  }).timeout(60_000)

  it('lets what is put in for now happen at the end of the present tick', () => {
    const queue = new EventQueue(0.5)
    put(queue, 0, 'first')
    put(queue, 0, 'second')
    const first = queue.pop(10)
    put(queue, 0, 'third')
    expect(first?.a).to.equal('first')
    expect(drain(queue, 0)).to.deep.equal(['second', 'third'])
  })

  it('rounds times up to ticks and stands where it was asked to stop', () => {
    const queue = new EventQueue(0.5)
    put(queue, 0.6, 'a')
    expect(drain(queue, 0.9)).to.deep.equal([])
    expect(drain(queue, 1)).to.deep.equal(['a'])
    expect(drain(queue, 7)).to.deep.equal([])
    expect(queue.nowMs).to.equal(7)
  })

  it('turns its wheels over many rounds', () => {
    const queue = new EventQueue(1)
    const ticks = [4_095, 4_096, 4_097, 8_191, 8_192, 40_960, 1_000_000]
    for (const tick of ticks.toReversed()) put(queue, tick, tick)
    expect(drain(queue, 2_000_000)).to.deep.equal(ticks)
  })

  it('keeps the order of what was put in from beyond the upper wheel and from within it', () => {
    const queue = new EventQueue(1)
    const tick = 16_790_000
    put(queue, tick, 'from far')
    expect(drain(queue, 100_000)).to.deep.equal([])
    put(queue, tick - 100_000, 'from nearer')
    expect(drain(queue, tick - 10)).to.deep.equal([])
    put(queue, 10, 'from near')
    expect(drain(queue, tick)).to.deep.equal(['from far', 'from nearer', 'from near'])
  })

  it('uses events again', () => {
    const queue = new EventQueue(1)
    put(queue, 1, 'a')
    const event = queue.pop(5)
    if (event === null) throw new Error('it is due')
    queue.recycle(event)
    expect(queue.push(1, 'timer', null, 0, 'b', null, null)).to.equal(event)
    expect(drain(queue, 10)).to.deep.equal(['b'])
  })
})
