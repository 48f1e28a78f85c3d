/**
 * What this machine keeps of private meshes, one folder a mesh under the state directory: its founder's key, where it was founded
 * here; the chains of invitations made here, without their secrets, so that they can be revoked by their ids; and every revocation
 * that a peer of this machine has heard of. Readable by its owner alone.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../protocol/client/errors.ts'
import { stateDir } from './state-dir.ts'
import type { Founder } from '../protocol/host/admission/invitation.ts'

const PRIVATE = { mode: 0o600 }
/** A revocation is below 2 KiB, and there are 1024 at most; a file that has grown past them holds old ones. */
const REVOKED_BYTES_MAX = 8 * 1024 * 1024

const root = (): string => join(stateDir(), 'meshes')
const fileOf = (mesh: string, ...names: string[]): string => join(root(), mesh, ...names)

function made (...path: string[]): string {
  const dir = join(root(), ...path)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return dir
}

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const fromText = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))

/** Keep a mesh's founder's key. */
export function keepFounder (mesh: string, { seed, readingKey }: Founder): void {
  writeFileSync(join(made(mesh), 'founder'), `${toText(seed)}\n${toText(readingKey)}\n`, { ...PRIVATE, flag: 'wx' })
}

/** Names of the meshes founded here. */
export function foundedHere (): string[] {
  return existsSync(root()) ? readdirSync(root()).filter((mesh) => existsSync(fileOf(mesh, 'founder'))) : []
}

/** @throws UsageError when the file is damaged */
export function founderOf (mesh: string): Founder {
  const file = fileOf(mesh, 'founder')
  const [seed, readingKey] = readFileSync(file, 'utf8').split('\n').map(fromText)
  if (seed?.length !== 32 || readingKey?.length !== 32) throw new UsageError(`The founder's key ${file} is damaged: put back a copy of it.`)
  return { seed, readingKey }
}

/** Keep what is needed to revoke an invitation. */
export function keepIssued (mesh: string, id: string, chain: Uint8Array): void {
  writeFileSync(join(made(mesh, 'issued'), id), `${toText(chain)}\n`, PRIVATE)
}

/** The chain of an invitation that was made here, of any mesh; null when none has this id. */
export function issuedHere (id: string): Uint8Array | null {
  if (!/^[a-z2-7]+$/.test(id) || !existsSync(root())) return null
  const file = readdirSync(root()).map((mesh) => fileOf(mesh, 'issued', id)).find((path) => existsSync(path))
  return file === undefined ? null : fromText(readFileSync(file, 'utf8').trim())
}

/** Revocations heard of here; whoever takes them checks them. */
export function revokedHere (mesh: string): Uint8Array[] {
  const file = fileOf(mesh, 'revoked')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map(fromText) : []
}

/** Keep a revocation. Several processes may do so at once: a line is written in one piece. */
export function keepRevoked (mesh: string, revocation: Uint8Array, counting: () => Uint8Array[]): void {
  const file = join(made(mesh), 'revoked')
  const line = `${toText(revocation)}\n`
  if (existsSync(file) && readFileSync(file, 'utf8').includes(line)) return
  appendFileSync(file, line, PRIVATE)
  if (readFileSync(file).length > REVOKED_BYTES_MAX) writeFileSync(file, counting().map((bytes) => `${toText(bytes)}\n`).join(''), PRIVATE)
}
