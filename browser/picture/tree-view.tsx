/**
 * The tree of coordinators, to look at and to walk in: pointing tells who coordinates what, a click makes a subtree as
 * wide as the view, arrows go from coordinator to coordinator. It draws through tree-renderer.ts and changes nothing.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX, RefObject, TargetedKeyboardEvent, TargetedMouseEvent } from 'preact'
import { TreeRenderer } from './tree-renderer.ts'
import { TipNote } from './tip.tsx'
import { describeTree, tipOfNode } from './words.ts'
import { neighbourOf } from './tree-walk.ts'
import { useFrames, useSpoken } from './use-frames.ts'
import { watchSize } from './stage.ts'
import type { Picture } from './picture.ts'
import type { PlacedTip } from './tip.tsx'
import type { Stage } from './stage.ts'
import type { TreeNode } from './tree.ts'

/** Height of a level in CSS pixels: levels share the room that there is beside the map. */
const ROW_MIN = 50
const ROW_MAX = 96
const ROOM = 460

const rowOf = (depth: number): number => Math.max(ROW_MIN, Math.min(ROW_MAX, Math.floor(ROOM / (Math.max(1, depth) + 1))))

interface Drawn {
  canvas: RefObject<HTMLCanvasElement | null>
  renderer: RefObject<TreeRenderer | null>
  depth: number
  row: number
}

/** Draws on a canvas from its first frame to its last. */
function useTree ({ picture, colouring, focus, look }: Stage): Drawn {
  const canvas = useRef<HTMLCanvasElement>(null)
  const renderer = useRef<TreeRenderer>(null)
  const [depth, setDepth] = useState(picture.depth)
  const row = rowOf(depth)
  const { scheme, isStill, inks } = look.value
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    const drawn = renderer.current ??= new TreeRenderer(element, picture)
    return watchSize(element, (size, ratio) => drawn.resize(size, ratio, row))
  }, [picture, row])
  useEffect(() => () => { renderer.current = null }, [picture])
  useEffect(() => renderer.current?.dress(inks, { scheme, colouring: colouring.value }), [picture, inks, scheme, colouring.value])
  useEffect(() => renderer.current?.setFocus(focus.value), [picture, focus.value])
  useFrames((now) => {
    if (picture.depth !== depth) setDepth(picture.depth)
    renderer.current?.draw(isStill ? null : now)
  })
  useSpoken(canvas, () => describeTree(picture))
  return { canvas, renderer, depth, row }
}

/** The coordinator below a pointer. */
function nodeAt (picture: Picture, renderer: TreeRenderer | null, event: TargetedMouseEvent<HTMLCanvasElement>): TreeNode | null {
  if (renderer === null) return null
  const level = renderer.depthAt(event.offsetY * devicePixelRatio)
  return picture.nodesAt(renderer.partitionAt(event.offsetX * devicePixelRatio)).find(node => node.depth === level) ?? null
}

export function PictureTree ({ stage }: { stage: Stage }): JSX.Element {
  const { picture, focus, look } = stage
  const { canvas, renderer, depth, row } = useTree(stage)
  const [tip, setTip] = useState<PlacedTip | null>(null)
  const show = (node: TreeNode | null, x: number, y: number): void => {
    focus.value = node
    setTip(node === null ? null : { ...tipOfNode(picture, node), x, y })
  }
  const zoom = (node: TreeNode | null): void => {
    renderer.current?.zoom(node ?? { from: 0, to: picture.shape.partitions }, look.value.isStill ? null : performance.now())
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
        onPointerMove={event => show(nodeAt(picture, renderer.current, event), event.offsetX, event.offsetY)}
        onPointerLeave={() => show(null, 0, 0)} onBlur={() => show(null, 0, 0)}
        onClick={event => zoom(nodeAt(picture, renderer.current, event))} onKeyDown={onKey} />
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
