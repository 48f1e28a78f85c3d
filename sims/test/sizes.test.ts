/** Messages weigh in the simulator about what the real codec makes of them. */
import { expect } from 'chai'
import type { Message, MessageType } from '../../protocol/core/message.ts'
import { ANNOUNCEMENT, JOB, LOAD, ROOT, STATE, at, contactOf, peerOf, valueOf } from '../../protocol/host/test/samples.ts'
import { ADDRS, sizeOfMessage } from '../world/sizes.ts'
import { encodeMessage } from '../../protocol/host/wire/codec.ts'

const [path, fence] = [at('1.3'), [1, 0, 7]]
const [one, other] = [contactOf('one'), contactOf('other')]
const via = [peerOf('a'), peerOf('b')]
const value = valueOf(path, 12)
const why = { kind: 'threw' as const, path, partition: 3, message: 'x'.repeat(100), stack: 'y'.repeat(80) }

/** A message of each type, of the length that they have in a mesh. */
const MESSAGES: { [K in MessageType]: Extract<Message, { type: K }> } = {
  jobs: { type: 'jobs', jobs: [ANNOUNCEMENT] },
  join: { type: 'join', job: JOB, joiner: one, hops: 3, phase: 'down', via, rate: 3.5 },
  offer: { type: 'offer', job: JOB, to: peerOf('to'), via, path, fence, coordinator: one },
  rerun: { type: 'rerun', job: JOB, to: peerOf('to'), via, path, coordinator: one },
  later: { type: 'later', job: JOB, to: peerOf('to'), via, ms: 700 },
  claim: { type: 'claim', job: JOB, path, fence, peer: one },
  grant: { type: 'grant', job: JOB, path, fence, peer: peerOf('one'), leaseMs: 6_000, values: [value], state: { ...STATE, path: at('1'), fence: [1, 0] } },
  refused: { type: 'refused', job: JOB, path, next: null, ask: other },
  stale: { type: 'stale', job: JOB, path, fence },
  renew: { type: 'renew', job: JOB, path, fence, done: 200, load: LOAD, seen: 12 },
  state: STATE,
  beat: { type: 'beat', job: JOB, path, fence, version: 12, since: 9, load: LOAD, nextMs: 2_000 },
  value: { type: 'value', job: JOB, value, salt: new Uint8Array(0) },
  commit: { type: 'commit', job: JOB, path, digest: new Uint8Array(32) },
  reveal: { type: 'reveal', job: JOB, path },
  recruit: { type: 'recruit', job: JOB, path, coordinator: one, not: via },
  voter: { type: 'voter', job: JOB, path, voter: one },
  blame: { type: 'blame', job: JOB, peer: peerOf('a'), evidence: new Uint8Array(500), within: null },
  accepted: { type: 'accepted', receipt: null, job: JOB, paths: [path, at('1.2'), at('1.0')] },
  hold: { type: 'hold', job: JOB, values: [value, valueOf(at('1.2'), 13)] },
  held: { type: 'held', job: JOB, paths: [path] },
  released: { type: 'released', job: JOB, path },
  ended: { type: 'ended', job: JOB, path },
  failed: { type: 'failed', job: JOB, why, tried: [peerOf('one')] },
  ask: { type: 'ask', job: JOB, path, peer: peerOf('one') },
  heard: { type: 'heard', job: JOB, path, peer: peerOf('one'), ms: 150, now: null },
  leave: { type: 'leave', job: JOB },
  stocked: { type: 'stocked', job: JOB },
  query: { type: 'query', id: 7, jobs: [JOB], tables: false },
  report: { type: 'report', id: 7, jobs: [{ announcement: ANNOUNCEMENT, done: 500, load: LOAD, up: [one], tables: [], declined: false }] }
}

const RELAY = '/ip4/203.0.113.7/tcp/22582/ws/p2p/12D3KooWGv9k97zFuVpyttvzLqmVgVbhEyHAwpjFoK7fXtt9jG7J/p2p-circuit'

/** What peers announce. */
const REAL: { [K in keyof typeof ADDRS]: string[] } = {
  loopback: ['/ip4/127.0.0.1/tcp/22581'],
  open: ['/ip4/203.0.113.7/tcp/22581', '/ip4/203.0.113.7/tcp/22582/ws', '/ip4/203.0.113.7/udp/22581/webrtc-direct/certhash/uEiBtSN65JiCfiFjnpOX93c6BZBjjv-B3pRpOHaY_WZyO6g'],
  relayed: [RELAY, `${RELAY}/webrtc`]
}

/** The same message with other addresses wherever it has some. */
function withAddrs<T> (part: T, addrs: string[]): T {
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return part
  if (Array.isArray(part)) return part.map((item: unknown) => withAddrs(item, addrs)) as T
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === 'addrs' && (value as string[]).length > 0 ? addrs : withAddrs(value, addrs)])) as T
}

describe('sizes of messages', () => {
  for (const [type, message] of Object.entries(MESSAGES)) {
    it(`are right within a tenth: ${type}`, () => {
      for (const kind of ['loopback', 'open', 'relayed'] as const) {
        const real = encodeMessage(withAddrs<Message>(message, REAL[kind])).length
        expect(sizeOfMessage(withAddrs<Message>(message, [ADDRS[kind]])), kind).to.be.closeTo(real, Math.max(3, real / 10))
      }
    })
  }

  it('of the root are those without a path', () => {
    const message: Message = { type: 'ended', job: JOB, path: ROOT }
    expect(sizeOfMessage(message)).to.be.closeTo(encodeMessage(message).length, 3)
  })
})
