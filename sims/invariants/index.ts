/** All invariants, in the order in which they are told. */
import type { Invariant } from './checker.ts'
import { acceptedNeverChanges } from './accepted-never-changes.ts'
import { caps } from './caps.ts'
import { childrenTile } from './children-tile.ts'
import { equalRoot } from './equal-root.ts'
import { everyoneLearns } from './everyone-learns.ts'
import { foldedOnce } from './folded-once.ts'
import { memory } from './memory.ts'
import { noHonestBlamed } from './no-honest-blamed.ts'
import { policy } from './policy.ts'
import { progress } from './progress.ts'
import { termsNeverDecrease } from './terms-never-decrease.ts'

export const INVARIANTS: Invariant[] = [foldedOnce, acceptedNeverChanges, termsNeverDecrease, childrenTile, caps, memory, noHonestBlamed, policy, equalRoot, everyoneLearns, progress]
