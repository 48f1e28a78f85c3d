/** Row `claimed`: only the coordinator of the parent grants, and it grants a child once (C1, C2, C4). */
import { expect } from 'chai'
import {
  ANNA, BERT, CARL, EVE, JOB, ME, aClaimant, aCoordinator, aGrant, aHolder, aListener, aState, aSubmitter, aValue, addressed,
  leasedTo, path
} from './given.ts'
import { computes, drops, keeps, sends, sets, subscribes, tells } from './effects.ts'
import type { ClaimMessage } from '../message.ts'
import type { PeerId } from '../ids.ts'
import { NO_SALT } from '../salt.ts'

const claim = (peer: PeerId, at: string, fence: number[]): ClaimMessage =>
  ({ type: 'claim', job: JOB, path: path(at), fence, peer: addressed(peer) })

const here = { coordinator: addressed(ME) }

describe('claimed', () => {
  it('[C1, C2] a free child is granted to the first who claims it, and the grant tells the state', () => {
    const given = aSubmitter().connect(BERT)
    expect(given.hear(BERT, claim(BERT, '3', [1, 1]))).to.deep.equal([
      subscribes('/'),
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT] }),
      sets('hold', '/', 100),
      sets('state', '/', 0),
      sends(BERT, {
        type: 'grant',
        path: path('3'),
        fence: [1, 1],
        peer: BERT,
        leaseMs: 6_000,
        values: [],
        state: aState({ ...here, version: 3, children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 } })
      }),
      keeps(BERT)
    ])
  })

  it('[C1] the second is refused, and told of a free child', () => {
    const given = aCoordinator({ 3: BERT }).connect(CARL)
    expect(given.hear(CARL, claim(CARL, '3', [1, 2]))).to.deep.equal([
      sends(CARL, { type: 'refused', path: path('3'), next: path('2'), ask: null })
    ])
  })

  it('[C1] with nothing free there is no next', () => {
    const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: BERT }).connect(CARL)
    expect(given.hear(CARL, claim(CARL, '3', [1, 1]))).to.deep.equal([
      sends(CARL, { type: 'refused', path: path('3'), next: null, ask: null })
    ])
  })

  it('[C1] who claims again what it holds is granted again, under the same fence', () => {
    const given = aCoordinator({ 3: BERT })
    expect(given.hear(BERT, claim(BERT, '3', [1, 1]))).to.deep.equal([
      sets('state', '/', 250),
      sends(BERT, {
        type: 'grant',
        path: path('3'),
        fence: [1, 1],
        peer: BERT,
        leaseMs: 6_000,
        values: [],
        state: aState({ ...here, version: 4, children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 } })
      })
    ])
  })

  it('[C1] a deeper claim is sent on to who holds the child on the way', () => {
    const given = aCoordinator({ 3: BERT }).connect(CARL)
    expect(given.hear(CARL, claim(CARL, '3.1', [1, 1, 1]))).to.deep.equal([
      sends(CARL, { type: 'refused', path: path('3.1'), next: null, ask: addressed(BERT) })
    ])
    expect(given.hear(CARL, claim(CARL, '2.1', [1, 1, 1]))).to.deep.equal([
      sends(CARL, { type: 'refused', path: path('2.1'), next: path('2'), ask: null })
    ])
  })

  it('[C1] a peer without the position names who it believes has it', () => {
    expect(aHolder('3').hear(CARL, claim(CARL, '2', [1, 1]))).to.deep.equal([
      sends(CARL, { type: 'refused', path: path('2'), next: null, ask: addressed(ANNA) })
    ])
    expect(aListener().hear(CARL, claim(CARL, '2', [1, 1]))).to.deep.equal([
      sends(CARL, { type: 'refused', path: path('2'), next: null, ask: null })
    ])
  })

  it('[C4] a claim of what is done ends it', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    expect(given.hear(BERT, claim(BERT, '3', [1, 1]))).to.deep.equal([
      sends(BERT, { type: 'ended', path: path('3') }),
      sends(BERT, { type: 'refused', path: path('3'), next: path('1'), ask: null })
    ])
    expect(given.hear(BERT, claim(BERT, '3.1', [1, 1, 1]))).to.deep.equal([sends(BERT, { type: 'ended', path: path('3') })])
  })

  it('[C2] a grant carries the values kept below, so that nothing is computed again', () => {
    const given = aSubmitter().connect(BERT)
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('3.1', CARL), salt: NO_SALT })
    const granted = given.hear(BERT, claim(BERT, '3', [1, 1])).flatMap(effect =>
      effect.type === 'send' && effect.message.type === 'grant' ? effect.message.values : [])
    expect(granted).to.deep.equal([aValue('3.1', CARL)])
  })

  it('[C1] a claim for another peer is dropped and counted', () => {
    expect(aSubmitter().hear(EVE, claim(BERT, '3', [1, 1]))).to.deep.equal([drops(EVE, 'claim for another peer')])
    expect(aSubmitter().overhear(EVE, '/', claim(BERT, '3', [1, 1]))).to.deep.equal([drops(EVE, 'claim for another peer')])
  })

  it('[C1, G2] a claim of a path that does not exist is dropped and counted', () => {
    for (const at of ['4', 'x', '']) {
      expect(aSubmitter().hear(EVE, claim(EVE, at, [1, 1]))).to.deep.equal([drops(EVE, 'message of a path that does not exist')])
    }
  })

  it('[C2] the claimant becomes the holder, a member of the state it was told, and starts at once', () => {
    const given = aClaimant('3', [1, 1])
    const state = aState({ children: [leasedTo(3, ME)], heirs: [addressed(BERT)] })
    expect(given.hear(ANNA, aGrant('3', [1, 1], state, { values: [aValue('3.0', CARL)] }))).to.deep.equal([
      subscribes('/'),
      sets('silence', '/', 8_000),
      tells({ type: 'progress', done: 0, partitions: 64, load: state.load }),
      sends(ANNA, { type: 'held', paths: [path('3.0')] }),
      tells({ type: 'coordinator', path: path('3'), fence: [1, 1], heirs: [ANNA, BERT] }),
      sets('hold', '/', 100),
      sets('renew', '3', 2_000),
      tells({ type: 'leased', path: path('3.1') }),
      computes('3.1'),
      keeps(ANNA, BERT)
    ])
  })

  it('[C2] a grant nobody asked for is dropped and counted', () => {
    const state = aState({ children: [leasedTo(2, ME)] })
    const reason = 'grant nobody asked for'
    expect(aListener().hear(ANNA, aGrant('2', [1, 1], state))).to.deep.equal([drops(ANNA, reason)])
    expect(aClaimant('3', [1, 1]).hear(ANNA, aGrant('2', [1, 1], state))).to.deep.equal([drops(ANNA, reason)])
    expect(aClaimant('3', [1, 1]).hear(EVE, aGrant('3', [1, 1], state))).to.deep.equal([drops(EVE, reason)])
    expect(aClaimant('3', [1, 1]).hear(ANNA, aGrant('3', [1, 1], state, { peer: BERT }))).to.deep.equal([drops(ANNA, reason)])
  })

  it('[C2] so is one with the state of something else', () => {
    expect(aClaimant('3', [1, 1]).hear(ANNA, aGrant('3', [1, 1], aState({ path: path('2') })))).to.deep.equal([
      drops(ANNA, 'grant without its parent\'s state')
    ])
  })

  it('[C2, G2] so is one for a path that does not exist', () => {
    expect(aClaimant('9', [1, 1]).hear(ANNA, aGrant('9', [1, 1], aState()))).to.deep.equal([
      drops(ANNA, 'message of a path that does not exist')
    ])
  })

  it('[C4] a grant below a fence already held is answered stale', () => {
    const given = aHolder('3')
    given.overhear(ANNA, '/', aState({ version: 2, children: [leasedTo(3, ME, 5)] }))
    expect(given.hear(ANNA, aGrant('3', [1, 2], aState({ children: [leasedTo(3, ME, 2)] })))).to.deep.equal([
      sends(ANNA, { type: 'stale', path: path('3'), fence: [1, 5] })
    ])
  })

  it('[C4] so is one that is below a fence worked under deeper down, also after that position is forgotten', () => {
    const given = aHolder('3.1', { fence: [1, 2] })
    given.hear(ANNA, { type: 'ended', job: JOB, path: path('3.1') })
    given.volunteer()
    for (const _ of [1, 2]) given.after(3_000).fires('join', '/')
    given.hear(BERT, { type: 'offer', job: JOB, to: ME, via: [], path: path('3'), fence: [1, 1], coordinator: addressed(BERT) })
    expect(given.hear(BERT, aGrant('3', [1, 1], aState({ coordinator: addressed(BERT), children: [leasedTo(3, ME)] })))).to.deep.include(
      sends(BERT, { type: 'stale', path: path('3'), fence: [1, 2] })
    )
  })

  it('[C4] so is a grant whose state is below one known', () => {
    const given = aHolder('3', { fence: [2] })
    // With cores to spare it claims the last child that Anna has free.
    given.volunteer(5)
    const state = aState({ fence: [1], coordinator: addressed(BERT), children: [leasedTo(2, ME)] })
    const claim = { type: 'claim' as const, path: path('2'), fence: [2, 1], peer: addressed(ME) }
    expect(given.hear(BERT, aGrant('2', [1, 1], state)).filter(effect => effect.type === 'send')).to.deep.equal([
      sends(BERT, { type: 'stale', path: path('/'), fence: [2] }),
      sends(ANNA, claim)
    ])
  })

  it('[C1] refused with a next child, the claimant claims that', () => {
    const given = aClaimant('3', [1, 1])
    expect(given.hear(ANNA, { type: 'refused', job: JOB, path: path('3'), next: path('1'), ask: null })).to.deep.equal([
      tells({ type: 'claim', path: path('1'), fence: [1, 1] }),
      sends(ANNA, { type: 'claim', path: path('1'), fence: [1, 1], peer: addressed(ME) }),
      sets('join', '/', 1_000)
    ])
  })

  it('[C1] refused without one, it looks for work again soon', () => {
    const given = aClaimant('3', [1, 1])
    const [timer, ...rest] = given.hear(ANNA, { type: 'refused', job: JOB, path: path('3'), next: null, ask: addressed(BERT) })
    expect(timer).to.deep.include({ type: 'set-timer', timer: { name: 'join', job: JOB, path: path('/') } })
    expect(timer?.type === 'set-timer' ? timer.ms : 0).to.be.within(20, 100)
    expect(rest).to.deep.equal([keeps()])
    expect(given.fires('join', '/')).to.deep.equal([
      sets('join', '/', 3_000),
      sends(BERT, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })
    ])
  })

  it('[C1] a refusal of something else changes nothing', () => {
    expect(aClaimant('3', [1, 1]).hear(EVE, { type: 'refused', job: JOB, path: path('2'), next: null, ask: null })).to.deep.equal([])
  })

  it('[C1] an offer whose claim nobody answers for 1 s is given up: work is asked for again', () => {
    const given = aClaimant('3', [1, 1])
    expect(given.after(1_000).fires('join', '/')).to.deep.equal([
      sets('join', '/', 3_000),
      sends(ANNA, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] }),
      keeps()
    ])
  })

  it('[C1] its grant is taken all the same when it comes late', () => {
    const given = aClaimant('3', [1, 1])
    given.after(1_000).fires('join', '/')
    const state = aState({ children: [leasedTo(3, ME)] })
    expect(given.hear(ANNA, aGrant('3', [1, 1], state))).to.deep.equal([
      subscribes('/'),
      sets('silence', '/', 8_000),
      tells({ type: 'progress', done: 0, partitions: 64, load: state.load }),
      tells({ type: 'coordinator', path: path('3'), fence: [1, 1], heirs: [ANNA] }),
      sets('hold', '/', 100),
      sets('renew', '3', 2_000),
      tells({ type: 'leased', path: path('3.0') }),
      computes('3.0'),
      keeps(ANNA)
    ])
  })

  it('[C1] the grant of the last claim given up alone is', () => {
    const given = aClaimant('3', [1, 1])
    given.after(1_000).fires('join', '/')
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('2'), fence: [1, 1], coordinator: addressed(ANNA) })
    given.after(1_000).fires('join', '/')
    expect(given.hear(ANNA, aGrant('3', [1, 1], aState({ children: [leasedTo(3, ME)] })))).to.deep.equal([drops(ANNA, 'grant nobody asked for')])
  })

  it('[C1] a claim to a peer that has to be dialled waits three times as long', () => {
    const given = aListener()
    given.volunteer()
    const offer = { type: 'offer' as const, job: JOB, to: ME, via: [], path: path('3'), fence: [1, 1], coordinator: addressed(BERT) }
    expect(given.hear(ANNA, offer)).to.deep.include(sets('join', '/', 3_000))
    expect(aClaimant('3', [1, 1]).hear(ANNA, { type: 'refused', job: JOB, path: path('3'), next: path('1'), ask: null })).to.deep.include(sets('join', '/', 1_000))
  })

  it('[C5] the last holder of a freed child, who was only late, comes back by claim under the same fence', () => {
    const given = aCoordinator({ 3: BERT })
    given.after(8_001).fires('renew', '/')
    expect(given.hear(BERT, claim(BERT, '3', [1, 1]))).to.deep.equal([
      subscribes('/'),
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT] }),
      sets('hold', '/', 100),
      sets('state', '/', 250),
      sends(BERT, {
        type: 'grant',
        path: path('3'),
        fence: [1, 1],
        peer: BERT,
        leaseMs: 6_000,
        values: [],
        state: aState({ ...here, version: 6, children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 } })
      }),
      keeps(BERT)
    ])
  })
})
