/** The queue to one peer: in order, bounded, and what is said again goes first. */
import { expect } from 'chai'
import { SendQueue } from '../send-queue.ts'

const frame = (bytes: number): Uint8Array => new Uint8Array(bytes)

describe('send queue', () => {
  it('gives frames in order, as many as are asked for', () => {
    const queue = new SendQueue(1000)
    for (const bytes of [10, 20, 30, 40]) queue.push(frame(bytes), 'value')
    expect(queue.take(25).map(({ length }) => length)).to.deep.equal([10, 20])
    expect(queue.bytes).to.equal(70)
    expect(queue.take(Infinity).map(({ length }) => length)).to.deep.equal([30, 40])
    expect(queue.isEmpty).to.equal(true)
  })

  it('drops the oldest of what is said again, and only as much as it must', () => {
    const queue = new SendQueue(100)
    queue.push(frame(40), 'renew')
    queue.push(frame(40), 'value')
    queue.push(frame(20), 'state')
    expect(queue.push(frame(30), 'value')).to.equal(1)
    expect(queue.take(Infinity).map(({ length }) => length)).to.deep.equal([40, 20, 30])
  })

  it('drops beats like the states they stand for', () => {
    const queue = new SendQueue(100)
    queue.push(frame(60), 'value')
    queue.push(frame(40), 'beat')
    expect(queue.push(frame(30), 'value')).to.equal(1)
    expect(queue.take(Infinity).map(({ length }) => length)).to.deep.equal([60, 30])
  })

  it('is overfull when nothing more can be dropped', () => {
    const queue = new SendQueue(100)
    queue.push(frame(60), 'value')
    queue.push(frame(20), 'renew')
    expect(queue.isOverfull).to.equal(false)
    expect(queue.push(frame(60), 'accepted')).to.equal(1)
    expect(queue.isOverfull).to.equal(true)
    queue.clear()
    expect(queue.isOverfull).to.equal(false)
  })
})
