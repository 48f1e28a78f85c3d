/** A QR code for a terminal: two squares a character, dark on light whatever the terminal's colours are. */
import { correction, generate } from 'lean-qr'

/** Light squares around the code (ISO 18004). */
const QUIET = 4
const DARK_ON_LIGHT = '\u001b[30;107m'
const PLAIN = '\u001b[0m'

/**
 * The code as lines of text.
 *
 * @param isColoured false where there are no colours: light squares are then drawn, for a dark background
 * @returns null when the text is too long for a code
 */
export function qrText (text: string, isColoured: boolean): string | null {
  let code: ReturnType<typeof generate>
  try {
    code = generate(text, { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.L })
  } catch {
    return null
  }
  const lines: string[] = []
  for (let y = -QUIET; y < code.size + QUIET; y += 2) {
    let line = ''
    for (let x = -QUIET; x < code.size + QUIET; x++) {
      const [upper, lower] = [code.get(x, y), code.get(x, y + 1)].map((isDark) => isDark === isColoured)
      line += upper === true ? lower === true ? '█' : '▀' : lower === true ? '▄' : ' '
    }
    lines.push(isColoured ? `${DARK_ON_LIGHT}${line}${PLAIN}` : line)
  }
  return `${lines.join('\n')}\n`
}
