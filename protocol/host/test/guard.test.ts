/** What a remote peer may ask is bounded (X1 to X4): buckets, strikes, who is kept out, records, on a clock of the test's own. */
import { expect } from 'chai'
import type { MemoryDatastore } from 'datastore-core/memory'
import { AddressBook } from '../contacts.ts'
import { Bucket } from '../bucket.ts'
import { CappedDatastore } from '../capped-datastore.ts'
import { Guard } from '../guard.ts'
import { BODIES } from '../wire/tables.ts'
import { GOSSIP_BYTES_MAX } from '../network.ts'
import { DIRECT_BYTES, GOSSIP_RATE, MESSAGE_RATES, METERS_KEPT, OUTCAST_MS_MIN, PASSED_RATE, RECORDS_KEPT, REQUEST_RATE, SIGNED_RATE, SIGNERS_KEPT, STRIKES_MAX, classOf } from '../limits.ts'
import { contactOf, peerOf } from './samples.ts'
import type { MessageType } from '../../core/message.ts'
import type { PeerId } from '../../core/ids.ts'

const [ANNA, BERT] = [peerOf('anna'), peerOf('bert')]
const stranger = (i: number): PeerId => `stranger ${i}` as PeerId

/** A guard on a clock that stands until the test moves it. */
function aGuard (): { guard: Guard, pass: (ms: number) => void } {
  let nowMs = 0
  return { guard: new Guard(() => nowMs), pass: ms => { nowMs += ms } }
}

/** How often something may be done at once. */
function countOf (may: () => boolean): number {
  let count = 0
  while (count < 100_000 && may()) count++
  return count
}

describe('guard', () => {
  it('[X1] every type of message has a rate', () => {
    for (const type of Object.keys(BODIES) as MessageType[]) expect(MESSAGE_RATES[classOf(type)].burst, type).to.be.above(0)
  })

  it('[X2] a bucket gives its burst at once, then its rate', () => {
    const bucket = new Bucket({ burst: 10, perSecond: 5 }, 0)
    expect(countOf(() => bucket.take(1, 0))).to.equal(10)
    expect(countOf(() => bucket.take(1, 1_000))).to.equal(5)
    expect(countOf(() => bucket.take(1, 60_000))).to.equal(10)
    expect(bucket.owe(5, 60_000)).to.equal(1_000)
  })

  it('[X2] messages of one peer are limited by class, and each peer for itself', () => {
    const { guard, pass } = aGuard()
    expect(countOf(() => guard.mayDirect(ANNA, 'query'))).to.equal(MESSAGE_RATES.query.burst)
    expect(guard.mayDirect(ANNA, 'renew')).to.equal(true)
    expect(guard.mayDirect(BERT, 'query')).to.equal(true)
    pass(1_000)
    expect(countOf(() => guard.mayDirect(ANNA, 'query'))).to.equal(MESSAGE_RATES.query.perSecond)
  })

  it('[X2] a thousand volunteers that arrive at once behind one neighbour are within its limits', () => {
    const { guard } = aGuard()
    for (let i = 0; i < 1_000; i++) {
      expect(guard.mayDirect(ANNA, 'join') && guard.mayDirect(ANNA, 'later')).to.equal(true)
      expect(guard.mayGossip(ANNA, stranger(i))).to.equal('yes')
    }
    expect(countOf(() => guard.countBytes(ANNA, GOSSIP_BYTES_MAX) === 0)).to.be.at.least(1_000)
  })

  it('[X2] whoever is made to pass a flood on stays within what others take of it', () => {
    const { guard, pass } = aGuard()
    for (let second = 0; second < 10; second++) {
      for (let i = countOf(() => guard.maySend(BERT, 'join')); i > 0; i--) expect(guard.mayDirect(BERT, 'join')).to.equal(true)
      pass(1_000)
    }
  })

  it('[X2] bytes above the rate make their sender wait, and are not lost', () => {
    const { guard } = aGuard()
    expect(guard.countBytes(ANNA, DIRECT_BYTES.burst)).to.equal(0)
    expect(guard.countBytes(ANNA, DIRECT_BYTES.perSecond / 2)).to.equal(500)
  })

  it('[X2] gossip is limited by signer and by who passes it on; requests for blocks by peer', () => {
    const { guard } = aGuard()
    expect(countOf(() => guard.mayGossip(ANNA, BERT) === 'yes')).to.equal(SIGNED_RATE.burst)
    expect(guard.mayGossip(BERT, BERT)).to.equal('signer')
    let i = 0
    expect(countOf(() => guard.mayGossip(ANNA, stranger(i++)) === 'yes')).to.equal(GOSSIP_RATE.burst - SIGNED_RATE.burst)
    expect(guard.mayGossip(ANNA, stranger(i))).to.equal('all')
    while (guard.mayGossip(ANNA, stranger(i)) !== 'passer') i++
    expect(i).to.be.within(PASSED_RATE.burst - SIGNED_RATE.burst - 3, PASSED_RATE.burst)
    expect(countOf(() => guard.mayRequest(ANNA))).to.equal(REQUEST_RATE.burst)
  })

  it('[X3] who sends garbage is out, for longer each time, and let in again', async () => {
    const { guard, pass } = aGuard()
    const strike = (): boolean[] => Array.from({ length: STRIKES_MAX }, () => guard.strike(ANNA))
    expect(strike()).to.deep.equal([...new Array<boolean>(STRIKES_MAX - 1).fill(false), true])
    const libp2pId = { toString: () => ANNA } as never
    expect(await guard.gater.denyInboundEncryptedConnection?.(libp2pId, {} as never)).to.equal(true)
    expect(await guard.gater.denyDialPeer?.(libp2pId)).to.equal(true)
    expect(guard.scoreOf(ANNA)).to.be.below(-80)
    pass(OUTCAST_MS_MIN)
    expect(guard.isOut(ANNA)).to.equal(false)
    expect(await guard.gater.denyInboundEncryptedConnection?.(libp2pId, {} as never)).to.equal(false)
    strike()
    pass(OUTCAST_MS_MIN)
    expect(guard.isOut(ANNA)).to.equal(true)
    pass(OUTCAST_MS_MIN)
    expect(guard.isOut(ANNA)).to.equal(false)
  })

  it('[X3] rare mistakes are forgiven, and a moment above a limit is no offence', () => {
    const { guard, pass } = aGuard()
    for (let i = 0; i < 100; i++) {
      expect(guard.strike(ANNA)).to.equal(false)
      pass(120_000)
    }
    expect(Array.from({ length: 400 }, () => guard.over(BERT)).some(isOut => isOut)).to.equal(false)
    expect(Array.from({ length: 400 }, () => guard.over(BERT)).some(isOut => isOut)).to.equal(true)
  })

  it('[X3] strikes lower a peer\'s score step by step; peers behind one address do not share theirs', () => {
    const { guard } = aGuard()
    expect(guard.scoreOf(ANNA)).to.equal(0)
    guard.strike(ANNA, 2)
    expect(guard.scoreOf(ANNA)).to.be.within(-50, -10)
    expect(guard.scoreOf(BERT)).to.equal(0)
  })

  it('[X4] it remembers a bounded number of peers', () => {
    const { guard } = aGuard()
    for (let i = 0; i < 20_000; i++) {
      guard.mayDirect(stranger(i), 'query')
      guard.mayGossip(stranger(i), stranger(i))
      guard.strike(stranger(i))
    }
    expect(guard.remembered).to.deep.equal({ meters: METERS_KEPT, signers: SIGNERS_KEPT, strikes: RECORDS_KEPT })
  })
})

describe('records', () => {
  /** What the store asks of a key. */
  const keyOf = (name: string): Parameters<MemoryDatastore['put']>[0] => ({ toString: () => name }) as never

  it('[X4] of libp2p are bounded, the oldest go first', () => {
    const store = new CappedDatastore(3)
    for (const name of ['a', 'b', 'c', 'a', 'd']) store.put(keyOf(name), Uint8Array.of(1))
    expect(store.size).to.equal(3)
    expect(['a', 'b', 'c', 'd'].map(name => store.has(keyOf(name)))).to.deep.equal([true, false, true, true])
    store.delete(keyOf('a'))
    expect(store.size).to.equal(2)
  })

  it('[X4] where a peer told itself that it is counts before hearsay, until it does not answer there', () => {
    const book = new AddressBook()
    const own = contactOf('anna', ['/ip4/192.0.2.1/tcp/1'])
    const heard = contactOf('anna', ['/ip4/192.0.2.9/tcp/9'])
    book.prove(own)
    book.learn([heard])
    for (let i = 0; i < 5_000; i++) book.learn([{ peer: stranger(i), addrs: ['x'] }])
    expect(book.addrsOf(ANNA)).to.deep.equal(own.addrs)
    book.learn([heard])
    book.disprove(ANNA)
    expect(book.addrsOf(ANNA)).to.deep.equal(heard.addrs)
  })
})
