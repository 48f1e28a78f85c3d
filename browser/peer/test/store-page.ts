/** A page that runs the store's acceptance suite over IndexedDB, and looks at what it keeps in all. Test helper. */
import { openDB } from 'idb'
import { IdbDisk } from '../idb-disk.ts'
import { STORE_CHECKS } from '../../../protocol/host/test/store-suite.ts'
import { takePlace } from '../keep.ts'
import type { KeptSchema } from '../idb-disk.ts'

const page = {
  /** Empty when it holds, else what does not. */
  async check (title: string): Promise<string> {
    const [, check] = STORE_CHECKS.find(([name]) => name === title)!
    const open = async (): Promise<IdbDisk> => new IdbDisk(await openDB<KeptSchema>(title, 2, {
      upgrade (db) {
        for (const name of ['identity', 'blocks', 'records'] as const) db.createObjectStore(name)
      }
    }))
    try {
      await check(open)
      return ''
    } catch (error) {
      return (error as Error).stack ?? String(error)
    }
  },
  /** The key's public half of the first free place, twice in a row. */
  async keys (): Promise<string[]> {
    const keys: string[] = []
    for (let visit = 0; visit < 2; visit++) {
      const { key, release } = await takePlace()
      keys.push(key.publicKey.toString())
      await release()
    }
    return keys
  },
  /** What a page says to data of a newer version, and what is left of that. */
  async newer (): Promise<{ said: string, version: number }> {
    (await openDB('millionfold-0', 9)).close()
    const said = await takePlace().then(() => '', (error: Error) => error.message)
    const left = await openDB('millionfold-0')
    left.close()
    return { said, version: left.version }
  }
}

export type StorePage = typeof page

Object.assign(globalThis, { storePage: page })
