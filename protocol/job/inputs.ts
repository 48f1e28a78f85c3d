/**
 * Inputs, one per partition, as blocks (DESIGN 4, content): spooled at the submitter while they come,
 * read at a worker for its range only. They are stored as a gathered value is (gathered.ts). Never holds
 * more than a chunk and one block of links per level.
 */
import { encode } from '@ipld/dag-cbor'
import { cidOfDag } from './cid.ts'
import { LINKS_MAX, linksOf, readChunks } from './gathered.ts'
import { normalise, ValueError } from './value.ts'
import type { Cid } from '../core/ids.ts'
import type { GetBlock, Link } from './gathered.ts'

/** A chunk of inputs is closed at this size, bytes, or this many inputs: large enough to hash and send in bulk, small next to a block's cap. */
const CHUNK_BYTES = 262_144
const CHUNK_INPUTS = 4096

/** Keeps a block; resolves when the next may come. */
export type PutBlock = (cid: Cid, bytes: Uint8Array) => Promise<unknown>

/** A block of inputs and which of them a range needs. */
export interface InputChunk {
  /** Partition of the first input needed. */
  from: number
  /** Inputs needed. */
  count: number
  /** Inputs in the block before the first needed. */
  skip: number
  /** `{ l: [inputs...] }` in dag-cbor. */
  bytes: Uint8Array
}

/**
 * Store inputs as they come.
 *
 * @param inputs - one value per partition
 * @param put - keeps a block
 * @param onCount - told how many inputs are stored, after each chunk
 * @param seal - makes a sealed block of one with inputs; as it is by default
 * @returns the root block and how many there were; the root is null when there were none
 * @throws ValueError naming the first input that cannot be carried
 */
export async function spoolInputs (
  inputs: Iterable<unknown> | AsyncIterable<unknown>, put: PutBlock, onCount?: (count: number) => void, seal: (block: Uint8Array) => Uint8Array = block => block
): Promise<{ cid: Cid | null, count: number }> {
  const tree = new LinkTree(put)
  let values: unknown[] = []
  let bytes = 0
  let count = 0
  const flush = async (): Promise<void> => {
    if (values.length === 0) return
    const block = seal(encode({ l: values }))
    await tree.add(block, values.length)
    values = []
    bytes = 0
    onCount?.(count)
  }
  for await (const input of inputs) {
    const sized = sizedInput(input, count)
    values.push(sized.value)
    bytes += sized.bytes
    count++
    if (bytes >= CHUNK_BYTES || values.length >= CHUNK_INPUTS) await flush()
  }
  await flush()
  return { cid: await tree.root(), count }
}

function sizedInput (input: unknown, index: number): { value: unknown, bytes: number } {
  try {
    return normalise(input)
  } catch (error) {
    throw new ValueError(`input ${index} cannot be sent: ${(error as Error).message}`)
  }
}

/** Grows a tree of links from its leaves on; `levels[0]` links chunks. */
class LinkTree {
  private readonly put: PutBlock
  private readonly levels: Link[][] = []

  constructor (put: PutBlock) {
    this.put = put
  }

  async add (block: Uint8Array, count: number, level = 0): Promise<void> {
    const cid = cidOfDag(block)
    await this.put(cid, block)
    const links = this.levels[level] ??= []
    links.push([cid, count])
    if (links.length >= LINKS_MAX) await this.close(level)
  }

  /** The level's links become a block of the level above. */
  private async close (level: number): Promise<void> {
    const links = this.levels[level]!
    this.levels[level] = []
    await this.add(linksOf(links), links.reduce((sum, [, count]) => sum + count, 0), level + 1)
  }

  async root (): Promise<Cid | null> {
    for (let level = 0; level < this.levels.length; level++) {
      const links = this.levels[level]!
      const top = level === this.levels.length - 1
      if (top && links.length === 1) return links[0]![0]
      if (links.length > 0) await this.close(level)
    }
    return null
  }
}

/**
 * The blocks that hold the inputs of partitions `from` up to `to`, in order.
 *
 * @param get - gives a block, fetching it where needed
 * @param cid - `spec.inputs`
 * @throws ValueError when the blocks are no inputs; what `get` rejects with
 */
export async function * readInputs (get: GetBlock, cid: Cid, from: number, to: number): AsyncGenerator<InputChunk> {
  let next = from
  for await (const chunk of readChunks(get, cid, from, to)) {
    const end = Math.min(to, chunk.from + chunk.count)
    if (end <= next) continue
    yield { from: next, count: end - next, skip: next - chunk.from, bytes: chunk.bytes }
    next = end
  }
  if (next < to) throw new ValueError(`there is no input for partition ${next}`)
}
