/**
 * The random numbers of job code: sfc32 (Chris Doty-Humphrey's PractRand, 2010), seeded by job and
 * partition, so that a partition's output is a function of both (DESIGN 5). Seeding is put off until the
 * first draw: a partition that draws none pays two stores.
 */

/** What a seed is for; partitions and collects never share numbers. */
export const SEED_LOAD = 1
export const SEED_PARTITION = 2
export const SEED_COLLECT = 3

/** sfc32's own advice is 15 rounds to mix a seed; a few more cost nothing. */
const MIX_ROUNDS = 20

export class SeededRandom {
  #seed: Uint32Array
  #purpose = SEED_LOAD
  #from = 0
  #to = 0
  #seeded = false
  #a = 0
  #b = 0
  #c = 0
  #counter = 0

  /** @param seed - eight words, the job's hash */
  constructor (seed: Uint32Array) {
    this.#seed = seed
  }

  /** Start the numbers of a partition, or of a collect over a range. */
  restart (purpose: number, from: number, to: number): void {
    this.#purpose = purpose
    this.#from = from
    this.#to = to
    this.#seeded = false
  }

  /** The next number in [0, 1), 53 bits. */
  next (): number {
    if (!this.#seeded) this.#mix()
    return ((this.#draw() >>> 5) * 0x4000000 + (this.#draw() >>> 6)) / 0x20000000000000
  }

  #mix (): void {
    const [s0, s1, s2, s3, s4] = this.#seed as unknown as [number, number, number, number, number]
    // Indices have up to 41 bits: low word and high word.
    const high = (index: number): number => Math.floor(index / 0x100000000)
    this.#a = s0 ^ (this.#from | 0)
    this.#b = s1 ^ (this.#to | 0)
    this.#c = s2 ^ (high(this.#from) << 16 | high(this.#to)) ^ s3
    this.#counter = s4 ^ this.#purpose
    this.#seeded = true
    for (let i = 0; i < MIX_ROUNDS; i++) this.#draw()
  }

  #draw (): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21 | this.#c >>> 11) + sum) | 0
    return sum >>> 0
  }
}
