/** Fetching blocks when peers lack them, lie, or are asked twice at once. */
import { CID } from 'multiformats/cid'
import { MemoryBlockstore } from 'blockstore-core'
import { expect } from 'chai'
import { BlockFetcher } from '../block-fetcher.ts'
import { MemoryNetwork, MemoryRoom } from '../memory-network.ts'
import { Recorder } from './recorder.ts'
import { dagBlock, peerOf, rawBlock } from './samples.ts'
import type { Cid } from '../../core/ids.ts'

const leaf = rawBlock(Uint8Array.of(1, 2, 3))
const root = dagBlock({ c: [[CID.parse(leaf.cid), 1]] })
const { signal } = new AbortController()

describe('block fetcher', () => {
  let fetcher: BlockFetcher
  let fetched: Cid[]
  const seen = { giver: new Recorder(), empty: new Recorder(), liar: new Recorder() }
  const [giver, empty, liar] = ['giver', 'empty', 'liar'].map(peerOf) as [ReturnType<typeof peerOf>, ReturnType<typeof peerOf>, ReturnType<typeof peerOf>]

  beforeEach(async () => {
    const room = new MemoryRoom()
    const open = async (name: string, recorder = new Recorder()): Promise<MemoryNetwork> => {
      const network = new MemoryNetwork(room, peerOf(name))
      await network.start(recorder)
      return network
    }
    for (const [name, recorder] of Object.entries(seen)) await open(name, recorder)
    for (const { cid, bytes } of [leaf, root]) seen.giver.blocks.set(cid, bytes)
    seen.liar.blocks.set(leaf.cid, Uint8Array.of(9))
    fetched = []
    fetcher = new BlockFetcher(await open('me'), new MemoryBlockstore(), cid => fetched.push(cid))
  })

  const fault = async (work: Promise<unknown>): Promise<string> => await work.then(() => 'none', (error: Error) => error.name)

  it('asks peers in turn, past those that lack a block, lie about it or are gone', async () => {
    const blocks: Cid[] = []
    await fetcher.tree(root.cid, [peerOf('gone'), empty, liar, giver], signal, cid => blocks.push(cid))
    expect(fetched).to.deep.equal([root.cid, leaf.cid])
    expect(blocks).to.deep.equal([root.cid, leaf.cid])
    expect(await fetcher.read(leaf.cid)).to.deep.equal(leaf.bytes)
  })

  it('walks what is known to be whole no second time', async () => {
    const wholes = new Set<Cid>()
    await fetcher.tree(root.cid, [giver], signal, () => {}, wholes)
    expect([...wholes]).to.deep.equal([root.cid])
    const above = dagBlock({ c: [[CID.parse(root.cid), 1]] })
    seen.giver.blocks.set(above.cid, above.bytes)
    const walked: Cid[] = []
    await fetcher.tree(above.cid, [giver], signal, cid => walked.push(cid), wholes)
    expect(walked).to.deep.equal([above.cid])
  })

  it('says when nobody has it', async () => {
    expect(await fault(fetcher.get(leaf.cid, () => [empty, liar], signal))).to.equal('UnfetchableError')
    expect(await fault(fetcher.get(leaf.cid, () => [], signal))).to.equal('UnfetchableError')
    expect(await fetcher.read(leaf.cid)).to.equal(null)
  })

  it('tries again itself what another asker failed to get', async () => {
    const asks = [[empty], [liar], [empty], [giver], [giver]].map(async from => await fault(fetcher.get(leaf.cid, () => from, signal)))
    const faults = await Promise.all(asks)
    expect(faults.slice(3)).to.deep.equal(['none', 'none'])
    expect(fetched).to.deep.equal([leaf.cid])
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    const get = fault(fetcher.get(leaf.cid, () => [empty, giver], controller.signal))
    controller.abort()
    expect(await get).to.equal('AbortError')
    expect(await fault(fetcher.get(leaf.cid, () => [giver], signal))).to.equal('none')
  })

  it('refuses trees of what are no blocks of this protocol', async () => {
    const foreign = dagBlock({ l: [CID.parse('QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPkdG')] })
    seen.giver.blocks.set(foreign.cid, foreign.bytes)
    expect(await fault(fetcher.tree(foreign.cid, [giver], signal))).to.equal('Error')
  })
})
