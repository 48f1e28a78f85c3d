/**
 * What holds for every implementation of the store's port (disk.ts), and for a store on top of it. Plain functions that throw, so that they
 * run in a page as well as under mocha.
 */
import { CID } from 'multiformats/cid'
import { PeerStore } from '../store/peer-store.ts'
import { cidOfRaw } from '../../job/cid.ts'
import type { Disk } from '../store/disk.ts'

/** Opens the same disk again each time; the one before is closed by then. */
export type OpenDisk = () => Promise<Disk>

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array | null): string | null => bytes === null ? null : new TextDecoder().decode(bytes)
const cidOf = (bytes: Uint8Array): CID => CID.parse(cidOfRaw(bytes))

function same (found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
}

async function keysOf (entries: AsyncIterable<{ key: string }>): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of entries) keys.push(key)
  return keys
}

async function blockOf (store: PeerStore, cid: CID): Promise<string | null> {
  try {
    for await (const bytes of store.get(cid)) return textOf(bytes)
  } catch (error) {
    same((error as Error).name, 'NotFoundError')
  }
  return null
}

const storeOn = (open: OpenDisk): PeerStore => new PeerStore({ mode: 'keep', disk: open, memoryBytesMax: 64 })

export const STORE_CHECKS: Array<[string, (open: OpenDisk) => Promise<void>]> = [
  ['[D1] keeps entries by table and key, in the order of their keys, across closing', async open => {
    const disk = await open()
    const block = bytesOf('a block')
    await disk.write([
      { table: 'values', key: 'b:2', bytes: bytesOf('two') }, { table: 'values', key: 'b:1', bytes: bytesOf('one') }, { table: 'values', key: 'a:1', bytes: bytesOf('other') },
      { table: 'jobs', key: 'b:1', bytes: bytesOf('job') }, { table: 'blocks', key: cidOf(block).toString(), bytes: block }
    ])
    await disk.write([{ table: 'values', key: 'b:1', bytes: bytesOf('again') }, { table: 'jobs', key: 'b:1', bytes: null }])
    await disk.close()
    const later = await open()
    same(await keysOf(later.entries('values', 'b:')), ['b:1', 'b:2'])
    same(await keysOf(later.entries('values', '')), ['a:1', 'b:1', 'b:2'])
    same(textOf(await later.get('values', 'b:1')), 'again')
    same([await later.has('jobs', 'b:1'), await later.has('blocks', cidOf(block).toString())], [false, true])
    await later.clearBlocks()
    same(await later.has('blocks', cidOf(block).toString()), false)
    await later.tidy()
    same(await later.size() >= 0, true)
    await later.close()
  }],
  ['[D1] gives thousands of entries, each once', async open => {
    const disk = await open()
    const keys = Array.from({ length: 2000 }, (_, i) => `job:${String(i).padStart(5, '0')}`)
    await disk.write(keys.map(key => ({ table: 'owned', key, bytes: bytesOf(key) })))
    same(await keysOf(disk.entries('owned', 'job:')), keys)
    await disk.close()
  }],
  ['[D1, D6] a store takes at once, writes behind, and has it all after a restart', async open => {
    const store = storeOn(open)
    const blocks = Array.from({ length: 20 }, (_, i) => bytesOf(`block ${i} of some length`))
    for (const bytes of blocks) await store.put(cidOf(bytes), bytes)
    store.set('receipts', '1', bytesOf('first'))
    store.set('receipts', '2', bytesOf('second'))
    store.remove('receipts', '1')
    same(await keysOf(store.entries('receipts')), ['2'])
    for (const bytes of blocks) same(await blockOf(store, cidOf(bytes)), textOf(bytes))
    await store.close()
    const later = storeOn(open)
    same([await later.read('receipts', '1'), textOf(await later.read('receipts', '2'))], [null, 'second'])
    for (const bytes of blocks) same(await blockOf(later, cidOf(bytes)), textOf(bytes))
    await later.delete(cidOf(blocks[0] as Uint8Array))
    same(await later.has(cidOf(blocks[0] as Uint8Array)), false)
    await later.close()
  }],
  ['[D5] what was changed on the disk is not there', async open => {
    const store = storeOn(open)
    const block = bytesOf('a block')
    await store.put(cidOf(block), block)
    store.set('self', 'key', bytesOf('a key'))
    store.set('self', 'cut', bytesOf('another'))
    await store.close()
    const disk = await open()
    await disk.write([{ table: 'blocks', key: cidOf(block).toString(), bytes: bytesOf('a blocl') }])
    const sealed = await disk.get('self', 'key') as Uint8Array
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
    await disk.write([{ table: 'self', key: 'key', bytes: sealed }, { table: 'self', key: 'cut', bytes: bytesOf('short') }])
    await disk.close()
    const later = storeOn(open)
    same([await later.read('self', 'key'), await blockOf(later, cidOf(block)), await keysOf(later.entries('self'))], [null, null, []])
    same(later.damaged >= 3, true)
    await later.close()
  }],
  ['[D6] a disk that takes nothing is told of once, tried again, and nothing is lost', async open => {
    const disk = await open()
    let isFull = true
    const write = disk.write.bind(disk)
    disk.write = async changes => { if (isFull) throw new Error('no space left on device'); await write(changes) }
    const store = new PeerStore({ mode: 'keep', disk: async () => disk })
    const told: string[] = []
    const opens = new Promise<void>(resolve => {
      store.onState(now => {
        told.push(now.state === 'full' ? now.why : 'open')
        isFull = false
        if (now.state === 'open') resolve()
      })
    })
    store.set('jobs', 'a', bytesOf('kept'))
    await store.flush()
    same(textOf(await store.read('jobs', 'a')), 'kept')
    store.set('jobs', 'a', bytesOf('kept anew'))
    await opens
    same(told, ['the disk is full', 'open'])
    await store.close()
    const later = await open()
    same(await later.has('jobs', 'a'), true)
    await later.close()
  }],
  ['[D8] a quota makes its owner forget, and is told of when there is nothing to forget', async open => {
    const store = new PeerStore({ mode: 'keep', disk: open, diskBytesMax: 1 })
    let asked = 0
    store.onCrowded(async () => { asked++; return false })
    const told = new Promise<string>(resolve => { store.onState(now => { resolve(now.state) }) })
    store.set('values', 'job:0', bytesOf('a value'))
    same([await told, asked], ['full', 1])
    await store.close()
  }]
]
