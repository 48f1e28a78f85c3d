/**
 * The tree of coordinators, to look at and to walk in: pointing tells who coordinates what, a click makes a subtree as
 * wide as the view, arrows go from coordinator to coordinator. It draws through tree-renderer.ts and changes nothing.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX, TargetedKeyboardEvent, TargetedMouseEvent } from 'preact'
import { TreeRenderer } from './tree-renderer.ts'
import { TipNote } from './tip.tsx'
import { describeTree, tipOfNode } from './words.ts'
import { neighbourOf } from './tree-walk.ts'
import { useFrames } from './use-frames.ts'
import type { PlacedTip } from './tip.tsx'
import type { Stage } from './stage.ts'
import type { TreeNode } from './tree.ts'

const WORDS_MS = 1000
/** Height of a level in CSS pixels: levels share the room that there is beside the map. */
const ROW_MIN = 50
const ROW_MAX = 96
const ROOM = 460

const rowOf = (depth: number): number => Math.max(ROW_MIN, Math.min(ROW_MAX, Math.floor(ROOM / (Math.max(1, depth) + 1))))

export function PictureTree ({ stage }: { stage: Stage }): JSX.Element {
  const { picture, colouring, focus, look } = stage
  const canvas = useRef<HTMLCanvasElement>(null)
  const renderer = useRef<TreeRenderer | null>(null)
  const [tip, setTip] = useState<PlacedTip | null>(null)
  const [depth, setDepth] = useState(picture.depth)
  const { scheme, isStill, inks } = look.value
  const row = rowOf(depth)

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    const drawn = renderer.current ??= new TreeRenderer(element, picture)
    const measure = (): void => {
      const ratio = devicePixelRatio
      drawn.resize({ width: Math.round(element.clientWidth * ratio), height: Math.round(element.clientHeight * ratio) }, ratio, row)
    }
    const sizes = new ResizeObserver(measure)
    sizes.observe(element)
    measure()
    return () => sizes.disconnect()
  }, [picture, row])
  useEffect(() => () => { renderer.current = null }, [picture])
  useEffect(() => renderer.current?.dress(inks, { scheme, colouring: colouring.value }), [picture, inks, scheme, colouring.value])
  useEffect(() => renderer.current?.setFocus(focus.value), [picture, focus.value])

  const told = useRef(-Infinity)
  useFrames((now) => {
    if (picture.depth !== depth) setDepth(picture.depth)
    renderer.current?.draw(isStill ? null : now)
    if (now - told.current < WORDS_MS) return
    told.current = now
    const words = describeTree(picture)
    if (canvas.current?.getAttribute('aria-label') !== words) canvas.current?.setAttribute('aria-label', words)
  })

  const nodeAt = (event: TargetedMouseEvent<HTMLCanvasElement>): TreeNode | null => {
    const drawn = renderer.current
    if (drawn === null) return null
    const partition = drawn.partitionAt(event.offsetX * devicePixelRatio)
    const level = drawn.depthAt(event.offsetY * devicePixelRatio)
    return picture.nodesAt(partition).find(node => node.depth === level) ?? null
  }
  const show = (node: TreeNode | null, x: number, y: number): void => {
    focus.value = node
    setTip(node === null ? null : { ...tipOfNode(picture, node), x, y })
  }
  const zoom = (node: TreeNode | null): void => {
    renderer.current?.zoom(node ?? { from: 0, to: picture.shape.partitions }, isStill ? null : performance.now())
  }
  const onKey = (event: TargetedKeyboardEvent<HTMLCanvasElement>): void => {
    const next = neighbourOf(picture, focus.value, event.key)
    if (next !== null) show(next, canvas.current === null ? 0 : placeOf(next, renderer.current, canvas.current), (next.depth + 1) * row - 12)
    else if (event.key === 'Enter') zoom(focus.value)
    else if (event.key === 'Escape') zoom(null)
    else if (!event.key.startsWith('Arrow')) return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <figure class="picture-tree">
      <canvas ref={canvas} role="img" tabIndex={0} style={{ height: `${(Math.max(1, depth) + 1) * row}px` }}
        onPointerMove={event => show(nodeAt(event), event.offsetX, event.offsetY)} onPointerLeave={() => show(null, 0, 0)} onBlur={() => show(null, 0, 0)}
        onClick={event => zoom(nodeAt(event))} onKeyDown={onKey} />
      <TipNote tip={tip} room={canvas.current?.clientWidth ?? 0} />
    </figure>
  )
}

/** The middle of a vessel, in CSS pixels. */
function placeOf (node: TreeNode, renderer: TreeRenderer | null, canvas: HTMLCanvasElement): number {
  if (renderer === null) return 0
  const { from, to } = renderer.domain
  return Math.min(1, Math.max(0, ((node.from + node.to) / 2 - from) / (to - from))) * canvas.clientWidth
}
