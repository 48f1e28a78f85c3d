/** The key of a Node peer: made once, readable by its user alone, the same tomorrow. */
import { expect } from 'chai'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ephemeralKey, persistentKey } from '../identity.ts'
import { signWith, verifyBy } from '../../../protocol/host/keys.ts'
import type { PeerId } from '../../../protocol/core/ids.ts'

describe('identity', () => {
  let folder: string
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'millionfold-identity-')) })
  afterEach(async () => { await rm(folder, { recursive: true }) })

  it('is made once, in a file that only its user can read', async () => {
    const file = join(folder, 'deep', 'key')
    const keys = await Promise.all([persistentKey(file), persistentKey(file)])
    expect(keys[0].equals(await persistentKey(file))).to.equal(true)
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
  })

  it('says what to do about a file that holds none', async () => {
    const file = join(folder, 'key')
    await writeFile(file, 'not a key')
    const error = await persistentKey(file).then(() => null, (error: Error) => error)
    expect(error?.message).to.match(/holds no key; move it away/)
  })

  it('signs, and only its own signatures verify', async () => {
    const [key, other] = [await ephemeralKey(), await ephemeralKey()]
    const [id, otherId] = [key, other].map(key => peerIdFromPrivateKey(key).toString() as PeerId) as [PeerId, PeerId]
    const bytes = Uint8Array.of(1, 2, 3)
    const signature = await signWith(key)(bytes)
    expect(await verifyBy(id, bytes, signature)).to.equal(true)
    expect(await verifyBy(otherId, bytes, signature)).to.equal(false)
    expect(await verifyBy(id, Uint8Array.of(1, 2), signature)).to.equal(false)
  })
})
