/**
 * Paints a picture from the lines of a log, in the order of their time. Where lines disagree fences decide (C4), and
 * what is done stays done. A line that does not fit the job's tree changes nothing and is counted.
 */
import { ROOT, isLeaf, parentOf, rangeOf } from '../../protocol/core/geometry.ts'
import { compareFences } from '../../protocol/core/fence.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { LogLine } from './log-line.ts'
import type { Picture } from './picture.ts'
import type { TreeNode } from './tree.ts'

type Of<T extends LogLine['type']> = Extract<LogLine, { type: T }>

export class LogPainter {
  /** Lines whose path the job's tree does not have. */
  misfits = 0
  readonly #picture: Picture
  /** Who computed each leaf first. */
  readonly #computers = new Map<Path, string>()

  constructor (picture: Picture) {
    this.#picture = picture
  }

  apply (line: LogLine): void {
    const picture = this.#picture
    picture.now = Math.max(picture.now, line.time)
    const peer = picture.meet(line.peer)
    switch (line.type) {
      case 'peer-started': return picture.becomePeer(peer, 'here')
      case 'peer-stopped': return this.#onStopped(peer)
      case 'submitted':
        this.#see(peer)
        return picture.phase === 'waiting' ? picture.becomePhase('running') : undefined
      case 'claim': return this.#onWork(peer, line.path)
      case 'leased': return this.#onLeased(line, peer)
      case 'coordinator': return this.#onCoordinator(line, peer)
      case 'failover': return this.#onFailover(line, peer)
      case 'value': return this.#onValue(line, peer)
      case 'failed': return this.#onFailed(line, peer)
      case 'conflict': return this.#onConflict(line)
      case 'cancelled': return picture.becomePhase('cancelled')
      case 'done': return this.#onDone()
      default: return unreachable(line)
    }
  }

  /** Whoever writes a line is there; a line that comes after its writer's last is only late. */
  #see (peer: number): void {
    if (this.#picture.peers[peer]?.state === 'unseen') this.#picture.becomePeer(peer, 'here')
  }

  #onWork (peer: number, path: Path): void {
    this.#see(peer)
    if (path !== ROOT && this.#picture.peers[peer]?.state === 'here') this.#picture.becomePeer(peer, 'works')
  }

  #onStopped (peer: number): void {
    const picture = this.#picture
    picture.becomePeer(peer, 'gone')
    for (const node of [...picture.nodes]) {
      if (node === null || node.coordinator !== peer || node.state !== 'live') continue
      picture.setNode(node.path, { state: 'lost' })
      if (node.depth > 0) picture.hold(node)
    }
  }

  #onLeased ({ path }: Of<'leased'>, peer: number): void {
    this.#onWork(peer, path)
    const range = rangeOf(this.#picture.shape, path)
    if (range === null) this.misfits++
    else this.#picture.setRange(range, 'leased', peer)
  }

  #onCoordinator ({ path, fence, heirs }: Of<'coordinator'>, peer: number): void {
    this.#onWork(peer, path)
    const met = heirs.map(heir => this.#picture.meet(heir))
    this.#seat(path, peer, fence, met)
  }

  #onFailover ({ path, fence, ms, time }: Of<'failover'>, peer: number): void {
    this.#onWork(peer, path)
    if (this.#seat(path, peer, fence)) this.#picture.addFailover({ time, ms, path, to: peer })
  }

  /** Put a coordinator at a path, unless a higher fence has been seen there. */
  #seat (path: Path, coordinator: number, fence: number[], heirs?: number[]): boolean {
    const picture = this.#picture
    const before = picture.node(path)
    if (before !== null && compareFences(fence, before.fence as number[]) < 0) return false
    const state = before?.state === 'done' ? 'done' : 'live'
    if (!picture.setNode(path, { coordinator, fence, state, ...heirs && { heirs } })) {
      this.misfits++
      return false
    }
    const node = picture.node(path) as TreeNode
    if (node.depth > 0 && node.state === 'live' && (before?.coordinator !== coordinator || before.state !== 'live')) picture.hold(node)
    return true
  }

  #onValue ({ path, by }: Of<'value'>, peer: number): void {
    const picture = this.#picture
    this.#see(peer)
    const computer = picture.meet(by)
    this.#onWork(computer, path)
    const range = rangeOf(picture.shape, path)
    if (range === null) return void this.misfits++
    picture.setDone(range, computer)
    if (isLeaf(picture.shape, range)) {
      const first = this.#computers.get(path)
      if (first === undefined) this.#computers.set(path, by)
      else if (first !== by) picture.setAgain(range)
    }
    const node = picture.node(path)
    if (node !== null && node.state !== 'done') picture.setNode(path, { state: 'done' })
  }

  #onFailed ({ path, final }: Of<'failed'>, peer: number): void {
    const range = rangeOf(this.#picture.shape, path)
    if (range === null) this.misfits++
    else if (path !== ROOT) this.#picture.setRange(range, 'failed', peer)
    if (final) this.#picture.becomePhase('failed')
  }

  /** Shown at the nearest coordinator above. */
  #onConflict ({ path }: Of<'conflict'>): void {
    for (let at: Path | null = path; at !== null; at = parentOf(at)) {
      const node = this.#picture.node(at)
      if (node === null) continue
      this.#picture.setNode(at, { conflicts: node.conflicts + 1 })
      return
    }
  }

  #onDone (): void {
    const picture = this.#picture
    if (picture.phase === 'done') return
    picture.setDone({ from: 0, to: picture.shape.partitions }, 0)
    picture.becomePhase('done')
  }
}
