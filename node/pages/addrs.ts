/** Which of a peer's addresses a tab can dial, the likeliest first. */

/** A link stays short. As many as browser/peer/link.ts reads. */
const ADDRS_MAX = 8

/** WebSocket and WebRTC-direct; this machine's own before those of networks, which it may not be reached by. */
export function dialableByTabs (addrs: string[]): string[] {
  const rank = (addr: string): number => (/^\/ip[46]\/(127\.|::1\/)/.test(addr) ? 0 : 2) + (/\/wss?\//.test(addr) ? 0 : 1)
  return addrs.filter((addr) => /\/(wss?|webrtc-direct)\//.test(addr) && !addr.includes('/p2p-circuit'))
    .sort((a, b) => rank(a) - rank(b)).slice(0, ADDRS_MAX)
}
