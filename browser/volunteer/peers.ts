/**
 * Who a tab is connected to, for people: how many of each kind, and the way they are reached. Pure.
 */
import type { Neighbour } from '../peer/tab-peer.ts'

export interface Group { kind: Neighbour['kind'], via: Neighbour['via'], count: number }

export const KIND: Record<Neighbour['kind'], string> = { tab: 'Browser tab', node: 'Node', unknown: 'Not known yet' }

export const VIA: Record<Neighbour['via'], string> = {
  webrtc: 'WebRTC, tab to tab', 'webrtc-direct': 'WebRTC, direct', websocket: 'WebSocket', relay: 'through a relay', tcp: 'TCP'
}

/** The largest group first; equal ones by their names, so that rows do not jump. */
export function groups (neighbours: Neighbour[]): Group[] {
  const found = new Map<string, Group>()
  for (const { kind, via } of neighbours) {
    const key = `${kind} ${via}`
    const group = found.get(key) ?? { kind, via, count: 0 }
    group.count++
    found.set(key, group)
  }
  return [...found].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1)).map(([, group]) => group)
}
