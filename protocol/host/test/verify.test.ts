/** Looking into values (V4), settling disputes, and proving lies (V5): who lied is found, with a small proof, and nobody else is blamed. */
import { expect } from 'chai'
import fc from 'fast-check'
import { Bureau } from './makers.ts'
import { encode } from '@ipld/dag-cbor'
import { evidenceFrom } from '../verify/evidence.ts'
import { holds } from '../../job/commitment/shape.ts'
import { rangeOf } from '../../core/geometry.ts'
import { spoolInputs } from '../../job/inputs.ts'
import type { JobModule } from '../../job/module.ts'
import type { Lie, Value, Verdict } from '../../core/job.ts'
import type { Maker } from './makers.ts'
import type { Path } from '../../core/ids.ts'

const sum = (values: unknown[]): number => (values as number[]).reduce((total, value) => total + value, 0)
const SQUARES: JobModule = { compute: (p: number) => p * p, collect: sum }
const LISTED: JobModule = { compute: (p: number) => `${p} squared is ${p * p}` }
const LONG: JobModule = { compute: (p: number) => `${p}`.repeat(30), collect: (texts: string[]) => texts.join('').slice(0, 5000) }
const CLOSE: JobModule = { ...SQUARES, equal: (a: number, b: number) => Math.abs(a - b) < 0.5 }
const ALL = Array.from({ length: 1000 }, (_, p) => p)

const check = async (judge: Maker, value: Value, samples: number[]): Promise<Verdict> =>
  (await judge.look({ type: 'check', job: judge.workshop().job, value, samples })).verdict

const lieIn = (verdict: Verdict): Lie => {
  if (verdict.type !== 'lie') throw new Error(`the verdict is ${verdict.type}`)
  return verdict.lie
}

/** Everybody who has the job is convinced, and nobody is when a bit of the proof is changed. */
async function expectProof (bureau: Bureau, { evidence, peer, path, partition }: Lie): Promise<void> {
  const stranger = await bureau.maker()
  const { job } = bureau.code
  expect((await stranger.look({ type: 'prove', job, evidence })).lie).to.deep.equal({ evidence, peer, path, partition })
  const other = evidence.slice()
  other[other.length - 1]! ^= 1
  expect((await stranger.look({ type: 'prove', job, evidence: other })).lie).to.equal(null)
}

const within = ({ code }: Bureau, path: string, partition: number): boolean => holds(rangeOf(code.spec, path)!, partition)

describe('checking a bite', () => {
  for (const [name, module, changes] of [['collected', SQUARES, {}], ['gathered', LISTED, {}], ['of long outputs', LONG, {}], ['of large leaves', SQUARES, { grain: 700 }], ['of one leaf', SQUARES, { grain: 1000 }]] as const) {
    it(`${name}: an honest one is valid wherever one looks, and costs its samples (V4)`, async () => {
      const bureau = new Bureau(module, changes)
      const [maker, judge] = [await bureau.maker(), await bureau.maker()]
      const value = await maker.bite('/')
      expect(await check(judge, value, [])).to.deep.equal({ type: 'valid' })
      expect(await check(judge, value, [3, 500, 999])).to.deep.equal({ type: 'valid' })
      if (module !== LONG && !('grain' in changes)) expect(judge.sandbox.computed).to.have.length.at.most(3)
      expect(await check(judge, value, ALL)).to.deep.equal({ type: 'valid' })
    })

    it(`${name}: a lie in one partition is found where one looks, and proved (V4, V5)`, async () => {
      const bureau = new Bureau(module, changes)
      const [liar, judge] = [await bureau.maker({ change: (output, p) => p === 777 ? 'no' : output }), await bureau.maker()]
      const value = await liar.bite('/')
      expect(await check(judge, value, [5, 776])).to.deep.equal({ type: 'valid' })
      const lie = lieIn(await check(judge, value, [5, 777]))
      expect(lie).to.include({ peer: liar.id, path: '/', partition: 777 })
      await expectProof(bureau, lie)
    })
  }

  it('a wrong fold is found with its leaf or node, and proved (V4, V5)', async () => {
    for (const at of ['1.1.2', '1.1', '/']) {
      // The outputs are right, what they add up to is not.
      const bureau = new Bureau(SQUARES)
      const right = sum(Array.from({ length: 1000 }, (_, p) => p).filter(p => within(bureau, at, p)).map(p => p * p))
      const liars = new Bureau({ ...SQUARES, collect: (values: unknown[]) => sum(values) === right ? right + 1 : sum(values) })
      const [liar, judge] = [await liars.maker(), await bureau.maker()]
      Object.assign(liars, { code: bureau.code })
      bureau.makers.set(liar.id, liar)
      const lie = lieIn(await check(judge, await liar.bite('/'), ALL))
      expect(lie).to.include({ peer: liar.id, path: '/', partition: -1 })
      await expectProof(bureau, lie)
    }
  })

  it('a value that is another than its tree folds to is found wherever one looks, and proved (V4, V5)', async () => {
    for (const module of [SQUARES, LISTED]) {
      const bureau = new Bureau(module)
      const [liar, judge] = [await bureau.maker(), await bureau.maker()]
      const lie = lieIn(await check(judge, await liar.insist(await liar.bite('/'), 42), [200]))
      expect(lie.peer).to.equal(liar.id)
      await expectProof(bureau, lie)
    }
  })

  it('with inputs, each recomputed partition is given its own', async () => {
    const module: JobModule = { compute: (_p, input: number) => input * 2, collect: sum }
    const inputs = new Bureau(module)
    const { cid } = await spoolInputs(ALL.map(p => p * 3), async (id, bytes) => inputs.blocks.set(id, bytes))
    const bureau = new Bureau(module, { inputs: cid! })
    for (const [id, bytes] of inputs.blocks) bureau.blocks.set(id, bytes)
    const [maker, liar, judge] = [await bureau.maker(), await bureau.maker({ change: (output, p) => p === 400 ? 1 : output }), await bureau.maker()]
    expect(await check(judge, await maker.bite('/'), [0, 400, 999])).to.deep.equal({ type: 'valid' })
    const lie = lieIn(await check(judge, await liar.bite('/'), [0, 400, 999]))
    await expectProof(bureau, lie)
  })

  it('is unanswered when its maker does not open it', async () => {
    const bureau = new Bureau(SQUARES)
    const [maker, judge] = [await bureau.maker({ isSilent: true }), await bureau.maker()]
    expect(await check(judge, await maker.bite('/'), [3])).to.deep.equal({ type: 'unanswered' })
  })

  it('opens what its maker has let go by computing it again', async () => {
    const bureau = new Bureau(SQUARES)
    const [maker, judge] = [await bureau.maker(), await bureau.maker()]
    const value = await maker.bite('/')
    Object.assign(maker.packs.of(bureau.code.job, '/' as Path)!, { pack: null })
    expect(await check(judge, value, [3])).to.deep.equal({ type: 'valid' })
    expect(maker.sandbox.paths).to.have.length(2)
  })

  it('takes last bits for nothing where the job has equal, and not more than that (V6)', async () => {
    const bureau = new Bureau(CLOSE)
    const [maker, liar, judge] = [await bureau.maker({ change: output => (output as number) + 1e-9 }), await bureau.maker({ change: (output, p) => p === 12 ? 3 : output }), await bureau.maker()]
    expect(await check(judge, await maker.bite('/'), ALL)).to.deep.equal({ type: 'valid' })
    const lie = lieIn(await check(judge, await liar.bite('/'), ALL))
    expect(lie.partition).to.equal(12)
    await expectProof(bureau, lie)
  })
})

describe('checking a folded value', () => {
  for (const [name, module] of [['collected', SQUARES], ['gathered', LISTED], ['long', LONG]] as const) {
    it(`${name}: goes down to the bite that lied, and blames nobody above it (V4, V5)`, async () => {
      const bureau = new Bureau(module)
      const [honest, liar, coordinator, judge] = [await bureau.maker(), await bureau.maker({ change: (output, p) => p === 600 ? 'x' : output }), await bureau.maker(), await bureau.maker()]
      const lower = await coordinator.fold('2', await honest.children('2', (_path, digit) => digit === 1 ? liar : honest))
      const others = await honest.children('/', () => honest)
      const value = await coordinator.fold('/', others.map(other => other.path === '2' ? lower : other))
      expect(await check(judge, value, [0, 599, 999])).to.deep.equal({ type: 'valid' })
      const lie = lieIn(await check(judge, value, [0, 600, 999]))
      expect(lie).to.include({ peer: liar.id, path: '2.1', partition: 600 })
      await expectProof(bureau, lie)
    })

    it(`${name}: finds a coordinator who folds wrongly, without any sample (V4, V5)`, async () => {
      const bureau = new Bureau(module)
      const [honest, coordinator, judge] = [await bureau.maker(), await bureau.maker({ changeFold: () => 'mine' }), await bureau.maker()]
      if (module === LISTED) return
      const value = await coordinator.fold('/', await honest.children('/', () => honest))
      const lie = lieIn(await check(judge, value, []))
      expect(lie).to.include({ peer: coordinator.id, path: '/', partition: -1 })
      await expectProof(bureau, lie)
    })
  }

  it('finds a coordinator who lists what nobody signed, or not all (V5)', async () => {
    const bureau = new Bureau(SQUARES)
    const [honest, coordinator, judge] = [await bureau.maker(), await bureau.maker(), await bureau.maker()]
    const children = await honest.children('/', () => honest)
    const forged = children.map((child, i) => i === 2 ? { ...child, by: judge.id } : child)
    for (const family of [forged, children.slice(1)]) {
      const lie = lieIn(await check(judge, await coordinator.fold('/', family), []))
      expect(lie).to.include({ peer: coordinator.id, partition: -1 })
      await expectProof(bureau, lie)
    }
  })

  it('computes bites whose makers are gone as a whole (V4)', async () => {
    const bureau = new Bureau(SQUARES)
    const [gone, liar, coordinator, judge] = [await bureau.maker({ isSilent: true }), await bureau.maker({ isSilent: true, change: output => (output as number) + 1 }), await bureau.maker(), await bureau.maker()]
    const honest = await coordinator.fold('/', await gone.children('/', () => gone))
    expect(await check(judge, honest, [300])).to.deep.equal({ type: 'valid' })
    expect(judge.sandbox.paths).to.deep.equal(['1'])
    const lie = lieIn(await check(judge, await coordinator.fold('/', await gone.children('/', (_path, digit) => digit === 1 ? liar : gone)), [300]))
    expect(lie).to.include({ peer: liar.id, path: '1', partition: -1 })
    await expectProof(bureau, lie)
  })
})

describe('judging values that differ', () => {
  for (const [name, module, changes] of [['collected', SQUARES, {}], ['gathered', LISTED, {}], ['of large leaves', SQUARES, { grain: 600 }]] as const) {
    it(`${name}: bisects to one partition, whoever of them lied (V4, V5)`, async () => {
      const bureau = new Bureau(module, changes)
      const [honest, first, second, judge] = [await bureau.maker(), await bureau.maker({ change: (output, p) => p === 321 ? 9 : output }), await bureau.maker({ change: (output, p) => p > 600 ? 9 : output }), await bureau.maker()]
      const values = [await first.bite('/'), await honest.bite('/'), await second.bite('/')]
      const { equal, verdicts } = await judge.look({ type: 'judge', job: bureau.code.job, path: '/' as Path, values })
      expect(equal).to.equal(false)
      expect(verdicts.map(({ by, verdict }) => [by, verdict.type])).to.deep.equal([[first.id, 'lie'], [honest.id, 'valid'], [second.id, 'lie']])
      expect(judge.sandbox.computed).to.have.length.at.most(4)
      for (const { verdict } of [verdicts[0]!, verdicts[2]!]) await expectProof(bureau, lieIn(verdict))
    })
  }

  it('blames all who said the same wrong thing, each by its own word (V5)', async () => {
    const bureau = new Bureau(SQUARES)
    const change = (output: unknown, p: number): unknown => p === 500 ? 0 : output
    const [a, b, honest, judge] = [await bureau.maker({ change }), await bureau.maker({ change }), await bureau.maker(), await bureau.maker()]
    const values = [await a.bite('/'), await b.bite('/'), await honest.bite('/')]
    const { verdicts } = await judge.look({ type: 'judge', job: bureau.code.job, path: '/' as Path, values })
    expect(verdicts.map(({ verdict }) => verdict.type)).to.deep.equal(['lie', 'lie', 'valid'])
    for (const { by, verdict } of verdicts.slice(0, 2)) {
      expect(lieIn(verdict).peer).to.equal(by)
      await expectProof(bureau, lieIn(verdict))
    }
  })

  it('says that nobody lied where the job takes them for the same (V6)', async () => {
    const bureau = new Bureau(CLOSE)
    const [a, b, liar, judge] = [await bureau.maker({ change: output => (output as number) + 1e-9 }), await bureau.maker(), await bureau.maker({ change: (output, p) => p === 50 ? 2 : output }), await bureau.maker()]
    const [near, exact, wrong] = [await a.bite('0'), await b.bite('0'), await liar.bite('0')]
    expect(near.cid).not.to.equal(exact.cid)
    const question = { type: 'judge', job: bureau.code.job, path: '0' as Path } as const
    expect(await judge.look({ ...question, values: [near, exact] })).to.deep.include({ equal: true, verdicts: [{ by: a.id, verdict: { type: 'valid' } }, { by: b.id, verdict: { type: 'valid' } }] })
    const { verdicts } = await judge.look({ ...question, values: [near, exact, wrong] })
    expect(verdicts.map(({ verdict }) => verdict.type)).to.deep.equal(['valid', 'valid', 'lie'])
    expect(lieIn(verdicts[2]!.verdict).partition).to.equal(50)
  })

  it('computes the path where one does not show its way, or was folded from parts (V4)', async () => {
    const bureau = new Bureau(SQUARES)
    const change = (output: unknown, p: number): unknown => p === 500 ? 0 : output
    const [honest, silent, liar, coordinator, judge] = [await bureau.maker(), await bureau.maker({ isSilent: true, change }), await bureau.maker({ change }), await bureau.maker(), await bureau.maker()]
    const folded = await coordinator.fold('/', await honest.children('/', (_path, digit) => digit === 2 ? liar : honest))
    const values = [await honest.bite('/'), await silent.bite('/'), folded]
    const { verdicts } = await judge.look({ type: 'judge', job: bureau.code.job, path: '/' as Path, values })
    expect(verdicts.map(({ verdict }) => verdict.type)).to.deep.equal(['valid', 'lie', 'lie'])
    expect(lieIn(verdicts[1]!.verdict).peer).to.equal(silent.id)
    expect(lieIn(verdicts[2]!.verdict).peer).to.equal(liar.id)
    for (const { verdict } of verdicts.slice(1)) await expectProof(bureau, lieIn(verdict))
  })
})

describe('evidence', () => {
  it('is small: printed (V5)', async () => {
    const bureau = new Bureau(SQUARES, { partitions: 100_000, fanout: 16, grain: 16 })
    const [liar, judge] = [await bureau.maker({ change: (output, p) => p === 77_777 ? 'no' : output }), await bureau.maker()]
    const { evidence } = lieIn(await check(judge, await liar.bite('/'), [77_777]))
    console.log(`      a lie about one of 100,000 partitions is proved by ${evidence.length} bytes`)
    expect(evidence.length).to.be.below(8192)
  })

  it('proves nothing against honest work, whatever it points at (V5)', async () => {
    const bureau = new Bureau(SQUARES)
    const [honest, judge] = [await bureau.maker(), await bureau.maker()]
    const value = await honest.bite('/')
    const lie = lieIn(await check(judge, await (await bureau.maker({ change: () => 0 })).bite('/'), [600]))
    const real = evidenceFrom(lie.evidence)!
    const statement = [bureau.code.job, '/', value.cid, value.commitment!.root, honest.id, value.commitment!.signature]
    const nodes = await honest.verifier.open({ job: bureau.code.job, path: '/' as Path, root: value.commitment!.root, partitions: [600] }, bureau.code.spec)
    await fc.assert(fc.asyncProperty(fc.constantFrom('shape', 'output', 'fold'), fc.integer({ min: 0, max: 1200 }), fc.integer({ min: 0, max: 8 }), fc.subarray([...nodes!, ...real.nodes]), async (type, partition, depth, n) => {
      const evidence = encode({ s: statement, p: [type, partition, type === 'fold' ? depth : 0], n })
      expect((await judge.look({ type: 'prove', job: bureau.code.job, evidence })).lie).to.equal(null)
    }), { numRuns: 60 })
  })

  it('reads what comes from anyone', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => { evidenceFrom(bytes) }), { numRuns: 300 })
    const parts = fc.array(fc.oneof(fc.string(), fc.integer(), fc.uint8Array(), fc.constant('output')), { maxLength: 7 })
    fc.assert(fc.property(fc.record({ s: parts, p: parts, n: parts }), it => { evidenceFrom(encode(it)) }), { numRuns: 300 })
  })
})
