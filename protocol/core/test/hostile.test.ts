/**
 * Hostile or stray messages are dropped and counted, never thrown (DESIGN 3): arbitrary interleavings of
 * well-formed messages from arbitrary peers, and of all that can happen besides, at peers in every state.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { ANNA, BERT, CARL, DORA, EVE, Given, JOB, ME, NO_STATS, SPEC, aClaimant, aCoordinator, aHolder, aListener, aSubmitter, addressed, sizeAt } from './given.ts'
import type { Cid, Contact, JobId, Path, PeerId } from '../ids.ts'
import type { Failure, Value } from '../job.ts'
import type { Message, StateMessage } from '../message.ts'
import type { Receipt, Sheet } from '../credit.ts'
import type { Effect } from '../effect.ts'
import type { Input } from '../input.ts'
import { NO_SALT } from '../salt.ts'
import type { TimerName } from '../timer.ts'
import { DEFAULTS } from '../config.ts'
import { anAnnouncement } from './effects.ts'

const peers = fc.constantFrom<PeerId>(ME, ANNA, BERT, CARL, DORA, EVE)
const contacts: fc.Arbitrary<Contact> = peers.map(addressed)
const job = fc.oneof({ weight: 20, arbitrary: fc.constant(JOB) }, { weight: 1, arbitrary: fc.constant('other' as JobId) })
const anyPath = fc.constantFrom('/', '0', '1', '2', '3', '3.0', '3.1', '3.3', '2.2', '9', '3.3.3', '03', 'x', '') as fc.Arbitrary<Path>
const fence = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 })
const small = fc.integer({ min: -1, max: 70 })
const ms = fc.integer({ min: -1, max: 100_000 })
const load = fc.record({ remaining: small, free: small, helpers: small, rate: small, levels: small })
const several = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(arbitrary, { maxLength: 4 })

const value: fc.Arbitrary<Value> = fc.record({
  path: anyPath, right: fc.boolean(), count: small, cid: fc.constantFrom('a', 'b').map(cid => cid as Cid), isBlock: fc.boolean(),
  links: fc.boolean(), bite: fc.boolean(), by: peers,
  credit: fc.option(fc.record({ own: fc.record({ runs: fc.constantFrom([], [0, 4], [60, 99]), ms: small }), receipts: fc.constant<Receipt[]>([]), sheets: fc.constant<Sheet[]>([]) }))
}).map(({ right, isBlock, count, ...rest }) => ({
  ...rest, count: right ? sizeAt(rest.path) : count, bytes: isBlock ? null : new Uint8Array([1]), commitment: null, stats: NO_STATS
}))
const failure: fc.Arbitrary<Failure> = fc.record({
  kind: fc.constantFrom('threw', 'collect'), path: anyPath, partition: small, message: fc.constant('no'), stack: fc.constant('')
})
const child = fc.record({ digit: small, state: fc.constantFrom('free', 'leased', 'done'), term: small, holder: fc.option(peers) })
const state = fc.record({
  type: fc.constant('state'), job, path: anyPath, fence, version: small, coordinator: contacts, children: several(child), heirs: several(contacts),
  load, up: several(contacts), level: small, nextMs: ms
}) as fc.Arbitrary<StateMessage>

const routed = { job, to: peers, via: several(peers) }
const message = fc.oneof(
  fc.record({ type: fc.constant('jobs'), jobs: several(fc.record({ who: peers, members: several(peers) }).map(({ who, members }) => anAnnouncement(who, members))) }),
  fc.record({ type: fc.constant('join'), job, joiner: contacts, rate: small, hops: small, phase: fc.constantFrom('up', 'down', 'tail'), via: several(peers) }),
  fc.record({ type: fc.constant('offer'), ...routed, path: anyPath, fence, coordinator: contacts }),
  fc.record({ type: fc.constant('rerun'), ...routed, path: anyPath, coordinator: contacts }),
  fc.record({ type: fc.constant('later'), ...routed, ms }),
  fc.record({ type: fc.constant('claim'), job, path: anyPath, fence, peer: contacts }),
  fc.record({ type: fc.constant('grant'), job, path: anyPath, fence, peer: peers, leaseMs: ms, values: several(value), state }),
  fc.record({ type: fc.constant('refused'), job, path: anyPath, next: fc.option(anyPath), ask: fc.option(contacts) }),
  fc.record({ type: fc.constant('stale'), job, path: anyPath, fence }),
  fc.record({ type: fc.constant('renew'), job, path: anyPath, fence, done: small, load, seen: small }),
  state,
  fc.record({ type: fc.constant('beat'), job, path: anyPath, fence, version: small, since: small, load, nextMs: ms }),
  fc.record({ type: fc.constant('value'), job, value }),
  fc.record({ type: fc.constantFrom('accepted', 'held'), job, paths: several(anyPath) }),
  fc.record({ type: fc.constant('hold'), job, values: several(value) }),
  fc.record({ type: fc.constantFrom('released', 'ended'), job, path: anyPath }),
  fc.record({ type: fc.constant('failed'), job, why: failure, tried: several(peers) }),
  fc.record({ type: fc.constant('ask'), job, path: anyPath, peer: peers }),
  fc.record({ type: fc.constant('heard'), job, path: anyPath, peer: peers, ms, now: fc.option(contacts) }),
  fc.record({ type: fc.constantFrom('leave', 'stocked'), job }),
  fc.record({ type: fc.constant('query'), id: small, jobs: several(job), tables: fc.boolean() }),
  fc.record({ type: fc.constant('report'), id: small, jobs: fc.constant([]) })
) as fc.Arbitrary<Message>

const timers = fc.constantFrom<TimerName>('renew', 'state', 'hold', 'claim', 'join', 'silence', 'elect', 'ask', 'kept')
const peer = peers
const anyInput = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('message'), from: peers, message, topic: fc.option(fc.record({ job: fc.constant(JOB), path: anyPath })) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('timer'), timer: fc.record({ name: timers, job, path: anyPath }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('connected'), peer, addrs: fc.constant([]) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('disconnected', 'unreachable'), peer }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('capacity'), cores: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('members'), job, contacts: several(contacts) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('fetched', 'unfetchable'), job, cid: fc.constantFrom('a', 'b', 'bundle', 'params') }) }
) as fc.Arbitrary<Input>

/** The sandbox's answer to an effect, if it asks for one; what does not exist cannot be computed. */
function answerOf (effect: Effect): Input | null {
  if (effect.type !== 'compute' && effect.type !== 'collect') return null
  const { path } = effect
  if (sizeAt(path) === 0) throw new Error(`asked to ${effect.type} ${path}, which does not exist`)
  if (path.endsWith('2')) return { type: 'compute-failed', job: JOB, why: { kind: 'threw', path, partition: 1, message: '', stack: '' } }
  return { type: 'computed', job: JOB, value: { path, count: sizeAt(path), cid: `value of ${path}` as Cid, bytes: null, links: false, credit: null }, ms: 5, commitment: null, salt: NO_SALT }
}

const givens: Record<string, () => Given> = {
  'a peer that knows nothing': () => new Given(),
  'a listener': () => aListener(),
  'a claimant': () => aClaimant('3', [1, 1]),
  'a submitter': () => aSubmitter(),
  'a coordinator': () => aCoordinator({ 3: BERT, 2: CARL }),
  'a holder': () => aHolder('3', { heirs: [addressed(ME)], children: [{ digit: 3, state: 'leased', term: 1, holder: ME }, { digit: 1, state: 'leased', term: 1, holder: CARL }] }),
  'a holder of a leaf': () => aHolder('3.3', { up: [addressed(DORA)], heirs: [addressed(ME)] })
}

describe('whatever is heard', () => {
  for (const [name, give] of Object.entries(givens)) {
    it(`[C4, R4] ${name} never throws, and computes nothing that does not exist`, () => {
      fc.assert(fc.property(fc.array(fc.tuple(anyInput, fc.integer({ min: 0, max: 3_000 })), { maxLength: 40 }), inputs => {
        const given = give()
        for (const [input, waitMs] of inputs) {
          const effects = given.after(waitMs).take(input)
          for (const answer of effects.map(answerOf)) if (answer !== null) given.take(answer)
        }
        expect(holdsTogether(given)).to.equal(true)
      }), { numRuns: 150 })
    })
  }

  it('[J2] peers that are only named are remembered up to a limit, connected ones always', () => {
    const given = aSubmitter()
    given.take({ type: 'connected', peer: BERT, addrs: [] })
    given.hear(BERT, { type: 'jobs', jobs: [anAnnouncement(ME, ['a hint' as PeerId])] })
    expect(given.peer.addresses.has('a hint' as PeerId)).to.equal(false)
    for (let i = 0; i < 3 * DEFAULTS.linksMax; i++) {
      const peer = `made up ${i}` as PeerId
      given.hear(peer, { type: 'claim', job: JOB, path: '3' as Path, fence: [1, 1], peer: { peer, addrs: [] } })
    }
    expect(given.peer.addresses.size).to.equal(DEFAULTS.linksMax)
    expect(given.peer.links.get(BERT)?.connected).to.equal(true)
  })

  it('[J2] questions that pass leave nobody behind', () => {
    const given = aSubmitter().connect(BERT)
    for (let i = 0; i < 100; i++) {
      given.hear(BERT, { type: 'join', job: JOB, joiner: addressed(`made up ${i}` as PeerId), rate: 0, hops: 1, phase: 'up', via: [] })
    }
    expect([...given.peer.addresses.keys()]).to.deep.equal([BERT])
  })
})

/** What must be true of a peer whatever it has heard: fan-out, ledger by path, fences of the right length. */
function holdsTogether (given: Given): boolean {
  const known = given.peer.jobs.get(JOB)
  if (known === undefined) return true
  const positions = [...known.positions.values()].every(position =>
    sizeAt(position.path) > 0 && position.children.length <= SPEC.fanout && position.children.every(each => sizeAt(each.path) > 0))
  const values = [...known.ledger.entries()].every(([path, entry]) => entry.value.path === path && entry.value.count === sizeAt(path))
  return positions && values
}
