/**
 * Which of a link's addresses go into the invitation: those that whoever can open the page can dial, so that the link is
 * short and its code easy to scan. Pure.
 */

const LOOPBACK = /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/

/** Does a page at this host open on one machine alone? */
export const isLocal = (hostname: string): boolean => /^(localhost|127\.[\d.]+|\[?::1\]?)$/.test(hostname) || hostname.endsWith('.localhost')

/** @param hostname - of the page that is invited to */
export function invitedAddrs (addrs: readonly string[], hostname: string): string[] {
  const near = addrs.filter((addr) => LOOPBACK.test(addr) === isLocal(hostname))
  return near.length > 0 ? near : [...addrs]
}
