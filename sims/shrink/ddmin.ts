/**
 * The least of a list that still does it: delta debugging, the algorithm ddmin (Zeller and Hildebrandt 2002, "Simplifying and
 * Isolating Failure-Inducing Input", section 3). What is left is 1-minimal: without any single one of its items it does not.
 */

/**
 * @param items - a list that is known to fail
 * @param isFailing - asked of lists with some of the items left out, in their order; the empty list is asked first
 * @returns the shortened list
 */
export async function ddmin<T> (items: T[], isFailing: (some: T[]) => Promise<boolean>): Promise<T[]> {
  if (items.length === 0 || await isFailing([])) return []
  let left = items
  let parts = 2
  while (left.length >= 2) {
    const next = await without(left, parts, isFailing)
    if (next !== null) {
      parts = Math.max(2, parts - 1)
      left = next
    } else if (parts < left.length) parts = Math.min(left.length, parts * 2)
    else return left
  }
  return left
}

/** The list less the first of so many equal parts that it can do without. */
async function without<T> (items: T[], parts: number, isFailing: (some: T[]) => Promise<boolean>): Promise<T[] | null> {
  for (let part = 0; part < parts; part++) {
    const from = Math.floor(items.length * part / parts)
    const to = Math.floor(items.length * (part + 1) / parts)
    const rest = [...items.slice(0, from), ...items.slice(to)]
    if (rest.length > 0 && await isFailing(rest)) return rest
  }
  return null
}
