/** Every invariant's checker is silent in a sound world and speaks up when its property is broken by hand. */
import { expect } from 'chai'
import type { Checker, Invariant } from '../invariants/checker.ts'
import type { Cid, Path, PeerId } from '../../protocol/core/ids.ts'
import type { Job, Position } from '../../protocol/core/state.ts'
import type { Node } from '../world/node.ts'
import type { Notice } from '../../protocol/core/notice.ts'
import type { Play } from '../play.ts'
import { CONNECTIONS_MAX } from '../world/links.ts'
import { INVARIANTS } from '../invariants/index.ts'
import { ROOT } from '../../protocol/core/geometry.ts'
import { acceptedNeverChanges } from '../invariants/accepted-never-changes.ts'
import { caps } from '../invariants/caps.ts'
import { check } from '../invariants/check.ts'
import { childrenTile } from '../invariants/children-tile.ts'
import { equalRoot } from '../invariants/equal-root.ts'
import { everyoneLearns } from '../invariants/everyone-learns.ts'
import { foldedOnce } from '../invariants/folded-once.ts'
import { memory, recordsMax } from '../invariants/memory.ts'
import { playUntil, tinyPlan } from './kit.ts'
import { prepare, run } from '../play.ts'
import { progress } from '../invariants/progress.ts'
import { termsNeverDecrease } from '../invariants/terms-never-decrease.ts'

/** A checker beside a play, and what its watcher told. */
function watched (invariant: Invariant, play: Play): { checker: Checker, told: string[] } {
  const told: string[] = []
  const checker = invariant(play, what => { told.push(what) })
  if (checker.watcher !== undefined) play.world.watchers.push(checker.watcher)
  return { checker, told }
}

const notice = (play: Play, node: Node, given: Notice): void => {
  play.world.watchers.notice(node, given)
}

const jobAt = (play: Play, node: Node): Job => node.core.jobs.get(play.job) as Job

/** Whoever coordinates the root. */
const rootAt = (play: Play): { node: Node, position: Position } => {
  for (const node of play.world.live) {
    const position = jobAt(play, node)?.positions.get(ROOT)
    if (position !== undefined) return { node, position }
  }
  throw new Error('somebody coordinates the root')
}

const sampled = (checker: Checker): string[] => checker.sample?.() ?? []

describe('invariants', () => {
  it('hold in a calm world, and each has another name', () => {
    const play = prepare({ plan: tinyPlan() })
    const checks = check(play)
    run(play, () => { checks.sample() })
    expect(checks.end()).to.deep.equal([])
    expect(new Set(INVARIANTS.map(invariant => invariant(play, () => {}).name)).size).to.equal(INVARIANTS.length)
  })

  it('that break are told with their kind, name and time, ten times at most', () => {
    const play = prepare({ plan: tinyPlan() })
    const broken: Invariant = () => ({ name: 'broken', kind: 'liveness', sample: () => ['again'], end: () => ['at last'] })
    const checks = check(play, [broken])
    run(play, () => { checks.sample() })
    const violations = checks.end()
    expect(violations).to.have.length(10)
    expect(violations[1]).to.deep.equal({ kind: 'liveness', invariant: 'broken', atMs: 2_000, what: 'again' })
  })

  it('folded-once: a result that is not the oracle\'s', () => {
    const play = prepare({ plan: tinyPlan() })
    const { told } = watched(foldedOnce, play)
    const value = (cid: string): Notice => ({ type: 'done', job: play.job, value: { cid } as never, holders: [] })
    notice(play, play.submitter, value(play.world.oracleOf(play.job).value(ROOT, { from: 0, to: 400 }).cid))
    expect(told).to.deep.equal([])
    notice(play, play.submitter, value('0 400 1'))
    expect(told).to.have.length(1)
  })

  it('folded-once: where peers lie, a result that leaves partitions out', () => {
    const [honest] = tinyPlan().populations
    const play = prepare({ plan: tinyPlan({ populations: [honest!, { ...honest!, share: 0.1, adversary: 'liar' }] }) })
    const { told } = watched(foldedOnce, play)
    for (const cid of ['0 400 1', '0 399 1']) notice(play, play.submitter, { type: 'done', job: play.job, value: { cid } as never, holders: [] })
    expect(told).to.have.length(1)
  })

  it('accepted-never-changes: a wrong value is accepted, or two are seen', () => {
    const play = prepare({ plan: tinyPlan() })
    const { told } = watched(acceptedNeverChanges, play)
    playUntil(play.plan, 10_000, play)
    expect(told).to.deep.equal([])
    const node = play.world.live.find(each => jobAt(play, each).ledger.size > 0) as Node
    const [entry] = jobAt(play, node).ledger.values()
    const { path, count, by } = entry!.value
    entry!.value = { ...entry!.value, cid: '1 2 3' as Cid }
    notice(play, node, { type: 'value', job: play.job, path, count, from: node.id, by })
    notice(play, node, { type: 'conflict', job: play.job, path, peers: [node.id, by] })
    expect(told).to.have.length(2)
  })

  it('accepted-never-changes: where peers lie, what was accepted is another later', () => {
    const [honest] = tinyPlan().populations
    const play = prepare({ plan: tinyPlan({ populations: [honest!, { ...honest!, share: 0.1, adversary: 'liar' }] }) })
    const { checker } = watched(acceptedNeverChanges, play)
    playUntil(play.plan, 10_000, play)
    expect(sampled(checker)).to.deep.equal([])
    const entry = play.world.live.flatMap(node => [...jobAt(play, node).ledger.values()]).find(({ state }) => state === 'accepted')
    entry!.value = { ...entry!.value, cid: '1 2 3' as Cid }
    expect(sampled(checker)).to.have.length(1)
  })

  it('terms-never-decrease: the same path under a lower fence in one life', () => {
    const play = prepare({ plan: tinyPlan() })
    const { told } = watched(termsNeverDecrease, play)
    const fence = (terms: number[]): void => { notice(play, play.submitter, { type: 'coordinator', job: play.job, path: '0' as Path, fence: terms, heirs: [] }) }
    fence([1, 2])
    fence([1, 2])
    fence([2, 1])
    expect(told).to.deep.equal([])
    fence([1, 9])
    expect(told).to.have.length(1)
    play.submitter.life++
    fence([1, 1])
    expect(told).to.have.length(1)
  })

  it('terms-never-decrease: a lower root term is followed, or known', () => {
    const play = playUntil(tinyPlan(), 8_000)
    const { checker } = watched(termsNeverDecrease, play)
    const node = play.world.live.find(each => jobAt(play, each).views.size > 0) as Node
    const job = jobAt(play, node)
    job.rootTerm = 5
    expect(sampled(checker)).to.deep.equal([])
    const [view] = job.views.values()
    job.views.set(view!.path, { ...view! })
    expect(sampled(checker)).to.have.length(1)
    job.rootTerm = 4
    expect(sampled(checker)).to.have.length(1)
  })

  it('children-tile: a child is missing, or has another size', () => {
    const play = playUntil(tinyPlan(), 8_000)
    const { checker } = watched(childrenTile, play)
    expect(sampled(checker)).to.deep.equal([])
    const { position } = rootAt(play)
    const [child] = position.children.splice(1, 1)
    expect(sampled(checker)).to.have.length(1)
    position.children.splice(1, 0, { ...child!, size: 7 })
    expect(sampled(checker)).to.have.length(1)
    position.children.splice(1, 1, child!)
    position.children.pop()
    expect(sampled(checker)).to.have.length(1)
  })

  it('caps: more helpers than the fan-out, and twice as many for a successor', () => {
    const play = playUntil(tinyPlan(), 8_000)
    const { checker } = watched(caps, play)
    expect(sampled(checker)).to.deep.equal([])
    const { position } = rootAt(play)
    const fill = (count: number): void => {
      position.children = Array.from({ length: count }, (_, i) => ({ ...position.children[0]!, state: 'leased', holder: `x${i}` as PeerId }))
    }
    fill(5)
    expect(sampled(checker)).to.have.length(1)
    position.fence = [2]
    expect(sampled(checker)).to.deep.equal([])
    fill(9)
    expect(sampled(checker)).to.have.length(1)
  })

  it('caps: more connections than a peer may have, once they are not new', () => {
    const play = playUntil(tinyPlan(), 8_000)
    const { checker } = watched(caps, play)
    const { node } = rootAt(play)
    const [link] = node.links.values()
    for (let i = 0; i <= CONNECTIONS_MAX; i++) node.links.set({} as Node, { ...link!, upMs: play.world.nowMs })
    expect(sampled(checker)).to.deep.equal([])
    for (const each of node.links.values()) each.upMs = 0
    expect(sampled(checker)).to.have.length(1)
  })

  it('memory: records that grow with the job', () => {
    const play = playUntil(tinyPlan(), 8_000)
    const { checker } = watched(memory, play)
    expect(sampled(checker)).to.deep.equal([])
    const { node } = rootAt(play)
    const [entry] = play.world.live.flatMap(each => [...jobAt(play, each).ledger.values()])
    for (let i = 0; i < recordsMax(play.spec); i++) jobAt(play, node).ledger.set(`x${i}` as Path, entry!)
    expect(sampled(checker)).to.have.length(1)
  })

  it('equal-root and everyone-learns: after the end somebody holds another result, or none', () => {
    const play = prepare({ plan: tinyPlan() })
    const [equal, learns] = [watched(equalRoot, play).checker, watched(everyoneLearns, play).checker]
    run(play)
    expect([equal.end?.(), learns.end?.()]).to.deep.equal([[], []])
    const job = jobAt(play, play.world.live[3] as Node)
    if (job.outcome?.type !== 'done') throw new Error('it has ended')
    job.outcome = { ...job.outcome, value: { ...job.outcome.value, cid: '0 400 1' as Cid } }
    expect(equal.end?.()).to.have.length(1)
    job.outcome = null
    expect([equal.end?.(), learns.end?.()?.length]).to.deep.equal([[], 1])
  })

  it('progress: nothing is accepted for longer than the bound while somebody could work', () => {
    const idle = (hang: number): string[] => {
      const play = prepare({ plan: tinyPlan({ bounds: { stallMs: 20_000 }, compute: { speedSigma: 0, slow: 0, slowSpeed: 1, hang }, untilMs: 45_000 }) })
      const { checker } = watched(progress, play)
      const told: string[] = []
      // Bites are computed but nobody ever hears of it.
      if (checker.watcher !== undefined) play.world.watchers.remove(checker.watcher)
      run(play, () => { told.push(...sampled(checker)) })
      return told
    }
    expect(idle(1)).to.deep.equal([])
    expect(idle(0)).to.have.length.above(0)
  })
})
