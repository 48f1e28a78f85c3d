/**
 * `run`: submits a job, shows how it goes and prints its result. With volunteers of its own it ends them
 * with the job; on someone's mesh it leaves the job to the mesh when it is interrupted or told to detach,
 * and keeps the key that may cancel it.
 */
import { availableParallelism } from 'node:os'
import { JobCancelledError, JobFailedError, UsageError } from '../../protocol/client/errors.ts'
import type { JobHandle } from '../../protocol/client/job-handle.ts'
import { Mesh } from '../mesh.ts'
import { invitationFor } from '../invitation.ts'
import { pageLinks } from '../pages/link.ts'
import type { Invitation } from '../../protocol/host/admission/invitation.ts'
import type { JobSource } from '../prepare-job.ts'
import { keepJobKey } from '../state-dir.ts'
import { PageServer } from '../pages/server.ts'
import { dialableByTabs } from '../pages/addrs.ts'
import { pagesFolder } from '../pages/built.ts'
import type { MakePages } from '../pages/built.ts'
import { PORT } from './serve.ts'
import { drawProgress } from './bar.ts'
import { Interrupts } from './interrupt.ts'
import type { ExitCode } from './exit-code.ts'
import { jsonLine, writeResult } from './output.ts'
import { ROWS_SHOWN, tableLines } from './credit-table.ts'
import type { JobResult } from '../../protocol/client/result.ts'

export interface RunCommandOptions {
  peers?: number
  mesh?: string
  /** Port of the pages; true for the usual one, or any that is free. */
  serve?: number | true
  partitions?: number
  fanout?: number
  params?: unknown
  input?: string
  /** Milliseconds. */
  timeout?: number
  trust?: string
  /** Milliseconds. */
  trustDeadline?: number
  prepare?: string
  compute?: string
  collect?: string
  logger?: string
  detach?: boolean
  again?: boolean
  sealed?: boolean
  out?: string
  events?: string
  /** To a private mesh: its text, a link with it, or a file. */
  invitation?: string
  json?: boolean
  store?: string
  /** MiB. */
  disk?: number
}

export async function run (job: string | undefined, options: RunCommandOptions, pages: MakePages): Promise<ExitCode> {
  const source = sourceOf(job, options)
  const peers = ownPeers(options)
  const invitation = await invitationFor(options.invitation, 'submit', ...peers > 0 ? ['volunteer'] as const : [])
  const mesh = new Mesh({
    addrs: options.mesh === undefined ? [] : [options.mesh],
    peers,
    events: options.events ?? null,
    store: options.store ?? true,
    ...options.disk === undefined ? {} : { diskMb: options.disk },
    say,
    tabs: options.serve !== undefined,
    invitation
  })
  const interrupts = new Interrupts(() => { mesh.kill() })
  const session: Session = { mesh, isShared: options.mesh !== undefined, unfinished: null, keeps: true }
  const server = options.serve === undefined ? null : await servePages(mesh, options.serve, pages, invitation)
  try {
    return await Promise.race([
      attended(session, source, options),
      mesh.over(),
      interrupts.first.then(async () => await interrupted(session))
    ])
  } finally {
    await server?.stop()
    await keepKey(session)
    await mesh.close(session.keeps)
  }
}

/** The pages beside the submitter's peer, which tabs enter by; their links on stderr. */
async function servePages (mesh: Mesh, serve: number | true, make: MakePages, invitation: Invitation | null): Promise<PageServer> {
  let addrs: string[] = []
  const open = async (port: number): Promise<PageServer> => {
    const server = new PageServer({ folder, port, host: '127.0.0.1', addrs: () => dialableByTabs(addrs) })
    const url = await server.start()
    const { volunteer, control } = await pageLinks(url, invitation)
    process.stderr.write(`volunteers are welcome at ${volunteer}, watch at ${control}\n`)
    return server
  }
  const folder = await pagesFolder(make)
  addrs = (await mesh.contact()).addrs
  return serve === true ? await open(PORT).catch(async () => await open(0)) : await open(serve)
}

/** What must be put in order whichever way a run ends. */
interface Session {
  mesh: Mesh
  /** On someone's mesh, which goes on without this command. */
  isShared: boolean
  /** Submitted and not known to have ended. */
  unfinished: JobHandle | null
  /** Until the job has ended or others hold it, it stays in the store: the same command goes on with it. */
  keeps: boolean
}

function sourceOf (job: string | undefined, { prepare, compute, collect, logger }: RunCommandOptions): JobSource {
  const parts = { prepare, compute, collect, logger }
  const given = Object.entries(parts).filter(([, file]) => file !== undefined)
  if (job !== undefined && given.length > 0) throw new UsageError('Give either a job\'s module or its parts, not both.')
  if (job !== undefined) return job
  if (compute === undefined) throw new UsageError('Name the job\'s module, or its parts with at least --compute FILE.')
  return { ...Object.fromEntries(given), compute }
}

/** Volunteers of its own: as asked; without a mesh one for each of this machine's cores, so that a job runs as a filter does. */
function ownPeers ({ peers, mesh, detach }: RunCommandOptions): number {
  if (detach === true && (peers !== undefined || mesh === undefined)) {
    throw new UsageError('--detach needs a mesh that stays: give --mesh ADDR without --peers, since own volunteers end with this command.')
  }
  return peers ?? (mesh === undefined ? availableParallelism() : 0)
}

async function attended (session: Session, source: JobSource, options: RunCommandOptions): Promise<ExitCode> {
  const handle = session.mesh.run(source, options.params, {
    partitions: options.partitions,
    fanout: options.fanout,
    input: options.input,
    timeoutMs: options.timeout,
    trust: options.trust,
    trustDeadlineMs: options.trustDeadline,
    again: options.again,
    sealed: options.sealed
  })
  handle.onShort = (need, have) => {
    process.stderr.write(have >= need ? 'enough peers are there now\n' : `waiting for peers: ${need} distinct ones must compute the same, and there ${have === 1 ? 'is' : 'are'} ${have}\n`)
  }
  const { job } = await handle.submitted
  session.unfinished = handle
  if (options.detach === true) return await detached(session, handle, job)
  const drawn = drawProgress(handle.progress, process.stderr)
  try {
    const { result, wallMs } = await handle.finished
    session.unfinished = null
    session.keeps = false
    await drawn
    const shown = await writeResult(result, handle.outputs(), options)
    await showCredit(result)
    if (options.json === true) process.stdout.write(jsonLine(result, shown, wallMs, performance.now()))
    return 0
  } catch (error) {
    if (error instanceof JobFailedError) session.unfinished = null
    if (error instanceof JobFailedError || error instanceof JobCancelledError) session.keeps = false
    await drawn
    throw error
  }
}

/** Who did it, in a few lines; a job of one peer needs no table. */
async function showCredit (result: JobResult): Promise<void> {
  const table = await result.credit()
  if (table.rows.length < 2 && table.uncredited === 0) return
  for (const line of [...tableLines(table, ROWS_SHOWN), ...table.faults]) process.stderr.write(`${line}\n`)
}

async function detached (session: Session, handle: JobHandle, job: string): Promise<ExitCode> {
  await Promise.race([handle.stocked, handle.finished.then(() => { session.unfinished = null })])
  session.keeps = false
  process.stdout.write(`${job}\n`)
  return 0
}

async function interrupted (session: Session): Promise<ExitCode> {
  const { unfinished, isShared } = session
  session.keeps = false
  if (unfinished !== null && !isShared) {
    await unfinished.cancel()
    process.stderr.write('interrupted: the job is cancelled\n')
  } else if (unfinished !== null) {
    const { job } = await unfinished.submitted
    process.stderr.write(`interrupted: the mesh goes on with job ${job}\n`)
  }
  return 130
}

/** Who leaves a job to a mesh may cancel it later. */
async function keepKey ({ mesh, isShared, unfinished }: Session): Promise<void> {
  if (!isShared || unfinished === null) return
  const { job } = await unfinished.submitted
  keepJobKey(await mesh.key(), job)
}

const say = (sentence: string): void => { process.stderr.write(`${sentence}\n`) }
