/**
 * The protocol of one peer: `handle(input, now)` is synchronous, total, and the only mutator. It hands each
 * input to the step it belongs to (see ../README.md for the order of steps), then settles: idle cores get
 * bites or look for work, acceptances go out, neighbours are named.
 */
import type { Cid, JobId, Path, PeerId } from './ids.ts'
import type { Acceptance, Context, Job } from './state.ts'
import type { Config } from './config.ts'
import type { Effect } from './effect.ts'
import type { Input } from './input.ts'
import type { Link } from './links.ts'
import type { JobReport, Message, Topic } from './message.ts'
import type { Timer } from './timer.ts'
import { announce, greet, onJobs } from './announced.ts'
import { askOthers, onAsk, onAskTimer, onHeard, onSilenceTimer, suspect, trust } from './doubted.ts'
import { becomeIdle, onClaim, onGrant, onRefused } from './claimed.ts'
import { onClaimTimer, onElectTimer, onElectionClaim } from './elected.ts'
import { onStale } from './yielded.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'
import { drop, send } from './context.ts'
import { becomeConnected, becomeDisconnected, hearFrom } from './links.ts'
import { freeChild, onEnded, onRenew, onRenewTimer } from './leased.ts'
import { leave, onLeave } from './left.ts'
import { onDecline } from './declined.ts'
import { onAccepted, onFetched, onHeld, onHold, onHoldTimer, onUnfetchable } from './accepted.ts'
import { onCancel, onSubmit, watch } from './submitted.ts'
import { onComputeFailed, onFailed, onTakerGone } from './failed.ts'
import { onComputed } from './computed.ts'
import { onExpireTimer, announcementOf } from './root.ts'
import { onGoodsFetched, onGoodsUnfetchable, onStocked } from './stocked.ts'
import { onJoinTimer, onLater, onMembers, onOffer, onRerun, seekSoon } from './joined.ts'
import { onJoin } from './routed.ts'
import { onReleased } from './released.ts'
import { ROOT } from './geometry.ts'
import { onQuery, reportsOf } from './queried.ts'
import { onBeat, onState } from './viewed.ts'
import { onStateTimer } from './position.ts'
import { NEVER_MS } from './state.ts'
import { onRestore, stopWaitingFor } from './restored.ts'
import { tellStore } from './kept.ts'
import { isPathOf } from './load.ts'
import { deposit } from './rolled-up.ts'
import { SparseMap } from './sparse-map.ts'
import { answerLiar, isHeard } from './blamed.ts'
import { onCourtMessage, onVerdict } from './tried.ts'
import { onVerifyTimer, onVoterGone } from './recruited.ts'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { settle } from './settled.ts'
import { unreachable } from './unreachable.ts'

export interface PeerInit {
  id: PeerId
  config: Config
  /** Tell a store what to keep across restarts (D1); no by default. */
  keeps?: boolean
  /** Seeds every random choice; equal seeds and inputs give equal effects. */
  seed: number
  /** 32 secret bytes of the host's cryptographic randomness: what is audited (V7) depends on them. Made from the seed when left out, for tests. */
  secret?: Uint8Array
}

/** What was handed out is not kept alive. */
const BETWEEN_INPUTS: Effect[] = []

export class Peer implements Context {
  readonly id: PeerId
  readonly config: Config
  readonly keeps: boolean
  readonly random: Random
  readonly jobs = new Map<JobId, Job>()
  readonly addresses = new Map<PeerId, string[]>()
  readonly links = new Map<PeerId, Link>()
  readonly accepted = new SparseMap<PeerId, Map<JobId, Acceptance>>()
  readonly fetches = new SparseMap<Cid, Array<{ job: JobId, path: Path }>>()
  addrs: string[] = []
  cores = 0
  declined: Set<JobId> | null = null
  now = 0
  traffic = { messages: 0, bytes: 0 }
  busyUntilMs = NEVER_MS
  sketch: number[] | null = null
  effects = BETWEEN_INPUTS

  readonly #secret: Uint8Array | null
  readonly #seed: number

  constructor (init: PeerInit) {
    this.id = init.id
    this.config = init.config
    this.keeps = init.keeps ?? false
    this.random = createRandom(init.seed, init.id).split('core')
    this.#secret = init.secret ?? null
    this.#seed = init.seed
  }

  /** Made from the seed only where it is asked for: most jobs are believed. */
  get secret (): Uint8Array {
    return this.#secret ?? utf8ToBytes(`${this.#seed} ${this.id}`)
  }

  /**
   * Take one input and say what is to be done about it.
   *
   * @param input - what happened
   * @param now - milliseconds on a clock that never goes back; its zero does not matter
   * @returns effects, to be performed in this order
   */
  handle (input: Input, now: number): Effect[] {
    this.now = now
    this.effects = []
    this.take(input)
    if (input.type !== 'leave') settle(this)
    if (this.keeps) tellStore(this)
    const { effects } = this
    this.effects = BETWEEN_INPUTS
    return effects
  }

  /** What this peer knows of some jobs, of all where none is named; with `tables`, what it coordinates in them. Changes nothing. */
  reports (jobs: JobId[], tables: boolean): JobReport[] {
    return reportsOf(this, jobs, tables)
  }

  /** The host counts encoded control messages as they leave; they roll up with the next value. */
  countTraffic (messages: number, bytes: number): void {
    this.traffic.messages += messages
    this.traffic.bytes += bytes
  }

  private take (input: Input): void {
    switch (input.type) {
      case 'listening': return this.onListening(input.addrs)
      case 'capacity': this.cores = input.cores; this.busyUntilMs = NEVER_MS; return
      case 'submit': return onSubmit(this, input.job, input.spec, input.proof)
      case 'decline': return onDecline(this, input.job, input.declined)
      case 'cancel': return this.withJob(input.job, job => onCancel(this, job, input.signature))
      case 'watch': return this.withJob(input.job, job => watch(this, job))
      case 'leave': return leave(this)
      case 'message': return this.onMessage(input.from, input.message, input.topic)
      case 'connected': return this.onConnected(input.peer, input.addrs)
      case 'disconnected': return this.onDisconnected(input.peer)
      case 'unreachable': return this.onUnreachable(input.peer)
      case 'timer': return this.onTimer(input.timer)
      case 'computed': return this.withJob(input.job, job => onComputed(this, job, input.value, input.ms, input.commitment, input.salt))
      case 'compute-failed': return this.withJob(input.job, job => onComputeFailed(this, job, input.why))
      case 'checked': case 'judged': case 'proved': return this.withJob(input.job, job => onVerdict(this, job, input))
      case 'fetched': return this.onFetch(input.cid, input.job, true)
      case 'unfetchable': return this.onFetch(input.cid, input.job, false)
      case 'restore': return onRestore(this, input.restored)
      case 'members': return this.withJob(input.job, job => onMembers(this, job, input.contacts))
      default: return unreachable(input)
    }
  }

  /** J1: those who ask first ask the root's coordinator, so they are told where it is now. */
  private onListening (addrs: string[]): void {
    const isNews = addrs.join() !== this.addrs.join()
    this.addrs = addrs
    if (!isNews) return
    for (const job of this.jobs.values()) if (job.outcome === null && job.positions.has(ROOT)) announce(this, job)
  }

  private withJob (id: JobId, act: (job: Job) => void): void {
    const job = this.jobs.get(id)
    if (job !== undefined) act(job)
  }

  private onConnected (peer: PeerId, addrs: string[]): void {
    if (!becomeConnected(this, { peer, addrs })) return
    greet(this, peer)
    for (const job of this.jobs.values()) {
      for (const view of job.views.values()) {
        if (view.state.coordinator.peer === peer) trust(this, job, view)
      }
    }
  }

  private onDisconnected (peer: PeerId): void {
    const addrs = this.addresses.get(peer)
    if (addrs === undefined) return
    becomeDisconnected(this, peer)
    for (const job of this.jobs.values()) {
      for (const view of [...job.views.values()]) {
        if (view.state.coordinator.peer === peer) suspect(this, job, view, true)
      }
      const isHolder = [...job.positions.values()].some(position => position.children.some(child => child.holder === peer))
      if (isHolder) this.effects.push({ type: 'dial', contact: { peer, addrs } })
    }
  }

  private onUnreachable (peer: PeerId): void {
    becomeDisconnected(this, peer)
    for (const job of this.jobs.values()) {
      for (const view of [...job.views.values()]) {
        if (view.state.coordinator.peer === peer && (view.doubt === 'redialling' || view.doubt === 'none')) askOthers(this, job, view)
      }
      for (const position of [...job.positions.values()]) {
        for (const child of position.children) {
          if (child.state === 'leased' && child.holder === peer) freeChild(this, job, position, child)
        }
      }
      onTakerGone(this, job, peer)
      stopWaitingFor(this, job, peer)
      onVoterGone(this, job, peer)
      job.hints = job.hints.filter(hint => hint.peer !== peer)
      if (job.seek.claim?.coordinator.peer === peer) {
        becomeIdle(this, job)
        seekSoon(this, job, null)
      } else if (job.seek.state === 'asked' && job.seek.asked === peer && job.hints.length > 0) {
        // J2: a member that was named is gone: the next is asked.
        seekSoon(this, job, null)
      }
    }
  }

  private onFetch (cid: Cid, id: JobId, isHere: boolean): void {
    const waiting = this.fetches.get(cid) ?? []
    this.fetches.delete(cid)
    for (const { job: jobId, path } of waiting) {
      this.withJob(jobId, job => { if (isHere) onFetched(this, job, path, cid); else onUnfetchable(job, path) })
    }
    this.withJob(id, job => { if (isHere) onGoodsFetched(this, job, cid); else onGoodsUnfetchable(job, cid) })
  }

  private onTimer (timer: Timer): void {
    const job = this.jobs.get(timer.job)
    if (job === undefined) return
    switch (timer.name) {
      case 'renew': return onRenewTimer(this, job, timer.path)
      case 'state': return onStateTimer(this, job, timer.path)
      case 'hold': return onHoldTimer(this, job)
      case 'claim': return onClaimTimer(this, job, timer.path)
      case 'join': return onJoinTimer(this, job)
      case 'silence': return onSilenceTimer(this, job, timer.path)
      case 'elect': return onElectTimer(this, job, timer.path)
      case 'ask': return onAskTimer(this, job, timer.path)
      // The child is free for anybody now; settling does the rest.
      case 'kept': return
      case 'verify': return onVerifyTimer(this, job)
      case 'fill':
        job.fillMs = NEVER_MS
        this.busyUntilMs = NEVER_MS
        return
      case 'expire': return onExpireTimer(this, job)
      default: return unreachable(timer.name)
    }
  }

  private onMessage (from: PeerId, message: Message, topic: Topic | null): void {
    // Most messages are these; what they tell is noted at the view or the child (C6).
    if (message.type !== 'beat' && message.type !== 'renew') hearFrom(this, from)
    if (message.type === 'jobs') return onJobs(this, from, message, topic)
    if (message.type === 'query') return onQuery(this, from, message)
    if (message.type === 'report') return
    const job = this.jobs.get(message.job)
    if (job === undefined) return drop(this, from, 'message of an unknown job')
    if (job.outcome !== null) return this.tellOutcome(job, from, message)
    const { path } = message as { path?: Path }
    if (path !== undefined && !isPathOf(job, path)) return drop(this, from, 'message of a path that does not exist')
    if (job.court !== null && !isHeard(this, job, from, message)) return answerLiar(this, job, from, message)
    this.onJobMessage(job, from, message, topic)
  }

  /** Whoever still works on a finished job is told how it ended. */
  private tellOutcome (job: Job, from: PeerId, message: Message): void {
    const isAtWork = message.type === 'renew' || message.type === 'join' || message.type === 'claim' || message.type === 'value' || message.type === 'state' || message.type === 'beat'
    if (isAtWork) send(this, from, { type: 'jobs', jobs: [announcementOf(this, job)] })
  }

  private onJobMessage (job: Job, from: PeerId, message: Exclude<Message, { type: 'jobs' | 'query' | 'report' }>, topic: Topic | null): void {
    switch (message.type) {
      case 'join': return onJoin(this, job, from, message)
      case 'offer': return onOffer(this, job, message)
      case 'rerun': return onRerun(this, job, message)
      case 'later': return onLater(this, job, from, message)
      case 'claim': return topic === null ? onClaim(this, job, from, message) : onElectionClaim(this, job, from, message)
      case 'grant': return onGrant(this, job, from, message)
      case 'refused': return onRefused(this, job, from, message)
      case 'stale': return onStale(this, job, from, message)
      case 'renew': return onRenew(this, job, from, message)
      case 'state': return onState(this, job, from, message)
      case 'beat': return onBeat(this, job, from, message)
      case 'value': return deposit(this, job, message.value, from, message.salt)
      case 'commit': case 'reveal': case 'recruit': case 'voter': case 'blame': return onCourtMessage(this, job, from, message)
      case 'accepted': return onAccepted(this, job, from, message)
      case 'hold': return onHold(this, job, from, message)
      case 'held': return onHeld(this, job, from, message)
      case 'released': return onReleased(this, job, message)
      case 'ended': return onEnded(this, job, from, message.path)
      case 'failed': return onFailed(this, job, from, message)
      case 'ask': return onAsk(this, job, from, message)
      case 'heard': return onHeard(this, job, message)
      case 'leave': return onLeave(this, job, from)
      case 'stocked': return onStocked(this, job, from)
      default: return unreachable(message)
    }
  }
}
