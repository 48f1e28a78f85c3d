/**
 * The picture of a job while it runs. The page makes a `Picture`, merges what its mesh tells once a second
 * (snapshot.ts), and shows it here; the component looks for itself whether there is something new to draw.
 */
import { useEffect, useMemo, useReducer } from 'preact/hooks'
import type { JSX } from 'preact'
import { PictureView } from './view.tsx'
import { Series } from './series.ts'
import type { Picture } from './picture.ts'

export interface LivePictureInit {
  /** The job's picture; another one starts afresh. */
  picture: Picture
}

/** Distance of two points of the figures. */
const POINT_MS = 1000

export function LivePicture ({ picture }: LivePictureInit): JSX.Element {
  const { series, start } = useMemo(() => ({ series: new Series(POINT_MS), start: Date.now() }), [picture])
  const [, render] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const sample = (): void => {
      if (picture.phase === 'done' && series.done.at(-1) === picture.shape.partitions && series.rates().at(-1) === 0) return
      series.tick(picture, Date.now())
      if (!document.hidden) render(undefined)
    }
    sample()
    const timer = setInterval(sample, POINT_MS)
    return () => clearInterval(timer)
  }, [picture, series])
  return <PictureView picture={picture} series={series} start={start} isReplay={false} />
}
