/** Addresses as people type them, checked before anything is started. It dials nobody. */
import { UsageError, reasonOf } from '../../protocol/client/errors.ts'
import { parseAddr } from '../../protocol/host/addrs.ts'

/** @throws UsageError when one of them is no address */
export function checkAddrs (addrs: readonly string[]): void {
  for (const addr of addrs) {
    try {
      parseAddr(addr)
    } catch (error) {
      throw new UsageError(reasonOf(error), { cause: error })
    }
  }
}
