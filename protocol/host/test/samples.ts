/** Messages, ids and blocks for tests: valid, small, and the same in every run. */
import { base58btc } from 'multiformats/bases/base58'
import { encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { cidOfDag, cidOfRaw } from '../../job/cid.ts'
import { jobIdOf } from '../../job/spec.ts'
import type { Announcement, JobSpec, Value } from '../../core/job.ts'
import type { Cid, Contact, JobId, Path, PeerId } from '../../core/ids.ts'
import type { Load, StateMessage } from '../../core/message.ts'

const utf8 = new TextEncoder()

/** A well-formed Ed25519 peer id; nobody has its key. */
export function peerOf (name: string): PeerId {
  return base58btc.baseEncode(Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, ...sha256(utf8.encode(name))])) as PeerId
}

export const contactOf = (name: string, addrs = [`/ip4/192.0.2.1/tcp/${1000 + name.length}`]): Contact =>
  ({ peer: peerOf(name), addrs: addrs.map(addr => `${addr}/p2p/${peerOf(name)}`) })

export const ROOT = '/' as Path
export const at = (path: string): Path => path as Path

export interface Block { cid: Cid, bytes: Uint8Array }

export function rawBlock (bytes: Uint8Array): Block {
  return { cid: cidOfRaw(bytes), bytes }
}

export function dagBlock (value: unknown): Block {
  const bytes = encode(value)
  return { cid: cidOfDag(bytes), bytes }
}

export const SPEC: JobSpec = {
  name: 'sample',
  partitions: 1000,
  fanout: 4,
  grain: 10,
  bundle: rawBlock(utf8.encode('export const compute = n => n')).cid,
  params: dagBlock({}).cid,
  inputs: null,
  collect: true,
  timeoutMs: 60_000,
  expiryMs: 3_600_000,
  trust: { type: 'none' },
  equal: false,
  sealed: null,
  nonce: ''
}

export const JOB: JobId = jobIdOf(SPEC)

export const LOAD: Load = { remaining: 990, free: 700, helpers: 3, rate: 12.5, levels: 2 }

export function valueOf (path: Path, content: unknown, count = 10): Value {
  const { cid, bytes } = dagBlock(content)
  return {
    path, count, cid, bytes, links: false, bite: true, by: peerOf('worker'), commitment: null,
    stats: { computeMs: 3.25, producers: [7, 99, 0xffffffff], levels: 1, failovers: 2, duplicates: 10, messages: 40, bytes: 4000 },
    credit: null
  }
}

export const STATE: StateMessage = {
  type: 'state',
  job: JOB,
  path: at('1.3'),
  fence: [1, 0, 7],
  version: 12,
  coordinator: contactOf('coordinator'),
  children: [
    { digit: 0, state: 'done', term: 1, holder: null },
    { digit: 1, state: 'leased', term: 3, holder: peerOf('holder') },
    { digit: 3, state: 'free', term: 0, holder: null }
  ],
  heirs: [contactOf('heir'), contactOf('second heir', [])],
  load: LOAD,
  up: [contactOf('parent')],
  level: 2,
  nextMs: 2000
}

export const ANNOUNCEMENT: Announcement = { job: JOB, spec: SPEC, submitter: peerOf('submitter'), members: [contactOf('member')], outcome: null, proof: null }
