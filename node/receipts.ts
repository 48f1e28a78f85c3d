/**
 * Where a Node peer keeps its receipts (K5): one file a peer, a line added for each, apart from its store. So `millionfold credit` reads
 * them while peers run, since a database has one process at a time, and nothing that happens to a store takes earned credit along.
 * What was added outlives a killed process; every line is signed, so what is damaged is seen.
 */
import { appendFile, mkdir, readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UsageError, reasonOf } from '../protocol/client/errors.ts'
import type { PeerId } from '../protocol/core/ids.ts'
import type { ReceiptLog } from '../protocol/host/credit/wallet.ts'

const SUFFIX = '.jsonl'

export class FileLog implements ReceiptLog {
  readonly #file: string
  readonly #say: (sentence: string) => void
  /** Not written yet: a full disk may have room again. It begins a line of its own after one that was cut short. */
  #pending = '\n'
  #writing: Promise<void> = Promise.resolve()
  #isTold = false

  /** @param say told in one sentence, once, when receipts cannot be written */
  constructor (folder: string, peer: PeerId, say: (sentence: string) => void = () => {}) {
    this.#file = join(folder, `${peer}${SUFFIX}`)
    this.#say = say
  }

  async read (): Promise<string[]> {
    return await linesOf(this.#file)
  }

  async append (line: string): Promise<void> {
    this.#pending += `${line}\n`
    this.#writing = this.#writing.then(async () => { await this.#write() })
    await this.#writing
  }

  async #write (): Promise<void> {
    const text = this.#pending
    if (text === '') return
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
      await appendFile(this.#file, text, { mode: 0o600 })
      this.#pending = this.#pending.slice(text.length)
    } catch (error) {
      if (!this.#isTold) this.#say(`Receipts cannot be written to ${this.#file} and are tried again with the next one: ${reasonOf(error)}.`)
      this.#isTold = true
    }
  }
}

/** Receipts of all peers that kept some in a folder. */
export async function keptReceipts (folder: string): Promise<Array<{ file: string, lines: string[] }>> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new UsageError(`Cannot read the receipts in ${folder}: ${reasonOf(error)}.`)
  }
  const files = names.filter(name => name.endsWith(SUFFIX)).sort().map(name => join(folder, name))
  return await Promise.all(files.map(async file => ({ file, lines: await linesOf(file) })))
}

async function linesOf (file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new UsageError(`Cannot read the receipts in ${file}: ${reasonOf(error)}.`)
  }
}
