/**
 * What a tab keeps between visits, in IndexedDB: its key, so that a volunteer is the same peer after a refresh, and
 * blocks. Tabs of one browser that are open at once are peers of their own: each holds a numbered place, by a Web Lock
 * that ends with the tab.
 */
import { deleteDB, openDB } from 'idb'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { DBSchema, IDBPDatabase } from 'idb'
import type { PrivateKey } from '@libp2p/interface'
import { EntryError } from './entry-error.ts'

export interface KeptSchema extends DBSchema {
  identity: { key: string, value: Uint8Array }
  blocks: { key: string, value: { bytes: Uint8Array, ms: number }, indexes: { ms: number } }
}

export interface Kept {
  key: PrivateKey
  db: IDBPDatabase<KeptSchema>
  /** Another tab may have the place now. */
  release: () => void
}

/** More tabs of one browser than this are a mistake. */
const PLACES_MAX = 64

/**
 * Take the first free place, and its key.
 *
 * @throws EntryError with `storage-blocked`
 */
export async function takePlace (): Promise<Kept> {
  for (let place = 0; place < PLACES_MAX; place++) {
    const release = await lockOf(`millionfold-peer-${place}`)
    if (release === null) continue
    try {
      const db = await opened(`millionfold-${place}`)
      return { key: await keyOf(db), db, release: () => { db.close(); release() } }
    } catch (error) {
      release()
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

async function opened (name: string): Promise<IDBPDatabase<KeptSchema>> {
  const open = async (): Promise<IDBPDatabase<KeptSchema>> => await openDB<KeptSchema>(name, 1, {
    upgrade (db) {
      db.createObjectStore('identity')
      db.createObjectStore('blocks').createIndex('ms', 'ms')
    }
  })
  try {
    return await open()
  } catch (error) {
    // Left by another version of this page; what it holds can be had again.
    if ((error as Error).name !== 'VersionError') throw error
    await deleteDB(name)
    return await open()
  }
}

async function keyOf (db: IDBPDatabase<KeptSchema>): Promise<PrivateKey> {
  const kept = await db.get('identity', 'key')
  if (kept !== undefined) {
    try {
      return privateKeyFromProtobuf(kept)
    } catch { /* damaged: whoever has no key is somebody new */ }
  }
  const key = await generateKeyPair('Ed25519')
  await db.put('identity', privateKeyToProtobuf(key), 'key')
  return key
}
