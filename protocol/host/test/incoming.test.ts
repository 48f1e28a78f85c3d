/** What stands between the network and the core: rights and proofs in a private mesh (A6), rules for jobs (A7). */
import { expect } from 'chai'
import { Incoming } from '../incoming.ts'
import { JobBook } from '../job-book.ts'
import { Queries } from '../queries.ts'
import { ANNOUNCEMENT, JOB, peerOf } from './samples.ts'
import type { Duties } from '../admission/duties.ts'
import type { IncomingInit } from '../incoming.ts'
import type { Input } from '../../core/input.ts'
import type { Message } from '../../core/message.ts'

const FROM = peerOf('teller')
const JOBS: Message = { type: 'jobs', jobs: [ANNOUNCEMENT] }
const LEAVE: Message = { type: 'leave', job: JOB }

const told = (message: Message): Input => ({ type: 'message', from: FROM, message, topic: null })

interface Station { incoming: Incoming, inputs: Input[], dropped: Map<string, number>, left: Promise<void> }

/** `left` resolves when the core has heard a `leave`. */
function aStation (some: Partial<IncomingInit> = {}): Station {
  const inputs: Input[] = []
  const { promise: left, resolve } = Promise.withResolvers<void>()
  const dropped = new Map<string, number>()
  const incoming: Incoming = new Incoming({
    id: peerOf('me'), network: { learn: () => {} }, jobs: new JobBook(), counters: { messages: 0, bytes: 0, dropped }, queries: new Queries(), books: { hear: () => {} },
    inbox: { take: (from, message, topic) => { incoming.accept(from, message, topic) } },
    feed: input => {
      inputs.push(input)
      if (input.type === 'message' && input.message.type === 'leave') resolve()
    },
    ...some
  })
  return { incoming, inputs, dropped, left }
}

const duties = (some: Partial<Pick<Duties, 'faultIn' | 'isProven'>>): Duties => ({ faultIn: () => null, isProven: async () => true, ...some }) as unknown as Duties

describe('incoming', () => {
  it('nothing is held up in an open mesh', () => {
    const { incoming, inputs } = aStation()
    for (const message of [JOBS, LEAVE]) incoming.take(FROM, message, null)
    expect(inputs).to.deep.equal([told(JOBS), told(LEAVE)])
  })

  it('jobs wait for their proof, what comes after them from that peer too, and no other peer (A6)', async () => {
    const proof = Promise.withResolvers<boolean>()
    const { incoming, inputs, left } = aStation({ duties: duties({ isProven: async () => await proof.promise }) })
    incoming.take(FROM, JOBS, null)
    incoming.take(FROM, LEAVE, null)
    incoming.take(peerOf('other'), { type: 'stocked', job: JOB }, null)
    expect(inputs).to.deep.equal([{ ...told({ type: 'stocked', job: JOB }), from: peerOf('other') }])
    proof.resolve(true)
    await left
    expect(inputs.slice(1)).to.deep.equal([told(JOBS), told(LEAVE)])
  })

  it('jobs that are not proven are left out and counted (A6)', async () => {
    const good = { ...ANNOUNCEMENT, submitter: peerOf('good') }
    const { incoming, inputs, left, dropped } = aStation({ duties: duties({ isProven: async ({ submitter }) => submitter === good.submitter }) })
    incoming.take(FROM, { type: 'jobs', jobs: [ANNOUNCEMENT, good] }, null)
    incoming.take(FROM, JOBS, null)
    incoming.take(FROM, LEAVE, null)
    await left
    expect(inputs).to.deep.equal([told({ type: 'jobs', jobs: [good] }), told(LEAVE)])
    expect([...dropped]).to.deep.equal([['a job of a peer that may not submit', 2]])
  })

  it('what a peer may not say is dropped and counted (A6)', () => {
    const { incoming, inputs, dropped } = aStation({ duties: duties({ faultIn: () => 'no' }) })
    incoming.take(FROM, LEAVE, null)
    expect([inputs, [...dropped]]).to.deep.equal([[], [['no', 1]]])
  })

  it('a job that the rules do not accept is declined before the core hears of it, and once (A7)', () => {
    const acceptance = { submitters: [], rules: [{ field: 'partitions', operator: '<=', value: ANNOUNCEMENT.spec.partitions - 1 }] as const }
    const jobs = new JobBook()
    const { incoming, inputs } = aStation({ acceptance, jobs })
    const decline = { type: 'decline', job: JOB, declined: true }
    incoming.take(FROM, JOBS, null)
    expect(inputs.splice(0)).to.deep.equal([decline, told(JOBS)])
    jobs.know(JOB, ANNOUNCEMENT.spec, ANNOUNCEMENT.submitter)
    incoming.take(FROM, JOBS, null)
    expect(inputs.splice(0)).to.deep.equal([told(JOBS)])
    incoming.chooser.change({ submitters: [], rules: [] })
    expect(inputs.splice(0)).to.deep.equal([{ ...decline, declined: false }])
    incoming.chooser.change({ submitters: [peerOf('friend')], rules: [] })
    expect(inputs).to.deep.equal([decline])
  })
})
