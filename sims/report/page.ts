/**
 * Reports as one HTML page that needs nothing else: no script, no request (its policy forbids them), pictures as SVG in the page
 * with their words and figures beside. One world fills the page; several come one after the other below a table of all.
 */
import { hasFailovers } from './figure.ts'
import { formatBytes, formatDuration, formatNumber, formatShare } from './format.ts'
import { escapeHtml, tableHtml, type Cell } from './html.ts'
import { completionPicture } from './pictures/completion.ts'
import { failoverPicture } from './pictures/failovers.ts'
import { pictureHtml } from './pictures/picture.ts'
import { trafficPicture } from './pictures/traffic.ts'
import { treePicture } from './pictures/tree.ts'
import type { Report } from './report.ts'
import { boundRows, costRows, originRows, reachedRows, resultRows, spreadRows, timesOf, titleOf, violationTexts, xLimitOf } from './rows.ts'
import { STYLE } from './style.ts'
import { failed, scenariosOf, summaryRows, tallyOf } from './summary.ts'
import { standingOf, verdictOf, type Standing } from './verdict.ts'

/** Worlds that are shown open where there are several; of more only those that failed are. */
const OPEN_MOST = 3

/** Worlds with pictures on one page, the failed ones first: hundreds would make it too heavy to open. */
const PICTURED_MOST = 24

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

const MARKS: Record<Standing, string> = { holds: '✓', missed: '!', unfinished: '✗', broken: '✗' }

const verdictHtml = (report: Report): string =>
  `<p class="verdict ${standingOf(report)}"><span aria-hidden="true">${MARKS[standingOf(report)]}</span> ${escapeHtml(verdictOf(report))}.</p>`

const tileHtml = ([name, large, small]: string[]): string =>
  `<div><dt>${escapeHtml(name!)}</dt><dd><div class="large">${escapeHtml(large!)}</div><div class="small">${escapeHtml(small!)}</div></dd></div>`

function tilesHtml (report: Report): string {
  const { failoverMs, messagesPerPeerPerSecond: messages, bytesPerPeerPerSecond: bytes } = report
  const failover = hasFailovers(report)
    ? [formatDuration(failoverMs.p99), `half within ${formatDuration(failoverMs.p50)}, longest ${formatDuration(failoverMs.max)}`]
    : ['none', 'no coordinator was lost']
  return `<dl class="tiles">${[
    ['× limit', xLimitOf(report), timesOf(report)],
    ['failover, p99', ...failover],
    ['messages a peer and second, p50', formatNumber(messages.p50), `p99 ${formatNumber(messages.p99)}; ${formatBytes(bytes.p50)}, p99 ${formatBytes(bytes.p99)}`],
    ['computed twice', formatShare(report.duplicateFraction), `${formatShare(report.unavoidableWaste)} is unavoidable`],
    ['wrong results', formatNumber(report.wrongResults), `of ${formatNumber(report.partitions)} partitions`],
    ['events a second', formatNumber(report.eventsPerSecond), `${formatNumber(report.speedUp)} × wall time`]
  ].map(tileHtml).join('')}</dl>`
}

/** Bounds, and what broke. */
function judgementHtml (report: Report, heading: string): string {
  const bounds = boundRows(report).map(([name, value, limit, word]): Cell[] =>
    [name!, value!, limit!, { html: `<span class="${word === 'holds' ? 'holds' : 'broken'}">${word}</span>` }])
  const violations = violationTexts(report.violations).map((text) => `<li>${escapeHtml(text)}</li>`)
  return [
    ...(violations.length === 0 ? [] : [`<${heading}>Broken invariants</${heading}>`, `<ul class="violations">${violations.join('\n')}</ul>`]),
    ...(bounds.length === 0 ? [] : [`<${heading}>Bounds</${heading}>`, tableHtml(bounds, 'lrrl', false)])
  ].join('\n')
}

function figuresHtml (report: Report, heading: string): string {
  const [shares, times] = reachedRows(report)
  const [hash, commit, replay] = originRows(report).map(([, text]) => escapeHtml(text!))
  return `<${heading}>All figures</${heading}>
${tableHtml(resultRows(report), 'll', false)}
${tableHtml([['partitions done', 'after'], ...shares!.slice(1).map((share, i) => [share, times![i + 1]!])], 'lr', true)}
${tableHtml(spreadRows(report), 'lrrr', true)}
${tableHtml(costRows(report), 'll', false)}
<${heading}>The same world again</${heading}>
<pre><code>${replay}</code></pre>
<p class="soft">At commit <code>${commit}</code>; event hash <code>${hash}</code>.</p>`
}

function picturesHtml (report: Report, heading: string): string {
  return [completionPicture(report), failoverPicture(report), trafficPicture(report), treePicture(report)]
    .filter((picture) => picture !== null).map((picture) => pictureHtml(picture, heading)).join('\n')
}

function worldHtml (report: Report, heading: string, isPictured: boolean): string {
  return [
    tilesHtml(report),
    judgementHtml(report, heading),
    isPictured ? picturesHtml(report, heading) : `<p class="soft">Pictures are drawn of ${PICTURED_MOST} worlds; play this one again with --html for its own.</p>`,
    figuresHtml(report, heading)
  ].join('\n')
}

const documentHtml = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`

function onePage (report: Report): string {
  return documentHtml(titleOf(report), `<header>
<h1>${escapeHtml(report.scenario)}</h1>
<p class="soft">Seed ${report.seed}, ${formatNumber(report.peers)} peers, ${formatNumber(report.partitions)} partitions</p>
${verdictHtml(report)}
</header>
<main>
<section>
${worldHtml(report, 'h2', true)}
</section>
</main>`)
}

/** Reports may have a seed in common when they are of several scenarios. */
const anchorOf = (index: number): string => `world-${index + 1}`

function overviewHtml (reports: Report[]): string {
  const rows = reports.map((report, i): Cell[] => {
    const standing = standingOf(report)
    const { failoverMs, messagesPerPeerPerSecond, duplicateFraction, scenario, seed } = report
    return [
      { html: `<a href="#${anchorOf(i)}">${escapeHtml(`${scenario} ${seed}`)}</a>` },
      { html: `<span class="word ${standing}">${MARKS[standing]} ${standing}</span>` },
      xLimitOf(report),
      hasFailovers(report) ? formatDuration(failoverMs.p99) : 'none',
      formatNumber(messagesPerPeerPerSecond.p50),
      formatShare(duplicateFraction),
      { html: `<code>${escapeHtml(report.hash.slice(0, 12))}</code>` }
    ]
  })
  return `<h2>All worlds</h2>
${tableHtml([['world', 'verdict', '× limit', 'failover p99', 'messages/peer/s', 'twice', 'event hash'], ...rows], 'llrrrrl', true)}
<h2>Over all worlds</h2>
${tableHtml(summaryRows(reports), 'lrrr', true)}`
}

function manyPage (reports: Report[]): string {
  const pictured = new Set([...new Set([...failed(reports), ...reports])].slice(0, PICTURED_MOST))
  const worlds = reports.map((report, i) => {
    const isOpen = reports.length <= OPEN_MOST || standingOf(report) !== 'holds'
    return `<details class="world"${isOpen ? ' open' : ''}>
<summary><h2>${escapeHtml(`${report.scenario}, seed ${report.seed}`)}</h2></summary>
<section id="${anchorOf(i)}">
<p class="soft">${formatNumber(report.peers)} peers, ${formatNumber(report.partitions)} partitions</p>
${verdictHtml(report)}
${worldHtml(report, 'h3', pictured.has(report))}
</section>
</details>`
  })
  return documentHtml(`${tallyOf(reports)}`, `<header>
<h1>${escapeHtml(scenariosOf(reports))}</h1>
<p>${escapeHtml(tallyOf(reports))}.</p>
</header>
<main>
${overviewHtml(reports)}
${worlds.join('\n')}
</main>`)
}

/**
 * The page that `sim --html FILE` writes.
 * @param reports one or more; each becomes a part of the page, in this order
 * @returns the HTML document
 */
export function reportPage (reports: Report[]): string {
  const [first] = reports
  return first !== undefined && reports.length === 1 ? onePage(first) : manyPage(reports)
}
