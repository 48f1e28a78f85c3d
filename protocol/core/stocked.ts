/**
 * R5: the submitter may leave once three members (all, if fewer) hold bundle, params and inputs. The root's
 * heirs fetch them as soon as they are named, and say so.
 */
import type { Cid, PeerId } from './ids.ts'
import type { Context, Job } from './state.ts'
import { ROOT } from './geometry.ts'
import { announce } from './announced.ts'
import { notify, send } from './context.ts'

/** What an heir of the root keeps besides values. */
const goodsOf = (job: Job): Cid[] => [job.spec.bundle, job.spec.params, ...(job.spec.inputs === null ? [] : [job.spec.inputs])]

export function stock (cx: Context, job: Job, coordinator: PeerId): void {
  if (job.stocking === 'yes' && job.stockedAt !== coordinator) tellStocked(cx, job, coordinator)
  if (job.stocking !== 'no') return
  job.stocking = 'fetching'
  const from = [coordinator, job.submitter].filter((peer, i, all) => peer !== cx.id && all.indexOf(peer) === i)
  for (const cid of goodsOf(job)) cx.effects.push({ type: 'fetch', job: job.id, cid, from })
}

/** One of the goods arrived. */
export function onGoodsFetched (cx: Context, job: Job, cid: Cid): void {
  if (job.stocking !== 'fetching') return
  job.goods = job.goods.concat(cid)
  if (!goodsOf(job).every(good => job.goods.includes(good))) return
  job.stocking = 'yes'
  cx.effects.push({ type: 'provide', job: job.id })
  const view = job.views.get(ROOT)
  if (view !== undefined) tellStocked(cx, job, view.state.coordinator.peer)
}

function tellStocked (cx: Context, job: Job, coordinator: PeerId): void {
  job.stockedAt = coordinator
  send(cx, coordinator, { type: 'stocked', job: job.id })
}

/** They could not be had: try again when the next state names this peer an heir. */
export function onGoodsUnfetchable (job: Job, cid: Cid): void {
  if (job.stocking === 'fetching' && goodsOf(job).includes(cid)) job.stocking = 'no'
}

export function onStocked (cx: Context, job: Job, from: PeerId): void {
  if (job.stocked.includes(from)) return
  job.stocked = [...job.stocked, from].slice(-cx.config.stockedMax)
  becomeSafeIfStocked(cx, job)
}

/** All heirs hold the goods, and there are three of them, or there was a lease's time to find three (R5). */
export function becomeSafeIfStocked (cx: Context, job: Job): void {
  const root = job.positions.get(ROOT)
  if (root === undefined || job.safety === 'safe' || root.heirs.length === 0) return
  const isEnough = root.heirs.length === cx.config.heirs || cx.now - root.since >= cx.config.leaseMs
  if (!isEnough || !root.heirs.every(heir => job.stocked.includes(heir))) return
  job.safety = 'safe'
  notify(cx, { type: 'stocked', job: job.id })
  // Whoever looks for work later should not have to ask a submitter that has left.
  announce(cx, job)
}
