/**
 * Receipts as text, one JSON object a line: how they are kept, and, between brackets and with commas, exported, so that a file is JSON and
 * its faults have line numbers. A job's spec stands before its receipts: with it, and the keys inside the ids, a file can be checked
 * by anyone, offline.
 */
import { base58btc } from 'multiformats/bases/base58'
import { base64pad } from 'multiformats/bases/base64'
import { cidOfDag } from '../../job/cid.ts'
import { decodeSpec, encodeSpec } from '../../job/spec.ts'
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { JobReceipt } from './receipt.ts'
import type { JobSpec } from '../../core/job.ts'

/** Counted up when the lines' meaning changes. */
export const VERSION = 1
const FORMAT = 'millionfold-credit'

/** What a line says. */
export type Line =
  | { type: 'head', version: number, mesh: string }
  | { type: 'job', job: JobId, spec: JobSpec }
  | { type: 'receipt', receipt: JobReceipt }
  /** Brackets, and nothing. */
  | { type: 'empty' }

/** A line that says nothing that can be used; the message is the end of a sentence. */
export class LineError extends Error {
  override name = 'LineError'
}

export const headLine = (mesh: string): string => JSON.stringify({ format: FORMAT, version: VERSION, mesh })

export const jobLine = (job: JobId, spec: JobSpec): string =>
  JSON.stringify({ job, name: spec.name, partitions: spec.partitions, spec: base64pad.encode(encodeSpec(spec)) })

export function receiptLine ({ job, mesh, path, runs, ms, trust, producer, issuer, signature }: JobReceipt): string {
  const pairs: number[][] = []
  for (let i = 0; i < runs.length; i += 2) pairs.push([runs[i]!, runs[i + 1]!])
  return JSON.stringify({ receipt: job, mesh, path, partitions: pairs, ms, trust, producer, issuer, signature: base64pad.encode(signature) })
}

/** Receipts of one job. */
export interface Held { job: JobId, spec: JobSpec, receipts: JobReceipt[] }

/** Receipts as lines, with a heading for each mesh they are of. */
export function linesOf (jobs: Held[]): string[] {
  const lines: string[] = []
  for (const mesh of new Set(['', ...jobs.flatMap(({ receipts }) => receipts.map(receipt => receipt.mesh))])) {
    const here = jobs.map(held => ({ ...held, receipts: held.receipts.filter(receipt => receipt.mesh === mesh) })).filter(({ receipts }) => receipts.length > 0)
    if (here.length > 0 || (mesh === '' && jobs.length === 0)) lines.push(headLine(mesh))
    for (const { job, spec, receipts } of here) lines.push(jobLine(job, spec), ...receipts.map(receiptLine))
  }
  return lines
}

/** Lines as one JSON document: a list with an object a line. */
export const documentOf = (lines: string[]): string => `[\n${lines.join(',\n')}\n]\n`

/**
 * What a line of a log or an exported file says.
 *
 * @throws LineError when it says nothing that can be used
 */
export function readLine (text: string): Line {
  const bare = text.trim().replace(/,$/, '')
  if (bare === '' || bare === '[' || bare === ']') return { type: 'empty' }
  let it: Record<string, unknown>
  try {
    it = JSON.parse(bare) as Record<string, unknown>
  } catch {
    throw new LineError('it is not JSON')
  }
  if (typeof it !== 'object' || it === null) throw new LineError('it is neither a receipt nor a job')
  if ('format' in it) return readHead(it)
  if ('spec' in it) return readJob(it)
  if ('receipt' in it) return { type: 'receipt', receipt: readReceipt(it) }
  throw new LineError('it is neither a receipt nor a job')
}

function readHead ({ format, version, mesh }: Record<string, unknown>): Line {
  if (format !== FORMAT || typeof version !== 'number') throw new LineError('it is no file of receipts')
  if (version > VERSION) throw new LineError(`it was written by a newer version of millionfold (format ${version}, this one knows ${VERSION})`)
  return { type: 'head', version, mesh: textOf(mesh, 'mesh') }
}

function readJob ({ job, spec }: Record<string, unknown>): Line {
  let bytes: Uint8Array
  let decoded: JobSpec
  try {
    bytes = base64pad.decode(textOf(spec, 'spec'))
    decoded = decodeSpec(bytes)
  } catch {
    throw new LineError('it holds no job\'s spec')
  }
  if (cidOfDag(bytes) !== job) throw new LineError(`its spec is not that of job ${String(job)}`)
  return { type: 'job', job: job as Cid & JobId, spec: decoded }
}

function readReceipt (it: Record<string, unknown>): JobReceipt {
  const { partitions, ms, signature } = it
  if (!Array.isArray(partitions) || !partitions.every(isPair)) throw new LineError('its partitions are no list of pairs')
  if (typeof ms !== 'number') throw new LineError('its time is no number of milliseconds')
  return {
    job: textOf(it['receipt'], 'job') as JobId,
    mesh: textOf(it['mesh'], 'mesh'),
    path: textOf(it['path'], 'path') as Path,
    runs: (partitions as number[][]).flat(),
    ms,
    trust: textOf(it['trust'], 'trust'),
    producer: peerOf(it['producer'], 'producer'),
    issuer: peerOf(it['issuer'], 'issuer'),
    signature: bytesOf(signature)
  }
}

const isPair = (it: unknown): boolean => Array.isArray(it) && it.length === 2 && it.every(number => typeof number === 'number')

function textOf (it: unknown, what: string): string {
  if (typeof it !== 'string' || it.length > 4096) throw new LineError(`it has no ${what}`)
  return it
}

function peerOf (it: unknown, what: string): PeerId {
  try {
    base58btc.baseDecode(textOf(it, what))
    return it as PeerId
  } catch {
    throw new LineError(`it has no ${what}`)
  }
}

function bytesOf (it: unknown): Uint8Array {
  try {
    return base64pad.decode(textOf(it, 'signature'))
  } catch {
    throw new LineError('it has no signature')
  }
}
