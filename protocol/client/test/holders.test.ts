/** Reading a result where some of those that keep it are gone or say nothing. Real peers over the memory network. */
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { expect } from 'chai'
import { Holders } from '../holders.ts'
import { MemoryNetwork, MemoryRoom } from '../../host/memory-network.ts'
import { MeshPeer } from '../../host/mesh-peer.ts'
import { dagBlock, peerOf, rawBlock } from '../../host/test/samples.ts'
import type { Cid, Contact, JobId } from '../../core/ids.ts'

const JOB = dagBlock('a job').cid as Cid & JobId
const BLOCK = rawBlock(new TextEncoder().encode('a part of the result'))

interface Member { peer: MeshPeer, network: MemoryNetwork, contact: Contact }

describe('holders of a result', function () {
  this.timeout(20_000)
  const members: Member[] = []
  let room = new MemoryRoom()
  beforeEach(() => { room = new MemoryRoom() })
  afterEach(async () => { await Promise.all(members.splice(0).map(async ({ peer }) => { await peer.leave() })) })

  async function member (name: string): Promise<Member> {
    const network = new MemoryNetwork(room, peerOf(name))
    const peer = new MeshPeer({ network, blocks: new MemoryBlockstore(), sandbox: null, cores: 0, seed: 1, sign: async bytes => bytes, verify: async () => true })
    await peer.start()
    const made = { peer, network, contact: { peer: peer.id, addrs: peer.addrs() } }
    members.push(made)
    return made
  }

  const gone: Contact = { peer: peerOf('gone'), addrs: [] }
  const has = async ({ peer }: Member): Promise<boolean> => await peer.blocks.has(CID.parse(BLOCK.cid))

  it('the first that answers is read, whoever else is gone or says nothing', async () => {
    const [reader, silent, holder] = [await member('reader'), await member('silent'), await member('holder')]
    await holder.peer.blocks.put(CID.parse(BLOCK.cid), BLOCK.bytes)
    silent.network.setReading(false)
    const silence = reader.peer.query(silent.contact, []).catch(() => 'the silent one was waited for')
    const holders = new Holders(JOB, [silent.contact, gone, holder.contact], [], reader.peer)
    expect(await Promise.race([holders.fetch(BLOCK.cid), silence])).to.equal(undefined)
    expect(await has(reader)).to.equal(true)
    silent.network.setReading(true)
  })

  it('what they lack is looked for at others that answered before', async () => {
    const [reader, holder, other] = [await member('reader'), await member('holder'), await member('other')]
    await other.peer.blocks.put(CID.parse(BLOCK.cid), BLOCK.bytes)
    await new Holders(JOB, [holder.contact], [other.peer.id], reader.peer).fetch(BLOCK.cid)
    expect(await has(reader)).to.equal(true)
  })

  it('where nobody answers, or nobody has it, one sentence says so', async () => {
    const [reader, empty] = [await member('reader'), await member('empty')]
    const fault = async (contacts: Contact[]): Promise<unknown> => await new Holders(JOB, contacts, [], reader.peer).fetch(BLOCK.cid).catch((error: Error) => error.message)
    expect(await fault([gone])).to.equal(`None of those who keep the result of job ${JOB} answers; try again when one of them is back.`)
    expect(await fault([gone, empty.contact])).to.equal(`Those who answer lack a part of the result of job ${JOB}; try again when others that keep it are back.`)
  })
})
