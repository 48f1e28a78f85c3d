/**
 * Core messages to bytes and back. `decodeMessage` takes anything from anyone: it never throws, and what it
 * lets through has the shape the core's types promise, valid ids, limits kept, digests checked.
 */
import { BODIES } from './tables.ts'
import { WireError, decode, encode, nullable, struct } from './schema.ts'
import { jobId } from './types.ts'
import type { Body } from './tables.ts'
import type { Fields, Type } from './schema.ts'
import type { Message, MessageType } from '../../core/message.ts'
import type { JobId } from '../../core/ids.ts'

type AnyBody = Body<MessageType>
type Envelope = { job: JobId | null } & { [K in MessageType]: AnyBody | null }

const TYPES = Object.keys(BODIES) as MessageType[]

/** Types that are not about one job. */
const JOBLESS: readonly MessageType[] = ['jobs', 'query', 'report']

const envelope = struct<Envelope>({
  job: [1, nullable(jobId)],
  ...Object.fromEntries(TYPES.map(type => [type, [BODIES[type][0], nullable(BODIES[type][1] as Type<AnyBody>)]]))
} as unknown as Fields<Envelope>)

const nothing = Object.fromEntries(TYPES.map(type => [type, null])) as unknown as Envelope

/** A decoded message, or why there is none. */
export type Decoded = { message: Message } | { message: null, reason: string }

/**
 * A message's bytes.
 *
 * @throws Error when it breaks a limit of the wire, which is the sender's mistake
 */
export function encodeMessage (message: Message): Uint8Array {
  const job = 'job' in message ? message.job : null
  return encode(envelope, { ...nothing, job, [message.type]: message })
}

/** The message in some bytes, which may come from anyone. */
export function decodeMessage (bytes: Uint8Array): Decoded {
  try {
    return { message: messageOf(decode(envelope, bytes)) }
  } catch (error) {
    return { message: null, reason: error instanceof WireError ? error.message : 'not a message' }
  }
}

function messageOf ({ job, ...bodies }: Envelope): Message {
  const types = TYPES.filter(type => bodies[type] !== null)
  const type = types[0]
  if (type === undefined || types.length > 1) throw new WireError('a message is of no known type')
  if ((job === null) !== JOBLESS.includes(type)) throw new WireError('a message is about no job')
  const body = bodies[type] as object
  if (type === 'grant') {
    const { state } = body as Body<'grant'>
    return { type, job, ...body, state: { type: 'state', job, ...state } } as Message
  }
  return { type, ...(job === null ? {} : { job }), ...body } as Message
}
