/** A QR code as one path of an SVG, of unit squares with the quiet zone that scanners need around it. Pure. */
import { correction, generate } from 'lean-qr'

/** Light squares around the code (ISO 18004). */
const QUIET = 4

export interface Qr {
  /** Squares along a side, quiet zone included. */
  side: number
  /** Path of the dark squares, runs of a row at once. */
  path: string
}

/** @returns null when the text is too long for any code */
export function qrOf (text: string): Qr | null {
  try {
    // A shown link is rarely damaged: little correction keeps the squares large.
    const code = generate(text, { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.Q })
    return { side: code.size + 2 * QUIET, path: pathOf(code.size, (x, y) => code.get(x, y)) }
  } catch {
    return null
  }
}

export function pathOf (size: number, isDark: (x: number, y: number) => boolean): string {
  let path = ''
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!isDark(x, y)) continue
      const from = x
      while (x < size && isDark(x, y)) x++
      path += `M${from + QUIET} ${y + QUIET}h${x - from}v1h-${x - from}z`
    }
  }
  return path
}
