/**
 * Peers that compute and sign, for tests of verification: each has a key, a sandbox that may lie, and the commitments of what it made.
 * Whoever asks them gets what they would send; everything else is what peers run.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { InnerSandbox } from './inner-sandbox.ts'
import { Packs } from '../verify/packs.ts'
import { UnfetchableError } from '../block-fetcher.ts'
import { Verifier } from '../verify/verifier.ts'
import { Workshop } from '../verify/workshop.ts'
import { childDigits, childOf, rangeOf, sizeOf } from '../../core/geometry.ts'
import { cidOfDag } from '../../job/cid.ts'
import { encode } from '@ipld/dag-cbor'
import { encodeFamily } from '../verify/family.ts'
import { jobOf } from '../../job/test/sandbox-kit.ts'
import { readInputs } from '../../job/inputs.ts'
import { signWith, verifyBy } from '../keys.ts'
import { statementBytes } from '../verify/statement.ts'
import type { Change } from './inner-sandbox.ts'
import type { Cid, Path, PeerId } from '../../core/ids.ts'
import type { Input } from '../../core/input.ts'
import type { JobCode, Output } from '../../job/sandbox.ts'
import type { JobModule } from '../../job/module.ts'
import type { SpecChanges } from '../../job/test/sandbox-kit.ts'
import type { Value } from '../../core/job.ts'

export interface MakerInit {
  change?: Change
  changeFold?: (value: unknown, path: Path) => unknown
  /** Does it open what it is asked for? */
  isSilent?: boolean
}

const STATS = { computeMs: 0, producers: [], levels: 0, failovers: 0, duplicates: 0, messages: 0, bytes: 0 }

/** One job and those at work on it. */
export class Bureau {
  readonly code: JobCode
  readonly module: JobModule
  /** Blocks that anybody can have. */
  readonly blocks = new Map<Cid, Uint8Array>()
  readonly makers = new Map<PeerId, Maker>()
  /** Requests to open so far. */
  asked = 0

  constructor (module: JobModule, changes: SpecChanges = {}) {
    this.module = module
    const source = `export const compute = 1\n${module.collect === undefined ? '' : 'export const collect = 1\n'}${module.equal === undefined ? '' : 'export const equal = 1\n'}`
    this.code = jobOf(source, { partitions: 1000, fanout: 4, grain: 10, trust: { type: 'audit', rate: 0.1 }, ...changes })
  }

  async maker (init: MakerInit = {}): Promise<Maker> {
    const key = await generateKeyPair('Ed25519')
    const maker = new Maker(this, peerIdFromPrivateKey(key).toString() as PeerId, signWith(key), init)
    this.makers.set(maker.id, maker)
    return maker
  }

  block = async (cid: Cid): Promise<Uint8Array> => {
    const bytes = this.blocks.get(cid)
    if (bytes === undefined) throw new UnfetchableError(cid)
    return bytes
  }
}

export class Maker {
  readonly id: PeerId
  readonly sandbox: InnerSandbox
  readonly packs = new Packs()
  readonly verifier: Verifier
  readonly #bureau: Bureau
  readonly #sign: (bytes: Uint8Array) => Promise<Uint8Array>
  readonly #answers: Input[] = []
  #wake: () => void = () => {}

  constructor (bureau: Bureau, id: PeerId, sign: (bytes: Uint8Array) => Promise<Uint8Array>, { change, changeFold, isSilent = false }: MakerInit) {
    this.id = id
    this.#bureau = bureau
    this.#sign = sign
    this.sandbox = new InnerSandbox(bureau.module, change)
    this.sandbox.changeFold = changeFold ?? null
    this.isSilent = isSilent
    this.verifier = new Verifier({
      packs: this.packs,
      workshop: async (_job, _spec, signal) => this.workshop(signal),
      recompute: async (_job, path) => {
        const { commits } = await this.#computed(path)
        return commits?.nodes ?? null
      },
      ask: async ({ job, path, root, by }, partitions) => {
        bureau.asked++
        const asked = bureau.makers.get(by)
        return asked === undefined || asked.isSilent ? null : await asked.verifier.open({ job, path, root, partitions }, bureau.code.spec)
      },
      verify: verifyBy,
      answer: input => {
        this.#answers.push(input)
        this.#wake()
      }
    })
  }

  isSilent: boolean

  workshop (signal = new AbortController().signal): Workshop {
    const { code, block } = this.#bureau
    return new Workshop({ code, sandbox: this.sandbox, block, inputs: block, verify: verifyBy, signal })
  }

  /** Compute a path at once. */
  async bite (path: string): Promise<Value> {
    const output = await this.#computed(path as Path)
    this.packs.put(this.#bureau.code.job, path as Path, output.commits!)
    return await this.#signed(path as Path, output, output.commits!.root, true)
  }

  /** Fold others' values. */
  async fold (path: string, values: Value[]): Promise<Value> {
    const { code, blocks } = this.#bureau
    const bytes = await Promise.all(values.map(async value => value.bytes ?? await this.#bureau.block(value.cid)))
    const output = await this.sandbox.collect({ code, path: path as Path, values: bytes })
    for (const block of output.blocks) blocks.set(block.cid, block.bytes)
    values.forEach(({ cid }, i) => { blocks.set(cid, bytes[i]!) })
    const family = encodeFamily(output.links ? output.cid : null, values)
    blocks.set(cidOfDag(family), family)
    return await this.#signed(path as Path, output, cidOfDag(family), false)
  }

  /** Say another value for what was folded right. */
  async insist ({ path, commitment }: Value, other: unknown): Promise<Value> {
    const bytes = encode(other)
    this.#bureau.blocks.set(cidOfDag(bytes), bytes)
    const root = this.#bureau.code.spec.collect ? commitment!.root : cidOfDag(bytes)
    return await this.#signed(path, { bytes, cid: cidOfDag(bytes), links: false }, root, true)
  }

  /** All children of a path, computed by somebody. */
  async children (path: string, by: (child: Path, digit: number) => Maker): Promise<Value[]> {
    const { spec } = this.#bureau.code
    const values: Value[] = []
    for (const digit of childDigits(spec, rangeOf(spec, path)!)) values.push(await by(childOf(path as Path, digit), digit).bite(childOf(path as Path, digit)))
    return values
  }

  /** Have something looked into as its core would. */
  async look<T extends 'check' | 'judge' | 'prove'> (question: Parameters<Verifier['perform']>[0] & { type: T }): Promise<Extract<Input, { type: `${T extends 'check' ? 'checked' : T extends 'judge' ? 'judged' : 'proved'}` }>> {
    this.verifier.perform(question, this.#bureau.code.spec)
    while (this.#answers.length === 0) await new Promise<void>(resolve => { this.#wake = resolve })
    return this.#answers.shift() as never
  }

  async #computed (path: Path): Promise<Output> {
    const { code, blocks, block } = this.#bureau
    const range = rangeOf(code.spec, path)!
    const inputs = code.spec.inputs === null ? null : readInputs(block, code.spec.inputs, range.from, range.to)
    const output = await this.sandbox.compute({ code, path, inputs }, new AbortController().signal)
    for (const made of output.blocks) blocks.set(made.cid, made.bytes)
    if (!code.spec.collect) blocks.set(output.cid, output.bytes)
    return output
  }

  async #signed (path: Path, { cid, bytes, links }: Pick<Output, 'cid' | 'bytes' | 'links'>, root: Cid, bite: boolean): Promise<Value> {
    const { job, spec } = this.#bureau.code
    const signature = await this.#sign(statementBytes({ job, path, cid, root }))
    return { path, count: sizeOf(rangeOf(spec, path)!), cid, bytes, links, bite, by: this.id, commitment: { root, signature }, stats: STATS, credit: null }
  }
}
