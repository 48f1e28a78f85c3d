/**
 * What got better and worse between two reports of one world, as a table for a terminal. Each figure knows which way is
 * better and how much of a change is noise (figure.ts). Never says more than the figures do: two seeds are two worlds.
 */
import { FIGURES, type Figure } from './figure.ts'
import { formatNumber, NOTHING } from './format.ts'
import { gridLines } from './grid.ts'
import type { Report } from './report.ts'
import { titleOf } from './rows.ts'

type Word = 'better' | 'worse' | 'same' | 'changed' | ''

interface Row { name: string, before: string, after: string, change: string, word: Word }

/** A type of messages goes into a row of its own when it makes up at least this share of all, before or after. */
const TYPE_SHARE_MIN = 0.01

/** Counts of a type differ more from world to world than their sum does. */
const TYPE_NOISE = 0.05

/** @returns whether the change is no more than noise */
function isNoise (before: number, after: number, { noise, floor }: Pick<Figure, 'noise' | 'floor'>): boolean {
  if (before === after) return true
  const change = Math.abs(after - before)
  return Number.isFinite(change) && (change <= floor || change <= noise * Math.abs(before))
}

function changeText (before: number, after: number): string {
  if (before === after) return '0 %'
  if (before === 0 || !Number.isFinite(before) || !Number.isFinite(after)) return ''
  const percent = (after / before - 1) * 100
  const text = Math.abs(percent) >= 10 ? percent.toFixed(0) : percent.toFixed(1)
  if (Number(text) === 0) return '0 %'
  return `${percent > 0 ? '+' : ''}${Number(text) >= 1000 ? formatNumber(Number(text)) : text} %`
}

/** Before and after as numbers, judged; a figure that one of the reports lacks is not. */
function compareFigure (figure: Figure, before: Report, after: Report): Row {
  const [old, now] = [figure.of(before), figure.of(after)]
  const texts = { name: figure.name, before: figure.format(old), after: figure.format(now) }
  if (Number.isNaN(old) || Number.isNaN(now)) return { ...texts, change: '', word: Number.isNaN(old) && Number.isNaN(now) ? 'same' : '' }
  const word: Word = isNoise(old, now, figure)
    ? 'same'
    : figure.better === 'neither' ? 'changed' : (now < old) === (figure.better === 'less') ? 'better' : 'worse'
  return { ...texts, change: changeText(old, now), word }
}

/** A yes or no; yes is better. */
const compareFlag = (name: string, before: boolean, after: boolean, yes: string, no: string): Row =>
  ({ name, before: before ? yes : no, after: after ? yes : no, change: '', word: before === after ? 'same' : after ? 'better' : 'worse' })

function compareBounds (before: Report, after: Report): Row[] {
  return before.bounds.flatMap(({ name, holds }) => {
    const now = after.bounds.find((bound) => bound.name === name)
    return now === undefined ? [] : [compareFlag(`bound ${name}`, holds, now.holds, 'holds', 'MISSED')]
  })
}

const messagesOf = (report: Report): number => Object.values(report.byType).reduce((sum, { messages }) => sum + messages, 0)

function compareTypes (before: Report, after: Report): Row[] {
  const least = TYPE_SHARE_MIN * Math.max(messagesOf(before), messagesOf(after))
  const of = ({ byType }: Report, type: string): number => Object.hasOwn(byType, type) ? byType[type]!.messages : 0
  return [...new Set([...Object.keys(before.byType), ...Object.keys(after.byType)])].sort()
    .filter((type) => Math.max(of(before, type), of(after, type)) >= least)
    .map((type) => compareFigure({ name: `  ${type}/peer/s`, of: (report) => of(report, type), format: formatNumber, better: 'less', noise: TYPE_NOISE, floor: 0.0005, isMain: false }, before, after))
}

/** The messages of each type stand below the messages of all. */
function allRows (before: Report, after: Report): Row[] {
  const figures = FIGURES.flatMap((figure) => {
    const row = compareFigure(figure, before, after)
    return figure.name === 'messages/peer/s max' ? [row, ...compareTypes(before, after)] : [row]
  })
  return [compareFlag('exact', before.exact, after.exact, 'yes', 'NO'), ...compareBounds(before, after), ...figures]
    .filter(({ before, after }) => before !== NOTHING || after !== NOTHING)
}

const WORLD = ['scenario', 'seed', 'peers', 'partitions'] as const

const commitOf = ({ commit }: Report): string => commit === '' ? 'unknown commit' : commit

function headLines (before: Report, after: Report): string[] {
  const different = WORLD.filter((key) => before[key] !== after[key])
  if (different.length === 0) return [titleOf(after), `before ${commitOf(before)}, after ${commitOf(after)}`]
  return [
    `before: ${titleOf(before)} (${commitOf(before)})`,
    `after:  ${titleOf(after)} (${commitOf(after)})`,
    `These are two worlds, of another ${different.join(' and ')}: a change in a figure need not be one of the protocol.`
  ]
}

function hashLine (before: Report, after: Report): string {
  return before.hash === after.hash
    ? `Event hash: equal, ${after.hash}: the very same events.`
    : `Event hash: differs, ${before.hash} before and ${after.hash} after.`
}

/**
 * The table that `sim --compare FILE` prints.
 * @param before the saved report
 * @param after the one just made
 * @returns lines without a last line end
 */
export function compareTable (before: Report, after: Report): string {
  const rows = allRows(before, after)
  const count = (word: Word): number => rows.filter((row) => row.word === word).length
  return [
    ...headLines(before, after),
    '',
    ...gridLines([
      ['', 'before', 'after', 'change', ''],
      ...rows.map(({ name, before, after, change, word }) => [name, before, after, change, word])
    ], 'lrrrl'),
    '',
    `${count('better')} better, ${count('worse')} worse, ${count('same')} the same.`,
    hashLine(before, after)
  ].join('\n')
}
