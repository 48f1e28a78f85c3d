/**
 * `up`: supervises volunteers on this machine until it is told to stop. Without an address the first of
 * them is where the others start. Prints the addresses others can dial.
 */
import { availableParallelism } from 'node:os'
import { UsageError } from '../../protocol/client/errors.ts'
import { Supervisor } from '../supervisor.ts'
import { INVITATION_ENV } from '../invitation-env.ts'
import { invitationFor } from '../invitation.ts'
import type { FromVolunteer } from '../supervisor.ts'
import { checkAddrs } from './addrs.ts'
import { Interrupts } from './interrupt.ts'
import type { JoinOptions } from './join.ts'
import type { ExitCode } from './exit-code.ts'

export interface UpOptions extends JoinOptions {
  peers: number
}

/** Ports a volunteer takes when it is given one. */
const PORTS_EACH = 3

export async function up (addrs: string[], options: UpOptions): Promise<ExitCode> {
  checkAddrs(addrs)
  const invitation = await invitationFor(options.invitation, 'volunteer')
  let supervisor: Supervisor | null = null
  const interrupts = new Interrupts(() => { supervisor?.kill() })
  const refused = Promise.withResolvers<never>()
  supervisor = new Supervisor({
    peers: options.peers,
    args: (index) => argsOf(index, addrs, options),
    env: invitation === null ? {} : { [INVITATION_ENV]: invitation.text },
    onMessage: (message) => { printed(message) },
    onRefused: () => { refused.reject(new UsageError('A volunteer could not start; the reason is in the line above.')) },
    onCrash: (index, how, ms) => {
      process.stderr.write(`volunteer ${index + 1} of ${options.peers} ended (${how}); starting it again in ${(ms / 1000).toFixed(1)} s\n`)
    }
  })
  supervisor.start()
  try {
    const signal = await Promise.race([interrupts.first, refused.promise])
    return signal === 'SIGINT' ? 130 : 0
  } finally {
    await supervisor.stop()
  }
}

function printed (message: FromVolunteer): void {
  if (message.type !== 'started') return
  for (const addr of message.addrs) process.stdout.write(`${addr}\n`)
}

function argsOf (index: number, addrs: string[], options: UpOptions): string[] {
  const args = [...addrs, '--cores', String(options.cores ?? Math.max(1, Math.floor(availableParallelism() / options.peers)))]
  const add = (name: string, value: unknown): void => {
    if (value !== undefined) args.push(name, String(value))
  }
  add('--memory', options.memory)
  add('--duty', options.duty)
  add('--events', options.events)
  add('--store', options.store)
  add('--disk', options.disk)
  add('--port', options.port === undefined ? undefined : options.port + index * PORTS_EACH)
  if (options.mdns === false || index > 0 || addrs.length > 0) args.push('--no-mdns')
  for (const peer of options.onlyFrom ?? []) add('--only-from', peer)
  for (const { field, operator, value } of options.accept ?? []) add('--accept', `${field}${operator}${value}${field === 'timeout' ? 'ms' : ''}`)
  for (const addr of options.listen ?? []) add('--listen', addr)
  return args
}
