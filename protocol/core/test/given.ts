/**
 * Peers in a known state for unit tests. Each helper reaches its state by feeding real inputs to a real Peer
 * and throws the effects away; nothing here writes into a peer's memory.
 */
import type { Cid, Contact, JobId, Path, PeerId } from '../ids.ts'
import type { Computed, Failure, JobSpec, Stats, Value } from '../job.ts'
import type { Fence, GrantMessage, Message, StateMessage } from '../message.ts'
import type { Config } from '../config.ts'
import type { Effect } from '../effect.ts'
import type { Input } from '../input.ts'
import { Peer } from '../peer.ts'
import { NO_SALT } from '../salt.ts'
import { ROOT, parentOf, rangeOf, sizeOf } from '../geometry.ts'
import type { TimerName } from '../timer.ts'
import { configure } from '../config.ts'

export const JOB = 'job' as JobId
export const ME = 'me' as PeerId
export const ANNA = 'anna' as PeerId
export const BERT = 'bert' as PeerId
export const CARL = 'carl' as PeerId
export const DORA = 'dora' as PeerId
export const EVE = 'eve' as PeerId

/** 64 partitions, three levels: the root's children hold 16, theirs are leaves of 4. */
export const SPEC: JobSpec = {
  name: 'test', partitions: 64, fanout: 4, grain: 4, bundle: 'bundle' as Cid, params: 'params' as Cid, inputs: null,
  collect: true, timeoutMs: 1_000, expiryMs: 100_000, trust: { type: 'none' }, equal: false, sealed: null, nonce: ''
}

export const path = (text: string): Path => text as Path

export const addressed = (peer: PeerId): Contact => ({ peer, addrs: [`/memory/${peer}`] })

export const sizeAt = (at: string): number => {
  const range = rangeOf(SPEC, at)
  return range === null ? 0 : sizeOf(range)
}

export const NO_STATS: Stats = { computeMs: 0, producers: [], levels: 1, failovers: 0, duplicates: 0, messages: 0, bytes: 0 }

/** A small value of a path, made by somebody. */
export const aValue = (at: string, by: PeerId, changes: Partial<Value> = {}): Value => ({
  path: path(at), count: sizeAt(at), cid: `value of ${at}` as Cid, bytes: new Uint8Array([1]), links: false, bite: true, by, commitment: null, stats: NO_STATS, credit: null, ...changes
})

/** A value as the sandbox answers. */
export function made (at: string, changes: Partial<Value> = {}): Computed {
  const { by: _by, stats: _stats, bite: _bite, commitment: _commitment, ...rest } = aValue(at, ME, changes)
  return rest
}

export const aFailure = (at: string, changes: Partial<Failure> = {}): Failure =>
  ({ kind: 'threw', path: path(at), partition: 0, message: 'thrown', stack: '', ...changes })

/** Anna's state of the root, unless changed. */
export const aState = (changes: Partial<StateMessage> = {}): StateMessage => ({
  type: 'state', job: JOB, path: ROOT, fence: [1], version: 1, coordinator: addressed(ANNA), children: [], heirs: [],
  load: { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 0 }, up: [], level: 0, nextMs: 2_000, ...changes
})

/** What a coordinator grants a peer, with the state that says so. */
export function aGrant (at: string, fence: Fence, state: StateMessage, changes: Partial<GrantMessage> = {}): GrantMessage {
  return { type: 'grant', job: JOB, path: path(at), fence, peer: ME, leaseMs: 6_000, values: [], state, ...changes }
}

/** A child as a state names it. */
export const leasedTo = (digit: number, holder: PeerId, term = 1): StateMessage['children'][number] =>
  ({ digit, state: 'leased', term, holder })

/** One real peer and its clock. */
export class Given {
  readonly peer: Peer
  now = 0

  constructor (config: Partial<Config> = {}, id: PeerId = ME, keeps = false) {
    this.peer = new Peer({ id, config: configure(config), seed: 1, keeps })
    this.take({ type: 'listening', addrs: [`/memory/${id}`] })
  }

  take (input: Input): Effect[] { return this.peer.handle(input, this.now) }

  /** A direct message. */
  hear (from: PeerId, message: Message): Effect[] { return this.take({ type: 'message', from, message, topic: null }) }

  /** A message gossiped on a path's topic. */
  overhear (from: PeerId, at: string, message: Message): Effect[] {
    return this.take({ type: 'message', from, message, topic: { job: JOB, path: path(at) } })
  }

  fires (name: TimerName, at: string): Effect[] { return this.take({ type: 'timer', timer: { name, job: JOB, path: path(at) } }) }

  connect (...peers: PeerId[]): this {
    for (const peer of peers) this.take({ type: 'connected', peer, addrs: addressed(peer).addrs })
    return this
  }

  volunteer (cores = 1): Effect[] { return this.take({ type: 'capacity', cores }) }

  computes (at: string, ms = 40, changes: Partial<Value> = {}): Effect[] {
    return this.take({ type: 'computed', job: JOB, value: made(at, changes), ms, commitment: changes.commitment ?? null, salt: NO_SALT })
  }

  after (ms: number): this {
    this.now += ms
    return this
  }
}

/** A peer that only heard of the job, from Anna, its submitter. */
export function aListener (config: Partial<Config> = {}, spec: JobSpec = SPEC): Given {
  const given = new Given(config).connect(ANNA)
  given.hear(ANNA, { type: 'jobs', jobs: [{ job: JOB, spec, submitter: ANNA, members: [addressed(ANNA)], outcome: null, proof: null }] })
  return given
}

/** The submitter: it holds the root and computes nothing. */
export function aSubmitter (spec: JobSpec = SPEC, config: Partial<Config> = {}): Given {
  const given = new Given(config)
  given.take({ type: 'submit', job: JOB, spec, proof: null })
  return given
}

/** The submitter, with children of the root granted to others in this order; all of its timers have run. */
export function aCoordinator (holders: Record<number, PeerId>, spec: JobSpec = SPEC): Given {
  const given = aSubmitter(spec)
  for (const [digit, holder] of Object.entries(holders)) {
    given.connect(holder)
    given.hear(holder, { type: 'claim', job: JOB, path: path(digit), fence: [1, 1], peer: addressed(holder) })
  }
  given.after(1_000).fires('state', '/')
  given.fires('hold', '/')
  return given
}

/** A volunteer of one core that Anna offered a child, and that has claimed it. */
export function aClaimant (at: string, fence: Fence, config: Partial<Config> = {}, spec: JobSpec = SPEC): Given {
  const given = aListener(config, spec)
  given.volunteer()
  given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path(at), fence, coordinator: addressed(ANNA) })
  return given
}

/** The holder of a path under Anna, who is in her state. Its two cores, or the one of a leaf, run a bite each and take no more. */
export function aHolder (at: string, changes: Partial<StateMessage> = {}, spec: JobSpec = SPEC): Given {
  const digit = Number(at.split('.').at(-1))
  const parent = parentOf(path(at)) as Path
  const depth = at.split('.').length
  const state = aState({ path: parent, fence: new Array<number>(depth).fill(1), level: depth - 1, ...changes })
  const children = changes.children ?? [leasedTo(digit, ME)]
  const fence = [...state.fence, 1]
  const given = aClaimant(at, fence, {}, spec)
  given.volunteer(sizeAt(at) > SPEC.grain ? 2 : 1)
  given.hear(ANNA, aGrant(at, fence, { ...state, children }))
  given.volunteer(0)
  return given
}
