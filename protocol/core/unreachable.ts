/** Ends every switch over a closed union: a new member is a compile error here, not a silent fall-through. */
export function unreachable (never: never): never {
  throw new Error(`unreachable: ${JSON.stringify(never)}`)
}

/** A programmer's error, never a network's: stop rather than go on wrong. */
export function assert (truth: unknown, what: string): asserts truth {
  if (!truth) throw new Error(`broken invariant: ${what}`)
}
