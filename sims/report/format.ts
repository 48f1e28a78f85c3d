/** How figures are written for people: durations, counts, bytes, shares. The same on a terminal and on a page; never rounds what is computed with. */

/** What stands where there is no figure. */
export const NOTHING = '–'

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** Three significant digits below a thousand, all of a larger number's; `never` for Infinity, a dash for no number. */
export const formatNumber = (value: number): string => withDigits(value, 3)

/** The same with four digits: they tell a figure from a limit that it misses by little. */
export const formatFine = (value: number): string => withDigits(value, 4)

function withDigits (value: number, digits: number): string {
  if (Number.isNaN(value)) return NOTHING
  if (!Number.isFinite(value)) return value > 0 ? 'never' : NOTHING
  if (Math.abs(value) >= 999.5) return grouped.format(value)
  return String(Number(value.toPrecision(digits)))
}

/** @param value share of one */
export function formatShare (value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  if (value !== 0 && Math.abs(value) < 0.00005) return `${(value * 100).toPrecision(1)} %`
  return `${formatNumber(value * 100)} %`
}

/** As people say it: `42 ms`, `1.43 s`, `12 min 3 s`, `3 h 12 min 9 s`, `2 d 4 h`. */
export function formatDuration (ms: number): string {
  if (Number.isNaN(ms)) return NOTHING
  if (ms < 0 || !Number.isFinite(ms)) return 'never'
  if (ms < 999.5) return `${formatNumber(ms)} ms`
  if (ms < 59_950) return `${formatNumber(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  const hours = Math.floor(seconds / 3600)
  if (hours >= 24) return joined([[Math.floor(hours / 24), 'd'], [hours % 24, 'h']])
  return joined([[hours, 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']])
}

const joined = (parts: [number, string][]): string =>
  parts.filter(([many]) => many > 0).map(([many, unit]) => `${grouped.format(many)} ${unit}`).join(' ')

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB']

/** In powers of a thousand: `0.42 B`, `12.3 kB`. */
export function formatBytes (bytes: number): string {
  if (!Number.isFinite(bytes)) return NOTHING
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 999.5 && unit < BYTES.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${formatNumber(value)} ${BYTES[unit]}`
}

/** @returns `1 violation`, `2 violations` */
export const formatMany = (count: number, noun: string): string => `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`
