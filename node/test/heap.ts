/** What this process holds once its engine has cleaned up. Test helper. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of objects and of buffers outside the heap that are still reachable. */
export function heldBytes (): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
