/**
 * The control page's one state: the way into the mesh, who is there, the job that is put together, the jobs that are
 * followed. Components read its signals and call its methods; it draws nothing.
 */
import { CID } from 'multiformats/cid'
import { batch, computed, signal } from '@preact/signals'
import { Bundler } from './bundler.ts'
import { Draft } from './draft.ts'
import { MeshClient } from '../../protocol/client/mesh-client.ts'
import { OtherJob } from './other-job.ts'
import { OwnJob } from './own-job.ts'
import { SubmitterFrame } from './submitter-frame.ts'
import { cidOfRaw } from '../../protocol/job/cid.ts'
import { opener } from '../../protocol/job/sealed.ts'
import { SEAL_NEEDS_MESH } from '../../protocol/client/prepare-job.ts'
import { decodeValue } from '../../protocol/job/value.ts'
import { inPageWords } from './words.ts'
import { invitedAddrs } from './invited.ts'
import { isFault } from './params.ts'
import { isLogLine, sortFiles } from './drops.ts'
import { offered } from './examples.ts'
import { problemOf } from '../volunteer/problems.ts'
import { reasonOf } from '../../protocol/client/errors.ts'
import type { Doors, Link } from './doors.ts'
import type { Example } from './examples.ts'
import type { FollowedJob } from './followed-job.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { HadModule } from './other-job.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import type { KnownJob, Neighbour, TabPeer } from '../peer/tab-peer.ts'
import type { PageBundle } from './bundle.ts'
import type { Problem } from '../volunteer/problems.ts'

export type Entry =
  | { type: 'entering' }
  | { type: 'problem', problem: Problem }
  | { type: 'in', tab: TabPeer, client: MeshClient }

/** What the mesh looks like from here. */
export interface MeshView { state: TabPeer['state'], neighbours: Neighbour[], jobs: KnownJob[] }

const NOBODY: MeshView = { state: 'lonely', neighbours: [], jobs: [] }
/** Memory of one partition's sandbox, MiB: what volunteers give. */
const MEMORY_MB = 256
/** Where nobody answered, entry is tried again after this long. A guess. */
const RETRY_MS = 10_000
/** Neighbours who are asked first. */
const ENTRIES_MAX = 4

export class Control {
  readonly entry = signal<Entry>({ type: 'entering' })
  readonly link = signal<Link | null>(null)
  readonly mesh = signal<MeshView>(NOBODY)
  /** The link that invites volunteers. */
  readonly invitation = signal('')
  /** May those who are invited submit jobs, too; of a private mesh. */
  readonly invitesSubmitters = signal(false)
  /** Is the invitation to this private mesh the own one, because that cannot be narrowed? */
  readonly invitesWithOwn = signal(false)
  readonly texts = signal<Record<string, string>>({})
  readonly examples = computed(() => offered(this.texts.value))
  readonly draft: Draft
  /** What stands in the way of running, or went wrong on the way; one sentence. */
  readonly fault = signal('')
  readonly followed = signal<readonly FollowedJob[]>([])
  readonly selected = signal<FollowedJob | null>(null)
  /** A log that is looked at. */
  readonly log = signal<Blob | null>(null)
  readonly cores = signal(0)
  readonly #doors: Doors
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #hash = ''
  /** What this page has run, by content id. */
  readonly #bundles = new Map<string, PageBundle>()

  constructor (doors: Doors) {
    this.#doors = doors
    this.draft = new Draft(new Bundler(doors.assets), doors.assets.submitterUrl)
  }

  /** Read the link and enter the mesh. */
  async open (hash: string): Promise<void> {
    this.#hash = hash
    void this.#doors.texts().then((texts) => { this.texts.value = texts }, () => { /* without examples, then */ })
    await this.enter()
  }

  async enter (): Promise<void> {
    clearTimeout(this.#retryTimer)
    this.entry.value = { type: 'entering' }
    try {
      const link = await this.#doors.readLink(this.#hash)
      this.link.value = link
      await this.#invite(link)
      const tab = await this.#doors.startTabPeer({ addrs: link.addrs, stun: link.stun, invitation: link.invitation, cores: this.cores.value, memoryMb: MEMORY_MB, duty: 1 })
      this.#become(tab)
    } catch (error) {
      const problem = problemOf(error)
      this.entry.value = { type: 'problem', problem }
      if (problem.action === 'retry') this.#retryTimer = setTimeout(() => { void this.enter() }, RETRY_MS)
    }
  }

  /** Make the link for others; in a private mesh with an invitation that allows what they need. */
  async #invite (link: Link): Promise<void> {
    const page = new URL(this.#doors.assets.volunteerUrl, document.baseURI)
    const lent = link.invitation === undefined ? null : await this.#doors.lend(link.invitation, this.invitesSubmitters.value ? ['volunteer', 'submit'] : ['volunteer'])
    const given = { ...link, addrs: invitedAddrs(link.addrs, page.hostname), ...lent === null ? {} : { invitation: lent.text } }
    this.invitation.value = await this.#doors.writeLink(page.href, given)
    this.invitesWithOwn.value = lent?.isNarrowed === false
  }

  /** Let those who are invited submit jobs, too, or not. */
  async setInvitesSubmitters (yes: boolean): Promise<void> {
    this.invitesSubmitters.value = yes
    if (this.link.value !== null) await this.#invite(this.link.value)
  }

  #become (tab: TabPeer): void {
    const entries = (): ReturnType<ConstructorParameters<typeof MeshClient>[0]['entries']> =>
      tab.neighbours().slice(0, ENTRIES_MAX).map(({ peer }) => ({ peer, addrs: [] }))
    const client = new MeshClient({ peer: async () => tab.mesh, entries, isShared: true })
    tab.mesh.onNotice((notice) => { client.onNotice(notice) })
    // Copies: components look again only at what is another object, and a peer may change its own.
    const look = (): void => {
      this.mesh.value = { state: tab.state, neighbours: tab.neighbours(), jobs: tab.jobs().map((job) => ({ ...job })) }
      if (tab.over !== undefined) this.entry.value = { type: 'problem', problem: problemOf(tab.over) }
    }
    tab.onChange(look)
    batch(() => {
      look()
      this.entry.value = { type: 'in', tab, client }
    })
  }

  /** Leave politely; its first part is synchronous, as `pagehide` needs it (C8). */
  close (): void {
    clearTimeout(this.#retryTimer)
    for (const job of this.followed.value) job.close()
    const { value: entry } = this.entry
    if (entry.type === 'in') void entry.tab.stop()
  }

  /** Would closing the page now lose a job? */
  get isNeeded (): boolean {
    return this.followed.value.some(({ isOwn, phase, isStocked }) => isOwn && !isStocked.value && (phase.value === 'preparing' || phase.value === 'running'))
  }

  takeExample (example: Example): void {
    this.fault.value = ''
    this.draft.takeExample(example, this.texts.value)
  }

  /** Files dropped anywhere, or chosen: a job's sources, its inputs, or a log. */
  async takeFiles (files: readonly File[]): Promise<void> {
    this.fault.value = ''
    const logs = new Set<File>()
    for (const file of files) if (isLogLine((await file.slice(0, 65_536).text()).split('\n')[0] ?? '')) logs.add(file)
    const sorted = sortFiles(files, (file) => logs.has(file))
    if (sorted.logs[0] !== undefined) this.log.value = sorted.logs[0]
    if (sorted.sources.length > 0) {
      const read = async (file: File): Promise<[string, string | Uint8Array]> =>
        [nameOf(file), /\.wasm$/i.test(file.name) ? new Uint8Array(await file.arrayBuffer()) : await file.text()]
      this.draft.takeFiles(Object.fromEntries(await Promise.all(sorted.sources.map(read))))
    }
    const [input] = sorted.inputs
    if (input !== undefined) this.draft.inputFile.value = input
  }

  /** Submit the job that was put together, and follow it. */
  run (): void {
    const order = this.draft.order()
    const { value: entry } = this.entry
    if (isFault(order)) this.fault.value = order.fault
    else if (order.isSealed && entry.type === 'in' && entry.tab.mesh.readingKey === null) this.fault.value = inPageWords(SEAL_NEEDS_MESH)
    else if (entry.type !== 'in') this.fault.value = 'This page is not in a mesh yet, so there is nobody to run it.'
    else {
      this.fault.value = ''
      this.#bundles.set(cidOfRaw(order.bundled.bundle), order.bundled)
      const { client, tab: { mesh } } = entry
      this.#follow(new OwnJob({ order, client, mesh, submitterUrl: this.#doors.assets.submitterUrl }))
    }
  }

  /** Look at a job that the mesh knows. */
  show (known: Pick<KnownJob, 'job' | 'name'>): void {
    const before = this.followed.value.find(({ job }) => job.value === known.job)
    const { value: entry } = this.entry
    if (before !== undefined) return this.look(before)
    if (entry.type !== 'in') return
    const { job, name } = known
    this.#follow(new OtherJob({ job, name, client: entry.client, moduleOf: async (spec) => await this.#moduleOf(spec) }))
  }

  /** Look at a job by its id, which somebody passed on. */
  showId (text: string): void {
    const job = text.trim() as JobId
    this.show(this.mesh.value.jobs.find((known) => known.job === job) ?? { job, name: 'job' })
  }

  /** Was it submitted with this tab's key, in this visit or an earlier one? */
  isMine (job: FollowedJob): boolean {
    const { value: entry } = this.entry
    const known = this.mesh.value.jobs.find((it) => it.job === job.job.value)
    return entry.type === 'in' && known?.submitter === entry.tab.mesh.id
  }

  /** End it for everyone. */
  async stop (job: FollowedJob): Promise<void> {
    try {
      await job.stop()
    } catch (error) {
      job.print('error', inPageWords(reasonOf(error)))
    }
  }

  /** Let go of a job; it goes on without this page. */
  leave (job: FollowedJob): void {
    job.close()
    this.followed.value = this.followed.value.filter((it) => it !== job)
    if (this.selected.value === job) this.selected.value = null
  }

  /** Compute here, too. */
  setCores (cores: number): void {
    this.cores.value = cores
    const { value: entry } = this.entry
    if (entry.type === 'in') entry.tab.setCores(cores)
  }

  /** Draw a job as long as it is looked at. */
  async watch (job: FollowedJob): Promise<void> {
    const { value: entry } = this.entry
    if (entry.type === 'in') await job.watch(async (id, onSnapshots) => await this.#doors.observe(entry.tab, id, onSnapshots))
  }

  #follow (job: FollowedJob): void {
    batch(() => {
      this.followed.value = [job, ...this.followed.value]
      this.look(job)
    })
  }

  /** Look at a job that is followed already. */
  look (job: FollowedJob): void {
    const before = this.selected.value
    if (before !== job) before?.unwatch()
    this.selected.value = job
  }

  /** The module behind a job, if it is one that this page ran or has in front of it, and what the job was given. */
  async #moduleOf (spec: JobSpec): Promise<HadModule | null> {
    const { value: check } = this.draft.check
    const { value: entry } = this.entry
    const drafted = check.type === 'ready' && cidOfRaw(check.bundled.bundle) === spec.bundle ? check.bundled : null
    const { submitter } = this.#bundles.get(spec.bundle) ?? drafted ?? { submitter: null }
    if (submitter === null || entry.type !== 'in') return null
    const params = await paramsOf(spec, entry.tab)
    const frame = new SubmitterFrame(this.#doors.assets.submitterUrl)
    return { module: await frame.load(submitter), params, close: () => frame.close() }
  }
}

async function paramsOf (spec: JobSpec, tab: TabPeer): Promise<unknown> {
  const { mesh } = tab
  const cid = CID.parse(spec.params)
  if (!(await mesh.blocks.has(cid))) await mesh.fetch(spec.params, tab.neighbours().map(({ peer }) => peer))
  const parts: Uint8Array[] = []
  for await (const part of mesh.blocks.get(cid)) parts.push(part)
  return decodeValue(opener(spec, mesh.readingKey)(new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer())))
}

/** With its folder, where a folder was chosen or dropped. */
const nameOf = (file: File): string => file.webkitRelativePath === '' ? file.name : file.webkitRelativePath
