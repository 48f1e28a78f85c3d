/**
 * Every message of protocol/core/message.ts as a table: field numbers, types, limits (message.proto says the
 * same). A new property of a message does not compile until it stands here. The numbers never change meaning;
 * a field that goes leaves a hole.
 */
import { amount, blob, bool, converted, count, fromMinusOne, hash32, list, nullable, oneOf, struct, text, uint32, union, whole, WireError } from './schema.ts'
import { DEPTH_MAX, cid, contact, dagCid, jobId, path, peer } from './types.ts'
import { credit, receipt } from './credit.ts'
import { checkFence, checkState, checkValue } from './checks.ts'
import { SKETCH_SIZE } from '../../core/sketch.ts'
import { cidOfDag } from '../../job/cid.ts'
import { decodeSpec, encodeSpec } from '../../job/spec.ts'
import type { Announcement, Commitment, Failure, JobSpec, Outcome, Stats, Value } from '../../core/job.ts'
import type { ChildState, ChildTable, JobReport, Load, Message, MessageType, PositionTable, Run } from '../../core/message.ts'
import type { Cid, JobId } from '../../core/ids.ts'
import type { Type } from './schema.ts'

/** Four members, three heirs and a coordinator: nobody needs to tell of more. */
const CONTACTS_MAX = 8
/** J2: 2·depth + 4 hops. */
const HOPS_MAX = 2 * DEPTH_MAX + 4
/** A frame of 4 MiB is full before; this bounds what its smallest items cost. */
const ITEMS_MAX = 4096
const JOBS_MAX = 256
/** As many as core/tables.ts tells. */
const TABLES_MAX = 16
const RUNS_MAX = 512
const SPEC_BYTES_MAX = 1024
/** Inline values are far smaller (`valueInlineBytesMax`). */
const VALUE_BYTES_MAX = 256 * 1024
const STACK_BYTES_MAX = 16 * 1024
const SIGNATURE_BYTES_MAX = 512
/** A chain of the greatest length and a signature. */
const PROOF_BYTES_MAX = 2048
const SALT_BYTES = 16
const DIGEST_BYTES = 32
/** As many as a policy may ask for (job/spec.ts). */
const VOTERS_MAX = 64
/** A signed value, a Merkle path of 40 levels, and one partition's output or the values of 128 children: inline values are 16 KiB at most. A guess. */
const EVIDENCE_BYTES_MAX = 2.5 * 1024 * 1024

export const fence = list(uint32, DEPTH_MAX + 1)
const contacts = list(contact, CONTACTS_MAX)
export const peers = list(peer, CONTACTS_MAX)
const via = list(peer, HOPS_MAX)
/** A duration is at most what a timer can wait for, 24 days. */
const ms = whole(0x7fffffff)

const load = struct<Load>({ remaining: [1, count], helpers: [2, uint32], rate: [3, amount], levels: [4, uint32], free: [5, count] })

const stats = struct<Stats>({
  computeMs: [1, amount],
  producers: [2, list(hash32, SKETCH_SIZE)],
  levels: [3, uint32],
  failovers: [4, uint32],
  duplicates: [5, count],
  messages: [6, count],
  bytes: [7, count]
})

const commitment = struct<Commitment>({ root: [1, cid], signature: [2, blob(SIGNATURE_BYTES_MAX)] })

export const value = struct<Value>({
  path: [1, path],
  count: [2, count],
  cid: [3, dagCid],
  bytes: [4, nullable(blob(VALUE_BYTES_MAX))],
  links: [5, bool],
  by: [6, peer],
  stats: [7, stats],
  bite: [8, bool],
  commitment: [9, nullable(commitment)],
  credit: [15, nullable(credit)]
}, checkValue)

const failure = struct<Failure>({
  kind: [1, oneOf(['threw', 'timeout', 'memory', 'output', 'module', 'collect', 'unavailable', 'trust'])],
  path: [2, path],
  partition: [3, fromMinusOne],
  message: [4, text(STACK_BYTES_MAX)],
  stack: [5, text(STACK_BYTES_MAX)]
})

const outcome = union<Outcome>({
  done: [1, struct({ value: [1, value], holders: [2, contacts] })],
  failed: [2, struct({ why: [1, failure] })],
  cancelled: [3, struct({ signature: [1, blob(SIGNATURE_BYTES_MAX)] })]
})

interface SpecBlock { job: JobId, spec: JobSpec }

/** The spec travels as its dag-cbor block, so that nobody can give it another job's id. */
const specBlock: Type<SpecBlock> = converted(SPEC_BYTES_MAX, ({ spec }) => encodeSpec(spec), bytes => {
  const spec = readSpec(bytes)
  const job: Cid & JobId = cidOfDag(bytes) as Cid & JobId
  if (cidOfDag(encodeSpec(spec)) !== job) throw new WireError('a job spec is not in its one encoding')
  return { job, spec }
})

function readSpec (bytes: Uint8Array): JobSpec {
  try {
    return decodeSpec(bytes)
  } catch {
    throw new WireError('a job spec is none')
  }
}

interface AnnouncementBody extends Omit<Announcement, 'job' | 'spec'> { block: SpecBlock }

const announcementBody = struct<AnnouncementBody>({
  block: [1, specBlock],
  submitter: [2, peer],
  members: [3, contacts],
  outcome: [4, nullable(outcome)],
  proof: [5, nullable(blob(PROOF_BYTES_MAX))]
})

export const announcement: Type<Announcement> = {
  ...announcementBody as unknown as Type<Announcement>,
  body: undefined,
  write: (out, { job, spec, ...rest }) => { announcementBody.write(out, { block: { job, spec }, ...rest }) },
  read: input => {
    const { block, ...rest } = announcementBody.read(input)
    return { ...block, ...rest }
  }
}

const child = struct<ChildState>({
  digit: [1, whole(127)],
  state: [2, oneOf(['free', 'leased', 'done'])],
  term: [3, uint32],
  holder: [4, nullable(peer)]
})

const childTable = struct<ChildTable>({
  digit: [1, whole(127)],
  state: [2, oneOf(['free', 'leased', 'done'])],
  term: [3, uint32],
  holder: [4, nullable(contact)],
  done: [5, count]
})

const run = struct<Run>({ from: [1, count], to: [2, count], by: [3, peer] }, ({ from, to }) => from < to ? null : 'a run holds nothing')

const table = struct<PositionTable>({
  path: [1, path],
  fence: [2, fence],
  level: [3, uint32],
  heirs: [4, list(peer, CONTACTS_MAX)],
  children: [5, list(childTable, 128)],
  runs: [6, list(run, RUNS_MAX)]
}, checkFence)

const report = struct<JobReport>({ announcement: [1, announcement], done: [2, count], load: [3, load], up: [4, contacts], tables: [5, list(table, TABLES_MAX)], declined: [6, bool] })

/** What stands in a message of one type, beside its type and job. */
export type Body<K extends MessageType> = Omit<Extract<Message, { type: K }>, 'type' | 'job' | 'state'> & (K extends 'grant' ? { state: Body<'state'> } : unknown)

const state = struct<Body<'state'>>({
  path: [1, path],
  fence: [2, fence],
  version: [3, uint32],
  coordinator: [4, contact],
  children: [5, list(child, 128)],
  heirs: [6, contacts],
  load: [7, load],
  up: [8, contacts],
  level: [9, uint32],
  nextMs: [10, ms]
}, checkState)

const paths = struct({ paths: [1, list(path, ITEMS_MAX)] })
const onePath = struct({ path: [1, path] })
const empty = struct<object>({})

/** Field number in the envelope and table of every type of message. */
export const BODIES: { [K in MessageType]: [number, Type<Body<K>>] } = {
  jobs: [2, struct({ jobs: [1, list(announcement, JOBS_MAX)] })],
  join: [3, struct({ joiner: [1, contact], hops: [2, whole(HOPS_MAX)], phase: [3, oneOf(['up', 'down', 'tail'])], via: [4, via], rate: [5, amount] })],
  offer: [4, struct({ to: [1, peer], via: [2, via], path: [3, path], fence: [4, fence], coordinator: [5, contact] })],
  rerun: [5, struct({ to: [1, peer], via: [2, via], path: [3, path], coordinator: [4, contact] })],
  later: [6, struct({ to: [1, peer], via: [2, via], ms: [3, ms] })],
  claim: [7, struct<Body<'claim'>>({ path: [1, path], fence: [2, fence], peer: [3, contact] }, checkFence)],
  grant: [8, struct<Body<'grant'>>({ path: [1, path], fence: [2, fence], peer: [3, peer], leaseMs: [4, ms], values: [5, list(value, ITEMS_MAX)], state: [6, state] }, checkFence)],
  refused: [9, struct({ path: [1, path], next: [2, nullable(path)], ask: [3, nullable(contact)] })],
  stale: [10, struct<Body<'stale'>>({ path: [1, path], fence: [2, fence] }, checkFence)],
  renew: [11, struct<Body<'renew'>>({ path: [1, path], fence: [2, fence], done: [3, count], load: [4, load], seen: [5, uint32] }, checkFence)],
  state: [12, state],
  value: [13, struct({ value: [1, value], salt: [2, blob(SALT_BYTES)] })],
  accepted: [14, struct({ paths: [1, list(path, ITEMS_MAX)], receipt: [2, nullable(receipt)] })],
  hold: [15, struct({ values: [1, list(value, ITEMS_MAX)] })],
  held: [16, paths],
  released: [17, onePath],
  ended: [18, onePath],
  failed: [19, struct({ why: [1, failure], tried: [2, list(peer, CONTACTS_MAX)] })],
  ask: [20, struct({ path: [1, path], peer: [2, peer] })],
  heard: [21, struct({ path: [1, path], peer: [2, peer], ms: [3, fromMinusOne], now: [4, nullable(contact)] })],
  leave: [22, empty],
  stocked: [23, empty],
  query: [24, struct({ id: [1, uint32], jobs: [2, list(jobId, JOBS_MAX)], tables: [3, bool] })],
  report: [25, struct({ id: [1, uint32], jobs: [2, list(report, JOBS_MAX)] })],
  beat: [26, struct<Body<'beat'>>({ path: [1, path], fence: [2, fence], version: [3, uint32], since: [4, uint32], load: [5, load], nextMs: [6, ms] }, checkFence)],
  commit: [27, struct({ path: [1, path], digest: [2, blob(DIGEST_BYTES)] })],
  reveal: [28, onePath],
  recruit: [29, struct({ path: [1, path], coordinator: [2, contact], not: [3, list(peer, VOTERS_MAX)] })],
  blame: [30, struct({ peer: [1, peer], evidence: [2, blob(EVIDENCE_BYTES_MAX)], within: [3, nullable(path)] })],
  voter: [31, struct({ path: [1, path], voter: [2, contact] })]
}

/** The blocks protocol's two frames. */
export const blockRequest = struct<{ cids: Cid[] }>({ cids: [1, list(cid, 128)] })
export const blockReply = struct<{ cid: Cid, bytes: Uint8Array | null }>({ cid: [1, cid], bytes: [2, nullable(blob(2 * 1024 * 1024))] })
