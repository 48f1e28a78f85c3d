/**
 * What processes hold over time: resident memory and file handles, from /proc. An engine gives memory back late, so what
 * counts is how low it gets within a while, not how high. Test helper.
 */
import { readFileSync, readdirSync } from 'node:fs'

export interface Reading { ms: number, rssBytes: number, handles: number }

/** Held by a process now; null when it has ended. */
export function readingOf (pid: number, ms: number): Reading | null {
  try {
    const rssBytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
    return { ms, rssBytes, handles: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return null
  }
}

/** How low memory gets, and how many handles there are, in the first and in the last third of a run, its warm-up left out. */
export interface Trend { firstBytes: number, lastBytes: number, firstHandles: number, lastHandles: number }

/** A peer has loaded all its code and met everybody by then. */
const WARM_UP = 0.25

export function trendOf (readings: Reading[], totalMs: number): Trend | null {
  const warm = readings.filter(({ ms }) => ms >= WARM_UP * totalMs)
  const from = warm[0]?.ms ?? 0
  const to = warm.at(-1)?.ms ?? 0
  const first = warm.filter(({ ms }) => ms < from + (to - from) / 3)
  const last = warm.filter(({ ms }) => ms > to - (to - from) / 3)
  if (first.length === 0 || last.length === 0) return null
  return {
    firstBytes: lowOf(first.map(({ rssBytes }) => rssBytes)),
    lastBytes: lowOf(last.map(({ rssBytes }) => rssBytes)),
    firstHandles: midOf(first.map(({ handles }) => handles)),
    lastHandles: midOf(last.map(({ handles }) => handles))
  }
}

const at = (sorted: number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
const sortedOf = (values: number[]): number[] => [...values].sort((a, b) => a - b)
const lowOf = (values: number[]): number => at(sortedOf(values), 0.1)
const midOf = (values: number[]): number => at(sortedOf(values), 0.5)
