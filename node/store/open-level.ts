/**
 * Opens LevelDB in a folder, whatever state it was left in (D5, D7): locked by another process, made by a newer version, or damaged. A
 * damaged one is repaired, and set aside under another name where that does not work; nothing is deleted, and a newer one is not touched.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { UsageError, reasonOf } from '../../protocol/client/errors.ts'
import { ENCODINGS, LevelDisk } from './level-disk.ts'
import type { Database } from './level-disk.ts'

/** Of what is in a store; a newer one is not opened by this version. */
const FORMAT = 1
/** Beside LevelDB's files, so that a newer store is known before anything is opened. */
const FORMAT_FILE = 'MILLIONFOLD-FORMAT'

/** A memory of 4 MB for what is not in files yet would be most of an idle volunteer's growth. A guess. */
const OPTIONS = { ...ENCODINGS, compression: true, writeBufferSize: 1024 * 1024, cacheSize: 2 * 1024 * 1024, maxOpenFiles: 64 }

/**
 * @param say told in one sentence what had to be done to open it
 * @returns null when another process has it open
 * @throws UsageError when it is of a newer version, or cannot be opened or made
 */
export async function openLevel (folder: string, say: (sentence: string) => void): Promise<LevelDisk | null> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new UsageError(`Cannot make the store ${folder}: ${reasonOf(error)}. Name another by --store, or keep nothing by --store none.`)
  }
  checkFormat(folder)
  const db = await opened(folder) ?? await repaired(folder, say) ?? await anew(folder, say)
  if (db === 'locked') return null
  markFormat(folder)
  return new LevelDisk(folder, db)
}

function checkFormat (folder: string): void {
  const file = join(folder, FORMAT_FILE)
  const format = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : FORMAT
  if (!(format > FORMAT)) return
  throw new UsageError(`The store ${folder} was made by a newer version of Millionfold (format ${format}, this one knows ${FORMAT}): update, or name another by --store.`)
}

function markFormat (folder: string): void {
  const file = join(folder, FORMAT_FILE)
  try {
    if (!existsSync(file)) writeFileSync(file, `${FORMAT}\n`, { mode: 0o600 })
  } catch {
    // A disk without room for two bytes says so soon.
  }
}

/** @returns null when it is damaged */
async function opened (folder: string): Promise<Database | 'locked' | null> {
  const db: Database = new ClassicLevel<string, Uint8Array>(folder, OPTIONS)
  try {
    await db.open()
    await readThrough(db)
    return db
  } catch (error) {
    const { code = '', message } = causeOf(error)
    await db.close().catch(() => {})
    if (code === 'LEVEL_LOCKED') return 'locked'
    if (/EACCES|EPERM|ENOSPC|EROFS|ermission denied|o space left|ead-only/.test(`${code} ${message}`)) {
      throw new UsageError(`Cannot open the store ${folder}: ${message.replace(/\.$/, '')}. Name another by --store, or keep nothing by --store none.`)
    }
    return null
  }
}

const causeOf = (error: unknown): Error & { code?: string } => {
  const { cause } = error as Error
  return (cause instanceof Error ? cause : error) as Error & { code?: string }
}

/** Damage may show only when a file is read: all but blocks are read at a start anyway. */
async function readThrough (db: Database): Promise<void> {
  for await (const _key of db.keys({ gte: '/', lt: '0' }));
}

async function repaired (folder: string, say: (sentence: string) => void): Promise<Database | 'locked' | null> {
  try {
    await ClassicLevel.repair(folder)
  } catch {
    return null
  }
  const db = await opened(folder)
  if (db !== null && db !== 'locked') say(`The store ${folder} was damaged and has been repaired; what it lost is computed again.`)
  return db
}

async function anew (folder: string, say: (sentence: string) => void): Promise<Database | 'locked'> {
  const aside = `${folder}.damaged-${Date.now()}`
  renameSync(folder, aside)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const db = await opened(folder)
  if (db === null) throw new UsageError(`Cannot make a store in ${folder}: name another by --store, or keep nothing by --store none.`)
  say(`The store ${folder} was damaged beyond repair and is now ${aside}; this peer starts with a new one.`)
  return db
}
