/**
 * Draws the tree of coordinators: a row for each level, a vessel for each coordinator, as wide as its share of the
 * partitions and filled as far as they are done, in its peer's colour. A takeover flashes and stays marked. It hears of
 * no event: tree.tsx tells it. Of vessels narrower than a pixel one a column is drawn, so a thousand peers cost no more.
 */
import { peerRgb, stateRgb, toCss } from './palette.ts'
import { shortPeer } from '../ui/names.ts'
import type { Colouring, Scheme } from './palette.ts'
import type { Picture } from './picture.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Size } from './viewport.ts'
import type { TreeNode } from './tree.ts'

/** CSS pixels. */
const LABEL = 17
const GAP = 5
const LABEL_FROM = 46
const MARK = 9
/** Of a vessel that is narrower than a mark. */
const MARK_SMALL = 6

const FLASH_MS = 1600
/** More at once is a jump in time, not news. */
const FLASHES_MAX = 24
const ZOOM_MS = 260
/** With more records than this a tree is drawn in every so many frames: looking through them takes milliseconds. */
const MANY = 2000
const MANY_FRAMES = 4

export interface TreeInks { ink: string, soft: string, sunk: string, bad: string, paper: string, font: string }
export interface TreeLook { scheme: Scheme, colouring: Colouring }

/** Where a vessel lies, in device pixels. */
interface Vessel { x: number, y: number, width: number, height: number }

export class TreeRenderer {
  size: Size = { width: 0, height: 0 }
  /** The partitions across the whole width. */
  domain: Range
  readonly #picture: Picture
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #ratio = 1
  /** Height of a level. */
  #row = 50
  #inks: TreeInks = { ink: '#000', soft: '#555', sunk: '#ddd', bad: '#b00', paper: '#fff', font: 'sans-serif' }
  #look: TreeLook = { scheme: 'light', colouring: 'peers' }
  #css = new Map<number, string>()
  #version = -1
  #frame = 0
  #focus: TreeNode | null = null
  #zoom: { from: Range, to: Range, since: number } | null = null
  /** Takeovers that have been drawn, and when the last one came, by record. */
  #seen: number[] = []
  #failovers = -1
  /** Records with takeovers. */
  #marked: number[] = []
  #flashes = new Map<number, number>()

  constructor (canvas: HTMLCanvasElement, picture: Picture) {
    this.#canvas = canvas
    this.#picture = picture
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D
    this.domain = { from: 0, to: picture.shape.partitions }
    this.#seen = picture.nodes.map(node => node?.failovers.length ?? 0)
  }

  /** @param row - height of a level in CSS pixels */
  resize (size: Size, ratio: number, row: number): void {
    if (size.width === this.size.width && size.height === this.size.height && row === this.#row) return
    this.#row = row
    this.size = size
    this.#ratio = ratio
    Object.assign(this.#canvas, size)
    this.#version = -1
  }

  dress (inks: TreeInks, look: TreeLook): void {
    this.#inks = inks
    this.#look = look
    this.#css.clear()
    this.#version = -1
  }

  setFocus (node: TreeNode | null): void {
    if (node?.path === this.#focus?.path) return
    this.#focus = node
    this.#version = -1
  }

  /** Show these partitions across the whole width; at once where nothing shall move. */
  zoom (domain: Range, now: number | null): void {
    this.#zoom = { from: this.domain, to: domain, since: now ?? -Infinity }
    this.#version = -1
  }

  /** Draw if there is anything new. `now` as for the map. */
  draw (now: number | null): boolean {
    if (this.#zoom === null && this.#picture.nodes.length > MANY && ++this.#frame % MANY_FRAMES !== 0) return false
    if (this.#picture.version !== this.#version) this.#lookForFailovers(now)
    const isMoving = this.#flashes.size > 0 || this.#zoom !== null
    if (!isMoving && this.#picture.version === this.#version || this.size.width === 0) return false
    this.#version = this.#picture.version
    this.#moveDomain(now)
    const context = this.#context
    context.clearRect(0, 0, this.size.width, this.size.height)
    this.#drawLanes()
    this.#drawVessels()
    this.#drawMarks(now)
    if (this.#focus !== null) this.#drawFocus(this.#focus)
    return true
  }

  #moveDomain (now: number | null): void {
    if (this.#zoom === null) return
    const { from, to, since } = this.#zoom
    const linear = now === null ? 1 : Math.min(1, (now - since) / ZOOM_MS)
    const eased = 1 - (1 - linear) ** 3
    this.domain = { from: from.from + (to.from - from.from) * eased, to: from.to + (to.to - from.to) * eased }
    if (linear >= 1) {
      this.domain = to
      this.#zoom = null
    }
  }

  #lookForFailovers (now: number | null): void {
    const { nodes, failovers } = this.#picture
    if (failovers === this.#failovers) return
    this.#failovers = failovers
    this.#marked = []
    const fresh: number[] = []
    for (let index = 0; index < nodes.length; index++) {
      const count = nodes[index]?.failovers.length ?? 0
      if (count > 0) this.#marked.push(index)
      if (count > (this.#seen[index] ?? 0)) fresh.push(index)
      this.#seen[index] = count
    }
    if (now !== null && fresh.length <= FLASHES_MAX) for (const index of fresh) this.#flashes.set(index, now)
  }

  #vesselOf (node: TreeNode): Vessel {
    const ratio = this.#ratio
    const scale = this.size.width / (this.domain.to - this.domain.from)
    const x = (node.from - this.domain.from) * scale
    const width = (node.to - node.from) * scale
    const gap = width > 6 * ratio ? ratio : width > 2.5 * ratio ? ratio / 2 : 0
    return { x, y: (node.depth * this.#row + LABEL) * ratio, width: Math.max(1, width - gap), height: (this.#row - LABEL - GAP) * ratio }
  }

  /** The level at a height, in device pixels. */
  depthAt (y: number): number {
    return Math.floor(y / this.#ratio / this.#row)
  }

  partitionAt (x: number): number {
    return Math.floor(this.domain.from + x / this.size.width * (this.domain.to - this.domain.from))
  }

  #drawLanes (): void {
    this.#context.fillStyle = this.#inks.sunk
    for (let depth = 0; depth <= this.#picture.depth; depth++) {
      this.#context.fillRect(0, (depth * this.#row + LABEL) * this.#ratio, this.size.width, (this.#row - LABEL - GAP) * this.#ratio)
    }
  }

  #drawVessels (): void {
    const columns = new Uint8Array(Math.ceil(this.size.width) * (this.#picture.depth + 1))
    const { nodes } = this.#picture
    const { from, to } = this.domain
    const room = Math.ceil(this.size.width)
    const scale = this.size.width / (to - from)
    for (const isLive of [true, false]) {
      for (let index = 0; index < nodes.length; index++) {
        const node = nodes[index] as TreeNode | null
        if (node === null || (node.state === 'live') !== isLive || node.to <= from || node.from >= to) continue
        // There may be a hundred thousand that are done and far narrower than a pixel.
        if ((node.to - node.from) * scale < 2) {
          const column = Math.max(0, Math.floor((node.from - from) * scale)) + node.depth * room
          if (columns[column] === 1) continue
          columns[column] = 1
        }
        this.#drawVessel(node, this.#vesselOf(node))
      }
    }
  }

  #drawVessel (node: TreeNode, { x, y, width, height }: Vessel): void {
    const context = this.#context
    const share = this.#picture.shareOf(node)
    const level = Math.round(height * share)
    if (node.state !== 'lost') {
      context.fillStyle = this.#colour(node.coordinator, 'leased')
      context.fillRect(x, y, width, height - level)
    }
    context.fillStyle = this.#colour(node.coordinator, 'done')
    context.fillRect(x, y + height - level, width, level)
    if (node.state === 'lost' && width > 4) this.#drawLost(x, y, width, height)
    if (width >= LABEL_FROM * this.#ratio) this.#drawLabel(node, x, y, width, share)
  }

  /** Nobody coordinates here now: hollow, with a broken edge. */
  #drawLost (x: number, y: number, width: number, height: number): void {
    const context = this.#context
    const ratio = this.#ratio
    context.strokeStyle = this.#inks.soft
    context.lineWidth = ratio
    context.setLineDash([3 * ratio, 3 * ratio])
    context.strokeRect(x + ratio / 2, y + ratio / 2, width - ratio, height - ratio)
    context.setLineDash([])
  }

  #drawLabel (node: TreeNode, x: number, y: number, width: number, share: number): void {
    const context = this.#context
    const ratio = this.#ratio
    const left = Math.max(x, 0)
    const room = Math.min(x + width, this.size.width) - left
    context.font = `${12 * ratio}px ${this.#inks.font}`
    context.textBaseline = 'alphabetic'
    const baseline = y - 4 * ratio
    const name = node.coordinator === 0 ? 'nobody' : shortPeer(this.#picture.peers[node.coordinator]?.id ?? '')
    const percent = `${Math.floor(share * 100)}%`
    const nameWidth = context.measureText(name).width
    const percentWidth = context.measureText(percent).width
    const swatch = 11 * ratio
    if (swatch + nameWidth <= room) {
      context.fillStyle = this.#colour(node.coordinator, 'done')
      context.fillRect(left, baseline - 8 * ratio, 7 * ratio, 7 * ratio)
      context.fillStyle = this.#inks.ink
      context.fillText(name, left + swatch, baseline)
    }
    if (swatch + nameWidth + percentWidth + 10 * ratio > room) return
    context.fillStyle = this.#inks.soft
    context.fillText(percent, left + room - percentWidth - 2 * ratio, baseline)
  }

  #drawMarks (now: number | null): void {
    const context = this.#context
    const ratio = this.#ratio
    for (const index of this.#marked) {
      const node = this.#picture.nodes[index] ?? null
      if (node === null || node.to <= this.domain.from || node.from >= this.domain.to) continue
      const vessel = this.#vesselOf(node)
      const middle = Math.min(this.size.width, vessel.x + vessel.width) / 2 + Math.max(0, vessel.x) / 2
      const since = this.#flashes.get(index)
      const age = since === undefined || now === null ? 1 : (now - since) / FLASH_MS
      if (age >= 1) this.#flashes.delete(index)
      else this.#drawFlash(vessel, age)
      const half = (vessel.width < MARK * ratio ? MARK_SMALL : MARK) / 2 * ratio
      context.beginPath()
      context.moveTo(middle - half - ratio, vessel.y - ratio)
      context.lineTo(middle + half + ratio, vessel.y - ratio)
      context.lineTo(middle, vessel.y + 2 * half)
      context.closePath()
      context.fillStyle = this.#inks.bad
      context.strokeStyle = this.#inks.paper
      context.lineWidth = 1.5 * ratio
      context.stroke()
      context.fill()
    }
  }

  #drawFlash ({ x, y, width, height }: Vessel, age: number): void {
    const context = this.#context
    const spread = 10 * this.#ratio * age
    context.globalAlpha = (1 - age) ** 2
    context.fillStyle = this.#inks.bad
    context.fillRect(x - spread, y - spread / 2, Math.max(width, 6 * this.#ratio) + 2 * spread, height + spread)
    context.globalAlpha = 1
  }

  #drawFocus (node: TreeNode): void {
    const context = this.#context
    const { x, y, width, height } = this.#vesselOf(node)
    const wide = Math.max(width, 3 * this.#ratio)
    context.strokeStyle = this.#inks.paper
    context.lineWidth = 5 * this.#ratio
    context.strokeRect(x, y, wide, height)
    context.strokeStyle = this.#inks.ink
    context.lineWidth = 2 * this.#ratio
    context.strokeRect(x, y, wide, height)
  }

  #colour (peer: number, tone: 'leased' | 'done'): string {
    const key = peer * 2 + (tone === 'done' ? 1 : 0)
    let css = this.#css.get(key)
    if (css === undefined) {
      const { scheme, colouring } = this.#look
      css = toCss(colouring === 'states' ? stateRgb(scheme, tone) : peerRgb(scheme, peer, tone))
      this.#css.set(key, css)
    }
    return css
  }
}
