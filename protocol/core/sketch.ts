/**
 * Counting distinct producers without naming them all: a KMV ("k minimum values") sketch after Bar-Yossef
 * et al. 2002. Up to SKETCH_SIZE producers the count is exact; above, its standard error is about
 * 1/sqrt(SKETCH_SIZE - 2). Sketches of children merge into their parent's in any order.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { PeerId } from './ids.ts'

/** 64 hashes of 4 bytes: 256 bytes beside a value at most. */
export const SKETCH_SIZE = 64
const HASH_SPACE = 2 ** 32

/** The sketch of one producer. */
export function sketchOf (peer: PeerId): number[] {
  const bytes = sha256(utf8ToBytes(peer))
  return [new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)]
}

export function mergeSketches (a: number[], b: number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y).slice(0, SKETCH_SIZE)
}

/** How many distinct producers a sketch stands for. */
export function countOf (sketch: number[]): number {
  if (sketch.length < SKETCH_SIZE) return sketch.length
  const largest = sketch[SKETCH_SIZE - 1] as number
  return Math.round((SKETCH_SIZE - 1) * HASH_SPACE / Math.max(1, largest))
}
