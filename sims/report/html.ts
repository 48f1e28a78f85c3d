/** Text and tables as HTML. Everything that comes from a report goes through `escapeHtml`. */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** @returns text for between tags and for attribute values in quotes */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)

/** What one cell holds: text, or HTML that is already safe. */
export type Cell = string | { html: string }

const htmlOf = (cell: Cell): string => typeof cell === 'string' ? escapeHtml(cell) : cell.html

function rowHtml (row: Cell[], sides: string, isHead: boolean): string {
  const cells = Array.from(sides, (side, column) => {
    const tag = isHead || column === 0 ? 'th' : 'td'
    const scope = isHead ? ' scope="col"' : column === 0 ? ' scope="row"' : ''
    const cell = row[column] ?? ''
    // A head without words would be read out as an empty heading.
    return isHead && cell === '' ? `<td class="${side}"></td>` : `<${tag}${scope} class="${side}">${htmlOf(cell)}</${tag}>`
  })
  return `<tr>${cells.join('')}</tr>`
}

/**
 * A table whose rows are named by their first cell, in a frame that scrolls where it is narrow.
 * @param sides `l` or `r` for each column
 * @param hasHead whether the first row names the columns
 */
export function tableHtml (rows: Cell[][], sides: string, hasHead: boolean): string {
  if (rows.length === 0) return ''
  const head = hasHead ? `<thead>${rowHtml(rows[0]!, sides, true)}</thead>` : ''
  const body = rows.slice(hasHead ? 1 : 0).map((row) => rowHtml(row, sides, false)).join('\n')
  return `<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>${head}<tbody>\n${body}\n</tbody></table></div>`
}
