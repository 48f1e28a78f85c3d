/**
 * `serve`: a volunteer of this machine that tabs can enter the mesh by, with the volunteer page and the control page
 * beside it. Prints their links and its own addresses, then is quiet until it is told to stop.
 */
import { availableParallelism } from 'node:os'
import { startPeer } from '../peer.ts'
import type { NodePeer, NodePeerInit } from '../peer.ts'
import { restWhenQuiet } from '../rest.ts'
import { storeFolder } from '../state-dir.ts'
import { PageServer } from '../pages/server.ts'
import { dialableByTabs } from '../pages/addrs.ts'
import { pageLinks } from '../pages/link.ts'
import { invitationFor } from '../invitation.ts'
import { pagesFolder } from '../pages/built.ts'
import { receiptsFolder } from '../state-dir.ts'
import type { MakePages } from '../pages/built.ts'
import { checkAddrs } from './addrs.ts'
import { Interrupts } from './interrupt.ts'
import { MEMORY_MB, acceptanceOf, enter, say } from './join.ts'
import type { Invitation } from '../../protocol/host/admission/invitation.ts'
import type { Rule } from '../../protocol/host/acceptance.ts'
import type { ExitCode } from './exit-code.ts'

export interface ServeOptions {
  port?: number
  host?: string
  listen?: string[]
  cores?: number
  memory?: number
  duty?: number
  identity?: string
  store?: string
  /** MiB. */
  disk?: number
  mdns?: boolean
  events?: string
  /** To a private mesh: its text, a link with it, or a file. */
  invitation?: string
  /** Peer ids. */
  onlyFrom?: string[]
  accept?: Rule[]
}

/** Of the pages; the peer's own ports follow it. DESIGN 7. */
export const PORT = 22581

const LOCAL = '127.0.0.1'

export async function serve (addrs: string[], options: ServeOptions, make: MakePages): Promise<ExitCode> {
  checkAddrs(addrs)
  const invitation = await invitationFor(options.invitation, ...options.cores === 0 ? [] : ['volunteer'] as const)
  const interrupts = new Interrupts()
  const port = options.port ?? PORT
  let peer: NodePeer | null = null
  // The pages first: their port tells in one sentence that another `serve` has it.
  const server = new PageServer({ folder: await pagesFolder(make), port, host: options.host ?? LOCAL, addrs: () => dialableByTabs(peer?.mesh.addrs() ?? []) })
  const url = await server.start()
  try {
    peer = await startPeer(peerOf(addrs, options, port, invitation))
    if (addrs.length > 0) await enter(peer, addrs)
    const links = await pageLinks(url, invitation)
    process.stdout.write(`volunteer  ${links.volunteer}\ncontrol    ${links.control}\n`)
    for (const addr of peer.mesh.addrs()) process.stdout.write(`${addr}\n`)
    restWhenQuiet()
    return await Promise.race([interrupts.first, peer.over]) === 'SIGINT' ? 130 : 0
  } finally {
    await server.stop()
    await peer?.stop()
  }
}

function peerOf (addrs: string[], options: ServeOptions, port: number, invitation: Invitation | null): NodePeerInit {
  return {
    listen: options.listen ?? listenAfter(port),
    identity: options.identity ?? null,
    cores: options.cores ?? availableParallelism(),
    memoryMb: options.memory ?? MEMORY_MB,
    duty: options.duty ?? 1,
    runsCode: true,
    mdns: options.mdns !== false && addrs.length === 0,
    dht: 'lan',
    relay: true,
    tabs: true,
    receipts: receiptsFolder(options.store),
    events: options.events ?? null,
    invitation,
    acceptance: acceptanceOf(options),
    store: storeFolder('peers', options.store, invitation),
    diskMb: options.disk,
    say
  }
}

/** TCP, WebSocket and WebRTC-direct on the three ports after the pages'; with port 0 on any. */
function listenAfter (port: number): string[] {
  const [tcp, ws, webrtc] = port === 0 ? [0, 0, 0] : [port + 1, port + 2, port + 3]
  return [`/ip4/0.0.0.0/tcp/${tcp}`, `/ip4/0.0.0.0/tcp/${ws}/ws`, `/ip4/0.0.0.0/udp/${webrtc}/webrtc-direct`]
}
