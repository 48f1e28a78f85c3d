/** What browsers do to tabs, on machines that write down what they are fed. */
import { expect } from 'chai'
import type { Node } from '../world/node.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { World } from '../world/world.ts'
import { becomeTab, liveAsTab } from '../world/tabs.ts'
import { numbered, numbersOf, recordedWorld } from './kit.ts'

const MINUTE_MS = 60_000

/** Draws that are given. */
const drawsOf = (...draws: number[]): Random => ({ next: () => draws.shift() ?? 0.5, below: () => 0, split: () => drawsOf() })

/** A tab and its state after every minute: timers' step, and whether it is there. */
function livesOf (tabs: { hidden: number, frozen: number }, draws: number[], minutes: number): string[] {
  const { world, nodes: [tab] } = recordedWorld(1)
  liveAsTab(world, tab as Node, tabs, drawsOf(...draws))
  return Array.from({ length: minutes }, () => {
    world.run(world.nowMs + MINUTE_MS)
    return `${tab?.state} ${tab?.timerStepMs}`
  })
}

/** The draw for which an exponential time is its mean. */
const MEAN = 1 - 1 / Math.E

const pair = (): { world: World, tab: Node, heard: () => number[] } => {
  const { world, nodes: [peer, tab], heard } = recordedWorld(2)
  world.links.dial(peer as Node, tab as Node)
  world.run(2_000)
  for (let id = 0; id < 3; id++) world.later(1_000 * id, () => { world.links.send(peer as Node, tab as Node, numbered(id)) })
  return { world, tab: tab as Node, heard: () => numbersOf(heard(tab as Node)) }
}

describe('tabs', () => {
  it('that are looked at stay as they are', () => {
    expect(livesOf({ hidden: 0.3, frozen: 0.1 }, [0.4, MEAN, MEAN, MEAN, 0.9], 3)).to.deep.equal(['live 0', 'live 0', 'live 0'])
  })

  it('are hidden after a while, slowed down more without connections, and shown again', () => {
    const lives = livesOf({ hidden: 0.3, frozen: 0.1 }, [0.2, MEAN, MEAN, MEAN, 0.9], 14)
    expect(lives.slice(0, 2)).to.deep.equal(['live 0', 'live 0'])
    expect(lives[3]).to.equal('live 1000')
    expect(lives[8]).to.equal('live 60000')
    expect(lives[13]).to.equal('live 0')
  })

  it('are frozen, and discarded or shown again', () => {
    const lives = (draw: number): string[] => livesOf({ hidden: 0.3, frozen: 0.1 }, [0.05, MEAN, MEAN, MEAN, draw], 22)
    expect(lives(0.9)[13]).to.match(/^paused/)
    expect(lives(0.9)[21]).to.equal('live 0')
    expect(lives(0.1)[21]).to.match(/^off/)
  })

  it('that are frozen hear everything later, in order', () => {
    const { world, tab, heard } = pair()
    becomeTab(world, tab, 'frozen')
    world.run(10_000)
    expect(heard()).to.deep.equal([])
    becomeTab(world, tab, 'visible')
    world.run(20_000)
    expect(heard()).to.deep.equal([0, 1, 2])
  })

  it('that are discarded hear nothing any more', () => {
    const { world, tab, heard } = pair()
    becomeTab(world, tab, 'discarded')
    world.run(20_000)
    expect([tab.state, heard()]).to.deep.equal(['off', []])
  })
})
