/** Which addresses a volunteer listens on, from its options. Knows the transports' multiaddrs, nothing else. */
import { UsageError } from '../../protocol/client/errors.ts'

export interface ListenOptions {
  listen?: string[]
  port?: number
}

/**
 * The given addresses; otherwise TCP, WebSocket and WebRTC-direct on all interfaces, from `port` on, or
 * on ports that are free.
 *
 * @throws UsageError when both are given
 */
export function listenOn ({ listen, port }: ListenOptions): string[] {
  if (listen !== undefined && port !== undefined) throw new UsageError('Give either --listen or --port, not both.')
  if (listen !== undefined) return listen
  const [tcp, ws, webrtc] = port === undefined ? [0, 0, 0] : [port, port + 1, port + 2]
  return [`/ip4/0.0.0.0/tcp/${tcp}`, `/ip4/0.0.0.0/tcp/${ws}/ws`, `/ip4/0.0.0.0/udp/${webrtc}/webrtc-direct`]
}
