/**
 * A switch between TAP interfaces that loses, delays and duplicates frames and cuts the way from one port to another, in
 * one direction if need be: what `tc netem` does on a cable, for kernels without it. A process of its own, started by
 * namespaces.ts: `switch.ts PREFIX COUNT`; it says `ready`, then takes one JSON object of faults a line. It ends with its
 * standard input. Port n has the hardware address 02:00:00:00:00:0n. Test helper.
 */
import { createInterface } from 'node:readline'
import { Tap } from './tap.ts'

/** What is wrong with the network. Directed pairs are port numbers, from and to. */
export interface Faults {
  /** Frames on this way are lost. */
  cuts: Array<[number, number]>
  /** Share of all frames that are lost, 0 to 1. */
  loss: number
  /** Milliseconds every frame takes longer, so a round trip twice as long. */
  delayMs: number
  /** Share of all frames that arrive twice. */
  duplicates: number
}

const BROADCAST = 1
const PORT_AT = 5
/** Frames under way on a cable; more are lost. */
const UNDER_WAY_MAX = 10_000

const [prefix = '', count = '0'] = process.argv.slice(2)
const taps = Array.from({ length: Number(count) }, (_, port) => new Tap(`${prefix}${port}`))
let faults: Faults = { cuts: [], loss: 0, delayMs: 0, duplicates: 0 }
let underWay = 0

function carry (frame: Buffer, from: number, to: number): void {
  if (faults.cuts.some(([a, b]) => a === from && b === to) || Math.random() < faults.loss) return
  if (faults.delayMs === 0) taps[to]?.write(frame)
  else if (underWay < UNDER_WAY_MAX) {
    underWay++
    setTimeout(() => { underWay--; taps[to]?.write(frame) }, faults.delayMs)
  }
}

for (const [from, tap] of taps.entries()) {
  tap.onFrame(frame => {
    const isForAll = ((frame[0] ?? 0) & BROADCAST) !== 0
    for (const to of isForAll ? taps.keys() : [frame[PORT_AT] ?? 0]) {
      if (to === from) continue
      carry(frame, from, to)
      if (Math.random() < faults.duplicates) carry(frame, from, to)
    }
  })
}

createInterface({ input: process.stdin })
  .on('line', line => {
    faults = JSON.parse(line) as Faults
    process.stdout.write('set\n')
  })
  .on('close', () => { process.exit(0) })
process.stdout.write('ready\n')
