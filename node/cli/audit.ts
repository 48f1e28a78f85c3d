/**
 * `audit JOB`: looks into a finished job's result without believing anybody: random partitions are computed anew in a sandbox of this
 * machine, and all that was folded above them is folded again. Exit code 0 when all is right, 1 when a lie was found or something could
 * not be settled. Never talks to the submitter.
 */
import { writeFileSync } from 'node:fs'
import { UsageError, reasonOf } from '../../protocol/client/errors.ts'
import { counted } from '../../protocol/client/progress.ts'
import { jobIdIn } from '../../protocol/client/job-id.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import type { Audited, AuditProgress } from '../../protocol/client/audit.ts'
import type { ExitCode } from './exit-code.ts'
import type { Screen } from './bar.ts'

export interface AuditCommandOptions extends AskOptions {
  samples?: number
  seed?: number
  /** File for the proof of a lie. */
  evidence?: string
}

const BAR_CELLS = 24
/** Plain lines come this often at most, milliseconds. */
const LINE_MS = 2_000

export async function audit (job: string, options: AuditCommandOptions): Promise<ExitCode> {
  const startMs = performance.now()
  const id = jobIdIn(job)
  const board = new Board(process.stderr)
  const { samples, seed } = options
  const audited = await asking(options, async mesh => await mesh.audit(id, {
    ...samples === undefined ? {} : { samples },
    ...seed === undefined ? {} : { seed },
    onProgress: progress => { board.show(progress) }
  }), null, true)
  board.end()
  if (audited.lie !== null && options.evidence !== undefined) write(options.evidence, audited.lie.evidence)
  process.stdout.write(options.json === true ? jsonOf(audited, performance.now() - startMs) : `${sentenceOf(audited)}\n`)
  return audited.verdict === 'valid' ? 0 : 1
}

function write (file: string, evidence: Uint8Array): void {
  try {
    writeFileSync(file, evidence)
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${reasonOf(error)}.`)
  }
}

export function sentenceOf ({ verdict, samples, partitions, seed, recomputed, lie, missing }: Audited): string {
  const drawn = `${counted(samples)} of ${counted(partitions)} partitions (seed ${seed})`
  const whole = recomputed === 0 ? '' : `; ${recomputed} ${recomputed === 1 ? 'path was' : 'paths were'} computed as a whole, since nobody opened ${recomputed === 1 ? 'it' : 'them'}`
  if (lie !== null) {
    const what = lie.partition < 0 ? `the value of path ${lie.path} is wrong` : `partition ${lie.partition} in path ${lie.path} is wrong`
    return `A lie: ${what}, and ${lie.peer} signed it; found with ${drawn}.`
  }
  if (verdict === 'valid') return `Right: ${drawn} and all folds above them${whole}.`
  return `Not settled: ${missing.length > 0 ? `nobody has what path ${missing[0]} was folded from` : 'something could neither be opened nor computed here'}; asked for ${drawn}${whole}.`
}

function jsonOf ({ lie, ...audited }: Audited, ms: number): string {
  const told = lie === null ? null : { peer: lie.peer, path: lie.path, partition: lie.partition, evidence: Buffer.from(lie.evidence).toString('base64') }
  return `${JSON.stringify({ ...audited, lie: told, totalMs: Math.round(ms) })}\n`
}

/** How it goes: a bar on a terminal, a line now and then elsewhere. */
class Board {
  readonly #screen: Screen
  #lastMs = -Infinity
  #drawn = false

  constructor (screen: Screen) {
    this.#screen = screen
  }

  show ({ checked, samples, recomputing, missing }: AuditProgress): void {
    if (recomputing !== null) this.#say(`${recomputing.by} does not open path ${recomputing.path}: it is computed here as a whole`)
    if (missing !== null) this.#say(`nobody has what path ${missing.path} was folded from`)
    if (this.#screen.isTTY === true) {
      const full = Math.round(checked / samples * BAR_CELLS)
      this.#screen.write(`\r\u001b[2K${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} audited ${checked} of ${samples}`)
      this.#drawn = true
    } else if (performance.now() - this.#lastMs >= LINE_MS) {
      this.#screen.write(`audited ${checked} of ${samples}\n`)
      this.#lastMs = performance.now()
    }
  }

  end (): void {
    if (this.#drawn) this.#screen.write('\n')
    this.#drawn = false
  }

  #say (text: string): void {
    this.end()
    this.#screen.write(`${text}\n`)
  }
}
