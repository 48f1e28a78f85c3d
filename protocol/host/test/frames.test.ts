/** Framing: any frames, cut anywhere, come out whole; too long ones are refused before they arrive. */
import fc from 'fast-check'
import { expect } from 'chai'
import { FrameError, FrameSplitter, frameOf } from '../frames.ts'

const BYTES_MAX = 40_000

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const frames = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(20_000).fill(1))), { maxLength: 6 })
    fc.assert(fc.property(frames, fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 10 }), (frames, cuts) => {
      const stream = Uint8Array.from(frames.flatMap(frame => [...frameOf(frame)]))
      const splitter = new FrameSplitter(BYTES_MAX)
      const out: Uint8Array[] = []
      for (let from = 0, i = 0; from < stream.length; i++) {
        const to = from + (cuts[i % cuts.length] as number)
        out.push(...splitter.push(stream.subarray(from, to)))
        from = to
      }
      expect(out.map(frame => [...frame])).to.deep.equal(frames.map(frame => [...frame]))
    }), { numRuns: 60 })
  })

  it('that are too long are refused as soon as their length is read', () => {
    const splitter = new FrameSplitter(BYTES_MAX)
    expect(() => splitter.push(frameOf(new Uint8Array(BYTES_MAX + 1)).subarray(0, 3))).to.throw(FrameError)
    expect(() => new FrameSplitter(BYTES_MAX).push(new Uint8Array(9).fill(0x80))).to.throw(FrameError)
  })
})
