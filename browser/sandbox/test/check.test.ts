/** What a worker or a frame says is a stranger's word: only the shape of a message goes on (check.ts). */
import { expect } from 'chai'
import fc from 'fast-check'
import { readFrame, readWorker } from '../check.ts'
import type { FromWorker } from '../messages.ts'

const WHY = { kind: 'threw', partition: 3, message: 'bad luck', stack: '' } as const
const bytes = Uint8Array.of(1, 2, 3)
const GOOD: FromWorker[] = [
  { type: 'ready' },
  { type: 'opened', why: null, asksGpu: true },
  { type: 'opened', why: WHY, asksGpu: false },
  { type: 'want', id: 1 },
  { type: 'at', call: -3, calls: 9, exact: true },
  { type: 'piece', id: 1, bytes, ends: Uint32Array.of(1, 3) },
  { type: 'done', id: 1, bytes, nodes: { bytes, ends: Uint32Array.of(1, 3) }, ms: 0.5 },
  { type: 'done', id: 1, bytes: null, nodes: null, ms: 1 },
  { type: 'failed', id: 1, why: WHY },
  { type: 'stopped', id: 1 }
]

describe('a worker\'s messages', () => {
  it('are read when they have their shape, and only what belongs to them', () => {
    for (const message of GOOD) expect(readWorker({ ...message, more: 1, then: () => {} })).to.deep.equal(message)
  })

  it('are dropped when anything is wrong with them, whatever it is', () => {
    const anything = fc.anything({ withTypedArray: true, withBigInt: true, withNullPrototype: true, withSparseArray: true })
    fc.assert(fc.property(anything, it => { readFrame(it); expect(readWorker(it)).to.equal(null) }))
    const broken = fc.constantFrom(...GOOD.slice(1)).chain(message => fc.tuple(fc.constant(message), fc.constantFrom(...Object.keys(message).filter(key => !['exact', 'asksGpu'].includes(key))), anything))
    fc.assert(fc.property(broken, ([message, key, it]) => {
      const read = readWorker({ ...message, [key]: it })
      if (read !== null) expect(Object.keys(read).sort()).to.deep.equal(Object.keys(message).sort())
    }), { numRuns: 2000 })
  })

  it('hold no outputs that do not fill their bytes, nor any memory that is shared or detached', () => {
    for (const ends of [[], [1], [1, 1, 3], [2, 1, 3], [1, 4]]) expect(readWorker({ type: 'piece', id: 1, bytes, ends: Uint32Array.from(ends) }), ends.join()).to.equal(null)
    const shared = new Uint8Array(new SharedArrayBuffer(3))
    expect(readWorker({ type: 'done', id: 1, bytes: shared, ms: 1 })).to.equal(null)
    for (const ms of [-1, NaN, Infinity, '1']) expect(readWorker({ type: 'done', id: 1, bytes, ms })).to.equal(null)
  })

  it('cannot say more than they may', () => {
    const long = readWorker({ type: 'failed', id: 1, why: { ...WHY, message: 'x'.repeat(1e6), stack: 'y'.repeat(1e6) } }) as Extract<FromWorker, { type: 'failed' }>
    expect([long.why.message.length, long.why.stack.length]).to.deep.equal([1024, 16_384])
    expect(readWorker({ type: 'failed', id: 1, why: { ...WHY, kind: 'unavailable' } })).to.equal(null)
    expect(readFrame({ type: 'broken', message: 1 })).to.equal(null)
  })
})
