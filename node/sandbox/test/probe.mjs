// Runs attempts in this process, one after the other, and tells of each whether it was done. What cannot be caught
// elsewhere, as a refused listen, ends the attempt too.
import { ATTEMPTS } from './process-attempts.mjs'

// The test puts it beside this file; what a worker loads is loaded before.
const { becomeBare } = await import(process.argv[2])

process.once('message', async ({ target, isBare }) => {
  if (isBare) becomeBare(process)
  const found = {}
  for (const [what, attempt] of Object.entries(ATTEMPTS)) {
    let fail
    const late = new Promise((resolve, reject) => { fail = reject; setTimeout(reject, 2_000, new Error('silence')).unref() })
    process.once('uncaughtException', fail)
    try {
      await Promise.race([late, Promise.resolve().then(() => attempt(target))])
      found[what] = 'done'
    } catch (error) {
      found[what] = error?.code ?? error?.name ?? 'failed'
    }
    process.removeListener('uncaughtException', fail)
  }
  process.send(found, () => { process.exit(0) })
})
