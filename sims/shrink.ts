/**
 * Makes a world that breaks an invariant smaller while it still breaks the same one: less time, fewer partitions and peers, fewer
 * faults (ddmin), and what can be switched off one by one, round after round until nothing more can go. Knows a world only by its plan;
 * playing it is handed in.
 */
import type { Plan } from './scenarios/plan.ts'
import { ddmin } from './shrink/ddmin.ts'
import { switchesOf } from './shrink/switches.ts'

export interface ShrinkInit {
  /** A plan that fails. */
  plan: Plan
  /** When it failed, milliseconds after submission. */
  brokeAtMs: number
  /** A broken liveness invariant needs its time and its share of work for each peer: a world that is only cut short or short of hands is not stuck. */
  kind: 'safety' | 'liveness'
  /** Plays a smaller plan. @returns when the same invariant broke, milliseconds after submission; null when it holds */
  breaksAtMs: (plan: Plan) => Promise<number | null>
  onTrial?: (trial: Trial) => void
  /** Plays no more than this many worlds. Default 500, a guess. */
  trialsMax?: number
}

export interface Trial {
  /** Which it is, from 1. */
  number: number
  /** How it differs from the smallest before, as words after "fails". */
  how: string
  isSmaller: boolean
  /** The smallest that fails so far. */
  plan: Plan
}

export interface Shrunk { plan: Plan, trials: number }

/** A world goes on for this long after it broke, milliseconds: the end of a run counts full seconds. */
const AFTER_MS = 2_000
const TRIALS_MAX = 500
/** How much of a number is tried to be left, one after the other. */
const SHARES = [1 / 2, 3 / 4, 9 / 10]

/** @returns the smallest plan that was found, and how many worlds it took */
export async function shrink (init: ShrinkInit): Promise<Shrunk> {
  const search = new Search(init)
  let before: Plan | null = null
  while (before !== search.plan && !search.isOver) {
    before = search.plan
    if (init.kind === 'safety') await search.cutTime()
    await search.cutSize()
    await search.cutFaults()
    await search.switchOff()
  }
  return { plan: search.plan, trials: search.trials }
}

class Search {
  plan: Plan
  trials = 0
  #brokeAtMs: number
  readonly #init: ShrinkInit

  constructor (init: ShrinkInit) {
    this.#init = init
    this.plan = init.plan
    this.#brokeAtMs = init.brokeAtMs
  }

  get isOver (): boolean {
    return this.trials >= (this.#init.trialsMax ?? TRIALS_MAX)
  }

  /** Nothing after the break matters. */
  async cutTime (): Promise<void> {
    const untilMs = Math.ceil(this.#brokeAtMs) + AFTER_MS
    if (untilMs < this.plan.untilMs) await this.#try('in less time', { ...this.plan, untilMs })
  }

  /** Peers and partitions together, so that everybody has as much to do; then each alone. */
  async cutSize (): Promise<void> {
    await this.#cut('with fewer peers and partitions', (plan, share) => withPartitions(withPeers(plan, share), share))
    await this.#cut('with fewer partitions', withPartitions)
    if (this.#init.kind === 'safety') await this.#cut('with fewer peers', withPeers)
  }

  async cutFaults (): Promise<void> {
    await ddmin(this.plan.faults, async faults => await this.#try(`with ${faults.length} of its faults`, { ...this.plan, faults }))
  }

  async switchOff (): Promise<void> {
    for (const { name, off } of switchesOf(this.plan)) await this.#try(`without ${name}`, off(this.plan))
  }

  async #cut (how: string, reduced: (plan: Plan, share: number) => Plan): Promise<void> {
    for (const share of SHARES) while (await this.#try(how, reduced(this.plan, share))) { /* once more */ }
  }

  /** Plays a plan and goes on with it if it fails as well. */
  async #try (how: string, plan: Plan): Promise<boolean> {
    if (this.isOver || JSON.stringify(plan) === JSON.stringify(this.plan)) return false
    this.trials++
    const brokeAtMs = await this.#init.breaksAtMs(plan)
    if (brokeAtMs !== null) {
      this.plan = plan
      this.#brokeAtMs = brokeAtMs
    }
    this.#init.onTrial?.({ number: this.trials, how, isSmaller: brokeAtMs !== null, plan: this.plan })
    return brokeAtMs !== null
  }
}

/** At least the two that a mesh needs. */
const withPeers = (plan: Plan, share: number): Plan => ({ ...plan, peers: Math.max(2, Math.floor(plan.peers * share)) })

const withPartitions = (plan: Plan, share: number): Plan => ({ ...plan, job: { ...plan.job, partitions: Math.max(1, Math.floor(plan.job.partitions * share)) } })
