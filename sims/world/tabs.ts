/**
 * What a browser does to a tab that nobody looks at (SCENARIOS, "Tab states"): hidden, its timers are rounded up to a second; after five
 * minutes without a connection to a minute; frozen, nothing runs; discarded, it is gone without a goodbye. Shown again it goes on.
 */
import type { Node } from './node.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { TabPlan } from '../scenarios/plan.ts'
import type { World } from './world.ts'
import { go } from './population.ts'
import { sample } from '../models/distribution.ts'

export type TabState = 'visible' | 'hidden' | 'throttled' | 'frozen' | 'discarded'

/** Chrome aligns the timers of hidden pages to this, and after INTENSIVE_MS to INTENSIVE_STEP_MS unless a data channel is open. */
const STEP_MS = 1_000
const INTENSIVE_MS = 5 * 60_000
const INTENSIVE_STEP_MS = 60_000
/** A stay's tab is hidden after this time and for this time, in the mean. Guesses. */
const SHOWN_MS = 3 * 60_000
const HIDDEN_MS = 10 * 60_000
/** Frozen for longer than this, by this in the mean; then discarded as often as not. Guesses. */
const FROZEN_MS_MIN = 5 * 60_000
const FROZEN_MS = 3 * 60_000
const DISCARDED_SHARE = 0.5

/** Let what happens to tabs happen to this one, for as long as it stays. */
export function liveAsTab (world: World, node: Node, { hidden, frozen }: TabPlan, random: Random): void {
  const fate = random.next()
  const shownMs = sample({ type: 'exponential', meanMs: SHOWN_MS }, random)
  const hiddenMs = sample({ type: 'exponential', meanMs: HIDDEN_MS }, random)
  const frozenMs = FROZEN_MS_MIN + sample({ type: 'exponential', meanMs: FROZEN_MS }, random)
  const isDiscarded = random.next() < DISCARDED_SHARE
  node.timerStepMs = 0
  if (fate >= hidden) return
  const { life } = node
  const after = (ms: number, become: () => void): void => { world.later(ms, () => { if (node.life === life && node.state !== 'off') become() }) }
  after(shownMs, () => { becomeTab(world, node, 'hidden') })
  after(shownMs + INTENSIVE_MS, () => { if (node.timerStepMs > 0 && node.links.size === 0) becomeTab(world, node, 'throttled') })
  if (fate < frozen) {
    after(shownMs + hiddenMs, () => { becomeTab(world, node, 'frozen') })
    after(shownMs + hiddenMs + frozenMs, () => { becomeTab(world, node, isDiscarded ? 'discarded' : 'visible') })
  } else after(shownMs + hiddenMs, () => { becomeTab(world, node, 'visible') })
}

/** @param state - what the browser makes of the tab */
export function becomeTab (world: World, node: Node, state: TabState): void {
  node.timerStepMs = state === 'hidden' ? STEP_MS : state === 'throttled' ? INTENSIVE_STEP_MS : 0
  if (state === 'frozen') world.pause(node)
  else if (state === 'discarded') go(world, node, 'close')
  else if (node.state === 'paused') world.wake(node)
}
