/** The opening protocol's two frames (V4), with their limits: somebody is asked to show what it committed to. */
import { blob, bool, count, list, struct } from './schema.ts'
import { cid, jobId, path } from './types.ts'
import { BLOCK_BYTES_MAX, OPENED_MAX } from '../network.ts'
import type { OpenRequest } from '../network.ts'

/** One way is a few nodes a level; many ways share most of them. A guess. */
const NODES_MAX = 64 * OPENED_MAX

export const openRequest = struct<OpenRequest>({ job: [1, jobId], path: [2, path], root: [3, cid], partitions: [4, list(count, OPENED_MAX)] })

/** `shown` is false when this peer has not made the bite, or does not show it now. */
export const openReply = struct<{ shown: boolean, nodes: Uint8Array[] }>({ shown: [1, bool], nodes: [2, list(blob(BLOCK_BYTES_MAX), NODES_MAX)] })
