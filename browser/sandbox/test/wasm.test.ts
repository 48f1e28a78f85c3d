/** Limits put into modules' memories: the module stays the same but for them (inside/wasm.ts). */
import { expect } from 'chai'
import { boundedMemories } from '../inside/wasm.ts'
import { GROWING } from './growing.ts'

/** (module (memory 2 300)) */
const BOUND = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 1, 1, 2, 172, 2)

const growOf = (bytes: Uint8Array): (pages: number) => number =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)).exports['grow'] as (pages: number) => number

describe('limits in WebAssembly modules', () => {
  it('stop a memory from growing beyond them', () => {
    const free = growOf(GROWING)
    expect([free(200), free(200)]).to.deep.equal([1, 201])
    const { bytes, initial } = boundedMemories(GROWING, 300)!
    expect(initial).to.equal(1)
    const bound = growOf(bytes)
    expect([bound(200), bound(200), bound(99), bound(1)]).to.deep.equal([1, -1, 201, -1])
  })

  it('leave a lower maximum, and lower a higher one', () => {
    expect(boundedMemories(BOUND, 1000)!.bytes).to.deep.equal(BOUND)
    expect([...boundedMemories(BOUND, 100)!.bytes.subarray(8)]).to.deep.equal([5, 4, 1, 1, 2, 100])
  })

  it('leave what has no memory or is no module to the engine', () => {
    const empty = GROWING.subarray(0, 8)
    expect(boundedMemories(empty, 9)).to.deep.equal({ bytes: empty, initial: 0 })
    expect(boundedMemories(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 200), 9)).to.equal(null)
    expect(boundedMemories(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0), 9)).to.equal(null)
  })

  it('refuse shared memories', () => {
    expect(() => boundedMemories(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 4, 1, 3, 1, 2), 9)).to.throw('no shared memory')
  })
})
