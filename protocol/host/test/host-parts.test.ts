/** The small parts of a MeshPeer: timers, questions, addresses, cancellations, a job's blocks, the driver. */
import { expect } from 'chai'
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { AddressBook, contactsIn } from '../contacts.ts'
import { Driver } from '../driver.ts'
import { JobBlocks } from '../job-blocks.ts'
import { Queries } from '../queries.ts'
import { Timers } from '../timers.ts'
import { Turns } from '../turns.ts'
import { countDropped, countSent } from '../traffic.ts'
import { encodeMessage } from '../wire/codec.ts'
import { ANNOUNCEMENT, JOB, ROOT, STATE, at, contactOf, dagBlock, peerOf, rawBlock, valueOf } from './samples.ts'
import type { Counters } from '../traffic.ts'
import type { Input } from '../../core/input.ts'
import type { JobId, PeerId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { Timer } from '../../core/timer.ts'
import { NO_SALT } from '../../core/salt.ts'

const timer = (name: Timer['name'], path = ROOT): Timer => ({ name, job: JOB, path })

describe('timers', () => {
  it('fire once each, are replaced and cleared by their slot', async () => {
    const fired: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const timers = new Timers(({ name, path }) => {
      fired.push(`${name} ${path}`)
      if (name === 'elect') resolve()
    })
    timers.set(timer('renew'), 1)
    timers.set(timer('renew', at('1')), 2)
    timers.set(timer('state'), 1)
    timers.clear(timer('state'))
    timers.set(timer('claim'), 1)
    timers.set(timer('claim'), 10_000)
    timers.set(timer('expire'), 2 ** 33)
    timers.set(timer('elect'), 30)
    await promise
    timers.clearAll()
    expect(fired).to.deep.equal(['renew /', 'renew 1', 'elect /'])
  })
})

describe('queries', () => {
  it('are answered by the peer that was asked and by no other', async () => {
    const queries = new Queries()
    let id = 0
    const answer = queries.ask(peerOf('a'), asked => { id = asked })
    expect(queries.answer(peerOf('b'), { type: 'report', id, jobs: [] })).to.equal(false)
    expect(queries.answer(peerOf('a'), { type: 'report', id: id + 1, jobs: [] })).to.equal(false)
    expect(queries.answer(peerOf('a'), { type: 'report', id, jobs: [] })).to.equal(true)
    expect(await answer).to.deep.equal([])
  })

  it('fail when the peer cannot be reached', async () => {
    const queries = new Queries()
    const answer = queries.ask(peerOf('a'), () => {}).then(() => null, (error: Error) => error)
    queries.fail(peerOf('b'))
    queries.fail(peerOf('a'))
    expect((await answer)?.message).to.equal(`Peer ${peerOf('a')} does not answer.`)
  })
})

describe('address book', () => {
  it('keeps the newest addresses, ignores contacts without any, and is bounded', () => {
    const book = new AddressBook()
    book.learn([contactOf('a', ['/ip4/192.0.2.1/tcp/1'])])
    book.learn([{ peer: peerOf('a'), addrs: [] }])
    expect(book.addrsOf(peerOf('a'))).to.deep.equal(contactOf('a', ['/ip4/192.0.2.1/tcp/1']).addrs)
    for (let i = 0; i < 5000; i++) book.learn([{ peer: `peer ${i}` as PeerId, addrs: ['x'] }])
    expect(book.addrsOf(peerOf('a'))).to.deep.equal([])
    expect(book.addrsOf('peer 4999' as PeerId)).to.deep.equal(['x'])
  })

  it('is fed by what messages name', () => {
    expect(contactsIn(STATE)).to.deep.equal([STATE.coordinator, ...STATE.heirs, ...STATE.up])
    expect(contactsIn({ type: 'jobs', jobs: [ANNOUNCEMENT] })).to.deep.equal(ANNOUNCEMENT.members)
    expect(contactsIn({ type: 'leave', job: JOB })).to.deep.equal([])
  })
})

describe('job blocks', () => {
  it('go with their job, but for those another job has', async () => {
    const store = new MemoryBlockstore()
    const blocks = new JobBlocks(store)
    const [own, shared] = [rawBlock(Uint8Array.of(1)), rawBlock(Uint8Array.of(2))]
    const other = dagBlock('other').cid as string as JobId
    for (const { cid, bytes } of [own, shared]) await blocks.put(JOB, cid, bytes)
    blocks.note(other, shared.cid)
    await blocks.forget(JOB)
    expect([own, shared].map(({ cid }) => store.has(CID.parse(cid)))).to.deep.equal([false, true])
    await blocks.forget(other)
    expect(store.has(CID.parse(shared.cid))).to.equal(false)
  })
})

describe('driver', () => {
  it('handles inputs one after another, never one inside another', () => {
    const log: string[] = []
    const driver: Driver = new Driver({
      core: {
        handle: (input: Input) => {
          log.push(`handle ${input.type}`)
          return input.type === 'leave' ? [{ type: 'find-members', job: JOB }, { type: 'provide', job: JOB }] : []
        }
      },
      perform: effect => {
        log.push(effect.type)
        if (effect.type === 'find-members') driver.feed({ type: 'members', job: JOB, contacts: [] })
      },
      onCrash: () => {}
    })
    driver.feed({ type: 'leave' })
    expect(log).to.deep.equal(['handle leave', 'find-members', 'provide', 'handle members'])
  })

  it('stops at an error, and says so', () => {
    const crashes: unknown[] = []
    let handled = 0
    const driver = new Driver({
      core: { handle: () => { handled++; throw new Error('a bug') } },
      perform: () => {},
      onCrash: error => { crashes.push(error) }
    })
    driver.feed({ type: 'leave' })
    driver.feed({ type: 'leave' })
    expect([handled, crashes.length]).to.deep.equal([1, 1])
  })
})

describe('traffic', () => {
  it('counts control messages, each copy, without values', () => {
    const counters: Counters = { messages: 0, bytes: 0, dropped: new Map() }
    const value = valueOf(at('1'), new Uint8Array(5000))
    const grant: Message = { type: 'grant', job: JOB, path: STATE.path, fence: STATE.fence, peer: peerOf('a'), leaseMs: 6000, values: [value], state: STATE }
    const sent = (message: Message, copies: number): void => { countSent(counters, { type: 'sent', message, copies, bytes: copies * encodeMessage(message).length }) }
    sent({ type: 'value', job: JOB, value, salt: NO_SALT }, 1)
    sent({ type: 'hold', job: JOB, values: [value] }, 1)
    expect(counters).to.include({ messages: 0, bytes: 0 })
    sent({ type: 'leave', job: JOB }, 3)
    expect(counters).to.include({ messages: 3, bytes: 3 * encodeMessage({ type: 'leave', job: JOB }).length })
    sent(grant, 1)
    expect(counters.bytes).to.be.lessThan(1000)
  })

  it('counts drops by reason, in bounded memory', () => {
    const counters: Counters = { messages: 0, bytes: 0, dropped: new Map() }
    for (let i = 0; i < 1000; i++) countDropped(counters, `reason ${i}`)
    countDropped(counters, 'reason 0')
    expect(counters.dropped.get('reason 0')).to.equal(2)
    expect(counters.dropped.size).to.be.lessThan(260)
  })
})

describe('turns', () => {
  it('are taken in order, so many at once, and passed on after a failure', async () => {
    const turns = new Turns(2)
    const log: number[] = []
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const runs = gates.map(async ({ promise }, i) => await turns.run(async () => {
      log.push(i)
      await promise
    }).catch(() => {}))
    await Promise.resolve()
    expect(log).to.deep.equal([0, 1])
    gates[1]?.reject(new Error('failed'))
    for (const { resolve } of gates) resolve()
    await Promise.all(runs)
    expect(log).to.deep.equal([0, 1, 2, 3, 4])
    expect(turns.isIdle).to.equal(true)
  })
})
