/** Chance that belongs to a thing and not to a moment: the same numbers give the same bits whoever asks, and however often. */

/**
 * Mix three integers to 32 bits (the finaliser of MurmurHash3, Appleby 2008).
 *
 * @returns an integer from 0 to 2^32 - 1
 */
export function mix (a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** @returns uniform in [0, 1) */
export const chance = (a: number, b: number, c: number): number => mix(a, b, c) / 2 ** 32
