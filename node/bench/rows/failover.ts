/**
 * The root's coordinator is killed with `kill -9`, again and again: the time until its heir has taken over and
 * until a member holds a grant of the new coordinator. A new volunteer joins after each kill.
 */
import { busyMesh } from '../busy-mesh.ts'
import type { BusyMesh, Member } from '../busy-mesh.ts'
import { list, quantile } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { eventIn, eventsOf, kill } from '../processes.ts'
import type { LoggedEvent } from '../processes.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const VOLUNTEERS = 4
/** Between kills: two of the states that are repeated every 2 s (C6), so that the mesh knows its new heirs and two roots have met. */
const SETTLE_MS = 4_000

/** A peer says that it coordinates the root. */
const isRoot = ({ type, path }: LoggedEvent): boolean => (type === 'coordinator' || type === 'failover') && path === '/'

/** Who became the root's coordinator last. */
function rootOf (mesh: BusyMesh): Member {
  const peer = eventsOf(mesh.events).findLast(isRoot)?.peer
  const member = [mesh.submitter, ...mesh.volunteers].find((candidate) => candidate.peer === peer)
  if (member === undefined) throw new Error('nobody coordinates the root')
  return member
}

async function killed (mesh: BusyMesh): Promise<{ takenMs: number, grantedMs: number }> {
  const victim = rootOf(mesh)
  const at = Date.now()
  await kill(victim.child)
  const taken = await eventIn(mesh.events, (event) => isRoot(event) && event.time >= at && event.peer !== victim.peer, 'failover')
  const granted = await eventIn(mesh.events, ({ type, path, time, peer }) => type === 'coordinator' && path !== '/' && time >= taken.time && peer !== taken.peer, 'grant by the heir')
  return { takenMs: taken.time - at, grantedMs: granted.time - at }
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const mesh = await busyMesh(VOLUNTEERS)
  const taken: number[] = []
  const granted: number[] = []
  for (let round = 0; round < (quick ? 3 : 20); round++) {
    await sleep(SETTLE_MS)
    const times = await killed(mesh)
    taken.push(times.takenMs)
    granted.push(times.grantedMs)
    await mesh.grow()
  }
  await mesh.end()
  return [
    { what: `heir granting again after ${granted.length} kills, p50`, value: quantile(granted, 0.5), unit: 'ms', budget: { atMost: 1500 }, note: list(granted) },
    { what: 'heir granting again, p99', value: quantile(granted, 0.99), unit: 'ms', budget: { atMost: 3000 } },
    { what: 'heir in charge, p50', value: quantile(taken, 0.5), unit: 'ms', note: list(taken) },
    { what: 'heir in charge, p99', value: quantile(taken, 0.99), unit: 'ms' }
  ]
}

export const failover: Row = { name: 'failover', title: 'the root\'s coordinator killed (`kill -9`) to its heir granting again', measure }
