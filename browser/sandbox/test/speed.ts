/**
 * What a tab's sandbox costs: `examples/primes` in it against the same calls in a worker with nothing around them, in turns and the
 * best of each, since other work on the machine only ever adds. `node browser/sandbox/test/speed.ts` prints one row.
 */
import { fileURLToPath } from 'node:url'
import { bundleJob } from '../../../node/bundle.ts'
import { compute, jobOf } from '../../../protocol/job/test/sandbox-kit.ts'
import { buildSandboxPage } from '../build.ts'
import { openPage } from './page-sandbox.ts'

export interface TabSpeed {
  /** Best time of the loop alone, milliseconds. */
  bareMs: number
  /** Best time in the sandbox, milliseconds. */
  tabMs: number
  /** tabMs / bareMs. */
  ratio: number
}

const LIMIT = 1e8
const PARTITIONS = LIMIT / 1000
const RUNS = 4

const bareScript = (source: string): string => `${source.replace(/export \{[^}]*\};?/, '').replace(/\/\/# sourceMappingURL.*/s, '')}
const params = { limit: ${LIMIT} }
const ctx = { params, resources: setup(params, { params }) }
function once () {
  const start = performance.now()
  let sum = 0
  for (let p = 0; p < ${PARTITIONS}; p++) sum += compute(p, undefined, ctx)
  return performance.now() - start
}
onmessage = ({ ports: [port] }) => {
  postMessage('up')
  port.postMessage(Math.min(...Array.from({ length: ${RUNS} }, once)))
}`

/** @param rounds - turns taken; a busy machine needs more */
export async function tabSpeed (rounds = 5): Promise<TabSpeed> {
  const { bundle } = await bundleJob(fileURLToPath(new URL('../../../examples/primes.ts', import.meta.url)))
  const source = new TextDecoder().decode(bundle)
  const bare = (await buildSandboxPage()).replace(/(id="worker">)[^]*?(<\/script>)/, (_, open: string, close: string) => open + bareScript(source) + close)
  const page = await openPage({ heapMb: null, documents: { '/bare.html': bare } })
  try {
    const sandbox = page.create({ cores: 1 })
    const code = jobOf(source, { partitions: PARTITIONS, fanout: 16, grain: 2, collect: true }, { limit: LIMIT })
    let [bareMs, tabMs] = [Infinity, Infinity]
    for (let round = 0; round < rounds; round++) {
      bareMs = Math.min(bareMs, await page.ask('framed', { url: '/bare.html', isSandboxed: true, waitMs: 60_000 }) as number)
      for (let run = 0; run < RUNS; run++) tabMs = Math.min(tabMs, (await compute(sandbox, code)).ms)
    }
    return { bareMs, tabMs, ratio: tabMs / bareMs }
  } finally {
    await page.close()
  }
}

if (process.argv[1] === import.meta.filename) {
  const { bareMs, tabMs, ratio } = await tabSpeed()
  console.log(`tab sandbox, π(10^8): ${tabMs.toFixed(0)} ms, bare worker ${bareMs.toFixed(0)} ms: ${ratio.toFixed(2)} × (budget 1.15 ×)`)
}
