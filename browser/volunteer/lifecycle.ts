/**
 * Follows the page's own life: leaves the mesh politely when it is closed, put aside or frozen, and volunteers again
 * when it comes back. A refresh is a goodbye and, consent being remembered, a new start with the same identity.
 * Hidden is not gone: workers go on at full speed there, only drawing stops.
 */
import type { Volunteer } from './volunteer.ts'

export function followPage (volunteer: Volunteer): void {
  let wasBegun = false
  const leave = (): void => {
    wasBegun ||= volunteer.isBegun
    volunteer.end()
  }
  const comeBack = (): void => {
    if (wasBegun) void volunteer.begin()
    wasBegun = false
  }
  addEventListener('pagehide', leave)
  addEventListener('pageshow', (event) => {
    if (event.persisted) comeBack()
  })
  document.addEventListener('freeze', leave)
  document.addEventListener('resume', comeBack)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) volunteer.refresh()
  })
  // Another link for the same page.
  addEventListener('hashchange', () => location.reload())
}
