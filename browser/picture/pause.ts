/**
 * Breaks long work on the page's thread into slices, so that it can still draw and answer. It knows nothing of the work.
 */

/** Two thirds of a frame: the rest is for drawing. */
const SLICE_MS = 10

export interface Pause {
  /** Let the page breathe. Fails when the signal has said to stop. */
  (): Promise<void>
  /** Has this slice lasted long enough? Cheap enough to ask after every line. */
  isDue: () => boolean
}

/** How often the clock is looked at. */
const ASKS = 64

export function pauser (signal?: AbortSignal): Pause {
  let since = performance.now()
  let asked = 0
  const pause = async (): Promise<void> => {
    signal?.throwIfAborted()
    // A message, and not a timer: nested timers wait 4 ms each.
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(null)
    })
    since = performance.now()
  }
  return Object.assign(pause, { isDue: () => ++asked % ASKS === 0 && performance.now() - since > SLICE_MS })
}
