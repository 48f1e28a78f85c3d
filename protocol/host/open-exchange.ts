/**
 * Asking a bite's maker to open what it committed to (V4), over libp2p: one stream a request, one frame each way. Both ends have
 * deadlines and limits. What comes back is only bytes here: whether it fits the root is for whoever asked.
 */
import { BLOCK_BYTES_MAX, OPENED_MAX } from './network.ts'
import { FrameReader } from './frame-reader.ts'
import { decode, encode } from './wire/schema.ts'
import { frameOf } from './frames.ts'
import { openReply, openRequest } from './wire/opening.ts'
import { write } from './write.ts'
import type { OpenRequest } from './network.ts'
import type { Stream } from '@libp2p/interface'

/** A maker that has let its nodes go computes the bite again, which may take as long as the bite did (J4: 30 s). */
const REPLY_MS_MAX = 60_000
const REQUEST_MS_MAX = 10_000
const REQUEST_BYTES_MAX = 256 + 12 * OPENED_MAX
/** Two of the largest blocks: an opening whose outputs stand as they are (V6) may be as large. */
export const REPLY_BYTES_MAX = 2 * BLOCK_BYTES_MAX

/**
 * Answer one request.
 *
 * @param open - gives the nodes, or null where this peer shows nothing
 */
export async function serveOpening (stream: Stream, open: (request: OpenRequest) => Promise<Uint8Array[] | null>): Promise<void> {
  try {
    const request = decode(openRequest, await new FrameReader(stream, REQUEST_BYTES_MAX, REQUEST_MS_MAX).next())
    await write(stream, frameOf(encodeReply(await open(request))))
    await stream.close({ signal: AbortSignal.timeout(REQUEST_MS_MAX) })
  } catch (error) {
    stream.abort(error as Error)
  }
}

/** What is too large is not shown: fewer partitions have to be asked for. */
export function encodeReply (nodes: Uint8Array[] | null): Uint8Array {
  const bytes = nodes?.reduce((sum, node) => sum + node.length + 8, 64) ?? 0
  return encode(openReply, nodes === null || bytes > REPLY_BYTES_MAX ? { shown: false, nodes: [] } : { shown: true, nodes })
}

/**
 * Ask over an open stream.
 *
 * @returns null when the other end shows nothing
 * @throws Error when it is too slow or sends something else
 */
export async function requestOpening (stream: Stream, request: OpenRequest, signal: AbortSignal): Promise<Uint8Array[] | null> {
  const onAbort = (): void => { stream.abort(new Error('aborted')) }
  signal.addEventListener('abort', onAbort)
  try {
    const frames = new FrameReader(stream, REPLY_BYTES_MAX, REPLY_MS_MAX)
    await write(stream, frameOf(encode(openRequest, request)))
    const { shown, nodes } = decode(openReply, await frames.next())
    await stream.close({ signal: AbortSignal.timeout(REQUEST_MS_MAX) })
    return shown ? nodes : null
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (stream.status === 'open') stream.abort(new Error('no longer wanted'))
  }
}
