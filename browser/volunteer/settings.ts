/**
 * What a visitor chose and the browser remembers: consent, cores, duty, what to go on with anyway. Consent is either
 * for this visit (it outlives a refresh, not the tab) or for always. Where storage is blocked everything is kept in
 * memory, consent is asked for each time, and `isLasting` says so. It decides nothing about when work runs.
 */
import { CAUSES } from './pauses.ts'
import type { Cause } from './pauses.ts'

export type Consent = 'none' | 'visit' | 'always'

export interface Settings {
  consent: Consent
  /** Partitions computed at once, at least 1. */
  cores: number
  /** Share of a core's time, from DUTY_MIN to 1. */
  duty: number
  /** Paused by the visitor. */
  paused: boolean
  /** Causes that do not pause. */
  goOn: Cause[]
  /** Peers whose jobs alone are worked for, separated by spaces; empty for anybody's. */
  onlyFrom: string
  /** Rules that jobs must keep, separated by commas (protocol/host/acceptance.ts). */
  accept: string
}

/** The two stores of a browser; undefined where it blocks them. */
export interface Stores { lasting?: Storage, visit?: Storage }

export const DUTY_MIN = 0.1
/** A fifth of the time is left to the browser's own threads and the visitor's next click: a guess, not yet measured. */
const DUTY_DEFAULT = 0.8
const KEY = 'millionfold:volunteer'

const clamp = (value: unknown, min: number, max: number, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : otherwise

/** A visitor's own words are short. */
const TEXT_MAX = 2000
const text = (value: unknown): string => typeof value === 'string' ? value.slice(0, TEXT_MAX) : ''

/**
 * Half of a computer; a quarter of what is held in a hand, which has no fan.
 *
 * @param coresMax - of the machine
 */
export function defaultCores (coresMax: number, isHandheld: boolean): number {
  return Math.max(1, Math.floor(coresMax / (isHandheld ? 4 : 2)))
}

function read (store: Storage | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
  } catch {
    return {}
  }
}

/** @returns whether it is stored */
function write (store: Storage | undefined, value: object): boolean {
  try {
    store?.setItem(KEY, JSON.stringify(value))
    return store !== undefined
  } catch {
    return false
  }
}

/** The browser's stores, without those that throw when touched. */
export function browserStores (): Stores {
  const open = (which: 'localStorage' | 'sessionStorage'): Storage | undefined => {
    try {
      return globalThis[which]
    } catch {
      return undefined
    }
  }
  return { lasting: open('localStorage'), visit: open('sessionStorage') }
}

export class SettingsStore {
  readonly #stores: Stores
  readonly coresMax: number
  values: Settings
  /** Whether what is chosen is still known tomorrow. */
  isLasting: boolean

  constructor (stores: Stores, coresMax: number, isHandheld = false) {
    this.#stores = stores
    this.coresMax = coresMax
    const lasting = read(stores.lasting)
    const visit = read(stores.visit)
    this.values = {
      consent: lasting.consent === 'always' ? 'always' : visit.consent === 'visit' ? 'visit' : 'none',
      cores: Math.round(clamp(lasting.cores, 1, coresMax, defaultCores(coresMax, isHandheld))),
      duty: clamp(lasting.duty, DUTY_MIN, 1, DUTY_DEFAULT),
      paused: visit.paused === true,
      goOn: CAUSES.filter((cause) => Array.isArray(lasting.goOn) && lasting.goOn.includes(cause)),
      onlyFrom: text(lasting.onlyFrom),
      accept: text(lasting.accept)
    }
    this.isLasting = write(stores.lasting, lasting)
  }

  change (some: Partial<Settings>): void {
    this.values = { ...this.values, ...some }
    const { consent, cores, duty, paused, goOn, onlyFrom, accept } = this.values
    const isLasting = write(this.#stores.lasting, { consent: consent === 'always' ? consent : 'none', cores, duty, goOn, onlyFrom, accept })
    this.isLasting = isLasting
    write(this.#stores.visit, { consent: consent === 'none' ? consent : 'visit', paused })
  }
}
