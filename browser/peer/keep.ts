/**
 * What a tab keeps between visits, in IndexedDB: its key, so that a volunteer is the same peer after a refresh, and its
 * store (D1). Tabs of one browser that are open at once are peers of their own: each holds a numbered place, by a Web Lock
 * that ends with the tab.
 */
import { openDB } from 'idb'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { IDBPDatabase } from 'idb'
import type { PrivateKey } from '@libp2p/interface'
import { EntryError } from './entry-error.ts'
import { IdbDisk } from './idb-disk.ts'
import { PeerStore } from '../../protocol/host/store/peer-store.ts'
import type { KeptSchema } from './idb-disk.ts'

export interface Kept {
  key: PrivateKey
  store: PeerStore
  /** Write what is left; then another tab may have the place. */
  release: () => Promise<void>
}

/** Blocks kept in memory at most, bytes, of those that are stored as well. A guess; an idle tab has 60 MB in all. */
const MEMORY_BYTES_MAX = 16 * 1024 * 1024
/** What the page may take of a visitor's disk, all of its tabs together. A guess; browsers give far more. */
const DISK_BYTES_MAX = 512 * 1024 * 1024

/** More tabs of one browser than this are a mistake. */
const PLACES_MAX = 64

/**
 * Take the first free place, and its key.
 *
 * @param mesh name of the private mesh, of which nothing is kept together with what others know; empty for an open one
 * @throws EntryError with `storage-blocked`
 */
export async function takePlace (mesh = ''): Promise<Kept> {
  const prefix = mesh === '' ? 'millionfold' : `millionfold-${mesh}`
  for (let place = 0; place < PLACES_MAX; place++) {
    const release = await lockOf(`${prefix}-peer-${place}`)
    if (release === null) continue
    try {
      const db = await opened(`${prefix}-${place}`)
      const store = await new PeerStore({ mode: 'keep', disk: async () => new IdbDisk(db), memoryBytesMax: MEMORY_BYTES_MAX, diskBytesMax: DISK_BYTES_MAX }).sweep()
      return { key: await keyOf(store, db), store, release: async () => { await store.close().finally(release) } }
    } catch (error) {
      release()
      if (error instanceof EntryError) throw error
      throw new EntryError('storage-blocked', `This browser keeps no data for this page: ${(error as Error).message}`, { cause: error })
    }
  }
  throw new EntryError('storage-blocked', `${PLACES_MAX} tabs of this browser are peers already; close some.`)
}

/** @returns what gives the lock back, or null when another tab holds it */
async function lockOf (name: string): Promise<(() => void) | null> {
  const { promise: over, resolve: release } = Promise.withResolvers<void>()
  const { promise: answer, resolve, reject } = Promise.withResolvers<boolean>()
  navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    resolve(lock !== null)
    if (lock !== null) await over
  }).catch(reject)
  return await answer ? release : null
}

/** Of what is in the database. 1 had blocks with an age, and no records. */
const VERSION = 2

async function opened (name: string): Promise<IDBPDatabase<KeptSchema>> {
  try {
    return await openDB<KeptSchema>(name, VERSION, {
      upgrade (db, before) {
        if (before < 1) db.createObjectStore('identity')
        if (before === 1) db.deleteObjectStore('blocks')
        db.createObjectStore('blocks')
        db.createObjectStore('records')
      }
    })
  } catch (error) {
    if ((error as Error).name !== 'VersionError') throw error
    throw new EntryError('other-version', 'This browser has data of a newer version of this page, which is left as it is.', { cause: error })
  }
}

/** The store's own; before, it lay beside it. */
async function keyOf (store: PeerStore, db: IDBPDatabase<KeptSchema>): Promise<PrivateKey> {
  const kept = await store.read('self', 'key') ?? await db.get('identity', 'key')
  if (kept !== undefined) {
    try {
      return privateKeyFromProtobuf(kept)
    } catch { /* damaged: whoever has no key is somebody new */ }
  }
  const key = await generateKeyPair('Ed25519')
  store.set('self', 'key', privateKeyToProtobuf(key))
  return key
}
