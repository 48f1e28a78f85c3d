/**
 * A mesh on loopback that has work for minutes: volunteers of their own, and a submitter that is a process like any
 * other, so that the bench can end each one by itself.
 */
import type { ChildProcess } from 'node:child_process'
import { eventIn, kill, start, temporary, volunteer } from './processes.ts'
import type { LoggedEvent } from './processes.ts'

export interface Member { child: ChildProcess, peer: string, addr?: string | undefined }

export interface BusyMesh {
  /** Where the first volunteer is dialled. */
  addr: string
  /** The log all of them write to. */
  events: string
  /** The process behind the root's first coordinator. */
  submitter: Member
  volunteers: Member[]
  /** Starts one more volunteer. */
  grow: () => Promise<Member>
  end: () => Promise<void>
}

const isAddress = (addr: string): boolean => addr.includes('/tcp/')

const memberOf = (child: ChildProcess, started: LoggedEvent): Member =>
  ({ child, peer: started.peer, addr: started.addrs?.find(isAddress) })

/** Starts `volunteers` peers and a submitter whose job keeps them busy for `minutes`. */
export async function busyMesh (volunteers: number, minutes = 10): Promise<BusyMesh> {
  const events = temporary('.ndjson')
  const first = await volunteer([], events)
  const addr = first.started.addrs?.find(isAddress)
  if (addr === undefined) throw new Error('the first volunteer has no address')
  const members = [memberOf(first.child, first.started)]
  const grow = async (): Promise<Member> => {
    const alive = members.find((member) => member.child.exitCode === null && member.child.signalCode === null)
    const { child, started } = await volunteer([alive?.addr ?? addr], events)
    const member = memberOf(child, started)
    members.push(member)
    return member
  }
  while (members.length < volunteers) await grow()
  const delayMs = 20
  const partitions = Math.ceil(minutes * 60_000 / delayMs * volunteers)
  const { child } = start(['run', 'examples/million.ts', '--params', JSON.stringify({ delayMs }), '--partitions', `${partitions}`, '--mesh', addr, '--again', '--events', events])
  const submitted = await eventIn(events, ({ type }) => type === 'submitted', 'submitted')
  await eventIn(events, ({ type, peer }) => type === 'coordinator' && peer !== submitted.peer, 'lease')
  return {
    addr,
    events,
    submitter: { child, peer: submitted.peer },
    volunteers: members,
    grow,
    end: async () => { await Promise.all([child, ...members.map((member) => member.child)].map(kill)) }
  }
}
