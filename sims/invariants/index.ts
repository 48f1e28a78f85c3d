/** All invariants, in the order in which they are told. */
import type { Invariant } from './checker.ts'
import { foldedOnce } from './folded-once.ts'

export const INVARIANTS: Invariant[] = [foldedOnce]
