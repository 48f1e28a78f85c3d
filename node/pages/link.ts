/**
 * Links to the pages with what a mesh is entered by in their fragment, which browsers keep to themselves. Read by
 * browser/peer/link.ts.
 */

import { bitsOf, hasRight } from '../../protocol/host/admission/rights.ts'
import type { Invitation } from '../../protocol/host/admission/invitation.ts'

/** As many as the page reads. */
const ADDRS_MAX = 8
/** What peers say to each other. */
const VERSION = '1'

/**
 * @param addrs of peers to enter by; none where the page's server builds them in
 * @param invitation its text; null for an open mesh
 */
export function linkTo (page: string, addrs: string[], invitation: string | null): string {
  if (addrs.length === 0 && invitation === null) return page
  const fields = new URLSearchParams([['v', VERSION], ...addrs.slice(0, ADDRS_MAX).map((addr) => ['peer', addr])])
  if (invitation !== null) fields.set('invitation', invitation)
  const url = new URL(page)
  url.hash = fields.toString().replaceAll('%2F', '/').replaceAll('%3A', ':')
  return url.href
}

/**
 * The links to the two pages that a peer of this machine serves: a volunteer gets an invitation that allows volunteering and nothing
 * else, where it can be narrowed; the control page gets all of it.
 */
export async function pageLinks (url: string, invitation: Invitation | null): Promise<{ volunteer: string, control: string }> {
  if (invitation === null) return { volunteer: url, control: `${url}control` }
  const { chain, secret } = invitation
  const rights = bitsOf(['volunteer'])
  const { narrow } = await import('../../protocol/host/admission/invitation.ts')
  const lent = secret !== null && hasRight(chain.rights, 'invite') && hasRight(chain.rights, 'volunteer')
    ? await narrow(invitation, { rights, expiresS: chain.expiresS, peer: null })
    : invitation
  return { volunteer: linkTo(url, [], lent.text), control: linkTo(`${url}control`, [], invitation.text) }
}
