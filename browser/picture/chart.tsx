/**
 * One figure over time as a small chart (uPlot), with its value now in words beside its name: the chart itself is for
 * eyes alone. It changes nothing and asks nobody.
 */
import uPlot from 'uplot'
import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatDuration, formatShortCount } from '../ui/format.ts'
import type { Look } from './stage.ts'

export interface ChartInit {
  name: string
  /** What it is now, in words. */
  value: string
  /** Unix ms. */
  times: readonly number[]
  values: readonly number[]
  /** Unix ms of the left edge. */
  start: number
  /** Unix ms to mark; null for none. */
  moment: number | null
  look: Look
}

const HEIGHT = 104
const AXIS = 42
/** Seconds between two ticks: what clocks have. */
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800]
/** Colours of an axis's parts. */
const axisOf = (look: Look): Partial<uPlot.Axis> => ({
  stroke: look.inks.soft, font: `11px ${look.inks.font}`, ticks: { show: false }, grid: { stroke: look.inks.line, width: 1 }, border: { show: false }
})

function optionsOf (look: Look, width: number, lineColour: string): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_self, _min, max) => [0, Math.max(1, max * 1.08)] } },
    axes: [
      { ...axisOf(look), size: 22, grid: { show: false }, space: 70, incrs: TICKS, values: (_self, ticks) => ticks.map(tick => formatDuration(tick * 1000)) },
      { ...axisOf(look), size: AXIS, space: 26, values: (_self, ticks) => ticks.map(tick => tick % 1 === 0 ? formatShortCount(tick) : '') }
    ],
    series: [{}, { stroke: lineColour, width: 1.75, fill: fade(lineColour), points: { show: false } }]
  }
}

/** The colour, hardly there. */
const fade = (colour: string): string => `color-mix(in srgb, ${colour} 14%, transparent)`

export function Chart ({ name, value, times, values, start, moment, look }: ChartInit): JSX.Element {
  const room = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const data = (): uPlot.AlignedData => [times.map(time => (time - start) / 1000), [...values]]
  useEffect(() => {
    const element = room.current as HTMLDivElement
    const accent = getComputedStyle(element).getPropertyValue('--accent').trim() || look.inks.ink
    const drawn = plot.current = new uPlot(optionsOf(look, element.clientWidth, accent), data(), element)
    const sizes = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }))
    sizes.observe(element)
    return () => {
      sizes.disconnect()
      drawn.destroy()
    }
  }, [look])
  useEffect(() => plot.current?.setData(data()), [times, values, values.length])
  const end = times.at(-1) ?? start
  const share = moment === null || end <= start ? null : Math.min(1, Math.max(0, (moment - start) / (end - start)))
  return (
    <figure class="picture-chart">
      <figcaption><span>{name}</span> <b>{value}</b></figcaption>
      <div class="picture-plot" ref={room} aria-hidden="true">
        {share !== null && <i style={{ left: `calc(${AXIS}px + (100% - ${AXIS + 6}px) * ${share})` }} />}
      </div>
    </figure>
  )
}
