/**
 * How long a frame takes at a million partitions and a thousand peers: shows a live picture under a made-up load that
 * is heavier than any real one, and times its frames. For the bench and the tests; no page that people open loads it.
 */
import { render } from 'preact'
import { LivePicture } from './live.tsx'
import { Picture } from './picture.ts'
import { childOf, childRange, ROOT } from '../../protocol/core/geometry.ts'
import { mergeSnapshots } from './snapshot.ts'
import { spreadOf } from './spread.ts'
import type { Spread } from './spread.ts'
import type { ChildSnapshot, PositionSnapshot } from './snapshot.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { Range } from '../../protocol/core/geometry.ts'

export interface MeasureInit {
  /** Where the picture is shown meanwhile; it is emptied afterwards. */
  element: HTMLElement
  partitions?: number
  peers?: number
  /** For how long, in ms. */
  forMs?: number
}

export interface FrameTimes {
  partitions: number
  peers: number
  frames: number
  /** From a frame's beginning until the page's thread is free again: load, drawing, style, layout and paint. */
  frameMs: Spread
  /** From one frame to the next, so never less than the screen's own pace. */
  intervalMs: Spread
  /** One round of what a thousand coordinators tell, once a second; part of the frames that it falls into. */
  mergeMs: Spread
}

const FANOUT = 16
/** Values in each frame; of 16 partitions each they are 58,000 partitions a second at 60 Hz. */
const VALUES_A_FRAME = 60
const ROUND_MS = 1000
/** Frames until everything is compiled. */
const WARM_UP = 20

export async function measureFrames ({ element, partitions = 1_000_000, peers = 1000, forMs = 5000 }: MeasureInit): Promise<FrameTimes> {
  const picture = new Picture({ job: 'measured', name: 'measured', partitions, fanout: FANOUT, grain: Math.ceil(partitions / 2 ** 16) })
  const load = new Load(picture, peers)
  const frames: number[] = []
  const intervals: number[] = []
  load.round()
  const start = performance.now()
  let last = start
  let round = start
  render(<LivePicture picture={picture} />, element)
  await new Promise<void>((resolve) => {
    const channel = new MessageChannel()
    let begun = 0
    channel.port1.onmessage = () => { frames.push(performance.now() - begun) }
    requestAnimationFrame(function next (now) {
      begun = performance.now()
      intervals.push(now - last)
      last = now
      if (now - round > ROUND_MS) {
        round = now
        load.round()
      }
      load.frame()
      // Comes after the frame has been painted.
      channel.port2.postMessage(null)
      if (now - start < forMs) return void requestAnimationFrame(next)
      channel.port1.close()
      resolve()
    })
  })
  render(null, element)
  const warm = (all: number[]): Spread => spreadOf(all.length > 2 * WARM_UP ? all.slice(WARM_UP) : all)
  return { partitions, peers, frames: frames.length, frameMs: warm(frames), intervalMs: warm(intervals), mergeMs: spreadOf(load.rounds) }
}

/** A made-up mesh: a root, 16 and 256 coordinators below it, and the other peers as holders below those. */
class Load {
  readonly rounds: number[] = []
  readonly #picture: Picture
  readonly #peers: number
  #seed = 1
  #term = 1

  constructor (picture: Picture, peers: number) {
    this.#picture = picture
    this.#peers = peers
  }

  /** The same figures every time: a linear congruential generator. */
  #random (below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(this.#seed / 2 ** 32 * below)
  }

  /** What all coordinators tell; every round one of them has been taken over. */
  round (): void {
    const begun = performance.now()
    this.#term++
    const snapshots: PositionSnapshot[] = []
    this.#tell(snapshots, ROOT, { from: 0, to: this.#picture.shape.partitions }, [1], 0, 2)
    mergeSnapshots(this.#picture, snapshots, Date.now())
    this.rounds.push(performance.now() - begun)
  }

  #tell (into: PositionSnapshot[], path: Path, range: Range, fence: number[], holder: number, below: number): void {
    const taken = this.#term % FANOUT
    const children: ChildSnapshot[] = []
    for (let digit = 0; digit < FANOUT; digit++) {
      const isTaken = path === ROOT && digit === taken
      const child = (holder * FANOUT + digit + 1 + (isTaken ? this.#term : 0)) % this.#peers
      const term = isTaken ? this.#term : 1
      children.push({ digit, state: 'leased', term, holder: `peer-${child}`, done: 0 })
      if (below > 0) this.#tell(into, childOf(path, digit), childRange(range, FANOUT, digit), [...fence, term], child, below - 1)
    }
    into.push({ path, fence, level: fence.length - 1, coordinator: `peer-${holder}`, heirs: [1, 2, 3].map(more => `peer-${(holder + more) % this.#peers}`), children, ranges: [] })
  }

  /** Values from all over the tree. */
  frame (): void {
    const { partitions } = this.#picture.shape
    const size = Math.ceil(partitions / 2 ** 16)
    for (let i = 0; i < VALUES_A_FRAME; i++) {
      const from = this.#random(Math.floor(partitions / size)) * size
      this.#picture.setDone({ from, to: Math.min(partitions, from + size) }, 1 + this.#random(this.#peers))
    }
  }
}
