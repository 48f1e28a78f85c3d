/**
 * What the browser tells of the machine: battery, Save-Data, network, pressure on the processor. Each source is
 * looked for first; one that a browser does not have says nothing, so nothing pauses because of it. Decides nothing.
 *
 * Compute Pressure tells a page only while it has the focus. In a hidden tab the last word counts for a minute,
 * then it is `unknown`: browsers run hidden tabs at a lower priority, so the visitor's own work goes first there.
 */
import type { PauseInput } from './pauses.ts'
import type { Pressure } from './pressure.ts'

type Tell = (input: PauseInput) => void

interface Battery extends EventTarget { charging: boolean }
interface Connection extends EventTarget { saveData?: boolean }
interface PressureObserverLike { observe (source: 'cpu', options: { sampleInterval: number }): Promise<void>, disconnect (): void }
type PressureObserverClass = new (callback: (changes: Array<{ state: Pressure }>) => void) => PressureObserverLike
/** What TypeScript's DOM does not have, because not every browser has it. */
type Extras = { getBattery?: () => Promise<Battery>, connection?: Connection }

const SAMPLE_MS = 1000
const STALE_MS = 60_000
/** Nobody waits longer for a browser that looks for its battery. */
const SLOW_MS = 500

/** Which causes this browser can tell of at all. */
export function known (): { battery: boolean, saveData: boolean, pressure: boolean } {
  const extras = navigator as Extras
  return { battery: extras.getBattery != null, saveData: extras.connection?.saveData != null, pressure: 'PressureObserver' in globalThis }
}

/** Tell of every change until `signal` ends. @returns when all that can be known now is told */
export async function watchMachine (tell: Tell, signal: AbortSignal): Promise<void> {
  watchNetwork(tell, signal)
  watchSaveData(tell, signal)
  void watchPressure(tell, signal)
  await Promise.race([watchBattery(tell, signal), new Promise((resolve) => setTimeout(resolve, SLOW_MS))])
}

function watchNetwork (tell: Tell, signal: AbortSignal): void {
  const look = (): void => tell({ type: 'offline', on: !navigator.onLine })
  addEventListener('online', look, { signal })
  addEventListener('offline', look, { signal })
  look()
}

function watchSaveData (tell: Tell, signal: AbortSignal): void {
  const { connection } = navigator as Extras
  if (connection == null) return
  const look = (): void => tell({ type: 'save-data', on: connection.saveData === true })
  connection.addEventListener?.('change', look, { signal })
  look()
}

async function watchBattery (tell: Tell, signal: AbortSignal): Promise<void> {
  try {
    const battery = await (navigator as Extras).getBattery?.()
    if (battery == null || signal.aborted) return
    const look = (): void => tell({ type: 'battery', on: !battery.charging })
    battery.addEventListener('chargingchange', look, { signal })
    look()
  } catch {
    // Forbidden by a policy: as if the browser had none.
  }
}

async function watchPressure (tell: Tell, signal: AbortSignal): Promise<void> {
  const { PressureObserver } = globalThis as { PressureObserver?: PressureObserverClass }
  if (PressureObserver == null) return
  let stale: ReturnType<typeof setTimeout> | undefined
  const observer = new PressureObserver((changes) => {
    const last = changes.at(-1)
    if (last != null) tell({ type: 'pressure', pressure: last.state })
  })
  try {
    await observer.observe('cpu', { sampleInterval: SAMPLE_MS })
  } catch {
    return // Forbidden, or no such source on this machine.
  }
  const onFocus = (): void => {
    clearTimeout(stale)
    if (!document.hasFocus()) stale = setTimeout(() => tell({ type: 'pressure', pressure: 'unknown' }), STALE_MS)
  }
  for (const type of ['focus', 'blur']) addEventListener(type, onFocus, { signal })
  document.addEventListener('visibilitychange', onFocus, { signal })
  onFocus()
  signal.addEventListener('abort', () => {
    clearTimeout(stale)
    observer.disconnect()
  }, { once: true })
}
