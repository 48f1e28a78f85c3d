/**
 * One tab of a browser volunteers at a time, or two would share one identity and use twice the cores. Whose turn it is
 * is a Web Lock, which ends with the tab however it ends. It also says to the browser that the tab is at work:
 * Chromium freezes hidden tabs that use much processor time to save energy, but none that holds a Web Lock or an open
 * WebRTC channel. (On phones the system may stop a hidden tab all the same; it goes on when it is seen again.)
 */
const NAME = 'millionfold:volunteer'
/** A tab that is being refreshed lets go within this time. */
const PATIENCE_MS = 1500

export interface Turn {
  /** Let the next tab have it. Synchronous, for `pagehide`. */
  release (): void
}

export interface TurnInit {
  /** Take it from the tab that has it. */
  take?: boolean
  /** Another tab has it, and keeps it; the wait goes on. */
  onWaiting: () => void
  /** Another tab took it from this one. */
  onTaken: () => void
  /** Ends the wait. */
  signal: AbortSignal
}

/** Wait for this tab's turn. Without Web Locks it is always this tab's. */
export async function takeTurn ({ take = false, onWaiting, onTaken, signal }: TurnInit): Promise<Turn> {
  const locks = (navigator as { locks?: LockManager }).locks
  if (locks == null) return { release () {} }
  return await new Promise<Turn>((resolve, reject) => {
    let isHeld = false
    let isReleased = false
    const patience = setTimeout(onWaiting, PATIENCE_MS)
    locks.request(NAME, take ? { steal: true } : { signal }, async () => {
      clearTimeout(patience)
      isHeld = true
      await new Promise<void>((end) => {
        const release = (): void => {
          isReleased = true
          end()
        }
        resolve({ release })
      })
    }).catch((error: unknown) => {
      clearTimeout(patience)
      if (!isHeld) reject(error)
      else if (!isReleased) onTaken()
    })
  })
}
