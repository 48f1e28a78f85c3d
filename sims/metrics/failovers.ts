/**
 * What happens when a coordinator with members goes: until a survivor asks after it (detect), until one claims its place (elect), until the
 * new one grants or tells its state (catch up). Also counts false ones: a peer took over from a coordinator that it could have heard.
 */
import type { Holders } from './holders.ts'
import type { Message } from '../../protocol/core/message.ts'
import type { Node } from '../world/node.ts'
import type { Path, PeerId } from '../../protocol/core/ids.ts'
import type { Play } from '../play.ts'
import type { Position } from '../../protocol/core/state.ts'
import type { Watcher } from '../world/watchers.ts'
import { hasMembers } from './holders.ts'
import { isWithin } from '../../protocol/core/geometry.ts'

/** A path that has lost its coordinator. Times are world time, milliseconds; -1 until it happened. */
interface Loss {
  path: Path
  atMs: number
  /** The coordinator, and its successors that went too. */
  gone: Set<PeerId>
  /** Members that are still there; nobody takes over when there are none. */
  members: Set<PeerId>
  detectedMs: number
  electedMs: number
}

/** One failover, in its parts, milliseconds. */
export interface Failover { detectMs: number, electMs: number, catchUpMs: number }

/** Survivors that take over so soon after each other did not yet know of one another. Two leases' time. */
const RIVALS_MS = 12_000
const HOUR_MS = 3_600_000

export class Failovers {
  readonly all: Failover[] = []
  readonly watcher: Watcher
  readonly #play: Play
  readonly #holders: Holders
  readonly #losses = new Map<Path, Loss>()
  /** When a path last lost its coordinator, or that said that it leaves. */
  readonly #lostMs = new Map<Path, number>()
  #wrong = 0

  constructor (play: Play, holders: Holders) {
    this.#play = play
    this.#holders = holders
    this.watcher = {
      onGone: node => { this.#onGone(node) },
      onSent: (from, _to, message) => { if (this.#losses.size > 0) this.#onSent(from, message) },
      onNotice: (node, notice) => {
        if (notice.type === 'failover') this.#onFailover(node, notice.path)
        else if (notice.type === 'value') this.#close(notice.path)
      }
    }
  }

  /** Survivors that took over without need, an hour of virtual time. */
  get falsePerHour (): number {
    return this.#wrong * HOUR_MS / Math.max(1, this.#play.atMs)
  }

  #onGone (node: Node): void {
    for (const loss of this.#losses.values()) {
      if (loss.members.delete(node.id) && loss.members.size === 0) this.#losses.delete(loss.path)
    }
    const job = node.core.jobs.get(this.#play.job)
    if (job === undefined || job.outcome !== null) return
    for (const position of job.positions.values()) if (hasMembers(node, position)) this.#lose(node, position)
  }

  #lose (node: Node, position: Position): void {
    const { path } = position
    const nowMs = this.#play.world.nowMs
    this.#lostMs.set(path, nowMs)
    const members = new Set<PeerId>()
    for (const { state, holder } of position.children) {
      if (state === 'leased' && holder !== null && this.#play.world.byId(holder)?.state === 'live') members.add(holder)
    }
    members.delete(node.id)
    const known = this.#losses.get(path)
    // Its successor is gone as well: to the members it is still the same loss.
    if (known !== undefined) {
      known.gone.add(node.id)
      for (const member of members) known.members.add(member)
    } else if (members.size > 0) this.#losses.set(path, { path, atMs: nowMs, gone: new Set([node.id]), members, detectedMs: -1, electedMs: -1 })
  }

  #onSent (from: Node, message: Message): void {
    switch (message.type) {
      case 'ask': {
        const loss = this.#losses.get(message.path)
        if (loss !== undefined && loss.detectedMs < 0 && loss.gone.has(message.peer)) loss.detectedMs = this.#play.world.nowMs
        return
      }
      case 'state': return this.#resume(message.path, from.id)
      case 'grant':
        this.#resume(message.state.path, from.id)
        // The coordinator above gives the path to somebody, member or not.
        return this.#resume(message.path, message.peer)
      default:
    }
  }

  #onFailover (node: Node, path: Path): void {
    const { world } = this.#play
    const loss = this.#losses.get(path)
    if (loss !== undefined) {
      if (loss.detectedMs < 0) loss.detectedMs = world.nowMs
      if (loss.electedMs < 0) loss.electedMs = world.nowMs
      const position = node.core.jobs.get(this.#play.job)?.positions.get(path)
      // The only one left has nobody to speak to.
      if (position !== undefined && !hasMembers(node, position)) this.#resume(path, node.id)
      return
    }
    if (world.nowMs - (this.#lostMs.get(path) ?? -Infinity) < RIVALS_MS) return
    const isHearing = (holder: Node): boolean => holder !== node && holder.state === 'live' && !world.network.isCut(holder, node) && !world.network.isCut(node, holder)
    if (this.#holders.of(path).some(isHearing)) this.#wrong++
  }

  /** Somebody speaks for the path again: a survivor, or whom the coordinator above gave it to. */
  #resume (path: Path, by: PeerId): void {
    const loss = this.#losses.get(path)
    if (loss === undefined || loss.gone.has(by)) return
    this.#losses.delete(path)
    const nowMs = this.#play.world.nowMs
    const electedMs = loss.electedMs < 0 ? nowMs : loss.electedMs
    const detectedMs = loss.detectedMs < 0 ? electedMs : Math.min(loss.detectedMs, electedMs)
    this.all.push({ detectMs: detectedMs - loss.atMs, electMs: electedMs - detectedMs, catchUpMs: nowMs - electedMs })
  }

  /** The path is done: nothing is left to take over. */
  #close (path: Path): void {
    for (const loss of this.#losses.values()) if (isWithin(loss.path, path)) this.#losses.delete(loss.path)
  }
}
