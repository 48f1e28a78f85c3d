/** Each adversary does to its core's effects what it is for, and nothing to those of others. */
import { expect } from 'chai'
import type { AdversaryName } from '../adversaries/index.ts'
import type { Cid, JobId, Path, PeerId } from '../../protocol/core/ids.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { Node } from '../world/node.ts'
import type { RenewMessage } from '../../protocol/core/message.ts'
import type { Computed, Value } from '../../protocol/core/job.ts'
import { adversaryOf, groundName, isIdle } from '../adversaries/index.ts'
import { claimRank } from '../../protocol/core/fence.ts'
import { NO_SALT } from '../../protocol/core/salt.ts'

const JOB = 'job' as JobId
const NODE = { id: 'n0' } as Node

const valueOf = (path: string, by: string, bite: boolean): Value =>
  ({ path: path as Path, count: 4, cid: '0 4 10' as Cid, bytes: null, links: false, commitment: null, bite, by: by as PeerId, stats: {} as Value['stats'], credit: null })
const sent = (value: Value): Effect => ({ type: 'send', to: 'n1' as PeerId, message: { type: 'value', job: JOB, value, salt: NO_SALT } })
const collected = (...values: Value[]): Effect => ({ type: 'collect', job: JOB, path: '0' as Path, values })

const COMPUTED: Computed = { path: '0' as Path, count: 4, cid: '0 4 10' as Cid, bytes: null, links: false, credit: null }

const bent = (name: AdversaryName, effects: Effect[]): Effect[] => adversaryOf(name).bend(NODE, effects, 0)

describe('adversaries', () => {
  const made = (name: AdversaryName, isBite: boolean): string => adversaryOf(name).make?.(COMPUTED, isBite).cid ?? COMPUTED.cid

  it('liar: tells the same lie of all its bites, wrong in each partition, and folds what it has', () => {
    expect([made('liar', true), made('liar', true), made('liar', false)]).to.deep.equal(['0 4 14', '0 4 14', '0 4 10'])
    expect(COMPUTED.cid).to.equal('0 4 10')
  })

  it('lying coordinator: tells wrong values of what it folded only', () => {
    expect([made('lying-coordinator', true), made('lying-coordinator', false)]).to.deep.equal(['0 4 10', '0 4 11'])
  })

  it('turncoat: is honest ten times, then a liar', () => {
    const turncoat = adversaryOf('turncoat')
    const told = Array.from({ length: 12 }, () => turncoat.make?.(COMPUTED, true).cid)
    expect(told).to.deep.equal([...new Array<string>(10).fill('0 4 10'), '0 4 14', '0 4 14'])
  })

  it('copier: is bound to anything, and tells what is right', () => {
    const commit: Effect = { type: 'send', to: 'n1' as PeerId, message: { type: 'commit', job: JOB, path: '0' as Path, digest: new Uint8Array(32).fill(7) } }
    const value = sent(valueOf('0.1', 'n0', true))
    expect(bent('copier', [commit, value])).to.deep.equal([{ ...commit, message: { ...commit.message, digest: new Uint8Array(32) } }, value])
  })

  it('slanderer: accuses others with what it made up, now and then', () => {
    const node = { id: 'n0', neighbours: new Map([[JOB, [{ id: 'n1' }, { id: 'n2' }]]]) } as unknown as Node
    const renew: Effect = { type: 'send', to: 'n1' as PeerId, message: { type: 'renew', job: JOB, path: '0' as Path } as unknown as RenewMessage }
    const said = adversaryOf('slanderer').bend(node, [renew, renew], 0)
    expect(said.map(effect => effect.type === 'send' ? effect.message.type : '')).to.deep.equal(['renew', 'blame', 'renew'])
  })

  it('squatter: renews with a little more progress each time, never with all', () => {
    const squatter = adversaryOf('squatter')
    const renew: Effect = { type: 'send', to: 'n1' as PeerId, message: { type: 'renew', job: JOB, path: '0' as Path, done: 0, load: { remaining: 3 } } as unknown as RenewMessage }
    const done = [1, 2, 3, 4].map(() => {
      const [effect] = squatter.bend(NODE, [renew], 0)
      return effect?.type === 'send' && effect.message.type === 'renew' ? effect.message.done : -1
    })
    expect(done).to.deep.equal([1, 2, 2, 2])
    expect(squatter.bend(NODE, [collected()], 0)).to.deep.equal([collected()])
  })

  it('sybil: takes its turn at once, and gives nothing', () => {
    const elect: Effect = { type: 'set-timer', timer: { name: 'elect', job: JOB, path: '0' as Path }, ms: 1_500 }
    const renew: Effect = { type: 'set-timer', timer: { name: 'renew', job: JOB, path: '0' as Path }, ms: 2_000 }
    const value = sent(valueOf('0', 'n0', true))
    expect(bent('sybil', [elect, renew, value, collected()])).to.deep.equal([{ ...elect, ms: 0 }, renew])
  })

  it('sybil: has a name that outranks nearly everybody at its subtree', () => {
    const name = groundName(JOB, 18, 16) as PeerId
    const rank = (peer: string): string => claimRank(JOB, '2' as Path, [1, 2], peer as PeerId)
    const honest = Array.from({ length: 100 }, (_, i) => rank(`p${i}`))
    expect(honest.filter(other => other < rank(name)).length).to.be.at.most(3)
    expect(groundName(JOB, 18, 16)).to.equal(name)
  })

  it('that compute nothing are not counted on', () => {
    expect((['liar', 'turncoat', 'squatter', 'lying-coordinator', 'sybil'] as const).map(isIdle)).to.deep.equal([false, false, true, false, true])
    expect(isIdle(undefined)).to.equal(false)
  })
})
