/**
 * What two peers say before anything else (A3), over one stream of its own: whoever dialled shows the founder's key of its mesh
 * and its chain; the other one answers with its own chain, or with why not. A stranger who dials learns nothing but that the mesh is
 * private. Frames are dag-cbor, and short.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { FrameSplitter, frameOf } from '../frames.ts'
import { write } from '../write.ts'
import type { Fault } from './fault.ts'
import type { Stream } from '@libp2p/interface'
import type { Tuple } from './capability.ts'

/** The same for all meshes, so that a peer of another one, or of none, is told. */
export const ADMIT_PROTOCOL = '/millionfold/1/admit'

/** Both ways together: three round trips across the world with a relay in between, and a busy machine. A guess. */
export const HANDSHAKE_MS_MAX = 5_000
/** A chain of the greatest length is below a kilobyte. */
const FRAME_BYTES_MAX = 2_048
/** Whoever was refused closes; one that does not is cut off after this. */
export const GOODBYE_MS_MAX = 1_000

/** Shown by whoever dialled. */
export interface Hello { mesh?: unknown, links?: unknown }
/** The answer: `yes` is the other one's chain. */
export interface Answer { yes?: unknown, no?: unknown }

/** @param mesh - its founder's key; null from a peer of an open mesh, who wants to know whether this one is private */
export const sendHello = async (stream: Stream, mesh: Uint8Array | null, links: Tuple[] | null): Promise<void> => { await send(stream, { mesh, links }) }

export const welcome = async (stream: Stream, links: Tuple[]): Promise<void> => { await end(stream, { yes: links }) }

/** Say why not. */
export const refuse = async (stream: Stream, fault: Fault): Promise<void> => { await end(stream, { no: fault }) }

async function send (stream: Stream, value: unknown): Promise<void> {
  await write(stream, frameOf(encode(value)))
}

async function end (stream: Stream, value: unknown): Promise<void> {
  await send(stream, value)
  await stream.close({ signal: AbortSignal.timeout(GOODBYE_MS_MAX) })
}

/**
 * The next, and only, frame.
 *
 * @throws Error when none comes in time, or it is no map
 */
export async function readFrame (stream: Stream): Promise<Hello & Answer> {
  const splitter = new FrameSplitter(FRAME_BYTES_MAX)
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const deadline = setTimeout(() => { reject(new Error('too slow')) }, HANDSHAKE_MS_MAX)
  stream.addEventListener('message', ({ data }) => {
    try {
      const [frame] = splitter.push(data)
      if (frame !== undefined) resolve(frame)
    } catch (error) {
      reject(error as Error)
    }
  })
  // What came before the end is handed on in the next turn.
  stream.addEventListener('close', () => { setTimeout(() => { reject(new Error('the stream ended')) }) })
  try {
    const value: unknown = decode(await promise)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a frame of the handshake')
    return value
  } finally {
    clearTimeout(deadline)
  }
}
