/**
 * A peer's blocks: the first ones in memory, because most jobs are small and a disk is slow, and the rest
 * in files of a temporary folder, because inputs and results may be gigabytes. The folder goes when the
 * process ends; one that a killed process left is swept by the next to open one. Blocks are not checked
 * here: whoever puts them has verified them.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BaseBlockstore } from 'blockstore-core'
import type { FsBlockstore } from 'blockstore-fs'
import type { CID } from 'multiformats/cid'

/** Blocks kept in memory at most, bytes: a volunteer's whole budget is 120 MB (DESIGN 9), its code is half of it. */
const MEMORY_BYTES_MAX = 32 * 1024 * 1024

const PREFIX = 'millionfold-blocks-'

type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export class PeerStore extends BaseBlockstore {
  readonly #memory = new Map<string, Uint8Array>()
  readonly #bytesMax: number
  #bytes = 0
  #folder: string | null = null
  #disk: Promise<FsBlockstore> | null = null

  /** @param bytesMax bytes kept in memory before the disk is used */
  constructor (bytesMax = MEMORY_BYTES_MAX) {
    super()
    this.#bytesMax = bytesMax
  }

  override async put (cid: CID, val: Bytes): Promise<CID> {
    const key = cid.toString()
    if (await this.has(cid)) return cid
    const bytes = val instanceof Uint8Array ? val : await joined(val)
    if (this.#bytes + bytes.byteLength <= this.#bytesMax) {
      this.#memory.set(key, bytes)
      this.#bytes += bytes.byteLength
    } else {
      await (await this.#opened()).put(cid, bytes)
    }
    return cid
  }

  override async * get (cid: CID): AsyncGenerator<Uint8Array> {
    const bytes = this.#memory.get(cid.toString())
    if (bytes !== undefined) yield bytes
    else yield * (await this.#opened()).get(cid)
  }

  override async has (cid: CID): Promise<boolean> {
    if (this.#memory.has(cid.toString())) return true
    return this.#disk === null ? false : await (await this.#disk).has(cid)
  }

  override async delete (cid: CID): Promise<void> {
    const key = cid.toString()
    const bytes = this.#memory.get(key)
    if (bytes !== undefined) {
      this.#memory.delete(key)
      this.#bytes -= bytes.byteLength
    } else if (this.#disk !== null) {
      await (await this.#disk).delete(cid)
    }
  }

  /** Let go of everything, the folder included. */
  close (): void {
    this.#memory.clear()
    this.#bytes = 0
    if (this.#folder === null) return
    process.off('exit', this.#remove)
    this.#remove()
  }

  readonly #remove = (): void => {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true })
  }

  async #opened (): Promise<FsBlockstore> {
    if (this.#disk === null) {
      sweep()
      this.#folder = join(tmpdir(), `${PREFIX}${process.pid}-${Date.now().toString(36)}`)
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      process.once('exit', this.#remove)
      this.#disk = open(this.#folder)
    }
    return await this.#disk
  }
}

/** Loaded only now: most peers never need it. */
async function open (folder: string): Promise<FsBlockstore> {
  const { FsBlockstore } = await import('blockstore-fs')
  const disk = new FsBlockstore(folder)
  await disk.open()
  return disk
}

/** Remove the folders of processes that are gone. */
function sweep (): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const pid = Number(name.slice(PREFIX.length).split('-')[0])
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function joined (parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = []
  for await (const part of parts) list.push(part)
  return list.length === 1 ? list[0] as Uint8Array : Buffer.concat(list)
}
