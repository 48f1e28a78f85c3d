/**
 * Figures for people: counts, sizes, spans of time, shares. In English whatever the visitor's own locale, as the
 * words around them are, so that a screen reader of `lang="en"` speaks them right. It never rounds up to "done".
 */
const counts = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** A number of things in full: `15,625`. */
export function formatCount (count: number): string {
  return counts.format(count)
}

/** A number of things in little room: `15.6K`, `1.2M`; up to four digits in full. */
export function formatShortCount (count: number): string {
  return count < 10_000 ? counts.format(count) : short.format(count)
}

/** A number of things and their name: `1 partition`, `2,000 partitions`. */
export function formatThings (count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** A share from 0 to 1: `0%`, `99%`; 100% only when it is all. */
export function formatShare (share: number): string {
  const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100 + 1e-9)
  return `${percent}%`
}

const SPANS: Array<[unit: string, seconds: number]> = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]]

/**
 * A span of time in its two largest units: `840 ms`, `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 1 h`; nothing is `0 s`.
 *
 * @param spanMs - milliseconds
 */
export function formatDuration (spanMs: number): string {
  if (spanMs > 0 && spanMs < 1000) return `${Math.ceil(spanMs)} ms`
  let seconds = Math.max(0, Math.floor(spanMs / 1000))
  const first = Math.max(0, SPANS.findIndex(([, size]) => seconds >= size))
  const parts: string[] = []
  for (const [unit, size] of SPANS.slice(seconds === 0 ? -1 : first).slice(0, 2)) {
    const count = Math.floor(seconds / size)
    seconds -= count * size
    if (count > 0 || parts.length === 0) parts.push(`${counts.format(count)} ${unit}`)
  }
  return parts.join(' ')
}

/** A span that is watched while it grows or shrinks, where milliseconds would flicker. */
export const formatWait = (spanMs: number): string => spanMs < 1000 ? 'less than a second' : formatDuration(spanMs)

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB']

/** A size in bytes, in steps of 1000: `512 B`, `1.2 kB`, `34 MB`. */
export function formatBytes (bytes: number): string {
  let size = Math.max(0, bytes)
  let step = 0
  while (size >= 999.5 && step < SIZES.length - 1) {
    size /= 1000
    step++
  }
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: step > 0 && size < 9.95 ? 1 : 0 }).format(size)} ${SIZES[step]}`
}

/**
 * Partitions as people count them: `15,625–31,250`; one alone as `7`.
 *
 * @param from - the first
 * @param to - the one after the last
 */
export function formatRange (from: number, to: number): string {
  return to - from <= 1 ? formatCount(from) : `${formatCount(from)}–${formatCount(to - 1)}`
}
