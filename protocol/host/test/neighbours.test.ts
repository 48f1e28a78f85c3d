/** J3: the union of all jobs' neighbours is kept connected and protected, and let go of when no job needs it. */
import { expect } from 'chai'
import { Neighbours } from '../neighbours.ts'
import { contactOf, dagBlock, peerOf } from './samples.ts'
import type { JobId, PeerId } from '../../core/ids.ts'

const [one, two] = ['one', 'two'].map(name => dagBlock(name).cid as string as JobId) as [JobId, JobId]

describe('neighbours (J3)', () => {
  let done: string[]
  let connected: Set<PeerId>
  let neighbours: Neighbours
  const name = (peer: PeerId): string => ['a', 'b', 'c'].find(name => peerOf(name) === peer) ?? '?'

  beforeEach(() => {
    done = []
    connected = new Set()
    neighbours = new Neighbours({
      isConnected: peer => connected.has(peer),
      dial: ({ peer }) => { done.push(`dial ${name(peer)}`) },
      protect: (peer, isProtected) => { done.push(`${isProtected ? 'protect' : 'release'} ${name(peer)}`) }
    })
  })

  afterEach(() => { neighbours.stop() })

  it('are dialled when they are not connected, else protected', () => {
    connected.add(peerOf('a'))
    neighbours.set(one, [contactOf('a'), contactOf('b')])
    expect(done).to.deep.equal(['protect a', 'dial b'])
  })

  it('are let go of when the last job that has them lets go', () => {
    neighbours.set(one, [contactOf('a')])
    neighbours.set(two, [contactOf('a'), contactOf('b')])
    done = []
    neighbours.set(one, [])
    expect(done).to.deep.equal([])
    neighbours.set(two, [contactOf('b')])
    expect(done).to.deep.equal(['release a'])
    expect(neighbours.has(peerOf('b'))).to.equal(true)
  })

  it('are dialled again when lost, once at a time, and protected when they are back', async () => {
    neighbours.set(one, [contactOf('a')])
    done = []
    neighbours.onLost(peerOf('a'))
    neighbours.onLost(peerOf('a'))
    neighbours.onLost(peerOf('c'))
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => { reject(new Error('not dialled again')) }, 5_000)
      const poll = setInterval(() => {
        if (done.length === 0) return
        clearInterval(poll)
        clearTimeout(deadline)
        resolve()
      }, 20)
    })
    neighbours.onConnected(peerOf('a'))
    expect(done).to.deep.equal(['dial a', 'protect a'])
  })
})
