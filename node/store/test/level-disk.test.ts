/** The store's port over LevelDB (D1, D5, D6, D8), and the places that peers of one user take (D7). */
import { expect } from 'chai'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STORE_CHECKS } from '../../../protocol/host/test/store-suite.ts'
import { openLevel } from '../open-level.ts'
import { openStore } from '../open-store.ts'
import type { Disk } from '../../../protocol/host/store/disk.ts'

let dir: string
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-level-')) })
afterEach(() => { rmSync(dir, { recursive: true, force: true }) })

describe('a disk of LevelDB', () => {
  for (const [title, check] of STORE_CHECKS) {
    it(title, async () => { await check(async () => await openLevel(join(dir, 'place'), () => {}) as Disk) })
  }
})

describe('places of stores', () => {
  it('[D7] each process or peer takes the first that is free', async () => {
    const stores = [await openStore({ folder: dir }), await openStore({ folder: dir })]
    expect(readdirSync(dir).sort()).to.deep.equal(['0', '1'])
    await stores[0]?.close()
    const again = await openStore({ folder: dir })
    expect(readdirSync(dir).sort()).to.deep.equal(['0', '1'])
    await Promise.all([again.close(), stores[1]?.close()])
  })
})
