/** Each adversary does to its core's effects what it is for, and nothing to those of others. */
import { expect } from 'chai'
import type { AdversaryName } from '../adversaries/index.ts'
import type { Cid, JobId, Path, PeerId } from '../../protocol/core/ids.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { Node } from '../world/node.ts'
import type { RenewMessage } from '../../protocol/core/message.ts'
import type { Value } from '../../protocol/core/job.ts'
import { adversaryOf, groundName, isIdle } from '../adversaries/index.ts'
import { claimRank } from '../../protocol/core/fence.ts'
import { NO_SALT } from '../../protocol/core/salt.ts'

const JOB = 'job' as JobId
const NODE = { id: 'n0' } as Node

const valueOf = (path: string, by: string, bite: boolean): Value =>
  ({ path: path as Path, count: 4, cid: '0 4 10' as Cid, bytes: null, links: false, commitment: null, bite, by: by as PeerId, stats: {} as Value['stats'], credit: null })
const sent = (value: Value): Effect => ({ type: 'send', to: 'n1' as PeerId, message: { type: 'value', job: JOB, value, salt: NO_SALT } })
const held = (...values: Value[]): Effect => ({ type: 'send', to: 'n1' as PeerId, message: { type: 'hold', job: JOB, values } })
const collected = (...values: Value[]): Effect => ({ type: 'collect', job: JOB, path: '0' as Path, values })

/** Content ids of the values in effects. */
const cidsOf = (effects: Effect[]): string[] => effects.flatMap(effect => {
  if (effect.type === 'collect') return effect.values.map(({ cid }) => cid)
  if (effect.type !== 'send') return []
  const { message } = effect
  if (message.type === 'value') return [message.value.cid]
  return message.type === 'hold' ? message.values.map(({ cid }) => cid) : []
})

const bent = (name: AdversaryName, effects: Effect[]): Effect[] => adversaryOf(name).bend(NODE, effects, 0)

describe('adversaries', () => {
  it('liar: tells the same lie of its bites everywhere, and the truth of others\'', () => {
    const [own, folded, foreign] = [valueOf('0.1', 'n0', true), valueOf('0', 'n0', false), valueOf('0.2', 'n9', true)]
    expect(cidsOf(bent('liar', [sent(own), held(own, folded, foreign), collected(foreign, own)]))).to.deep.equal(['0 4 11', '0 4 11', '0 4 10', '0 4 10', '0 4 10', '0 4 11'])
    expect(own.cid).to.equal('0 4 10')
  })

  it('lying coordinator: tells wrong values of what it folded only', () => {
    const [own, folded] = [valueOf('0.1', 'n0', true), valueOf('0', 'n0', false)]
    expect(cidsOf(bent('lying-coordinator', [sent(own), sent(folded)]))).to.deep.equal(['0 4 10', '0 4 11'])
  })

  it('turncoat: is honest ten times, and stays with what it told', () => {
    const turncoat = adversaryOf('turncoat')
    const tell = (path: string): string[] => cidsOf(turncoat.bend(NODE, [sent(valueOf(path, 'n0', true))], 0))
    for (let i = 0; i < 10; i++) expect(tell(`${i}`)).to.deep.equal(['0 4 10'])
    expect(tell('10')).to.deep.equal(['0 4 11'])
    expect(tell('3')).to.deep.equal(['0 4 10'])
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
