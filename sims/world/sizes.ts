/**
 * About how many bytes a message has on the wire, without encoding it: the codec's shapes (protocol/host/wire) with ids and addresses of
 * typical lengths. sims/test/sizes.test.ts holds it against the real codec.
 */
import type { Announcement, Value } from '../../protocol/core/job.ts'
import type { Contact } from '../../protocol/core/ids.ts'
import type { Message, StateMessage } from '../../protocol/core/message.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'

/**
 * How a simulated peer's one address begins, which stands for all that it would be reached by: TCP on loopback; TCP, WebSocket and
 * WebRTC-direct with its certificate; a relay's circuit, and WebRTC over it.
 */
export const ADDRS = { loopback: '/loopback/', open: '/sim/', relayed: '/relay/' } as const

/** The envelope: the job's binary content id and the body, each with its tag and length. */
const JOB = 41
/** A peer id of an Ed25519 key, with tag and length. */
const PEER = 40
/** Their bytes, with tags and lengths. */
const LOOPBACK = 10
const OPEN = 72
const RELAYED = 112
const LOAD = 20
/** A position with its children; nobody asks for them in a world. */
const TABLE = 600
/** The spec's block. */
const SPEC = 200
/** Compute time, messages and bytes of a value; its producers come beside. */
const STATS = 26
const CID = 38

const ofAddr = (addr: string): number => addr.startsWith(ADDRS.relayed) ? RELAYED : addr.startsWith(ADDRS.open) ? OPEN : LOOPBACK

const ofContact = ({ addrs }: Contact): number => {
  let bytes = PEER + 2
  for (const addr of addrs) bytes += ofAddr(addr)
  return bytes
}

function ofContacts (contacts: Contact[]): number {
  let bytes = 0
  for (const contact of contacts) bytes += ofContact(contact)
  return bytes
}

/** One byte a digit. */
const ofPath = (path: string): number => 2 + ((path.length + 1) >> 1)

/** A value as it travels beside others; its own bytes are payload, not control. */
export const ofValue = (value: Value): number =>
  PEER + CID + STATS + 8 + ofPath(value.path) + (value.bytes?.length ?? 0) + 4 * value.stats.producers.length +
  (value.commitment === null ? 0 : CID + 5 + value.commitment.signature.length)

function ofValues (values: Value[]): number {
  let bytes = 0
  for (const value of values) bytes += ofValue(value)
  return bytes
}

const ofState = ({ path, children, coordinator, heirs, up }: StateMessage): number => {
  let bytes = JOB + 2 * ofPath(path) + 10 + LOAD + ofContact(coordinator) + ofContacts(heirs) + ofContacts(up)
  for (const { holder } of children) bytes += holder === null ? 6 : 6 + PEER
  return bytes
}

const ofAnnouncement = ({ members, outcome }: Announcement): number =>
  SPEC + PEER + ofContacts(members) + (outcome?.type === 'done' ? ofValue(outcome.value) + ofContacts(outcome.holders) : 0)

const ofPaths = (paths: string[]): number => {
  let bytes = JOB
  for (const path of paths) bytes += ofPath(path)
  return bytes
}

/** @returns bytes of one message, without the frame's length */
export function sizeOfMessage (message: Message): number {
  switch (message.type) {
    case 'state': return ofState(message)
    case 'beat': return JOB + 2 * ofPath(message.path) + LOAD + 8
    case 'renew': return JOB + 2 * ofPath(message.path) + LOAD + 6
    case 'jobs': return message.jobs.reduce((sum, job) => sum + ofAnnouncement(job), 0)
    case 'join': return JOB + ofContact(message.joiner) + 12 + PEER * message.via.length
    case 'offer': return JOB + PEER + PEER * message.via.length + 2 * ofPath(message.path) + ofContact(message.coordinator)
    case 'rerun': return JOB + PEER + PEER * message.via.length + ofPath(message.path) + ofContact(message.coordinator)
    case 'later': return JOB + PEER + PEER * message.via.length + 3
    case 'claim': return JOB + 2 * ofPath(message.path) + ofContact(message.peer)
    case 'grant': return PEER + 2 * ofPath(message.path) + 3 + ofValues(message.values) + ofState(message.state)
    case 'refused': return JOB + ofPath(message.path) + (message.ask === null ? 0 : ofContact(message.ask))
    case 'stale': return JOB + 2 * ofPath(message.path)
    case 'value': return JOB + ofValue(message.value) + (message.salt.length === 0 ? 0 : 2 + message.salt.length)
    case 'hold': return JOB + ofValues(message.values)
    case 'accepted': case 'held': return ofPaths(message.paths)
    case 'released': case 'ended': case 'reveal': return JOB + ofPath(message.path)
    case 'failed': return JOB + 200 + PEER * message.tried.length
    case 'ask': return JOB + PEER + ofPath(message.path)
    case 'heard': return JOB + PEER + ofPath(message.path) + 2 + (message.now === null ? 0 : ofContact(message.now))
    case 'commit': return JOB + ofPath(message.path) + 2 + message.digest.length
    case 'recruit': return JOB + ofPath(message.path) + ofContact(message.coordinator) + PEER * message.not.length
    case 'voter': return JOB + ofPath(message.path) + ofContact(message.voter)
    case 'blame': return JOB + PEER + 4 + message.evidence.length + (message.within === null ? 0 : ofPath(message.within))
    case 'leave': case 'stocked': return JOB
    case 'query': return 8 + CID * message.jobs.length
    case 'report': return message.jobs.reduce((sum, job) => sum + ofAnnouncement(job.announcement) + LOAD + ofContacts(job.up) + TABLE * job.tables.length, 8)
    default: return unreachable(message)
  }
}

/** Bytes that count as control: a message without the values it carries; 0 for one that carries nothing else (DESIGN 7, `--json`). */
export function controlBytes (message: Message, bytes: number): number {
  if (message.type === 'value' || message.type === 'hold') return 0
  return message.type === 'grant' ? bytes - ofValues(message.values) : bytes
}
