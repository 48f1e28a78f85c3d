/**
 * A Node peer's store: in the first free place of a folder, so that several peers of one user each have their own and find it again,
 * or in a temporary folder that goes with the process. LevelDB's own lock says which places are free, also after `kill -9`.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../protocol/client/errors.ts'
import { PeerStore } from '../../protocol/host/store/peer-store.ts'
import type { Disk } from '../../protocol/host/store/disk.ts'

export interface StoreInit {
  /** A folder of places; null to keep nothing. */
  folder: string | null
  /** What it may take on the disk, MiB. */
  diskMb?: number | undefined
  /** Blocks kept in memory before the disk is used, bytes. */
  memoryBytesMax?: number
}

/** More peers of one user on one machine than this are a mistake. */
const PLACES_MAX = 1024
const TEMPORARY = 'millionfold-blocks-'

/**
 * @param say told in one sentence when a store had to be repaired
 * @throws UsageError when a store cannot be opened, or is of a newer version
 */
export async function openStore (init: StoreInit, say: (sentence: string) => void = () => {}): Promise<PeerStore> {
  const { folder } = init
  const sizes = {
    ...init.memoryBytesMax === undefined ? {} : { memoryBytesMax: init.memoryBytesMax },
    ...init.diskMb === undefined ? {} : { diskBytesMax: init.diskMb * 2 ** 20 }
  }
  if (folder === null) return new PeerStore({ mode: 'spill', disk: openTemporary, ...sizes })
  const disk = await takePlace(folder, say)
  return await new PeerStore({ mode: 'keep', disk: async () => disk, ...sizes }).sweep()
}

async function takePlace (folder: string, say: (sentence: string) => void): Promise<Disk> {
  const { openLevel } = await import('./open-level.ts')
  for (let place = 0; place < PLACES_MAX; place++) {
    const disk = await openLevel(join(folder, String(place)), say)
    if (disk !== null) return disk
  }
  throw new UsageError(`${PLACES_MAX} peers have their stores in ${folder} already: name another folder by --store.`)
}

/** Most peers without a store never need it, so it is made when memory is full. */
async function openTemporary (): Promise<Disk> {
  sweep()
  const folder = mkdtempSync(join(tmpdir(), `${TEMPORARY}${process.pid}-`))
  const remove = (): void => { rmSync(folder, { recursive: true, force: true }) }
  process.once('exit', remove)
  const { openLevel } = await import('./open-level.ts')
  const disk = await openLevel(folder, () => {})
  if (disk === null) throw new Error(`another process uses ${folder}`)
  const close = disk.close.bind(disk)
  disk.close = async () => {
    await close()
    process.off('exit', remove)
    remove()
  }
  return disk
}

/** Remove the folders of processes that are gone. */
function sweep (): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(TEMPORARY)) continue
    const pid = Number(name.slice(TEMPORARY.length).split('-')[0])
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
