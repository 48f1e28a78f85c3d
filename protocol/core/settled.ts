/**
 * The end of every input: what follows from the new state whatever the input was. Idle cores take bites or
 * look for work (J4), acceptances go out in one message each, and the neighbours are named anew (J3).
 */
import type { PeerId } from './ids.ts'
import type { Context, Job } from './state.ts'
import { ROOT } from './geometry.ts'
import { contactOf, send, setTimer } from './context.ts'
import { homeView, pruneViews } from './viewed.ts'
import { holdsChild, membersOf } from './heirs.ts'
import { isDeclined } from './declined.ts'
import { becomeCollectingIfComplete, yieldCovered } from './rolled-up.ts'
import { changeRecord } from './kept.ts'
import { seek } from './joined.ts'
import { NEVER_MS } from './state.ts'
import { msPerPartition } from './speed.ts'
import { startNext } from './leased.ts'

export function settle (cx: Context): void {
  flushAccepted(cx)
  for (const job of cx.jobs.values()) {
    if (job.rolling === 'due') rollUp(cx, job)
  }
  if (cx.cores > 0) fill(cx)
  for (const job of cx.jobs.values()) {
    if (job.naming === 'due') nameNeighbours(cx, job)
  }
}

function rollUp (cx: Context, job: Job): void {
  job.rolling = 'done'
  if (job.state !== 'member' || job.outcome !== null) return
  yieldCovered(cx, job)
  for (const position of [...job.positions.values()]) becomeCollectingIfComplete(cx, job, position)
}

function flushAccepted (cx: Context): void {
  if (cx.accepted.size === 0) return
  for (const [peer, jobs] of cx.accepted) {
    for (const [job, { paths, worth }] of jobs) {
      const message = { type: 'accepted' as const, job, paths, receipt: null }
      if (worth.length === 0) send(cx, peer, message)
      else cx.effects.push({ type: 'certify', to: peer, message, values: worth })
    }
  }
  cx.accepted.clear()
}

/** Keep a bite running per core, and one waiting where one ends soon. */
function fill (cx: Context): void {
  if (cx.now < cx.busyUntilMs) return
  // What was begun now may end soon, too.
  for (let room = roomFor(cx); room > 0;) {
    if (!startBites(cx, room)) return
    room = roomFor(cx)
  }
}

/** Take as many bites of the jobs in turn, and look for more. @returns whether any was there */
function startBites (cx: Context, places: number): boolean {
  let room = places
  const open = [...cx.jobs.values()].filter(job => job.outcome === null && !isDeclined(cx, job.id)).sort((a, b) => a.bites.size - b.bites.size)
  let isStuck = false
  while (room > 0 && !isStuck) {
    isStuck = true
    for (const job of open) {
      if (room <= 0 || !startNext(cx, job)) continue
      room--
      isStuck = false
    }
  }
  if (room > 0) for (const job of open) seek(cx, job)
  return room < places
}

/**
 * J4: cores that are idle now, or soon enough that looking for work would idle them. A bite that waits longer would only be late: at the
 * end of a job a slow peer would keep it from faster ones.
 */
function roomFor (cx: Context): number {
  let running = 0
  let waiting = 0
  let soon = 0
  let next: Job | null = null
  let nextMs = Infinity
  for (const job of cx.jobs.values()) {
    if (job.bites.size === 0) continue
    const ms = msPerPartition(job.speed)
    for (const bite of job.bites.values()) {
      if (bite.startedMs === null && running < cx.cores) bite.startedMs = cx.now
      if (bite.startedMs === null) {
        waiting++
        continue
      }
      running++
      if (ms === 0) continue
      const endMs = bite.startedMs + ms * bite.size
      if (endMs - cx.now <= cx.config.prefetchMs) soon++
      else if (endMs < nextMs) {
        next = job
        nextMs = endMs
      }
    }
  }
  const room = Math.max(0, cx.cores - running) + soon * (cx.config.queuePerCore - 1) - waiting
  if (room <= 0 && next !== null && next.fillMs === NEVER_MS) {
    next.fillMs = nextMs - cx.config.prefetchMs
    setTimer(cx, 'fill', next.id, ROOT, next.fillMs - cx.now)
  }
  if (room <= 0) cx.busyUntilMs = nextMs - cx.config.prefetchMs
  return room
}

/** J3: the parent's coordinator and heirs, the children's holders, and who was asked for work. */
function nameNeighbours (cx: Context, job: Job): void {
  const peers: PeerId[] = []
  const name = (peer: PeerId): void => { if (peer !== cx.id && !peers.includes(peer)) peers.push(peer) }
  if (job.outcome === null && job.state === 'member') {
    pruneViews(cx, job)
    for (const position of job.positions.values()) {
      for (const peer of membersOf(cx, position)) name(peer)
      for (const peer of position.heirs) name(peer)
    }
    const home = job.positions.size === 0 ? homeView(job) : undefined
    for (const view of job.views.values()) {
      if (home !== undefined && view !== home) continue
      const { coordinator, heirs } = view.state
      name(coordinator.peer)
      for (const { peer } of heirs) if (holdsChild(view.state, peer)) name(peer)
    }
  }
  if (job.outcome === null && job.seek.claim !== null) name(job.seek.claim.coordinator.peer)
  job.naming = 'done'
  if (peers.length === job.neighbours.length && peers.every(peer => job.neighbours.includes(peer))) return
  job.neighbours = peers.slice()
  changeRecord(job)
  cx.effects.push({ type: 'neighbours', job: job.id, contacts: peers.map(peer => contactOf(cx, peer)) })
}
