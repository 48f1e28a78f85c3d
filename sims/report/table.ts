/**
 * Reports for a reader at a terminal, at most 100 columns wide: one world in full with every figure that SCENARIOS asks
 * of a report, or many worlds in short with the commands that replay what failed.
 */
import { gridLines, wrapLines } from './grid.ts'
import type { Report } from './report.ts'
import { boundRows, costRows, originRows, reachedRows, resultRows, spreadRows, titleOf, typeRows, violationText, violationTexts } from './rows.ts'
import { failed, summaryRows, tallyOf } from './summary.ts'
import { boundTexts, verdictOf } from './verdict.ts'

const WIDTH = 96
/** More broken invariants of one world than this are only counted. */
const VIOLATIONS_MOST = 10

const section = (title: string, lines: string[]): string[] => lines.length === 0 ? [] : ['', title, ...lines]

/** A sentence over as many lines as it takes, its continuation indented. */
const paragraph = (text: string): string[] => wrapLines(text, WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line)

function violationLines ({ violations }: Report): string[] {
  const texts = violationTexts(violations)
  const shown = texts.slice(0, VIOLATIONS_MOST).flatMap(paragraph)
  return texts.length > VIOLATIONS_MOST ? [...shown, `  and ${texts.length - VIOLATIONS_MOST} more`] : shown
}

/**
 * One world in full.
 * @returns lines without a last line end
 */
export function reportTable (report: Report): string {
  return [
    titleOf(report),
    ...wrapLines(`${verdictOf(report)}.`, WIDTH),
    '',
    ...gridLines(resultRows(report), 'll'),
    '',
    ...gridLines(reachedRows(report), 'lrrrr'),
    '',
    ...gridLines(spreadRows(report), 'lrrrl'),
    ...section('Messages by type', gridLines(typeRows(report), 'lrrr')),
    ...section('Costs', gridLines(costRows(report), 'll')),
    ...section('Bounds', gridLines(boundRows(report), 'lrrl')),
    ...section('Broken invariants', violationLines(report)),
    '',
    ...gridLines(originRows(report), 'll')
  ].join('\n')
}

function failureLines (report: Report): string[] {
  const [first, ...more] = report.violations
  const missed = report.bounds.filter(({ holds }) => !holds).map((bound) => `${bound.name} ${boundTexts(bound).join(', bound ')}`)
  const why = first !== undefined
    ? violationText(first) + (more.length === 0 ? '' : ` (and ${more.length} more)`)
    : missed.length > 0 ? `MISSED ${missed.join('; ')}` : verdictOf(report)
  return [...paragraph(`seed ${report.seed}: ${why}`), `    ${report.replay}`]
}

/**
 * Many worlds in short.
 * @param reports of different seeds, at least one
 * @returns lines without a last line end
 */
export function summaryTable (reports: Report[]): string {
  return [
    tallyOf(reports),
    '',
    ...gridLines(summaryRows(reports), 'lrrr'),
    ...section(`Failing seeds, at commit ${reports[0]?.commit ?? ''}`, failed(reports).flatMap(failureLines))
  ].join('\n')
}
