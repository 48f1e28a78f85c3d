/**
 * The script that runs in a sandbox's worker, before job code comes: keeps what it needs (natives.ts), makes the scope bare, and
 * serves the page over the one port it is handed.
 */
import { makeBare } from './bare.ts'
import { natives, scope } from './natives.ts'
import { Server } from './server.ts'
import type { Allowed, Kind } from '../messages.ts'

scope['onmessage'] = ({ data, ports }: MessageEvent<{ kind: Kind, allowed: Allowed }>) => {
  scope['onmessage'] = null
  // The frame forgets the URL of this script, so that no other worker can be made of it.
  ;(scope['postMessage'] as (message: unknown) => void)('up')
  const { kind, allowed } = data
  makeBare(globalThis, kind === 'gpu' && natives.gpu !== null)
  void new Server(ports[0]!, kind, allowed)
}
