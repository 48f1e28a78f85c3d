/**
 * A visitor's volunteering, from consent to the last goodbye: enters the mesh when it is this tab's turn and nothing
 * pauses, gives its peer as many cores as are allowed just now, leaves it when a pause lasts, and tells the page what
 * there is to see. It never starts anything without consent, and draws nothing.
 */
import { signal } from '@preact/signals'
import { download } from '../ui/download.ts'
import { watchMachine } from './machine.ts'
import { chosen } from './chosen.ts'
import { Pauses } from './pauses.ts'
import { problemOf } from './problems.ts'
import { Tally } from './tally.ts'
import { takeTurn } from './turn.ts'
import { viewOf } from './view.ts'
import type { TabPeer } from '../peer/tab-peer.ts'
import type { Doors, Link } from './doors.ts'
import type { Cause, PauseInput } from './pauses.ts'
import type { Problem } from './problems.ts'
import type { Consent, Settings, SettingsStore } from './settings.ts'
import type { Turn } from './turn.ts'
import type { Phase, View } from './view.ts'

/** Memory of one partition's sandbox, MiB: what Node's volunteers give, too. */
const MEMORY_MB = 256
/** A pause that lasts longer leaves the mesh, so that it costs nothing; one with Save-Data leaves at once. A guess. */
const LINGER_MS = 60_000
const RETRY_MS = 10_000
const RETRY_MAX_MS = 120_000
const SECOND_MS = 1000
/** Between two looks at a peer: more often, eyes see no more. */
const DRAW_MS = 200

export class Volunteer {
  readonly #doors: Doors
  readonly #settings: SettingsStore
  readonly #pauses: Pauses
  readonly #tally: Tally
  #phase: Phase = 'loading'
  #problem: Problem | undefined
  #link: Link | undefined
  #peer: TabPeer | undefined
  #turn: Turn | undefined
  /** Ends all that was begun: the turn or the wait for it, what is watched, timers, a start under way. */
  #run: AbortController | undefined
  #isStarting = false
  #retryMs: number | undefined
  #retries = 0
  #leaveTimer: ReturnType<typeof setTimeout> | undefined
  #drawTimer: ReturnType<typeof setTimeout> | undefined
  #tickTimer: ReturnType<typeof setTimeout> | undefined
  #retryTimer: ReturnType<typeof setTimeout> | undefined

  /** What there is to see; new whenever it changes. */
  readonly view

  constructor (doors: Doors, settings: SettingsStore, store?: Storage) {
    this.#doors = doors
    this.#settings = settings
    this.#pauses = new Pauses(settings.values.goOn)
    this.#pauses.handle({ type: 'user', paused: settings.values.paused }, Date.now())
    this.#tally = new Tally(store)
    this.view = signal<View>(this.#look())
  }

  /** Read the link; begin, if consent is remembered. */
  async open (hash: string): Promise<void> {
    try {
      this.#link = await this.#doors.readLink(hash)
    } catch (error) {
      this.#becomeStuck(problemOf(error))
      return
    }
    if (this.#settings.values.consent === 'none') this.#become('asking')
    else await this.begin()
  }

  /** The visitor agrees. */
  async agree (consent: Exclude<Consent, 'none'>): Promise<void> {
    this.#settings.change({ consent, paused: false })
    this.#pauses.handle({ type: 'user', paused: false }, Date.now())
    await this.begin()
  }

  /** The visitor takes it back: stop, and ask the next time. */
  withdraw (): void {
    this.#settings.change({ consent: 'none', paused: false })
    this.end()
    this.#become('asking')
  }

  /**
   * Volunteer, on a consent given before.
   *
   * @param take - the turn, from another tab of this browser
   */
  async begin (take = false): Promise<void> {
    if (this.#link === undefined || this.#settings.values.consent === 'none') return
    this.end()
    const run = new AbortController()
    this.#run = run
    this.#become('starting')
    try {
      const turn = await takeTurn({
        take, signal: run.signal,
        onWaiting: () => this.#becomeStuck(problemOf({ code: 'elsewhere', message: '' })),
        onTaken: () => {
          void this.begin()
          this.#becomeStuck(problemOf({ code: 'elsewhere', message: 'It was started there just now.' }))
        }
      })
      if (run.signal.aborted) {
        turn.release()
        return
      }
      this.#turn = turn
    } catch {
      return // Ended while it waited.
    }
    await watchMachine((input) => this.#tell(input), run.signal)
    if (run.signal.aborted) return
    const ticker = setInterval(() => this.#onPeer(), SECOND_MS)
    run.signal.addEventListener('abort', () => clearInterval(ticker), { once: true })
    this.#become('running')
    this.#apply()
  }

  /** Leave politely; synchronous as far as `pagehide` needs it (C8). */
  end (): void {
    this.#run?.abort()
    this.#run = undefined
    for (const timer of [this.#leaveTimer, this.#tickTimer, this.#retryTimer]) clearTimeout(timer)
    this.#leaveTimer = this.#retryMs = undefined
    this.#isStarting = false
    this.#leave()
    this.#turn?.release()
    this.#turn = undefined
  }

  get isBegun (): boolean {
    return this.#run !== undefined
  }

  setPaused (paused: boolean): void {
    this.#settings.change({ paused })
    this.#tell({ type: 'user', paused })
  }

  /** Give more or less, or to others. */
  change (some: Partial<Pick<Settings, 'cores' | 'duty' | 'onlyFrom' | 'accept'>>): void {
    this.#settings.change(some)
    if ('onlyFrom' in some || 'accept' in some) this.#peer?.mesh.setAcceptance(chosen(this.#settings.values))
    this.#apply()
  }

  setGoOn (cause: Cause, goOn: boolean): void {
    const others = this.#settings.values.goOn.filter((one) => one !== cause)
    this.#settings.change({ goOn: goOn ? [...others, cause] : others })
    this.#tell({ type: 'overrule', cause, goOn })
  }

  /** Try to enter again, now. */
  retry (): void {
    clearTimeout(this.#retryTimer)
    this.#retryMs = this.#problem = undefined
    if (this.#phase === 'problem') this.#become(this.#turn === undefined ? 'starting' : 'running')
    this.#apply()
  }

  /** A file of what coordinators have certified, for the visitor to keep. */
  saveReceipts (): void {
    if (this.#peer !== undefined) download(this.#peer.exported(), 'millionfold-receipts.json')
  }

  /** The page is seen again: what was not drawn while it was hidden. */
  refresh (): void {
    this.#publish()
  }

  #tell (input: PauseInput): void {
    this.#pauses.handle(input, Date.now())
    const isNews = input.type === 'user' || (input.type === 'offline' && !input.on)
    if (isNews && this.#problem?.code === 'no-answer') this.retry()
    else this.#apply()
  }

  /** Make the peer be as the settings and pauses say. */
  #apply (): void {
    clearTimeout(this.#tickTimer)
    const { nextMs, share, reasons } = this.#pauses
    if (this.#turn !== undefined && this.#phase === 'running') {
      if (nextMs !== undefined) this.#tickTimer = setTimeout(() => this.#tell({ type: 'tick' }), Math.max(0, nextMs - Date.now()) + 10)
      if (share > 0) this.#work(share)
      else this.#rest(reasons.includes('save-data') ? 0 : LINGER_MS)
    }
    this.#publish()
  }

  #work (share: number): void {
    clearTimeout(this.#leaveTimer)
    this.#leaveTimer = undefined
    const { cores, duty } = this.#settings.values
    if (this.#peer === undefined) {
      if (!this.#isStarting) void this.#enter()
      return
    }
    this.#peer.setDuty(duty * share)
    this.#peer.setCores(cores)
  }

  #rest (lingerMs: number): void {
    this.#peer?.setCores(0)
    if (lingerMs === 0) this.#leave()
    else this.#leaveTimer ??= setTimeout(() => this.#leave(), lingerMs)
  }

  async #enter (): Promise<void> {
    const run = this.#run
    const { cores, duty } = this.#settings.values
    this.#isStarting = true
    let peer: TabPeer
    try {
      peer = await this.#doors.startTabPeer({
        addrs: this.#link?.addrs ?? [], stun: this.#link?.stun, invitation: this.#link?.invitation, right: 'volunteer',
        cores, duty: duty * this.#pauses.share, memoryMb: MEMORY_MB, acceptance: chosen(this.#settings.values)
      })
    } catch (error) {
      if (run === this.#run) this.#onFailed(problemOf(error))
      return
    }
    if (run !== this.#run || run === undefined) {
      void peer.stop()
      return
    }
    this.#isStarting = false
    this.#retries = 0
    this.#peer = peer
    peer.mesh.setAcceptance(chosen(this.#settings.values)) // the visitor may have chosen while it started
    peer.onChange(() => {
      if (peer === this.#peer) this.#onPeer()
    })
    this.#apply()
  }

  #onFailed (problem: Problem): void {
    this.#isStarting = false
    this.#becomeStuck(problem)
    if (problem.code !== 'no-answer') return
    const waitMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#retries++)
    this.#retryMs = Date.now() + waitMs
    this.#retryTimer = setTimeout(() => this.retry(), waitMs)
    this.#publish()
  }

  #leave (): void {
    const peer = this.#peer
    if (peer === undefined) return
    this.#peer = undefined
    this.#tally.close(peer, Date.now())
    peer.stop().catch((error: unknown) => console.warn('leaving the mesh:', error))
    this.#publish()
  }

  #onPeer (): void {
    this.#tally.look(this.#peer, Date.now())
    const { state, over = new Error('This tab\'s peer stopped.') } = this.#peer ?? {}
    if (state === 'stopped') {
      this.#leave()
      this.#becomeStuck(problemOf(over))
    }
    if (document.hidden || this.#drawTimer !== undefined) return
    this.#drawTimer = setTimeout(() => {
      this.#drawTimer = undefined
      this.#publish()
    }, DRAW_MS)
  }

  #become (phase: Phase): void {
    this.#phase = phase
    this.#problem = undefined
    this.#publish()
  }

  #becomeStuck (problem: Problem): void {
    this.#phase = 'problem'
    this.#problem = problem
    this.#publish()
  }

  #publish (): void {
    this.view.value = this.#look()
  }

  #look (): View {
    return viewOf({
      phase: this.#phase, problem: this.#problem, retryMs: this.#retryMs, link: this.#link, settings: this.#settings, pauses: this.#pauses,
      peer: this.#peer, tally: this.#tally, nowMs: Date.now()
    })
  }
}
