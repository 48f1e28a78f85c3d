/** How long the encrypted key of a sealed job is (sealed.ts), for those who only carry it. */

/** A nonce of 24 bytes, a key of 32, a tag of 16. */
export const SEALED_KEY_BYTES = 72
