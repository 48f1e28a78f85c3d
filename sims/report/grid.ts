/** Rows of cells as columns of text: what tables on a terminal are made of. Never breaks a cell. */

/**
 * @param rows cells; a short row leaves its last columns empty
 * @param sides `l` or `r` for each column: where its text stands
 * @returns lines without trailing spaces, indented by two
 */
export function gridLines (rows: string[][], sides: string): string[] {
  const widths = Array.from(sides, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const cell = (text: string, column: number): string =>
    sides[column] === 'r' ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
  return rows.map((row) => `  ${Array.from(sides, (_, column) => cell(row[column] ?? '', column)).join('  ')}`.trimEnd())
}

/** Words on lines of at most so many characters; a longer word keeps a line of its own. */
export function wrapLines (text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
