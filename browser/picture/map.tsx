/**
 * The map of all partitions, to look at and to move in: wheel, drag, pinch, keys; pointing at a cell tells what it is
 * and who has it. It draws through map-renderer.ts and never changes the picture.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { CellColours } from './palette.ts'
import { ColouringChoice } from './legend.tsx'
import { MapGestures } from './map-gestures.ts'
import { MapRenderer } from './map-renderer.ts'
import { TipNote } from './tip.tsx'
import { describeMap, tipOfCell } from './words.ts'
import { useFrames } from './use-frames.ts'
import type { PlacedTip } from './tip.tsx'
import type { Stage } from './stage.ts'

/** How often what a screen reader says is renewed. */
const WORDS_MS = 1000

export function PictureMap ({ stage }: { stage: Stage }): JSX.Element {
  const { picture, colouring, focus, look } = stage
  const canvas = useRef<HTMLCanvasElement>(null)
  const renderer = useRef<MapRenderer | null>(null)
  const gestures = useRef<MapGestures | null>(null)
  const [tip, setTip] = useState<PlacedTip | null>(null)
  const [isZoomed, setZoomed] = useState(false)
  const { scheme, isStill, inks } = look.value
  const colours = useMemo(() => new CellColours(scheme, colouring.value), [picture, scheme, colouring.value])

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    const drawn = renderer.current = new MapRenderer(element, picture)
    const point = (cell: number, x: number, y: number): void => {
      drawn.setHovered(cell)
      const node = cell < 0 ? null : picture.nodesAt(picture.partitionsOf(cell).from).at(-1) ?? null
      focus.value = node
      setTip(cell < 0 ? null : { ...tipOfCell(picture, cell), x, y })
    }
    const hands = gestures.current = new MapGestures(element, drawn, { onPoint: point, onZoom: setZoomed })
    const measure = (): void => {
      const ratio = window.devicePixelRatio
      drawn.resize({ width: Math.round(element.clientWidth * ratio), height: Math.round(element.clientHeight * ratio) })
    }
    const sizes = new ResizeObserver(measure)
    sizes.observe(element)
    measure()
    return () => {
      sizes.disconnect()
      hands.close()
    }
  }, [picture])

  useEffect(() => renderer.current?.setInks(inks), [picture, inks])
  useEffect(() => renderer.current?.setFocus(focus.value), [picture, focus.value])

  const told = useRef(-Infinity)
  useFrames((now) => {
    renderer.current?.draw(colours, isStill ? null : now)
    if (now - told.current < WORDS_MS) return
    told.current = now
    const words = describeMap(picture)
    if (canvas.current?.getAttribute('aria-label') !== words) canvas.current?.setAttribute('aria-label', words)
  })

  return (
    <>
      <div class="picture-bar">
        <h3>Partitions</h3>
        <div class="picture-zoom">
          <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => gestures.current?.zoom(2)}>+</button>
          <button type="button" aria-label="Zoom out" title="Zoom out (−)" disabled={!isZoomed} onClick={() => gestures.current?.zoom(0.5)}>−</button>
          {isZoomed && <button type="button" aria-label="Whole map" title="Whole map (0)" onClick={() => gestures.current?.zoom(0)}>⤢</button>}
        </div>
        <ColouringChoice stage={stage} />
      </div>
      <figure class="picture-map">
        <canvas ref={canvas} role="img" tabIndex={0} class={isZoomed ? 'zoomed' : ''} />
        <TipNote tip={tip} room={canvas.current?.clientWidth ?? 0} />
      </figure>
    </>
  )
}
