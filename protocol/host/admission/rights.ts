/**
 * What an invitation lets its holder do (A2). Three rights, and no others: whoever is admitted at all may read what the mesh
 * says, ask, and relay. Knows names and bits; what is refused without a right stands in duties.ts.
 */

/** `volunteer`: compute and coordinate. `submit`: announce jobs of one's own. `invite`: pass on narrower invitations. */
export type Right = 'volunteer' | 'submit' | 'invite'

export const RIGHTS: readonly Right[] = ['volunteer', 'submit', 'invite']

const BITS: Record<Right, number> = { volunteer: 1, submit: 2, invite: 4 }

/** Every right there is, as bits. */
export const ALL_RIGHTS = 7

export const bitsOf = (rights: readonly Right[]): number => rights.reduce((bits, right) => bits | BITS[right], 0)

export const rightsIn = (bits: number): Right[] => RIGHTS.filter(right => hasRight(bits, right))

export const hasRight = (bits: number, right: Right): boolean => (bits & BITS[right]) !== 0

/** Is every right of `narrow` one of `wide`? */
export const isWithin = (narrow: number, wide: number): boolean => (narrow & ~wide) === 0

/**
 * Rights as people write them: `volunteer,submit`.
 *
 * @returns their bits, or null when one is none
 */
export function readRights (text: string): number | null {
  const names = text.split(',').map(name => name.trim()).filter(name => name !== '')
  return names.length > 0 && names.every(name => (RIGHTS as readonly string[]).includes(name)) ? bitsOf(names as Right[]) : null
}
