/** Looks at a few peers each second, one after the other, so that a check costs the same however many there are. */
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'

/** Peers looked at in a virtual second; and where a look takes long and what it finds does not pass by itself. */
const A_SECOND = 200
export const FEW_A_SECOND = 25

/** @returns gives the next peers that are there, at most so many, each once */
export function rotation ({ world }: Play, aSecond = A_SECOND): () => Node[] {
  let at = 0
  return () => {
    const { live } = world
    return Array.from({ length: Math.min(aSecond, live.length) }, () => live[at++ % live.length] as Node)
  }
}

/** The job's records of a peer that works for it. */
export const jobOf = (play: Play, node: Node) => node.core.jobs.get(play.job)
