/**
 * Seeded randomness, split by name: each concern draws from its own stream, so that one more draw in one
 * place does not reshuffle another. sfc32 by Chris Doty-Humphrey (PractRand), seeded through FNV-1a.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next (): number
  /** An integer in [0, below). */
  below (below: number): number
  /** An independent stream of this name. */
  split (name: string): Random
}

function fnv1a (text: string, basis: number): number {
  let hash = basis >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * @param seed - any integer; equal seeds give equal streams
 * @param name - the stream's name
 */
export function createRandom (seed: number, name = ''): Random {
  let a = fnv1a(`${seed} ${name}`, 0x811c9dc5)
  let b = fnv1a(`${name} ${seed}`, 0x9e3779b9)
  let c = seed | 0
  let counter = 1
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next()
  return {
    next,
    below: below => Math.floor(next() * below),
    split: child => createRandom(seed, `${name}/${child}`)
  }
}
