/**
 * Fences order all authority (C4): a fence is the list of terms from the root to a path, compared left to
 * right, so that no two elections anywhere in the tree can collide. The idea of refusing the holder of an
 * older token is Lamport's and Kleppmann's "fencing token"; a list of them keeps subtrees independent.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Fence } from './message.ts'
import type { JobId, Path, PeerId } from './ids.ts'

/** Negative when a is lower, positive when it is higher, 0 when equal. */
export function compareFences (a: Fence, b: Fence): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The fence one election later: 1 is added to the last term (C4). */
export const nextFence = (fence: Fence): Fence => fence.slice(0, -1).concat(lastTerm(fence) + 1)

/** The fence of a child under its parent's. */
export const childFence = (parent: Fence, term: number): Fence => parent.concat(term)

export const lastTerm = (fence: Fence): number => fence[fence.length - 1] as number

/** Is this the fence of a child of a position with that fence? */
export const isBelow = (fence: Fence, above: Fence): boolean => fence.length === above.length + 1 && above.every((term, i) => term === fence[i])

/** key(path) = sha256(jobId ‖ path) (G4), as hex. */
export const keyOf = (job: JobId, path: Path): string => bytesToHex(sha256(utf8ToBytes(`${job}${path}`)))

/** What decides between claims of equal fence (C3): the smallest wins, so all that hear both agree. */
export const claimRank = (job: JobId, path: Path, fence: Fence, peer: PeerId): string =>
  bytesToHex(sha256(utf8ToBytes(`${keyOf(job, path)}${fence.join(',')}${peer}`)))
