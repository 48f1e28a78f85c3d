/**
 * One trial of durability: a job, all of whose processes are killed at random moments and started again, in one of the ways in which people
 * would: everything again, or any one process alone, without being told of anything. Its result is compared with the oracle's.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../protocol/core/random.ts'
import { KilledMesh, computedIn } from './mesh.ts'

export interface TrialInit {
  seed: number
  /** Module, its partitions, and the rest of `run`'s arguments. */
  job: string
  partitions: number
  args: string[]
  /** What `--json` has to say. */
  result: unknown
  /** Moments at which all are killed. */
  kills: number
  /** The latest such moment after all are back, milliseconds. */
  lastMs: number
  volunteers?: number
}

export interface Trial {
  seed: number
  kills: number
  /** Partitions finished before the last kill, and how many partitions were computed twice in all. */
  finished: number
  again: number
  /** What each start found, in partitions. */
  restored: number[]
  /** How it ended: everybody came back, or one alone. */
  ending: 'all' | 'one'
  ms: number
}

/** @throws Error when the result is not exact, or does not come */
export async function trial (init: TrialInit): Promise<Trial> {
  const { seed, kills, partitions } = init
  const began = Date.now()
  const random = createRandom(seed, 'kills')
  const mesh = new KilledMesh(init.volunteers ?? 3, [init.job, '--partitions', String(partitions), ...init.args])
  try {
    for (const who of mesh.everybody) await mesh.start(who)
    const { job = '' } = (await mesh.until(events => events.some(({ type }) => type === 'submitted'), 'submitted')).find(({ type }) => type === 'submitted') ?? {}
    // Before a volunteer has the module nobody else could go on (R5).
    await mesh.until(events => events.some(({ type }) => type === 'leased'), 'a first lease')
    let ending: Trial['ending'] = 'all'
    for (let kill = 1; kill <= kills; kill++) {
      await sleep(random.next() * init.lastMs)
      await mesh.killAll()
      const members = mesh.members()
      ending = kill === kills && random.next() < 0.5 && members.length > 0 ? 'one' : 'all'
      const one = members[random.below(Math.max(1, members.length))] ?? 0
      for (const who of ending === 'all' ? mesh.everybody : [one]) await mesh.start(who)
    }
    const { finished } = computedIn(mesh.events(), partitions)
    expectSame(await resultOf(mesh, job), init.result, seed)
    const events = mesh.events()
    return {
      seed, kills, finished, ending, ms: Date.now() - began, again: computedIn(events, partitions).again,
      restored: events.flatMap(({ type, done }) => type === 'restored' ? [done ?? 0] : [])
    }
  } finally {
    await mesh.stop()
  }
}

/** From whoever runs: the submitter's own output, or another command's question. */
async function resultOf (mesh: KilledMesh, job: string): Promise<unknown> {
  const submitter = mesh.running.get('submitter')
  if (submitter !== undefined) {
    const ended = await submitter.ended
    if (ended.code !== 0) throw new Error(`the submitter ended with ${ended.code}: ${ended.err}`)
    return (JSON.parse(ended.out.trimEnd().split('\n').at(-1) ?? '') as { result: unknown }).result
  }
  await mesh.until(events => events.some(({ type }) => type === 'done'), 'done')
  const [alone] = mesh.running.values()
  const { addrs = [] } = mesh.events().findLast(({ type, pid }) => type === 'peer-started' && pid === alone?.child.pid) ?? {}
  const told = await mesh.ask(['result', job, '--mesh', addrs[0] ?? '', '--json'])
  if (told.code !== 0) throw new Error(`the result cannot be asked for: ${told.err}`)
  return (JSON.parse(told.out.trimEnd().split('\n').at(-1) ?? '') as { result: unknown }).result
}

function expectSame (result: unknown, wanted: unknown, seed: number): void {
  if (result !== wanted) throw new Error(`seed ${seed}: the result is ${String(result)}, not ${String(wanted)}`)
}
