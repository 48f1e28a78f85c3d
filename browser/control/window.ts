/** Ties the control page to its window: leaving politely, asking first where a job would be lost, another link. */
import type { Control } from './control.ts'

export function followWindow (control: Control): void {
  addEventListener('pagehide', () => control.close())
  // A page brought back from the browser's cache has left the mesh: enter again.
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload() })
  addEventListener('hashchange', () => location.reload())
  addEventListener('beforeunload', (event) => { if (control.isNeeded) event.preventDefault() })
}
