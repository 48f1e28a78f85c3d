/** Arbitrary messages of every type for property tests: valid ones, up to their limits. */
import fc from 'fast-check'
import { PARTITIONS_MAX } from '../../../core/geometry.ts'
import { dagBlock, peerOf } from '../../test/samples.ts'
import { cidOfRaw } from '../../../job/cid.ts'
import { jobIdOf } from '../../../job/spec.ts'
import type { Announcement, Commitment, Failure, JobSpec, Outcome, Stats, Trust, Value } from '../../../core/job.ts'
import type { Arbitrary } from 'fast-check'
import type { ChildState, Load, Message, MessageType, PositionTable, Run, StateMessage } from '../../../core/message.ts'
import type { Contact, JobId, Path, PeerId } from '../../../core/ids.ts'
import type { Credit, Receipt, Runs } from '../../../core/credit.ts'

type Of<K extends MessageType> = Extract<Message, { type: K }>

const uint32 = fc.nat(0xffffffff)
const count = fc.nat(Number.MAX_SAFE_INTEGER)
const amount = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(n => n + 0)
const ms = fc.nat(0x7fffffff)

export const peer: Arbitrary<PeerId> = fc.string({ maxLength: 4 }).map(peerOf)
const job: Arbitrary<JobId> = fc.string({ maxLength: 4 }).map(text => dagBlock(text).cid as string as JobId)
const digits = fc.array(fc.nat(127), { maxLength: 8 })
const pathOf = (list: number[]): Path => (list.length === 0 ? '/' : list.join('.')) as Path
const path: Arbitrary<Path> = digits.map(pathOf)
const placed = digits.chain(list => fc.record({ path: fc.constant(pathOf(list)), fence: fc.array(uint32, { minLength: list.length + 1, maxLength: list.length + 1 }) }))
const fence = fc.array(uint32, { maxLength: 10 })

const addr = fc.oneof(
  fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([ip, port]) => `/ip4/${ip}/tcp/${port}`),
  fc.nat(65_535).map(port => `/dns4/example.org/tcp/${port}/tls/ws`),
  fc.constant('/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ')
)
const contact: Arbitrary<Contact> = fc.tuple(peer, fc.array(addr, { maxLength: 8 })).map(([id, addrs]) => ({ peer: id, addrs: addrs.map(addr => `${addr}/p2p/${id}`) }))
const contacts = fc.array(contact, { maxLength: 8 })
const via = fc.array(peer, { maxLength: 12 })
const load: Arbitrary<Load> = fc.record({ remaining: count, free: count, helpers: uint32, rate: amount, levels: uint32 })
const text = fc.string({ unit: 'grapheme', maxLength: 60 })

const stats: Arbitrary<Stats> = fc.record({
  computeMs: amount,
  producers: fc.uniqueArray(uint32, { maxLength: 64 }).map(list => list.sort((a, b) => a - b)),
  levels: uint32,
  failovers: uint32,
  duplicates: count,
  messages: count,
  bytes: count
})

const commitment: Arbitrary<Commitment> = fc.record({ root: fc.constantFrom(dagBlock('root').cid, cidOfRaw(new Uint8Array(1))), signature: fc.uint8Array({ maxLength: 64 }) })

const runs: Arbitrary<Runs> = fc.uniqueArray(fc.nat(PARTITIONS_MAX), { minLength: 2, maxLength: 9 })
  .map(list => list.sort((a, b) => a - b).slice(0, list.length - list.length % 2))
const receipt: Arbitrary<Receipt> = fc.record({
  mesh: fc.constantFrom('', 'a mesh'), path, runs, ms: count, trust: fc.constantFrom('none', 'votes:2/3'), producer: peer, issuer: peer, signature: fc.uint8Array({ maxLength: 64 })
})
const credit: Arbitrary<Credit> = fc.record({
  own: fc.record({ runs: fc.oneof(runs, fc.constant([])), ms: count }),
  receipts: fc.array(receipt, { maxLength: 3 }),
  sheets: fc.array(fc.record({ path, cid: fc.string({ maxLength: 4 }).map(text => dagBlock(text).cid) }), { maxLength: 3 })
})

const value: Arbitrary<Value> = fc.record({ path, content: fc.uint8Array({ maxLength: 300 }), isInline: fc.boolean(), links: fc.boolean(), bite: fc.boolean(), credit: fc.option(credit), count: fc.integer({ min: 1, max: PARTITIONS_MAX }), by: peer, commitment: fc.option(commitment), stats })
  .map(({ content, isInline, ...rest }) => {
    const { cid, bytes } = dagBlock(content)
    return { ...rest, cid, bytes: isInline ? bytes : null }
  })

const failure: Arbitrary<Failure> = fc.record({
  kind: fc.constantFrom('threw', 'timeout', 'memory', 'output', 'module', 'collect', 'unavailable', 'trust'),
  path,
  partition: fc.integer({ min: -1, max: PARTITIONS_MAX }),
  message: text,
  stack: text
})

const trust: Arbitrary<Trust> = fc.oneof(
  fc.constant({ type: 'none' as const }),
  fc.record({ type: fc.constant('votes' as const), quorum: fc.integer({ min: 2, max: 8 }), voters: fc.integer({ min: 8, max: 64 }), deadlineMs: fc.nat(1_000_000) }),
  fc.record({ type: fc.constant('adaptive' as const), after: fc.integer({ min: 1, max: 1_000 }), deadlineMs: fc.nat(1_000_000) }),
  fc.record({ type: fc.constant('audit' as const), rate: fc.double({ min: 0.001, max: 1, noNaN: true }) })
)

const spec: Arbitrary<JobSpec> = fc.record({
  name: text.map(name => name.slice(0, 20).toWellFormed()),
  partitions: fc.integer({ min: 1, max: PARTITIONS_MAX }),
  fanout: fc.integer({ min: 2, max: 128 }),
  grain: fc.integer({ min: 1, max: 1_000_000 }),
  bundle: fc.constant(dagBlock('bundle').cid),
  params: fc.constant(dagBlock('params').cid),
  inputs: fc.option(fc.constant(dagBlock('inputs').cid)),
  collect: fc.boolean(),
  timeoutMs: fc.integer({ min: 1, max: 1_000_000 }),
  expiryMs: fc.integer({ min: 1, max: 1_000_000 }),
  trust,
  equal: fc.boolean(),
  sealed: fc.option(fc.uint8Array({ minLength: 72, maxLength: 72 })),
  nonce: fc.string({ maxLength: 8 }).map(nonce => nonce.toWellFormed())
})

const outcome: Arbitrary<Outcome> = fc.oneof(
  fc.record({ type: fc.constant('done' as const), value, holders: contacts }),
  fc.record({ type: fc.constant('failed' as const), why: failure }),
  fc.record({ type: fc.constant('cancelled' as const), signature: fc.uint8Array({ maxLength: 64 }) })
)

const announcement: Arbitrary<Announcement> = fc.record({ spec, submitter: peer, members: contacts, outcome: fc.option(outcome), proof: fc.option(fc.uint8Array({ maxLength: 300 })) })
  .map(({ spec, ...rest }) => ({ job: jobIdOf(spec), spec, ...rest }))

const children: Arbitrary<ChildState[]> = fc.uniqueArray(fc.nat(127), { maxLength: 20 }).chain(list => fc.tuple(...list.sort((a, b) => a - b).map(digit =>
  fc.oneof(
    fc.record({ digit: fc.constant(digit), state: fc.constantFrom('free' as const, 'done' as const), term: uint32, holder: fc.constant(null) }),
    fc.record({ digit: fc.constant(digit), state: fc.constant('leased' as const), term: uint32, holder: peer })
  ))))

const state: Arbitrary<StateMessage> = fc.tuple(placed, fc.record({
  type: fc.constant('state' as const), job, version: uint32, coordinator: contact, children, heirs: contacts, load, up: contacts, level: uint32, nextMs: ms
})).map(([at, rest]) => ({ ...rest, ...at }))

const run: Arbitrary<Run> = fc.tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), peer).map(([from, size, by]) => ({ from, to: from + size, by }))

const table: Arbitrary<PositionTable> = fc.tuple(placed, fc.record({
  level: uint32,
  heirs: fc.array(peer, { maxLength: 3 }),
  children: fc.array(fc.record({ digit: fc.nat(127), state: fc.constantFrom('free' as const, 'leased' as const, 'done' as const), term: uint32, holder: fc.option(contact), done: count }), { maxLength: 8 }),
  runs: fc.array(run, { maxLength: 8 })
})).map(([at, rest]) => ({ ...rest, ...at }))

const message = <K extends MessageType>(type: K, rest: Arbitrary<Omit<Of<K>, 'type'>>): Arbitrary<Message> =>
  rest.map(body => ({ type, ...body }) as Of<K>)

/** One arbitrary for every type; the compiler counts them. */
export const MESSAGES: { [K in MessageType]: Arbitrary<Message> } = {
  jobs: message('jobs', fc.record({ jobs: fc.array(announcement, { maxLength: 4 }) })),
  join: message('join', fc.record({ job, joiner: contact, hops: fc.nat(100), phase: fc.constantFrom('up' as const, 'down' as const, 'tail' as const), via, rate: amount })),
  offer: message('offer', fc.record({ job, to: peer, via, path, fence, coordinator: contact })),
  rerun: message('rerun', fc.record({ job, to: peer, via, path, coordinator: contact })),
  later: message('later', fc.record({ job, to: peer, via, ms })),
  claim: message('claim', fc.tuple(placed, fc.record({ job, peer: contact })).map(([at, rest]) => ({ ...rest, ...at }))),
  grant: message('grant', fc.tuple(placed, state, fc.record({ peer, leaseMs: ms, values: fc.array(value, { maxLength: 4 }) })).map(([at, inner, rest]) => ({ ...rest, ...at, job: inner.job, state: inner }))),
  refused: message('refused', fc.record({ job, path, next: fc.option(path), ask: fc.option(contact) })),
  stale: message('stale', fc.tuple(placed, job).map(([at, id]) => ({ job: id, ...at }))),
  renew: message('renew', fc.tuple(placed, fc.record({ job, done: count, load, seen: uint32 })).map(([at, rest]) => ({ ...rest, ...at }))),
  state,
  beat: message('beat', fc.tuple(placed, fc.record({ job, version: uint32, since: uint32, load, nextMs: ms })).map(([at, rest]) => ({ ...rest, ...at }))),
  value: message('value', fc.record({ job, value, salt: fc.uint8Array({ maxLength: 16 }) })),
  commit: message('commit', fc.record({ job, path, digest: fc.uint8Array({ maxLength: 32 }) })),
  reveal: message('reveal', fc.record({ job, path })),
  recruit: message('recruit', fc.record({ job, path, coordinator: contact, not: fc.array(peer, { maxLength: 4 }) })),
  voter: message('voter', fc.record({ job, path, voter: contact })),
  blame: message('blame', fc.record({ job, peer, evidence: fc.uint8Array({ maxLength: 200 }), within: fc.option(path) })),
  accepted: message('accepted', fc.record({ job, paths: fc.array(path, { maxLength: 20 }), receipt: fc.option(receipt) })),
  hold: message('hold', fc.record({ job, values: fc.array(value, { maxLength: 4 }) })),
  held: message('held', fc.record({ job, paths: fc.array(path, { maxLength: 20 }) })),
  released: message('released', fc.record({ job, path })),
  ended: message('ended', fc.record({ job, path })),
  failed: message('failed', fc.record({ job, why: failure, tried: fc.array(peer, { maxLength: 4 }) })),
  ask: message('ask', fc.record({ job, path, peer })),
  heard: message('heard', fc.record({ job, path, peer, ms: fc.integer({ min: -1, max: 1_000_000 }), now: fc.option(contact) })),
  leave: message('leave', fc.record({ job })),
  stocked: message('stocked', fc.record({ job })),
  query: message('query', fc.record({ id: uint32, jobs: fc.array(job, { maxLength: 4 }), tables: fc.boolean() })),
  report: message('report', fc.record({ id: uint32, jobs: fc.array(fc.record({ announcement, done: count, load, up: contacts, tables: fc.array(table, { maxLength: 3 }), declined: fc.boolean() }), { maxLength: 3 }) }))
}
