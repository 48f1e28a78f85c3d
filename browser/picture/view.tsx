/**
 * The whole picture: headline, map with its legend, tree, figures over time. Live and replay both show it; it looks at
 * its picture in every frame and never changes it.
 */
import type { JSX } from 'preact'
import { Chart } from './chart.tsx'
import { Legend } from './legend.tsx'
import { PictureMap } from './map.tsx'
import { PictureTree } from './tree-view.tsx'
import { formatCount, formatShare, formatShortCount, formatThings } from '../ui/format.ts'
import { phaseOf, shareDone } from './words.ts'
import { plainName } from '../ui/names.ts'
import { useBeat } from './use-frames.ts'
import { useMemo } from 'preact/hooks'
import { useStage } from './stage.ts'
import type { ComponentChildren } from 'preact'
import type { Picture } from './picture.ts'
import type { Series } from './series.ts'

export interface PictureViewInit {
  picture: Picture
  series: Series
  /** Unix ms at which the figures begin. */
  start: number
  /** Is the moment shown one of many, to be marked in the figures? */
  isReplay: boolean
  /** Controls, between headline and picture. */
  children?: ComponentChildren
}

/** The last value at a moment. */
function valueAt (times: readonly number[], values: readonly number[], moment: number): number {
  const after = times.findIndex(time => time > moment)
  return values[after < 0 ? values.length - 1 : Math.max(0, after - 1)] ?? 0
}

const calm = (rate: number): string => rate < 10 ? (Math.round(rate * 10) / 10).toString() : formatShortCount(Math.round(rate))

export function PictureView ({ picture, series, start, isReplay, children }: PictureViewInit): JSX.Element {
  const stage = useStage(picture)
  useBeat(picture)
  const look = stage.look.value
  const rates = useMemo(() => series.rates(), [series, series.times.length, series.times.at(-1)])
  const moment = isReplay ? picture.now : null
  const rate = valueAt(series.times, rates, picture.now)
  const share = shareDone(picture)
  return (
    <div class="picture">
      <header class="picture-head">
        <h2>{plainName(picture.shape.name)}</h2>
        <p><b class="picture-share">{formatShare(share)}</b> <span>{formatCount(picture.done)} of {formatThings(picture.shape.partitions, 'partition')}, {phaseOf(picture)}</span></p>
        <p class="picture-counts"><span>{formatThings(picture.tallies.works, 'peer')} at work</span><span>{formatThings(picture.failovers, 'failover')}</span></p>
      </header>
      {children}
      <div class="picture-body">
        <section class="picture-left" aria-label="Map of partitions">
          <PictureMap stage={stage} />
          <Legend stage={stage} />
        </section>
        <div class="picture-right">
          <section aria-label="Tree of coordinators">
            <div class="picture-bar"><h3>Coordinators</h3><span class="picture-key"><i aria-hidden="true" />failover</span></div>
            <PictureTree stage={stage} />
          </section>
          <section class="picture-charts" aria-label="Figures over time">
            <Chart name="Partitions a second" value={calm(rate)} values={rates} {...{ times: series.times, start, moment, look }} />
            <Chart name="Peers at work" value={formatCount(picture.tallies.works)} values={series.peers} {...{ times: series.times, start, moment, look }} />
          </section>
        </div>
      </div>
    </div>
  )
}
