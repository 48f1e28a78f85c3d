/**
 * Names for people: peers by the ends of their ids, and strangers' text cut to length and to one line of plain
 * characters. What comes out is text for a text node; it is never markup.
 */

/** Start of every Ed25519 peer id: the same for all, so it tells nobody apart. */
const SAME = '12D3KooW'

/** A peer id as people can compare it: `12D3…9fXk2`; short ids as they are. */
export function shortPeer (peer: string): string {
  if (peer.length <= 12) return peer
  return `${peer.startsWith(SAME) ? SAME.slice(0, 4) : peer.slice(0, 4)}…${peer.slice(-5)}`
}

/**
 * A stranger's text on one line: controls, line breaks and marks that turn the reading direction become spaces.
 *
 * @param text - whatever a stranger wrote
 * @param charactersMax - longest result; what is cut ends in `…`
 * @param empty - what stands for nothing
 */
export function plainName (text: string, charactersMax = 40, empty = 'unnamed'): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const characters = [...line]
  if (characters.length === 0) return empty
  return characters.length <= charactersMax ? line : `${characters.slice(0, charactersMax - 1).join('').trimEnd()}…`
}
