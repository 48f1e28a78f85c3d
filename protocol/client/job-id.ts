/** A job's id as people type it. Pure. */
import { CID } from 'multiformats/cid'
import { cidFrom } from '../job/cid.ts'
import { UsageError, printable } from './errors.ts'
import type { JobId } from '../core/ids.ts'

/** Of a text that somebody took for an id, shown. */
const SHOWN_MAX = 80

/** @throws UsageError when it cannot be one */
export function jobIdIn (text: string): JobId {
  if (!isJobId(text)) throw new UsageError(`${printable(text).slice(0, SHOWN_MAX)} is not a job's id, which is 59 characters that begin with bafyrei; \`millionfold jobs\` lists those a mesh knows.`)
  return text as JobId
}

function isJobId (text: string): boolean {
  try {
    return text.startsWith('bafyrei') && cidFrom(CID.parse(text)) === text
  } catch {
    return false
  }
}
