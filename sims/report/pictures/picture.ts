/** A picture on the page: what it shows, the same in words and in figures for those who do not see it, and its drawing. */
import { escapeHtml, tableHtml } from '../html.ts'
import type { Width } from './plot.ts'

export interface Key {
  label: string
  /** A colour of the page, such as `var(--done)`. */
  colour: string
  kind: 'area' | 'line' | 'dashes'
}

export interface Picture {
  title: string
  /** What there is to see, in words; text, not HTML. */
  summary: string
  keys: Key[]
  /** @returns SVG */
  draw: (width: Width) => string
  /** The picture's figures, with a head. */
  rows: string[][]
}

const keyHtml = ({ label, colour, kind }: Key): string =>
  `<li><span class="key ${kind}" style="--colour:${colour}"></span>${escapeHtml(label)}</li>`

/** @param heading `h2` or `h3` */
export function pictureHtml ({ title, summary, keys, draw, rows }: Picture, heading: string): string {
  const legend = keys.length === 0 ? '' : `<ul class="keys" aria-hidden="true">${keys.map(keyHtml).join('')}</ul>`
  return `<figure>
<${heading}>${escapeHtml(title)}</${heading}>
<figcaption>${escapeHtml(summary)}</figcaption>
${legend}
<div role="img" aria-label="${escapeHtml(`${title}. ${summary}`)}">
<div class="wide">${draw('wide')}</div>
<div class="narrow">${draw('narrow')}</div>
</div>
<details><summary>The figures of this picture</summary>
${tableHtml(rows, 'l' + 'r'.repeat(rows[0]!.length - 1), true)}
</details>
</figure>`
}
