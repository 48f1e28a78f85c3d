/**
 * About how many bytes a message has on the wire, without encoding it: the codec's shapes with typical ids (a peer id is 39 bytes, a
 * job id 37, a contact with three addresses 150). sizes.test.ts holds it against the real codec.
 */
import type { Announcement, Value } from '../../protocol/core/job.ts'
import type { Contact } from '../../protocol/core/ids.ts'
import type { Message, StateMessage } from '../../protocol/core/message.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'

const JOB = 64
const PEER = 56
const ADDR = 50
const LOAD = 20
const SPEC = 320

const ofContact = ({ addrs }: Contact): number => PEER + 4 + ADDR * addrs.length

function ofContacts (contacts: Contact[]): number {
  let bytes = 0
  for (const contact of contacts) bytes += ofContact(contact)
  return bytes
}

/** A value as it travels beside others; its own bytes are payload, not control. */
export const ofValue = (value: Value): number => 150 + (value.bytes?.length ?? 0) + 5 * value.stats.producers.length

function ofValues (values: Value[]): number {
  let bytes = 0
  for (const value of values) bytes += ofValue(value)
  return bytes
}

const ofState = ({ children, coordinator, heirs, up }: StateMessage): number => {
  let bytes = JOB + 40 + LOAD + ofContact(coordinator) + ofContacts(heirs) + ofContacts(up)
  for (const { holder } of children) bytes += holder === null ? 8 : 8 + PEER
  return bytes
}

const ofAnnouncement = ({ members, outcome }: Announcement): number =>
  JOB + SPEC + PEER + ofContacts(members) + (outcome?.type === 'done' ? 150 + ofContacts(outcome.holders) : 0)

const ofPaths = (paths: string[]): number => {
  let bytes = JOB
  for (const path of paths) bytes += path.length + 2
  return bytes
}

/** @returns bytes of one message, without the frame's length */
export function sizeOfMessage (message: Message): number {
  switch (message.type) {
    case 'state': return ofState(message)
    case 'beat': return JOB + 2 * message.path.length + LOAD + 16
    case 'renew': return JOB + 2 * message.path.length + LOAD + 16
    case 'jobs': return message.jobs.reduce((sum, job) => sum + ofAnnouncement(job), 0)
    case 'join': return JOB + ofContact(message.joiner) + 16 + PEER * message.via.length
    case 'offer': return JOB + PEER + PEER * message.via.length + 20 + ofContact(message.coordinator)
    case 'rerun': return JOB + PEER + PEER * message.via.length + 12 + ofContact(message.coordinator)
    case 'later': return JOB + PEER + PEER * message.via.length + 4
    case 'claim': return JOB + 24 + ofContact(message.peer)
    case 'grant': return JOB + PEER + 30 + ofValues(message.values) + ofState(message.state)
    case 'refused': return JOB + 20 + (message.ask === null ? 0 : ofContact(message.ask))
    case 'stale': return JOB + 20
    case 'value': return JOB + ofValue(message.value)
    case 'hold': return JOB + ofValues(message.values)
    case 'accepted': case 'held': return ofPaths(message.paths)
    case 'released': case 'ended': return JOB + 12
    case 'failed': return JOB + 200 + PEER * message.tried.length
    case 'ask': case 'heard': return JOB + PEER + 20
    case 'leave': case 'stocked': return JOB
    case 'query': return 8 + JOB * message.jobs.length
    case 'report': return message.jobs.reduce((sum, job) => sum + ofAnnouncement(job.announcement) + LOAD, 8)
    default: return unreachable(message)
  }
}

/** Bytes that count as control: a message without the values it carries; 0 for one that carries nothing else (DESIGN 7, `--json`). */
export function controlBytes (message: Message, bytes: number): number {
  if (message.type === 'value' || message.type === 'hold') return 0
  return message.type === 'grant' ? bytes - ofValues(message.values) : bytes
}
