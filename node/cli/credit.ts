/**
 * `credit`: what this machine's peers have receipts for; with a job, who did how much of it; and files of receipts, which are written
 * here and checked here, offline. It never changes a receipt, and there is no way to give credit to anybody else.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { UsageError, printable, reasonOf } from '../../protocol/client/errors.ts'
import { Wallet } from '../../protocol/host/credit/wallet.ts'
import { documentOf, linesOf } from '../../protocol/host/credit/lines.ts'
import { counted } from '../../protocol/client/progress.ts'
import { receiptsFolder } from '../state-dir.ts'
import { keptReceipts } from '../receipts.ts'
import { verifyBy } from '../../protocol/host/keys.ts'
import { verifyLines } from '../../protocol/host/credit/verify.ts'
import { jobIdIn } from '../../protocol/client/job-id.ts'
import { asking } from './ask.ts'
import type { AskOptions } from './ask.ts'
import type { ExitCode } from './exit-code.ts'
import type { Held } from '../../protocol/host/credit/lines.ts'
import { sumLines, sumsJson, tableJson, tableLines } from './credit-table.ts'
import { notDone } from './result.ts'

export interface CreditOptions extends AskOptions {
  /** File to write receipts to. */
  export?: string
  /** Folder that `--store` named. */
  store?: string
  /** File to check. */
  verify?: string
}

/** Lines that do not count, told one by one: a screen or two. */
const FAULTS_SHOWN = 100

export async function credit (job: string | undefined, options: CreditOptions): Promise<ExitCode> {
  const { mesh, verify } = options
  if (verify !== undefined) {
    if (job !== undefined || mesh !== undefined || options.export !== undefined) throw new UsageError('--verify FILE asks nobody: give it no job, --mesh or --export.')
    return await verified(verify, options)
  }
  if (job === undefined && mesh === undefined) return await ownCredit(options)
  if (job === undefined || mesh === undefined) throw new UsageError('The table of a job takes both: millionfold credit JOB --mesh ADDR.')
  return await jobCredit(job, { ...options, mesh })
}

/** Receipts of every peer of this machine, those left out that do not count. */
async function ownCredit (options: CreditOptions): Promise<ExitCode> {
  const held: Held[] = []
  const folder = receiptsFolder(options.store)
  for (const { file, lines } of folder === null ? [] : await keptReceipts(folder)) {
    const wallet = new Wallet({ read: async () => lines, append: async () => {} })
    await wallet.load()
    if (wallet.damaged > 0) say(`${file}: ${wallet.damaged} ${wallet.damaged === 1 ? 'line is' : 'lines are'} damaged and left out.`)
    held.push(...wallet.held())
  }
  const own = await verifyLines(linesOf(held), verifyBy)
  for (const { why } of own.faults) say(`A receipt is left out: ${why}.`)
  if (options.export !== undefined) await exportTo(options.export, own.held)
  if (options.json === true) print(JSON.stringify(sumsJson(own.jobs)))
  else if (options.export === undefined) print(...own.jobs.length === 0 ? ['No receipts yet: whoever volunteers with `millionfold join` gets one for all that is accepted. Those of peers with a store of their own: credit --store DIR.'] : sumLines(own.jobs))
  return 0
}

async function jobCredit (job: string, options: AskOptions & CreditOptions): Promise<ExitCode> {
  const id = jobIdIn(job)
  return await asking(options, async (mesh): Promise<ExitCode> => {
    const { result, report } = await mesh.result(id)
    if (result === null) return notDone(report)
    const table = await result.credit()
    for (const fault of table.faults) say(fault)
    if (options.export !== undefined) await exportTo(options.export, [{ job: result.job, spec: result.spec, receipts: table.receipts }])
    if (options.json === true) print(JSON.stringify(tableJson(table)))
    else if (options.export === undefined) print(...tableLines(table))
    return 0
  })
}

/** Check a file and say what is wrong with it, line by line. */
async function verified (file: string, options: CreditOptions): Promise<ExitCode> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => { throw new UsageError(`Cannot read ${file}: ${reasonOf(error)}.`) })
  const { jobs, faults } = await verifyLines(text.split('\n'), verifyBy)
  for (const { line, why } of faults.slice(0, FAULTS_SHOWN)) say(`line ${line}: ${printable(why).replaceAll(/\s+/g, ' ')}`)
  if (faults.length > FAULTS_SHOWN) say(`and ${counted(faults.length - FAULTS_SHOWN)} more lines`)
  const counting = jobs.filter(({ receipts }) => receipts > 0)
  if (options.json === true) print(JSON.stringify({ ...sumsJson(counting), faults }))
  else if (counting.length > 0) print(...sumLines(counting))
  if (faults.length === 0 && counting.length > 0) return 0
  say(faults.length === 0 ? `${file} holds no receipts.` : `${file}: ${counted(faults.length)} ${faults.length === 1 ? 'line does' : 'lines do'} not count; the rest is sound.`)
  return 1
}

async function exportTo (file: string, held: Held[]): Promise<void> {
  try {
    await writeFile(file, documentOf(linesOf(held)))
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${reasonOf(error)}.`)
  }
  const receipts = held.reduce((sum, each) => sum + each.receipts.length, 0)
  say(`${counted(receipts)} ${receipts === 1 ? 'receipt' : 'receipts'} written to ${file}`)
}

const print = (...lines: string[]): void => { process.stdout.write(`${lines.join('\n')}\n`) }
const say = (sentence: string): void => { process.stderr.write(`${sentence}\n`) }
