/**
 * Composes a tab's peer: libp2p with a browser's transports, the tab sandbox, a store in IndexedDB, and the MeshPeer
 * that drives the core with them. It enters the mesh by the link's addresses, and again whenever nobody is connected.
 * No protocol rule lives here.
 */
import { Guard } from '../../protocol/host/guard.ts'
import { Libp2pNetwork } from '../../protocol/host/libp2p-network.ts'
import { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import { createTabSandbox } from '../sandbox/tab-sandbox.ts'
import { signWith, verifyBy } from '../../protocol/host/keys.ts'
import { EntryError } from './entry-error.ts'
import { RunningTab } from './running-tab.ts'
import { TabReceipts } from './receipts.ts'
import { WatchedSandbox } from './work.ts'
import { CONNECTIONS_MAX, createTabLibp2p } from './libp2p.ts'
import { enter } from './entry.ts'
import { takePlace } from './keep.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { TabPeer, TabPeerInit } from './tab-peer.ts'

/** The core's limit on a seed. */
const SEED_MAX = 2 ** 32

/** A reservation takes two round trips: a job that is submitted before has nobody who could be asked for work. A guess. */
const RESERVE_MS_MAX = 2_000
const LOOK_MS = 20

/**
 * Start a tab's peer and enter the mesh.
 *
 * @throws EntryError in one sentence when the browser or the mesh does not let it in
 */
export async function startTabPeer (init: TabPeerInit): Promise<TabPeer> {
  checkBrowser()
  // Loaded only where it is needed: most pages are of open meshes.
  const invited = init.invitation === undefined ? null : await import('./invited.ts')
  const invitation = await invited?.invitationIn(init.invitation, init.right ?? null) ?? null
  const kept = await takePlace(invitation?.mesh ?? '')
  const sandbox = createTabSandbox({ cores: init.cores, memoryMb: init.memoryMb, duty: init.duty })
  try {
    const guard = new Guard()
    const libp2p = await createTabLibp2p(kept.key, guard, init.stun, await invited?.membershipOf(invitation, kept.key))
    await invited?.keepRevocations(libp2p.services.door, kept.store)
    const sign = signWith(kept.key)
    const watched = new WatchedSandbox(sandbox)
    const mesh = new MeshPeer({
      network: new Libp2pNetwork(libp2p, { guard, connectionsMax: CONNECTIONS_MAX }), blocks: kept.store, sandbox: watched, cores: init.cores,
      seed: crypto.getRandomValues(new Uint32Array(1))[0]! % SEED_MAX, sign, verify: verifyBy, acceptance: init.acceptance,
      receipts: new TabReceipts(libp2p.peerId.toString() as PeerId), ...invited?.privateParts(libp2p.services.door, invitation, sign)
    })
    const tab = new RunningTab({ mesh, libp2p, sandbox, watched, addrs: init.addrs, release: kept.release })
    invited?.watchDoor(libp2p.services.door, (why) => { tab.end(why) })
    // Without storage, receipts last as long as the page.
    mesh.wallet.load().catch(() => {})
    await mesh.start()
    try {
      await enter(mesh, init.addrs)
      await whenReachable(mesh)
      return tab
    } catch (error) {
      await tab.stop()
      throw error
    }
  } catch (error) {
    await sandbox.close()
    await kept.release()
    throw error
  }
}

/** Resolves once others can dial this tab, through a relay; where none has room, it goes on without. */
async function whenReachable (mesh: MeshPeer): Promise<void> {
  for (const end = Date.now() + RESERVE_MS_MAX; mesh.addrs().length === 0 && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function checkBrowser (): void {
  if (!isSecureContext) {
    throw new EntryError('insecure', 'This page came by plain http from another machine, and browsers allow keys and sandboxes only over https or from the same machine.')
  }
  if (typeof RTCPeerConnection !== 'function') {
    throw new EntryError('no-webrtc', 'This browser has no WebRTC, or it is switched off, so tabs cannot reach each other.')
  }
  if (typeof indexedDB === 'undefined' || indexedDB === null || navigator.locks === undefined) {
    throw new EntryError('storage-blocked', 'This browser keeps no data for this page, so a volunteer cannot have a key.')
  }
}
