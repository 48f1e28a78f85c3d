/**
 * Round trips made up in the likeness of WonderNetwork's (2018, 242 cities), for worlds without a measured file:
 * cities gather in the regions where hosts are, routes are longer than great circles by what luck and poor links
 * add, and the ranks that come of it are given the published quantiles. So 6 of 100 pairs of cities and a third
 * one in between break the triangle inequality, as in the measured matrix.
 */
import type { Random } from '../../protocol/core/random.ts'
import type { Latency } from './latency.ts'
import { standardNormal } from './normal.ts'

/** Where hosts are: degrees north and east, spread in degrees (one deviation), share of cities. The shares are a guess after WonderNetwork's list. */
const REGIONS = [
  { name: 'western Europe', north: 49, east: 5, spread: 5, share: 0.28 },
  { name: 'eastern Europe', north: 50, east: 24, spread: 6, share: 0.14 },
  { name: 'eastern North America', north: 39, east: -80, spread: 5, share: 0.18 },
  { name: 'western North America', north: 39, east: -115, spread: 6, share: 0.12 },
  { name: 'eastern Asia', north: 33, east: 122, spread: 7, share: 0.07 },
  { name: 'south-eastern Asia', north: 6, east: 104, spread: 6, share: 0.05 },
  { name: 'southern Asia and the Gulf', north: 24, east: 65, spread: 9, share: 0.05 },
  { name: 'Australia and New Zealand', north: -35, east: 152, spread: 9, share: 0.04 },
  { name: 'South America', north: -20, east: -58, spread: 10, share: 0.05 },
  { name: 'Africa', north: -12, east: 25, spread: 14, share: 0.02 }
]

/** WonderNetwork's round trips, ms: 5, 50, 95 and 99 % as SCENARIOS gives them; those between from the same matrix; the ends a guess. */
const QUANTILES = [
  [0, 1], [0.01, 9], [0.05, 23], [0.1, 35], [0.25, 77], [0.5, 143], [0.75, 217], [0.9, 290], [0.95, 330], [0.99, 442], [1, 860]
] as const

/** A round trip in glass, 2 / (200 km a ms), and half as much again, since cables do not run straight. */
const RTT_MS_PER_KM = 0.015
const EARTH_RADIUS_KM = 6_371

/**
 * One city of POOR_EVERY is poorly connected: all its round trips are longer by one number, drawn around POOR_MS. They
 * make the longest round trips, without a way around. PAIR_SIGMA is the deviation of ln(route / straight cable),
 * a pair's own luck. Chosen together so that triangle violations are as measured.
 */
const POOR_EVERY = 25
const POOR_MS = 130
const PAIR_SIGMA = 0.07

/** Between peers of one city: 1 to 5 ms, a guess. */
const SAME_CITY_MS = { from: 1, to: 5 }

interface City { at: [number, number, number], poorMs: number }

/** City number i of so many, near the middle of a region that has its share of them. */
function drawCity (i: number, cities: number, random: Random): City {
  let left = (i + 0.5) / cities
  const region = REGIONS.find(({ share }) => (left -= share) < 0) ?? REGIONS[0]!
  const north = (region.north + region.spread * standardNormal(random)) * Math.PI / 180
  const east = (region.east + region.spread * standardNormal(random) / Math.cos(region.north * Math.PI / 180)) * Math.PI / 180
  return {
    at: [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)],
    poorMs: i % POOR_EVERY === POOR_EVERY - 1 ? POOR_MS * (0.3 - Math.log(1 - random.next())) : 0
  }
}

/** What a route between two cities comes to before ranks are given their quantiles, ms. */
function routeMs (a: City, b: City, random: Random): number {
  const cosine = a.at[0] * b.at[0] + a.at[1] * b.at[1] + a.at[2] * b.at[2]
  const km = EARTH_RADIUS_KM * Math.acos(Math.max(-1, Math.min(1, cosine)))
  return a.poorMs + b.poorMs + RTT_MS_PER_KM * km * Math.exp(PAIR_SIGMA * standardNormal(random))
}

/** The round trip at a share of all pairs, ms: straight lines between the published quantiles. */
function quantileMs (share: number): number {
  const above = Math.max(1, QUANTILES.findIndex(([at]) => at >= share))
  const [[fromShare, fromMs], [toShare, toMs]] = [QUANTILES[above - 1]!, QUANTILES[above]!]
  return fromMs + (toMs - fromMs) * (share - fromShare) / (toShare - fromShare)
}

/**
 * @param random - the world's stream; equal seeds give equal matrices
 * @param cities - how many; WonderNetwork has 242
 * @returns symmetric, every round trip above 0
 */
export function syntheticLatency (random: Random, cities = 242): Latency {
  const places = random.split('cities')
  const routes = random.split('routes')
  const drawn = Array.from({ length: cities }, (_, i) => drawCity(i, cities, places))
  const pairs: Array<{ i: number, j: number, ms: number }> = []
  for (let i = 0; i < cities; i++) {
    for (let j = i + 1; j < cities; j++) pairs.push({ i, j, ms: routeMs(drawn[i]!, drawn[j]!, routes) })
  }
  pairs.sort((a, b) => a.ms - b.ms)
  const rttMs = new Float32Array(cities * cities)
  pairs.forEach(({ i, j }, rank) => {
    const ms = quantileMs((rank + 0.5) / pairs.length)
    rttMs[i * cities + j] = ms
    rttMs[j * cities + i] = ms
  })
  const { from, to } = SAME_CITY_MS
  for (let i = 0; i < cities; i++) rttMs[i * cities + i] = from + (to - from) * places.next()
  return { cities, rttMs }
}
