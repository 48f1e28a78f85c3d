/**
 * Control messages of all peers at a million partitions, values and blocks not counted: bytes a partition.
 */
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { run } from '../processes.ts'

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const peers of quick ? [4] : [2, 8, 30]) {
    const summary = await run(['examples/million.ts', '--fanout', '100', '--peers', `${peers}`, '--again'])
    if (summary.result !== 1_000_000) throw new Error(`the answer was ${String(summary.result)}`)
    const each = summary.bytes / summary.partitions
    const note = `${summary.messages.toLocaleString('en')} messages, ${summary.peers} producers, ${Math.round(summary.wallMs)} ms`
    figures.push({ what: `${peers} peers, a million partitions, fan-out 100`, value: each, unit: 'B a partition', budget: { atMost: 1 }, note })
  }
  return figures
}

export const control: Row = { name: 'control', title: 'control bytes a partition', measure }
