/** Delays, loss, cuts and connections of simulated machines, seen by the inputs that arrive at them. */
import { expect } from 'chai'
import type { Node } from '../world/node.ts'
import type { World } from '../world/world.ts'
import { CONNECTIONS_MAX } from '../world/links.ts'
import { go } from '../world/population.ts'
import { numbered, numbersOf, recordedWorld } from './kit.ts'
import { pair } from '../world/network.ts'

/** Send so many numbered messages over a link that is up, one a millisecond. */
function sendMany (world: World, from: Node, to: Node, count: number): void {
  for (let id = 0; id < count; id++) world.later(id, () => { world.links.send(from, to, numbered(id)) })
}

const connect = (world: World, a: Node, b: Node): void => {
  world.links.dial(a, b)
  world.run(world.nowMs + 2_000)
}

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('the network', () => {
  it('takes half a round trip for a message, and one more for the first, which opens a stream', () => {
    const { world, nodes: [a, b], heard } = recordedWorld(2)
    connect(world, a!, b!)
    for (const tookMs of [150, 50]) {
      const sentMs = world.nowMs
      world.links.send(a!, b!, numbered(1))
      world.run(sentMs + 1_000)
      expect(heard(b!).at(-1)?.atMs).to.equal(sentMs + tookMs)
    }
  })

  it('keeps the order of a link under jitter and loss, and loses nothing', () => {
    const { world, nodes: [a, b], heard } = recordedWorld(2, { jitterSigma: 0.5, jitterMs: 20, loss: 0.3 })
    connect(world, a!, b!)
    sendMany(world, a!, b!, 300)
    world.run(world.nowMs + 600_000)
    expect(numbersOf(heard(b!))).to.deep.equal(all(300))
  })

  it('makes a lost packet cost a retransmission', () => {
    const meanMs = (loss: number): number => {
      const { world, nodes: [a, b] } = recordedWorld(2, { loss })
      const ways = all(2_000).map(() => world.network.wayMs(a!, b!, null, 100))
      return ways.reduce((sum, ms) => sum + ms) / ways.length
    }
    expect(meanMs(0)).to.equal(50)
    // One in a hundred waits for 200 ms and two ways more.
    expect(meanMs(0.01)).to.be.within(50 + 1.5, 50 + 5)
  })

  it('sends over a line of so many bits a second', () => {
    const { world, nodes: [a, b] } = recordedWorld(2, { upMbit: 8, downMbit: 80 })
    expect(world.network.wayMs(a!, b!, null, 10_000)).to.equal(50 + 10 + 1)
    // Behind the first.
    expect(world.network.wayMs(a!, b!, null, 10_000)).to.equal(50 + 20 + 1)
  })

  it('does to messages what the swarm asks for', () => {
    const arrived = (network: Parameters<typeof recordedWorld>[1]): number[] => {
      const { world, nodes: [a, b], heard } = recordedWorld(2, network)
      connect(world, a!, b!)
      sendMany(world, a!, b!, 50)
      world.run(world.nowMs + 10_000)
      return numbersOf(heard(b!))
    }
    expect(arrived({ vanish: 1 })).to.deep.equal([])
    expect(arrived({ corrupt: 1 })).to.deep.equal([])
    expect(arrived({ duplicate: 1 }).toSorted((x, y) => x - y)).to.deep.equal(all(50).flatMap(id => [id, id]))
    const overtaken = arrived({ reorder: 1 })
    expect(overtaken).not.to.deep.equal(all(50))
    expect(overtaken.toSorted((x, y) => x - y)).to.deep.equal(all(50))
  })

  it('is as noisy as told for as long as told', () => {
    const { world } = recordedWorld(1, { loss: 0.01 })
    const [loud, louder] = [{ loss: 0.2, duplicate: 0.1 }, { loss: 0.3 }]
    world.network.disturb(loud)
    world.network.disturb(louder)
    expect([world.network.plan.loss, world.network.plan.duplicate]).to.deep.equal([0.3, 0.1])
    world.network.calm(louder)
    expect(world.network.plan.loss).to.equal(0.2)
    world.network.calm(loud)
    expect([world.network.plan.loss, world.network.plan.duplicate]).to.deep.equal([0.01, 0])
  })

  it('is cut one way, both ways, or into groups', () => {
    const { world, nodes: [a, b, c], heard } = recordedWorld(3)
    connect(world, a!, b!)
    world.network.cuts.add(pair(a!, b!))
    world.links.send(a!, b!, numbered(1))
    world.links.send(b!, a!, numbered(2))
    world.run(world.nowMs + 1_000)
    expect([numbersOf(heard(a!)), numbersOf(heard(b!))]).to.deep.equal([[2], []])
    world.network.cuts.clear()
    world.network.groupOf = node => node === c ? 1 : 0
    world.links.dial(a!, c!)
    // Nobody answers, not even to refuse.
    world.run(world.nowMs + 4_000)
    expect(heard(a!).at(-1)?.input).to.deep.equal({ type: 'unreachable', peer: c!.id })
    world.network.groupOf = null
    connect(world, a!, c!)
    expect(heard(a!).at(-1)?.input.type).to.equal('connected')
  })

  it('holds up a clogged pair only', () => {
    const { world, nodes: [a, b, c] } = recordedWorld(3)
    world.network.clogs.set(pair(a!, b!), 700)
    expect(world.network.wayMs(a!, b!, null, 0)).to.equal(750)
    expect(world.network.wayMs(a!, c!, null, 0)).to.equal(50)
    expect(world.network.wayMs(b!, a!, null, 0)).to.equal(50)
  })
})

describe('connections', () => {
  it('tell both ends, carry what waited, and tell the other end when they close', () => {
    const { world, nodes: [a, b], heard } = recordedWorld(2)
    world.links.send(a!, b!, numbered(7))
    world.run(2_000)
    expect(heard(a!).map(({ input }) => input.type)).to.deep.equal(['connected'])
    expect(heard(b!).map(({ input }) => input.type)).to.deep.equal(['connected', 'message'])
    go(world, a!, 'close')
    world.run(4_000)
    expect(heard(b!).at(-1)?.input).to.deep.equal({ type: 'disconnected', peer: a!.id })
  })

  it('of a machine that vanishes are noticed late', () => {
    const { world, nodes: [a, b], heard } = recordedWorld(2)
    connect(world, a!, b!)
    go(world, a!, 'vanish')
    const goneMs = world.nowMs
    world.run(goneMs + 60_000)
    const noticed = heard(b!).find(({ input }) => input.type === 'disconnected')
    expect(noticed?.atMs).to.equal(goneMs + 30_000)
  })

  it('that both ends dial at once become one', () => {
    const { world, nodes: [a, b], heard } = recordedWorld(2)
    world.links.send(a!, b!, numbered(1))
    world.links.send(b!, a!, numbered(2))
    world.run(3_000)
    expect(a!.links.get(b!)).to.equal(b!.links.get(a!))
    expect(a!.links.get(b!)?.state).to.equal('up')
    expect([numbersOf(heard(a!)), numbersOf(heard(b!))]).to.deep.equal([[2], [1]])
  })

  it('are found anew by who has lost them all', () => {
    const { world, nodes: [a, b, c] } = recordedWorld(3)
    connect(world, a!, b!)
    go(world, b!, 'close')
    world.run(world.nowMs + 9_000)
    expect(a!.links.size).to.equal(0)
    world.run(world.nowMs + 60_000)
    expect(a!.links.get(c!)?.state).to.equal('up')
  })

  it('are pruned down to the cap, but for those that an end protects', () => {
    const { world, nodes } = recordedWorld(CONNECTIONS_MAX + 20)
    const [hub, ...others] = nodes
    world.links.dial(hub!, others[0]!)
    world.run(2_000)
    world.links.keep(hub!, others[0]!, true)
    others.slice(1).forEach((other, i) => { world.later(100 * i, () => { world.links.dial(other, hub!) }) })
    world.run(30_000)
    expect(hub!.links.size).to.be.at.most(CONNECTIONS_MAX)
    expect(hub!.links.get(others[0]!)?.state).to.equal('up')
    // The newest have come in, the oldest have gone.
    expect(hub!.links.has(others.at(-1)!)).to.equal(true)
    expect(hub!.links.has(others[1]!)).to.equal(false)
  })
})
