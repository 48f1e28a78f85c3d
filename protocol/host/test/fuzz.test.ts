/** Readers of strangers' bytes never throw what they do not promise, take no time and no memory to speak of (X6); longer: `npm run fuzz`. */
import { expect } from 'chai'
import { BOMBS } from './fuzz/mutations.ts'
import { corpusOf } from './fuzz/corpus.ts'
import { feed, fuzz } from './fuzz/fuzz.ts'
import { targets } from './fuzz/targets.ts'

const RUNS = 400

describe('fuzz', async () => {
  for (const target of await targets()) {
    it(`[X6] ${target.name}: hostile bytes`, async () => {
      expect(await fuzz(target, RUNS, 1)).to.equal(null)
    }).timeout(60_000)

    it(`[X6] ${target.name}: bombs, and what broke it before`, async () => {
      for (const [what, bytes] of BOMBS) await feed(target, bytes).catch((error: unknown) => { throw new Error(`${what}: ${String(error)}`, { cause: error }) })
      for (const bytes of corpusOf(target.name)) await feed(target, bytes)
    }).timeout(60_000)
  }

  it('[X6] a reader that breaks its promise is found, and its input shown again by seed and path', async () => {
    const careless = { name: 'careless', valid: (await targets())[0]!.valid, feed: (bytes: Uint8Array) => { if (bytes.includes(0xd8)) throw new Error('careless') } }
    const crash = await fuzz(careless, RUNS, 7)
    expect(crash?.why).to.equal('Error: careless')
    expect(await fuzz(careless, RUNS, 7, crash?.path)).to.deep.include({ why: 'Error: careless', bytes: crash?.bytes })
  }).timeout(60_000)
})
