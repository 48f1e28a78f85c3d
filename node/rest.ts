/**
 * Gives back the memory that work leaves behind in a volunteer (DESIGN 9). V8 grows its young generation to some
 * 30 MB under load and gives it back at a collection; but who waits for work allocates so little that none comes
 * for hours. So one is asked for when the process has been quiet for a while, and now and then as it stays quiet.
 * It never looks at jobs: while only the sandbox works, this process is quiet too.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Looks this often, milliseconds. A guess, as the next two. */
const LOOK_MS = 20_000
/** Quiet is a process that uses less than this share of a core. */
const QUIET_SHARE = 0.05
/** One that stays quiet collects at every so manieth look: 30 ms a minute. */
const LOOKS = 3

/** Look after this process from now on; does not keep it running. */
export function restWhenQuiet (): void {
  let quietLooks = 0
  let before = process.cpuUsage()
  setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    const isQuiet = (user + system) / 1000 < LOOK_MS * QUIET_SHARE
    quietLooks = isQuiet ? quietLooks + 1 : 0
    if (quietLooks % LOOKS === 1) collect()
    before = process.cpuUsage()
  }, LOOK_MS).unref()
}

/** Node has no other way to ask than V8's test function; it takes some 30 ms. */
function collect (): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (how: { type: 'major', flavor: 'last-resort' }) => void
  setFlagsFromString('--no-expose-gc')
  gc({ type: 'major', flavor: 'last-resort' })
}
