/**
 * Who a Node peer is: an Ed25519 key, kept in a file that only its user can read so that a volunteer is the same
 * peer tomorrow, or made anew and kept nowhere.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

/** A key that is kept nowhere. */
export const ephemeralKey = async (): Promise<PrivateKey> => await generateKeyPair('Ed25519')

/**
 * The key in a file, made on first use with mode 0600.
 *
 * @throws Error in one sentence when the file is no key or cannot be written
 */
export async function persistentKey (file: string): Promise<PrivateKey> {
  return await readKey(file) ?? await writeKey(file, await ephemeralKey())
}

async function readKey (file: string): Promise<PrivateKey | null> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`The identity file ${file} cannot be read: ${(error as Error).message}.`)
  }
  try {
    return privateKeyFromProtobuf(bytes)
  } catch {
    throw new Error(`The identity file ${file} holds no key; move it away to have a new one made.`)
  }
}

/** Written aside and linked into place: of two processes that start together, the later takes the earlier one's key. */
async function writeKey (file: string, key: PrivateKey): Promise<PrivateKey> {
  const aside = `${file}.${randomUUID()}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(aside, privateKeyToProtobuf(key), { mode: 0o600 })
    await link(aside, file)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await readKey(file) ?? key
    throw new Error(`The identity file ${file} cannot be written: ${(error as Error).message}.`)
  } finally {
    await rm(aside, { force: true })
  }
}
