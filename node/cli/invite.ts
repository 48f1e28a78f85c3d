/**
 * `invite`: founds a private mesh, makes narrower invitations of what this machine holds, and revokes them. Prints the invitation,
 * a link to the volunteer page with it, and a QR code of the link. It asks nobody: only `--revoke` with `--mesh` connects.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { equals } from 'multiformats/bytes'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { checkAddrs } from './addrs.ts'
import { UsageError } from '../../protocol/client/errors.ts'
import { QUIET_PEER, startPeer } from '../peer.ts'
import { found, foundedBy, invite as invitedBy, narrow, publicKeyOf } from '../../protocol/host/admission/invitation.ts'
import { ALL_RIGHTS, hasRight, isWithin, rightsIn } from '../../protocol/host/admission/rights.ts'
import { foundedHere, founderOf, issuedHere, keepFounder, keepIssued, keepRevoked, revokedHere } from '../meshes-dir.ts'
import { invitationFor, invitationIn } from '../invitation.ts'
import { issuerOf, readLinks, tupleOf, verifiedChain } from '../../protocol/host/admission/capability.ts'
import { linkTo } from '../pages/link.ts'
import { qrText } from './qr.ts'
import { revoke } from '../../protocol/host/admission/revocation.ts'
import { PORT } from './serve.ts'
import type { Chain } from '../../protocol/host/admission/capability.ts'
import type { ExitCode } from './exit-code.ts'
import type { Founder, Invitation, Terms } from '../../protocol/host/admission/invitation.ts'
import type { PeerId } from '../../protocol/core/ids.ts'

export interface InviteOptions {
  new?: boolean
  from?: string
  /** Bits of rights.ts. */
  rights?: number
  /** Unix seconds. */
  expires?: number
  for?: string
  page?: string
  revoke?: string
  mesh?: string
  json?: boolean
}

/** Who may invite: a mesh's founder, or an invitation with that right. */
type Source = { founder: Founder, mesh: string } | { invitation: Invitation, mesh: string }

const DAY_S = 86_400
const DEFAULT_S = 30 * DAY_S
/** What a mesh's first invitation is good for. */
const FIRST_S = 365 * DAY_S
/** The peer that tells a revocation. */
const TELLER_S = 3600

export async function invite (addrs: string[], options: InviteOptions): Promise<ExitCode> {
  if (options.revoke !== undefined && options.new === true) throw new UsageError('Give either --new or --revoke, not both.')
  if (options.revoke !== undefined) return await revoked(options.revoke, options)
  // A link with an address that is none would lead nobody anywhere.
  checkAddrs(addrs)
  if (options.page !== undefined && !/^https?:$/.test(URL.parse(options.page)?.protocol ?? '')) throw new UsageError(`--page takes the address of a page such as https://example.org/, not \`${options.page}\`.`)
  const source = options.new === true ? await founded(options) : await sourceOf(options.from)
  const invitation = await madeBy(source, termsFor(source, options))
  const { chain, mesh } = invitation
  keepIssued(mesh, chain.ids.at(-1) as string, encode([chain.founder, chain.links.map(tupleOf)]))
  print(invitation, addrs, options)
  return 0
}

async function founded (options: InviteOptions): Promise<Source> {
  if (options.from !== undefined) throw new UsageError('Give either --new or --from, not both.')
  const founder = found()
  const mesh = await foundedBy(founder)
  keepFounder(mesh, founder)
  return { founder, mesh }
}

/** What was named; else the environment's invitation; else the one mesh that was founded here. */
async function sourceOf (from: string | undefined): Promise<Source> {
  const here = foundedHere()
  if (from !== undefined && here.includes(from)) return { founder: founderOf(from), mesh: from }
  const invitation = from === undefined ? await invitationFor(undefined) : await invitationIn(from)
  if (invitation !== null) return { invitation, mesh: invitation.mesh }
  const [mesh, ...others] = here
  if (mesh === undefined) throw new UsageError('There is nothing to invite with: found a private mesh with --new, or give an invitation with --from.')
  if (others.length > 0) throw new UsageError(`Several private meshes were founded on this machine: name one with --from, ${here.join(' or ')}.`)
  return { founder: founderOf(mesh), mesh }
}

function termsFor (source: Source, options: InviteOptions): Terms {
  const nowS = Math.floor(Date.now() / 1000)
  const peer = options.for === undefined ? null : checkedPeer(options.for)
  if (!('invitation' in source)) return { rights: options.rights ?? ALL_RIGHTS, expiresS: options.expires ?? nowS + (options.new === true ? FIRST_S : DEFAULT_S), peer }
  const { chain, secret } = source.invitation
  if (!hasRight(chain.rights, 'invite')) throw new UsageError('That invitation may not be passed on in parts: ask for one with the right `invite`.')
  if (secret === null) throw new UsageError('That invitation is made out to one peer, so it cannot be passed on: ask for one that is not.')
  const rights = options.rights ?? chain.rights
  if (!isWithin(rights, chain.rights)) throw new UsageError(`That invitation allows ${rightsIn(chain.rights).join(', ')} and nothing more: ask for fewer rights.`)
  if (options.expires !== undefined && options.expires > chain.expiresS) throw new UsageError(`That invitation itself expires on ${dateOf(chain.expiresS)}: ask for an earlier time.`)
  return { rights, expiresS: options.expires ?? Math.min(chain.expiresS, nowS + DEFAULT_S), peer }
}

function checkedPeer (text: string): PeerId {
  try {
    publicKeyOf(text as PeerId)
    return text as PeerId
  } catch (error) {
    throw new UsageError(`--for takes a peer's id such as 12D3KooW…, not \`${text.slice(0, 80)}\`.`, { cause: error })
  }
}

const madeBy = async (source: Source, terms: Terms): Promise<Invitation> =>
  'founder' in source ? await invitedBy(source.founder, terms) : await narrow(source.invitation, terms)

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

function print (invitation: Invitation, addrs: string[], options: InviteOptions): void {
  const { chain, mesh } = invitation
  const link = linkTo(options.page ?? `http://127.0.0.1:${PORT}/`, addrs, invitation.text)
  const facts = { invitation: invitation.text, link, mesh, id: chain.ids.at(-1) as string, rights: rightsIn(chain.rights), expires: dateOf(chain.expiresS) }
  if (options.json === true) return void process.stdout.write(`${JSON.stringify(facts)}\n`)
  for (const [name, value] of Object.entries(facts)) process.stdout.write(`${name.padEnd(10)}  ${Array.isArray(value) ? value.join(', ') : value}\n`)
  const code = qrText(link, process.stdout.isTTY)
  process.stdout.write(code === null ? 'The link is too long for a QR code: give fewer addresses.\n' : `\n${code}`)
}

/** Revoke an invitation by its id or its text, and tell a mesh if one is named. */
async function revoked (what: string, options: InviteOptions): Promise<ExitCode> {
  const chain = await chainOf(what)
  const mesh = await signed(chain, options)
  const id = chain.ids.at(-1) as string
  if (options.mesh !== undefined) await told(options.mesh, mesh)
  else process.stderr.write('Every peer of this mesh that is started on this machine from now on tells the others; with --mesh ADDR they are told now.\n')
  process.stdout.write(options.json === true ? `${JSON.stringify({ id, state: 'revoked' })}\n` : `${id} is revoked\n`)
  return 0
}

async function chainOf (what: string): Promise<Chain> {
  if (what.startsWith('mfi') || what.includes('/')) return (await invitationIn(what)).chain
  const bytes = issuedHere(what)
  if (bytes === null) throw new UsageError(`No invitation ${what.slice(0, 80)} was made on this machine: give the invitation itself.`)
  const [founder, tuples] = decode<[Uint8Array, unknown]>(bytes)
  return await verifiedChain(founder, readLinks(tuples))
}

/** Sign as whichever issuer of the chain this machine has the key of, and keep it. */
async function signed (chain: Chain, options: InviteOptions): Promise<Source> {
  const named = options.from === undefined ? [] : [await sourceOf(options.from)]
  const sources = [...named, ...foundedHere().map((mesh): Source => ({ founder: founderOf(mesh), mesh }))]
  for (const source of sources) {
    const seed = 'founder' in source ? source.founder.seed : source.invitation.secret
    if (seed === null) continue
    const key = await generateKeyPairFromSeed('Ed25519', seed)
    const issuer = chain.links.findIndex((_, index) => equals(issuerOf(chain, index), key.publicKey.raw))
    if (issuer === -1) continue
    const { bytes } = await revoke(chain, issuer, key)
    keepRevoked(source.mesh, bytes, () => revokedHere(source.mesh))
    return source
  }
  throw new UsageError('Only whoever made an invitation, or one that it was made of, can revoke it: give that one with --from.')
}

async function told (addr: string, source: Source): Promise<void> {
  const expiresS = Math.floor(Date.now() / 1000) + TELLER_S
  const invitation = 'invitation' in source ? source.invitation : await invitedBy(source.founder, { rights: 0, expiresS, peer: null })
  const peer = await startPeer({ ...QUIET_PEER, runsCode: false, invitation })
  try {
    await peer.join([addr])
  } finally {
    await peer.stop()
  }
}
