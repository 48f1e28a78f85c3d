/**
 * Everything that reads bytes of strangers, or of a disk (X6). A target makes valid bytes and takes any: it may only fail
 * in the way its reader promises, and what it reads it writes back to something that reads the same. Test helper.
 */
import fc from 'fast-check'
import { decode as decodeDag, encode as encodeDag } from '@ipld/dag-cbor'
import { base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { expect } from 'chai'
import { FrameError, FrameSplitter, frameOf } from '../../frames.ts'
import { InvitationError } from '../../admission/fault.ts'
import { LineError, readLine } from '../../credit/lines.ts'
import { MESSAGES } from '../../wire/test/messages.ts'
import { ValueError, decodeValue, encodeValue, normalise } from '../../../job/value.ts'
import { ALL_RIGHTS } from '../../admission/rights.ts'
import { blockReply, blockRequest } from '../../wire/tables.ts'
import { checkSpec, decodeSpec, encodeSpec } from '../../../job/spec.ts'
import { cidOfDag } from '../../../job/cid.ts'
import { WireError, decode, encode } from '../../wire/schema.ts'
import { dagBlock, rawBlock } from '../samples.ts'
import { decodeMessage, encodeMessage } from '../../wire/codec.ts'
import { encodeEvidence, evidenceFrom } from '../../verify/evidence.ts'
import { familyFrom } from '../../verify/family.ts'
import { found, invite, readInvitation } from '../../admission/invitation.ts'
import { hasLinks, linksOf } from '../../wire/links.ts'
import { isBlock } from '../../block-exchange.ts'
import { linksOf as nodeOfLinks, nodeOf } from '../../../job/gathered.ts'
import { innerNode, listNode, listsNode, nodeFrom, wholeNode } from '../../../job/commitment/nodes.ts'
import { readRevocation, revoke } from '../../admission/revocation.ts'
import { readSheet } from '../../credit/sheet.ts'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Arbitrary } from 'fast-check'
import type { Cid } from '../../../core/ids.ts'

export interface Target {
  name: string
  valid: Arbitrary<Uint8Array>
  /** @throws whatever else than the reader promises */
  feed: (bytes: Uint8Array) => void | Promise<void>
}

type Kind = new (...args: never[]) => Error

/** What a reader may throw; anything else is a finding. */
async function orThrows (kind: Kind, read: () => unknown): Promise<void> {
  try {
    await read()
  } catch (error) {
    if (!(error instanceof kind)) throw error
  }
}

const NOW_MS = 1_800_000_000_000
const LATER_S = NOW_MS / 1000 + 3_600
const FOUNDER = found()
const cid = fc.string({ maxLength: 3 }).map(text => dagBlock(text).cid)
const link = cid.map(text => CID.parse(text))
const dag: Arbitrary<unknown> = fc.letrec(tie => ({
  any: fc.oneof({ maxDepth: 4 }, fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ maxLength: 8 }), fc.uint8Array({ maxLength: 40 }), link),
    fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(fc.string({ maxLength: 4 }), tie('any'), { maxKeys: 4 }))
})).any
const block = dag.map(value => encodeDag(value))
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const messages = fc.oneof(...Object.values(MESSAGES))
const specs = MESSAGES.jobs.filter(message => message.type === 'jobs' && message.jobs.length > 0)
  .map(message => message.type === 'jobs' ? encodeSpec((message.jobs[0] as { spec: Parameters<typeof encodeSpec>[0] }).spec) : new Uint8Array())

const wire: Target[] = [
  {
    name: 'message',
    valid: messages.map(encodeMessage),
    feed: bytes => {
      const { message } = decodeMessage(bytes)
      if (message !== null) expect(decodeMessage(encodeMessage(message))).to.deep.equal({ message })
    }
  },
  {
    name: 'frames',
    valid: fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }).map(all => Uint8Array.from(all.flatMap(bytes => [...frameOf(bytes)]))),
    feed: async bytes => {
      await orThrows(FrameError, () => {
        const [whole, pieces] = [new FrameSplitter(1_000), new FrameSplitter(1_000)]
        const frames = whole.push(bytes)
        expect(frames.reduce((sum, { length }) => sum + length, 0)).to.be.at.most(bytes.length)
        const [middle, found] = [bytes.length >> 1, [] as Uint8Array[]]
        found.push(...pieces.push(bytes.subarray(0, middle)), ...pieces.push(bytes.subarray(middle)))
        expect(found).to.deep.equal(frames)
      })
    }
  },
  { name: 'block request', valid: fc.array(cid, { maxLength: 5 }).map(cids => encode(blockRequest, { cids })), feed: async bytes => { await orThrows(WireError, () => { expect(decode(blockRequest, bytes).cids.length).to.be.at.most(128) }) } },
  {
    name: 'block reply',
    valid: fc.tuple(cid, fc.option(fc.uint8Array({ maxLength: 50 }))).map(([cid, bytes]) => encode(blockReply, { cid, bytes })),
    feed: async bytes => { await orThrows(WireError, () => { const reply = decode(blockReply, bytes); if (reply.bytes !== null) isBlock(reply.cid, reply.bytes) }) }
  },
  { name: 'spec', valid: specs, feed: async bytes => { await orThrows(Error, () => { const spec = decodeSpec(bytes); expect(checkSpec(spec)).to.equal(null); expect(decodeSpec(encodeSpec(spec))).to.deep.equal(spec) }) } }
]

const blocks: Target[] = [
  {
    name: 'value',
    valid: dag.map(value => { try { return encodeValue(value) } catch { return encodeValue(null) } }),
    feed: async bytes => { await orThrows(ValueError, () => { const { value } = normalise(decodeValue(bytes)); expect(decodeValue(encodeValue(value))).to.deep.equal(value) }) }
  },
  {
    name: 'links in a block',
    valid: block,
    feed: async bytes => {
      expect(hasLinks(bytes)).to.be.a('boolean')
      await orThrows(Error, () => { for (const found of linksOf(cidOfDag(bytes), bytes)) expect(found).to.match(/^baf[a-z2-7]{56}$/) })
    }
  },
  { name: 'gathered', valid: fc.oneof(fc.array(dag, { maxLength: 4 }).map(l => encodeDag({ l })), fc.array(fc.tuple(cid, fc.integer({ min: 1, max: 9 })), { maxLength: 4 }).map(links => nodeOfLinks(links))), feed: async bytes => { await orThrows(Error, () => nodeOf(bytes)) } },
  { name: 'sheet of receipts', valid: fc.tuple(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 3 }), fc.array(fc.tuple(fc.constantFrom('/', '1.2'), link), { maxLength: 3 })).map(it => encodeDag(it)), feed: async bytes => { await orThrows(Error, () => readSheet(bytes)) } },
  { name: 'receipts in a file', valid: fc.constantFrom('{"format":"millionfold-receipts","version":1,"mesh":""}', '{"job":"x","spec":"AAAA"}', '{"receipt":{},"partitions":[[0,1]]}', '[').map(text => new TextEncoder().encode(text)), feed: async bytes => { await orThrows(LineError, () => readLine(new TextDecoder().decode(bytes))) } },
  {
    name: 'commitment node',
    valid: fc.oneof(fc.array(dag, { maxLength: 4 }).map(listNode), fc.array(digest, { maxLength: 4 }).map(listsNode), dag.map(wholeNode), fc.array(fc.record({ item: dag, digest }), { maxLength: 4 }).map(innerNode)),
    feed: bytes => { nodeFrom(bytes) }
  },
  { name: 'family of a value', valid: fc.tuple(fc.option(link), fc.array(fc.tuple(fc.nat(127), fc.nat(), fc.oneof(fc.uint8Array({ maxLength: 20 }), link), fc.oneof(cid, link), fc.string({ maxLength: 6 }), fc.uint8Array({ maxLength: 64 })), { maxLength: 4 })).map(([v, c]) => encodeDag({ v, c })), feed: bytes => { familyFrom(bytes) } },
  {
    name: 'evidence',
    valid: fc.tuple(cid, cid, fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), fc.nat(1_000)).map(([job, root, nodes, partition]) =>
      encodeEvidence({ statement: { job, path: '1.2', cid: job, root, by: 'somebody', signature: new Uint8Array(64) } as never, point: { type: 'fold', partition, depth: 2 }, nodes })),
    feed: bytes => { const evidence = evidenceFrom(bytes); if (evidence !== null) expect(evidenceFrom(encodeEvidence(evidence))).to.deep.equal(evidence) }
  },
  {
    name: 'stored block',
    valid: fc.uint8Array({ maxLength: 80 }),
    // A store gives back what it has: only what still has its content id is ever used.
    feed: bytes => { const { cid } = rawBlock(Uint8Array.of(1, 2, 3)); expect(isBlock(cid as Cid, bytes)).to.equal(bytes.length === 3 && bytes[0] === 1 && bytes[1] === 2 && bytes[2] === 3) }
  }
]

/** Those whose valid bytes take keys. */
async function admission (): Promise<Target[]> {
  const whole = await invite(FOUNDER, { rights: ALL_RIGHTS, expiresS: LATER_S, peer: null })
  const revocation = await revoke(whole.chain, 0, await generateKeyPairFromSeed('Ed25519', FOUNDER.seed))
  const body = base64url.baseDecode(whole.text.slice('mfi1'.length))
  return [
    { name: 'invitation', valid: fc.constant(body), feed: async bytes => { await orThrows(InvitationError, async () => await readInvitation(`mfi1${base64url.baseEncode(bytes)}`, NOW_MS)) } },
    { name: 'invitation as text', valid: fc.constant(new TextEncoder().encode(whole.text)), feed: async bytes => { await orThrows(InvitationError, async () => await readInvitation(new TextDecoder().decode(bytes), NOW_MS)) } },
    { name: 'revocation', valid: fc.constant(revocation.bytes), feed: async bytes => { await orThrows(InvitationError, async () => await readRevocation(bytes, whole.chain.founder)) } }
  ]
}

export const targets = async (): Promise<Target[]> => [...wire, ...blocks, ...await admission()]

/** So that nobody has to guess what a crash was. */
export function describeBytes (bytes: Uint8Array): string {
  try {
    return JSON.stringify(decodeDag(bytes)).slice(0, 200)
  } catch {
    return Buffer.from(bytes).toString('hex').slice(0, 200)
  }
}
