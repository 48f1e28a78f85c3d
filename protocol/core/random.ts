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
  return hash | 0
}

/** A class and not three closures, because every peer has one. */
class Sfc32 implements Random {
  readonly #seed: number
  readonly #name: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor (seed: number, name: string) {
    this.#seed = seed
    this.#name = name
    this.#a = fnv1a(`${seed} ${name}`, 0x811c9dc5)
    this.#b = fnv1a(`${name} ${seed}`, 0x9e3779b9)
    this.#c = seed | 0
    for (let i = 0; i < 12; i++) this.next()
  }

  next (): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0
    return (t >>> 0) / 4294967296
  }

  below (below: number): number {
    return Math.floor(this.next() * below)
  }

  split (name: string): Random {
    return new Sfc32(this.#seed, `${this.#name}/${name}`)
  }
}

/**
 * @param seed - any integer; equal seeds give equal streams
 * @param name - the stream's name
 */
export const createRandom = (seed: number, name = ''): Random => new Sfc32(seed, name)
