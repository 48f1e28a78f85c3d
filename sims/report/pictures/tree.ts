/** Who does what over time: coordinators by level, workers, idle peers; below it the coordinators alone, which are few among so many. */
import { formatDuration, formatNumber } from '../format.ts'
import type { Report, TreeSample } from '../report.ts'
import type { Key, Picture } from './picture.ts'
import { drawSvg, formatTick, Plot, thinned, timeUnit, WIDTHS, type Width } from './plot.ts'

/** One stacked area: how many at a sample. */
interface Layer { label: string, colour: string, of: (sample: TreeSample) => number }

/** Levels that have a colour of their own; deeper ones share the last. */
const LEVEL_COLOURS = 5

const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0)

/** Bottom first. */
function layersOf (samples: TreeSample[]): { coordinators: Layer[], others: Layer[] } {
  const levels = samples.reduce((most, { coordinators }) => Math.max(most, coordinators.length), 0)
  const coordinators = Array.from({ length: levels }, (_, level): Layer => ({
    label: level === 0 ? 'root' : `coordinators of level ${level}`,
    colour: `var(--level${Math.min(level, LEVEL_COLOURS - 1)})`,
    of: (sample) => sample.coordinators[level] ?? 0
  }))
  const others: Layer[] = [
    { label: 'workers', colour: 'var(--workers)', of: ({ workers }) => sum(workers) },
    { label: 'idle', colour: 'var(--idle)', of: ({ idle }) => idle }
  ]
  return { coordinators, others }
}

interface Panel { label: string, layers: Layer[], height: number, hasTime: boolean }

function drawPanel (samples: TreeSample[], { label, layers, height, hasTime }: Panel, width: Width): string {
  const unit = timeUnit(samples.at(-1)!.atMs)
  const cells = layers.flatMap(({ label, colour, of }, order) =>
    samples.map((sample) => ({ x: sample.atMs / unit.ms, y: of(sample), label, colour, order })))
  return drawSvg({
    width: WIDTHS[width],
    height: height + (hasTime ? 18 : 0),
    marginTop: hasTime ? 38 : 28,
    marginLeft: 46,
    marginRight: 20,
    marginBottom: hasTime ? 40 : 22,
    y: { nice: true },
    marks: [
      Plot.areaY(cells, Plot.stackY({ order: 'order' }, { x: 'x', y: 'y', z: 'label', fill: 'colour', curve: 'step-after' })),
      Plot.gridY({ stroke: 'var(--over)', strokeOpacity: 0.25, ticks: 4 }),
      Plot.ruleY([0], { stroke: 'currentColor' }),
      Plot.axisX({ ticks: width === 'wide' ? 10 : 5, label: hasTime ? unit.name : null, labelAnchor: 'center', labelArrow: 'none' }),
      Plot.axisY({ ticks: 4, tickFormat: formatTick, label, labelArrow: 'none' })
    ]
  })
}

function draw (all: TreeSample[], width: Width): string {
  const samples = thinned(all, width)
  const { coordinators, others } = layersOf(samples)
  const isWide = width === 'wide'
  return drawPanel(samples, { label: 'all peers', layers: [...coordinators, ...others], height: isWide ? 250 : 200, hasTime: false }, width) +
    drawPanel(samples, { label: 'coordinators alone', layers: coordinators, height: isWide ? 190 : 160, hasTime: true }, width)
}

function rowsOf (all: TreeSample[], layers: Layer[]): string[][] {
  const tenths = [...new Set(Array.from({ length: 11 }, (_, i) => Math.round(i / 10 * (all.length - 1))))]
  return [
    ['after', ...layers.map(({ label }) => label)],
    ...tenths.map((i) => all[i]!).map((sample) => [formatDuration(sample.atMs), ...layers.map(({ of }) => formatNumber(of(sample)))])
  ]
}

/** @returns null when nothing was sampled */
export function treePicture ({ tree }: Report): Picture | null {
  if (tree.length === 0) return null
  const { coordinators, others } = layersOf(tree)
  const most = tree.reduce((most, sample) => Math.max(most, sum(sample.coordinators)), 0)
  const busiest = tree.reduce((most, sample) => Math.max(most, sum(sample.workers)), 0)
  const keys: Key[] = [...coordinators, ...others].slice(0, LEVEL_COLOURS + others.length).map(({ label, colour }) => ({ label, colour, kind: 'area' }))
  return {
    title: 'The tree over time',
    summary: `At most ${formatNumber(most)} peers coordinated others on ${formatNumber(coordinators.length)} levels; at most ${formatNumber(busiest)} worked.`,
    keys,
    draw: (width) => draw(tree, width),
    rows: rowsOf(tree, [...coordinators, ...others])
  }
}
