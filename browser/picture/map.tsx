/**
 * The map of all partitions, to look at and to move in: wheel, drag, pinch, keys; pointing at a cell tells what it is
 * and who has it. It draws through map-renderer.ts and never changes the picture.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { JSX, RefObject } from 'preact'
import { CellColours } from './palette.ts'
import { ColouringChoice } from './legend.tsx'
import { MapGestures } from './map-gestures.ts'
import { MapRenderer } from './map-renderer.ts'
import { TipNote } from './tip.tsx'
import { describeMap, tipOfCell } from './words.ts'
import { useFrames, useSpoken } from './use-frames.ts'
import { watchSize } from './stage.ts'
import type { PlacedTip } from './tip.tsx'
import type { Stage } from './stage.ts'

/** What a map's canvas needs beside what is drawn. */
interface Hands {
  canvas: RefObject<HTMLCanvasElement | null>
  gestures: RefObject<MapGestures | null>
  tip: PlacedTip | null
  isZoomed: boolean
}

/** Draws on a canvas from its first frame to its last, and listens to what is done on it. */
function useMap ({ picture, colouring, focus, look }: Stage): Hands {
  const canvas = useRef<HTMLCanvasElement>(null)
  const renderer = useRef<MapRenderer>(null)
  const gestures = useRef<MapGestures>(null)
  const [tip, setTip] = useState<PlacedTip | null>(null)
  const [isZoomed, setZoomed] = useState(false)
  const { scheme, isStill, inks } = look.value
  const colours = useMemo(() => new CellColours(scheme, colouring.value), [picture, scheme, colouring.value])

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    const drawn = renderer.current = new MapRenderer(element, picture)
    const onPoint = (cell: number, x: number, y: number): void => {
      drawn.setHovered(cell)
      focus.value = cell < 0 ? null : picture.nodesAt(picture.partitionsOf(cell).from).at(-1) ?? null
      setTip(cell < 0 ? null : { ...tipOfCell(picture, cell), x, y })
    }
    const hands = gestures.current = new MapGestures(element, drawn, { onPoint, onZoom: setZoomed })
    const unwatch = watchSize(element, size => drawn.resize(size))
    return () => {
      unwatch()
      hands.close()
    }
  }, [picture])
  useEffect(() => renderer.current?.setInks(inks), [picture, inks])
  useEffect(() => renderer.current?.setFocus(focus.value), [picture, focus.value])
  useFrames(now => { renderer.current?.draw(colours, isStill ? null : now) })
  useSpoken(canvas, () => describeMap(picture))
  return { canvas, gestures, tip, isZoomed }
}

export function PictureMap ({ stage }: { stage: Stage }): JSX.Element {
  const { canvas, gestures, tip, isZoomed } = useMap(stage)
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
