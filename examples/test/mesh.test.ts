/**
 * Every example on a mesh of real processes: at one volunteer, and at seven of which three are killed as soon as
 * they compute. The answer is the oracle's each time, and the bytes are the same (G3, R4).
 */
import { expect } from 'chai'
import { readFileSync, writeFileSync } from 'node:fs'
import { folder, runJob, summaryOf } from './cli.ts'
import { countFermat, countPrimes, countSeen, countWords, foldLeibniz, longestCollatz, numberWords } from './oracles.ts'

const files = folder()
after(files.remove)

let runs = 0

/** Runs a job both ways and returns the result they agree on. */
async function resultOf (args: string[], stdin = ''): Promise<unknown> {
  const shapes = [{ peers: 1, kills: 0 }, { peers: 7, kills: 3 }]
  const results: Array<{ result: unknown, bytes: string }> = []
  for (const { peers, kills } of shapes) {
    const ran = await runJob([...args, '--peers', `${peers}`, '--json'], files.file(`${runs++}.ndjson`), { stdin, kills })
    expect(ran.code, `${peers} peers, ${kills} kills: ${ran.stderr.slice(-1500)}`).to.equal(0)
    expect(ran.stderr).to.not.contain('✗')
    results.push(summaryOf(ran))
  }
  expect(results[1]?.bytes, 'bytes at 7 peers').to.equal(results[0]?.bytes)
  return results[0]?.result
}

/** Lines of some English and less English, many more of them than words. */
const TEXT = Array.from({ length: 5000 }, (_, index) => `${'the well-kept constructor don’t '.repeat(index % 4)}naïve ${index % 97 === 0 ? '' : `word${'abcdefgh'[index % 8]}`}`)

describe('examples on a mesh', function () {
  // Two runs of up to a minute and a half each, on however busy a machine.
  this.timeout(400_000)

  it('primes', async () => {
    expect(await resultOf(['examples/primes.ts', '--params', '{"limit":10000000}'])).to.equal(countPrimes(1e7))
  })

  it('million: 10^6 partitions, fan-out 100', async () => {
    expect(await resultOf(['examples/million.ts', '--fanout', '100'])).to.equal(1_000_000)
  })

  it('million: 10^3 partitions of 5 ms, fan-out 100', async () => {
    expect(await resultOf(['examples/million.ts', '--partitions', '1000', '--fanout', '100', '--params', '{"input":3,"delayMs":5}'])).to.equal(3000)
  })

  it('million: 7 partitions, fan-out 2, input 2', async () => {
    expect(await resultOf(['examples/million.ts', '--partitions', '7', '--fanout', '2', '--params', '{"input":2}'])).to.equal(14)
  })

  it('floatsum, whose last bits depend on the order of additions', async () => {
    expect(await resultOf(['examples/floatsum.ts'])).to.equal(foldLeibniz(1e6))
    expect(await resultOf(['examples/floatsum.ts', '--partitions', '12345', '--fanout', '3'])).to.equal(foldLeibniz(12_345, 3))
  })

  it('table, whole ranges at once', async () => {
    expect(await resultOf(['examples/table.ts', '--partitions', '999999'])).to.deep.equal(longestCollatz(999_999))
  })

  it('wasm', async () => {
    expect(await resultOf(['examples/wasm.ts', '--params', '{"limit":1000000}'])).to.equal(78_497 + 245)
    expect(await resultOf(['examples/wasm.ts', '--params', '{"limit":12345}'])).to.equal(countFermat(12_345))
  })

  it('gpu, where there is none', async () => {
    expect(await resultOf(['examples/gpu.ts', '--params', '{"side":1500}'])).to.equal(countSeen(1500))
  })

  it('wordcount', async () => {
    const text = files.file('text.txt')
    writeFileSync(text, TEXT.join('\n'))
    expect(await resultOf(['examples/wordcount.ts', '--input', text])).to.deep.equal({ ...countWords(TEXT.join('\n')) })
  })

  it('lines, of text and of NDJSON, in order', async () => {
    const text = files.file('lines.txt')
    writeFileSync(text, TEXT.join('\n') + '\n')
    expect(await resultOf(['examples/lines.ts', '--input', text])).to.deep.equal(numberWords(TEXT))
    const records = files.file('records.ndjson')
    writeFileSync(records, Array.from({ length: 500 }, (_, id) => `${JSON.stringify({ id, tags: ['a', null] })}\n`).join(''))
    expect(await resultOf(['examples/lines.ts', '--input', records])).to.deep.equal(Array.from({ length: 500 }, (_, id) => ({ id, tags: ['a', null], fields: 2 })))
  })

  it('mandelbrot, tiles of content put together as a PNG', async () => {
    const pictures: Buffer[] = []
    for (const peers of [1, 7]) {
      const out = files.file(`${peers}.png`)
      const ran = await runJob(['examples/mandelbrot.ts', '--params', '{"width":1500,"height":1100,"steps":100}', '--peers', `${peers}`, '--out', out], files.file(`${runs++}.ndjson`))
      expect(ran.code, ran.stderr.slice(-1500)).to.equal(0)
      pictures.push(readFileSync(out))
    }
    expect(pictures[0]?.toString('latin1', 1, 4)).to.equal('PNG')
    expect(pictures[1]?.equals(pictures[0]!)).to.equal(true)
  })
})

describe('example square as a Unix filter', function () {
  this.timeout(100_000)

  const numbers = Array.from({ length: 100_000 }, (_, index) => index + 1)

  it('gives one line for each line, in order', async () => {
    const ran = await runJob(['examples/square.ts', '--peers', '2', '--input', '-'], files.file('square.ndjson'), { stdin: `${numbers.join('\n')}\n` })
    expect(ran.code, ran.stderr.slice(-1500)).to.equal(0)
    expect(ran.stdout === numbers.map((number) => `${number * number}\n`).join('')).to.equal(true)
  })

  it('names the line that is no number, and exits 1', async () => {
    const ran = await runJob(['examples/square.ts', '--peers', '2', '--input', '-'], files.file('bad.ndjson'), { stdin: '1\n2\nthree\n4\n' })
    expect(ran.code).to.equal(1)
    expect(ran.stdout).to.equal('')
    expect(ran.stderr.trimEnd().split('\n').at(-1)).to.contain('not a number: "three"').and.to.contain('2')
  })
})
