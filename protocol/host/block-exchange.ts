/**
 * Blocks between two peers over libp2p: one stream a request, a list of content ids in, one block a frame out, in
 * the same order. Both ends have deadlines and wait for the other to read; what arrives is hashed before anyone
 * sees it. Helia's bitswap was not taken: it sends want lists to every connected peer, while here the holder of a
 * block is known.
 */
import { BLOCKS_PER_REQUEST_MAX, BLOCK_BYTES_MAX } from './network.ts'
import { FrameReader } from './frame-reader.ts'
import { frameOf } from './frames.ts'
import { blockReply, blockRequest } from './wire/tables.ts'
import { cidOfDag, cidOfRaw } from '../job/cid.ts'
import { decode, encode } from './wire/schema.ts'
import { write } from './write.ts'
import type { Cid } from '../core/ids.ts'
import type { FetchedBlock } from './network.ts'
import type { Stream } from '@libp2p/interface'

export const BLOCKS_PROTOCOL = '/millionfold/1/blocks'

/** Of one frame, once asked for: 2 MiB at 2 Mbit/s. A guess. */
const FRAME_MS_MAX = 10_000
const REQUEST_BYTES_MAX = 64 * BLOCKS_PER_REQUEST_MAX
const REPLY_BYTES_MAX = BLOCK_BYTES_MAX + 256

/**
 * Answer one request.
 *
 * @param readBlock - gives a stored block's bytes, or null
 */
export async function serveBlocks (stream: Stream, readBlock: (cid: Cid) => Promise<Uint8Array | null>): Promise<void> {
  try {
    const frames = new FrameReader(stream, REQUEST_BYTES_MAX, FRAME_MS_MAX)
    const { cids } = decode(blockRequest, await frames.next())
    for (const cid of cids) {
      const bytes = await readBlock(cid)
      await write(stream, frameOf(encode(blockReply, { cid, bytes: bytes !== null && bytes.length <= BLOCK_BYTES_MAX ? bytes : null })))
    }
    await stream.close({ signal: AbortSignal.timeout(FRAME_MS_MAX) })
  } catch (error) {
    stream.abort(error as Error)
  }
}

/**
 * Ask over an open stream.
 *
 * @throws Error when the other end is too slow, or sends something else than what was asked for
 */
export async function * requestBlocks (stream: Stream, cids: Cid[], signal: AbortSignal): AsyncGenerator<FetchedBlock> {
  const onAbort = (): void => { stream.abort(new Error('aborted')) }
  signal.addEventListener('abort', onAbort)
  try {
    const frames = new FrameReader(stream, REPLY_BYTES_MAX, FRAME_MS_MAX)
    await write(stream, frameOf(encode(blockRequest, { cids })))
    for (const wanted of cids) {
      const { cid, bytes } = decode(blockReply, await frames.next())
      if (cid !== wanted) throw new Error('a block that was not asked for')
      if (bytes !== null && !isBlock(cid, bytes)) throw new Error('a block is not what its content id says')
      yield { cid, bytes }
    }
    await stream.close({ signal: AbortSignal.timeout(FRAME_MS_MAX) })
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (stream.status === 'open') stream.abort(new Error('no longer wanted'))
  }
}

/** Do the bytes have this content id? */
export function isBlock (cid: Cid, bytes: Uint8Array): boolean {
  return cid === (cid.startsWith('bafkr') ? cidOfRaw(bytes) : cidOfDag(bytes))
}
