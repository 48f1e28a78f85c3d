/**
 * From the start of a volunteer's process to its first lease, on a loopback mesh that has work.
 */
import { list, median, quantile } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { busyMesh } from '../busy-mesh.ts'
import { eventIn, kill, start, temporary } from '../processes.ts'

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const mesh = await busyMesh(1)
  const times: number[] = []
  for (let round = 0; round < (quick ? 3 : 10); round++) {
    const events = temporary('.ndjson')
    const began = Date.now()
    const { child } = start(['join', mesh.addr, '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--events', events])
    const leased = await eventIn(events, (event) => event.type === 'coordinator', 'lease')
    times.push(leased.time - began)
    await kill(child)
  }
  await mesh.end()
  return [
    { what: 'process start to first lease, median', value: median(times), unit: 'ms', budget: { atMost: 1000 }, note: list(times) },
    { what: 'process start to first lease, slowest', value: quantile(times, 1), unit: 'ms', budget: { atMost: 1000 } }
  ]
}

export const lease: Row = { name: 'lease', title: 'start of a peer to its first lease on loopback', measure }
