/**
 * The examples' answers by the shortest loops that give them, written apart from the jobs: no mesh, no tree
 * but the one rule G3 asks for, no shared code. Tests hold every run against these.
 */

/** Primes up to `limit`, by the sieve of Eratosthenes in one piece. */
export function countPrimes (limit: number): number {
  const composite = new Uint8Array(limit + 1)
  let count = 0
  for (let n = 2; n <= limit; n++) {
    if (composite[n] === 1) continue
    count++
    for (let multiple = n * n; multiple <= limit; multiple += n) composite[multiple] = 1
  }
  return count
}

/** Odd numbers from 3 to `limit` with 2^(n−1) ≡ 1 (mod n). */
export function countFermat (limit: number): number {
  let count = 0
  for (let n = 3n; n <= BigInt(limit); n += 2n) {
    let power = 1n
    for (const bit of (n - 1n).toString(2)) {
      power = power * power % n
      if (bit === '1') power = power * 2n % n
    }
    if (power === 1n) count++
  }
  return count
}

/** The first number up to `last` with the most Collatz steps. */
export function longestCollatz (last: number): { number: number, steps: number } {
  let longest = { number: 0, steps: -1 }
  for (let number = 1; number <= last; number++) {
    let steps = 0
    for (let n = number; n !== 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1
    if (steps > longest.steps) longest = { number, steps }
  }
  return longest
}

/** Leibniz' series added along the tree of rules G2 and G3; `fanout` 16 and the default grain when left out. */
export function foldLeibniz (partitions: number, fanout = 16, grain = Math.max(1, Math.ceil(partitions / 65_536))): number {
  const fold = (from: number, to: number): number => {
    const size = to - from
    let sum = 0
    if (size <= grain) {
      for (let i = from; i < to; i++) sum += 4 * (-1) ** i / (2 * i + 1)
      return sum
    }
    for (let child = 0; child < fanout; child++) {
      const start = from + Math.floor(child * size / fanout)
      const end = from + Math.floor((child + 1) * size / fanout)
      if (start < end) sum += fold(start, end)
    }
    return sum
  }
  return fold(0, partitions)
}

/** Words of a text and how often each occurs. */
export function countWords (text: string): Record<string, number> {
  const counts = Object.create(null) as Record<string, number>
  for (const word of text.toLowerCase().split(/[^\p{L}'’-]+/u)) {
    const bare = word.replace(/^['’-]+|['’-]+$/g, '')
    for (const part of bare.split(/['’-]{2,}/)) {
      if (part !== '') counts[part] = (counts[part] ?? 0) + 1
    }
  }
  return counts
}

/** Each line behind the number of its words. */
export const numberWords = (lines: string[]): string[] =>
  lines.map((line) => `${line.split(/\s+/).filter((word) => word !== '').length}\t${line}`)

/** Steps a point of the plane takes to leave the circle of radius 2, by complex arithmetic; 0 when it does not. */
export function escapeSteps (re: number, im: number, stepsMax: number): number {
  let z = { re: 0, im: 0 }
  for (let step = 1; step <= stepsMax; step++) {
    if (z.re * z.re + z.im * z.im > 4) return step
    z = { re: z.re * z.re - z.im * z.im + re, im: 2 * z.re * z.im + im }
  }
  return 0
}

/** Trees seen from the corner of an orchard of `side` × `side`: twice Euler's totients up to `side`, less one. */
export function countSeen (side: number): number {
  const totients = Array.from({ length: side + 1 }, (_, n) => n)
  for (let n = 2; n <= side; n++) {
    if (totients[n] !== n) continue
    for (let multiple = n; multiple <= side; multiple += n) totients[multiple]! -= totients[multiple]! / n
  }
  return 2 * totients.reduce((sum, totient) => sum + totient, 0) - 1
}
