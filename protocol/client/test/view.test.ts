/** Asking a mesh: following `up` to the root, dead peers and circles on the way. */
import { expect } from 'chai'
import type { Contact, JobId, PeerId } from '../../core/ids.ts'
import type { JobReport } from '../../core/message.ts'
import { lookUp, statusOf } from '../view.ts'

const JOB = 'bafy-job' as JobId
const contact = (peer: string): Contact => ({ peer: peer as PeerId, addrs: [] })

function reportOf (done: number, up: string[]): JobReport {
  const spec = { name: 'test', partitions: 100 } as JobReport['announcement']['spec']
  return {
    announcement: { job: JOB, spec, submitter: 's' as PeerId, members: [], outcome: null, proof: null },
    done,
    load: { remaining: 100 - done, free: 0, helpers: 2, rate: 5, levels: 1 },
    up: up.map(contact),
    tables: [],
    declined: false
  }
}

/** A mesh whose peers know what is said; the others do not answer. */
function meshOf (peers: Record<string, JobReport>): { query: Parameters<typeof lookUp>[0], asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    query: async (to) => {
      asked.push(to.peer)
      const report = peers[to.peer]
      if (report === undefined) throw new Error(`${to.peer} does not answer`)
      return [report]
    }
  }
}

describe('view', () => {
  it('asks its way up to the root\'s coordinator', async () => {
    const { query, asked } = meshOf({ leaf: reportOf(1, ['mid']), mid: reportOf(10, ['gone', 'root']), root: reportOf(60, []) })
    const [report] = await lookUp(query, [contact('leaf')], [JOB])
    expect(report?.done).to.equal(60)
    expect(asked).to.deep.equal(['leaf', 'mid', 'gone', 'root'])
  })

  it('keeps the best view when nobody above answers', async () => {
    const { query } = meshOf({ leaf: reportOf(1, ['mid']), mid: reportOf(10, ['gone']) })
    expect((await lookUp(query, [contact('leaf')], [JOB]))[0]?.done).to.equal(10)
  })

  it('does not run in circles', async () => {
    const { query, asked } = meshOf({ a: reportOf(1, ['b']), b: reportOf(2, ['a']) })
    await lookUp(query, [contact('a')], [JOB])
    expect(asked.length).to.be.at.most(3)
  })

  it('asks the next entry when one does not answer, and fails when none does', async () => {
    const { query } = meshOf({ b: reportOf(3, []) })
    expect((await lookUp(query, [contact('a'), contact('b')], []))[0]?.done).to.equal(3)
    expect(await lookUp(query, [contact('x'), contact('y')], []).catch((error: Error) => error.message)).to.equal('y does not answer')
  })

  it('asks the next entry as well when one says nothing, and takes the first answer', async () => {
    const silence = Promise.withResolvers<never>()
    const { query } = meshOf({ b: reportOf(3, []) })
    const [report] = await lookUp(async (to, jobs) => to.peer === 'a' ? await silence.promise : await query(to, jobs), [contact('a'), contact('b')], [])
    expect(report?.done).to.equal(3)
  })

  it('reads a report as a status', () => {
    expect(statusOf(reportOf(40, []))).to.deep.equal({
      job: JOB, name: 'test', state: 'running', declined: false, done: 40, partitions: 100, rate: 5, peers: 2, levels: 1, submitter: 's'
    })
  })
})
