/**
 * From the start of a volunteer that kept ten thousand results, all others gone, to its first lease: it reads and checks them, finds
 * nobody, claims the root and begins. The results are put into its store as a peer would have left them.
 */
import { fileURLToPath } from 'node:url'
import { encode } from '@ipld/dag-cbor'
import { ROOT, childDigits, childOf, isLeaf, rangeOf, sizeOf } from '../../../protocol/core/geometry.ts'
import { cidOfDag } from '../../../protocol/job/cid.ts'
import { encodeJob, encodeValue, pathKey } from '../../../protocol/host/store/kept-job.ts'
import { openStore } from '../../store/open-store.ts'
import { prepareFiles } from '../../prepare-job.ts'
import { list, median, quantile } from '../figures.ts'
import { eventIn, kill, start, temporary } from '../processes.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import type { Path, PeerId } from '../../../protocol/core/ids.ts'
import type { JobSpec } from '../../../protocol/core/job.ts'

const JOB = fileURLToPath(new URL('../../test/jobs/sum.ts', import.meta.url))
const HELD = 10_000

function * leaves (spec: JobSpec, path: Path = ROOT): Generator<Path> {
  const range = rangeOf(spec, path)
  if (range === null) return
  if (isLeaf(spec, range)) yield path
  else for (const digit of childDigits(spec, range)) yield * leaves(spec, childOf(path, digit))
}

/** A folder of stores, the first of which holds the results. */
async function keptResults (): Promise<string> {
  const folder = temporary('-stores')
  const store = await openStore({ folder: `${folder}/peers` })
  const { job, spec } = await prepareFiles(JOB, {}, { partitions: 2 * HELD }, store)
  const by = '12D3KooWGzBXWNvHpLALvhEJ3sQ7RtXk2abSvXLdeXJq5T7VcYhD' as PeerId
  const record = { announcement: { job, spec, submitter: by, members: [], outcome: null, proof: null }, part: 'member' as const, met: [], fences: [{ path: ROOT, fence: [1] }] }
  store.set('jobs', job, encodeJob({ record, heardMs: Date.now(), endedMs: 0 }))
  let held = 0
  for (const path of leaves(spec)) {
    if (held++ === HELD) break
    const bytes = encode(held)
    const stats = { computeMs: 1, producers: [], levels: 1, failovers: 0, duplicates: 0, messages: 0, bytes: 0 }
    const range = rangeOf(spec, path) ?? { from: 0, to: 1 }
    const value = { path, count: sizeOf(range), cid: cidOfDag(bytes), bytes, links: false, bite: true, by, stats, commitment: null, credit: null }
    store.set('values', pathKey(job, path), encodeValue(value))
  }
  await store.close()
  return folder
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const times: number[] = []
  const found: number[] = []
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    const events = temporary('.ndjson')
    const folder = await keptResults()
    const began = Date.now()
    const { child } = start(['join', '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--store', folder, '--events', events])
    times.push((await eventIn(events, ({ type }) => type === 'leased', 'lease')).time - began)
    found.push((await eventIn(events, ({ type }) => type === 'restored', 'restored')).done ?? 0)
    await kill(child)
  }
  return [
    { what: `process start to first lease, ${median(found).toLocaleString('en')} results held, median`, value: median(times), unit: 'ms', budget: { atMost: 2000 }, note: list(times) },
    { what: 'slowest', value: quantile(times, 1), unit: 'ms' }
  ]
}

export const restart: Row = { name: 'restart', title: 'a peer with 10,000 held results, started again alone', measure }
