/**
 * The link that invites to a mesh: addresses of its peers in the URL's fragment, which no web server ever sees, or,
 * where a peer serves the page itself, built into the page. Never dials.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { EntryError } from './entry-error.ts'

export interface Link {
  /** Multiaddrs of peers to enter the mesh by. */
  addrs: string[]
  /** What the mesh is called: a stranger's text. */
  name?: string
  /** STUN servers, for tabs behind NATs. */
  stun?: string[]
  /** To a private mesh: its text. In the fragment, it never reaches a server. */
  invitation?: string
}

/** What peers say to each other; a link made for another version leads to a mesh this page cannot join. */
export const VERSION = '1'

/** A link fits a QR code and a chat message. A guess. */
const ADDRS_MAX = 8
const NAME_LENGTH_MAX = 64
const STUN_MAX = 2
const INVITATION = /^mfi\d[\w-]{1,2048}$/
const STUN = /^stuns?:[\w.-]+(:\d+)?$/

/** What a browser dials, before any relay. */
const DIALABLE = ['ws', 'wss', 'webrtc-direct', 'webrtc', 'webtransport']

/**
 * Where a link leads.
 *
 * @param hash - the page's address from the `#` on
 * @param builtIn - addresses that came with the page
 * @throws EntryError with `bad-address`, `bad-invitation` or `other-version`
 */
export function readLink (hash: string, builtIn = servedAddrs()): Link {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const given = fields.getAll('peer').slice(0, ADDRS_MAX)
  const version = fields.get('v')
  if (version !== null && version !== VERSION) {
    throw new EntryError('other-version', `This link is for version ${version.slice(0, 8)} of the protocol, and this page speaks version ${VERSION}.`)
  }
  const addrs = given.length > 0 ? given : builtIn
  if (addrs.length === 0) throw new EntryError('bad-address', 'This link names no peer to enter a mesh by.')
  for (const addr of addrs) check(addr)
  const name = fields.get('name')?.trim().slice(0, NAME_LENGTH_MAX)
  const stun = fields.getAll('stun').slice(0, STUN_MAX)
  if (!stun.every((url) => STUN.test(url))) throw new EntryError('bad-address', 'The link names a STUN server that is none: it must look like stun:stun.example.org:3478.')
  const invitation = fields.get('invitation')
  if (invitation !== null && !INVITATION.test(invitation)) throw new EntryError('bad-invitation', 'The link\'s invitation is none, or a part of it is missing.')
  return { addrs, ...(invitation === null ? {} : { invitation }), ...(name === undefined || name === '' ? {} : { name }), ...(stun.length === 0 ? {} : { stun }) }
}

/**
 * The link to a page that enters a mesh.
 *
 * @param page - the page's own URL; its fragment is replaced
 */
export function writeLink (page: string, { addrs, name, stun = [], invitation }: Link): string {
  const fields = new URLSearchParams([['v', VERSION], ...addrs.slice(0, ADDRS_MAX).map((addr) => ['peer', addr]), ...stun.map((url) => ['stun', url])])
  if (name !== undefined) fields.set('name', name)
  if (invitation !== undefined) fields.set('invitation', invitation)
  const url = new URL(page)
  // Slashes and colons may stand in a fragment as they are: the link stays readable and its QR code small.
  url.hash = fields.toString().replaceAll('%2F', '/').replaceAll('%3A', ':')
  return url.href
}

/** Addresses that the peer which serves this page wrote into it. */
function servedAddrs (): string[] {
  const meta = document.querySelector('meta[name="millionfold-peers"]')?.getAttribute('content') ?? ''
  return meta.split(' ').filter((addr) => addr !== '')
}

function check (addr: string): void {
  let names: string[]
  try {
    names = multiaddr(addr).getComponents().map(({ name }) => name)
  } catch {
    throw new EntryError('bad-address', `The link's address ${addr.slice(0, 80)} is none.`)
  }
  if (!names.includes('p2p')) throw new EntryError('bad-address', `The link's address ${addr.slice(0, 80)} names no peer: it must end in /p2p/ and the peer's id.`)
  if (!names.some((name) => DIALABLE.includes(name))) {
    throw new EntryError('bad-address', `The link's address ${addr.slice(0, 80)} is not one that browsers can dial, such as a WebSocket's.`)
  }
}
