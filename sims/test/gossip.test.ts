/** The model of gossip: who of a topic hears what, after which way. */
import { expect } from 'chai'
import type { JobId } from '../../protocol/core/ids.ts'
import type { Node } from '../world/node.ts'
import type { World } from '../world/world.ts'
import { ROOT } from '../../protocol/core/geometry.ts'
import { go } from '../world/population.ts'
import { numbered, numbersOf, recordedWorld } from './kit.ts'

const TOPIC = { job: 'job' as JobId, path: ROOT }

/** Connect them in a line, and let all but the last listen. */
function lineOf (count: number): { world: World, nodes: Node[], numbers: (node: Node) => number[] } {
  const { world, nodes, heard } = recordedWorld(count)
  nodes.slice(1).forEach((node, i) => { world.links.dial(nodes[i]!, node) })
  world.run(2_000)
  for (const node of nodes.slice(0, -1)) world.gossip.subscribe(node, TOPIC)
  world.run(4_000)
  return { world, nodes, numbers: node => numbersOf(heard(node)) }
}

describe('gossip', () => {
  it('reaches those that listen, by way of others that listen, once each', () => {
    const { world, nodes, numbers } = lineOf(5)
    world.gossip.publish(nodes[0]!, TOPIC, numbered(1))
    world.run(8_000)
    expect(nodes.map(numbers)).to.deep.equal([[], [1], [1], [1], []])
  })

  it('takes a way for each hop', () => {
    const { world, nodes: [a, b, c], heard } = recordedWorld(3)
    world.links.dial(a!, b!)
    world.links.dial(b!, c!)
    world.run(2_000)
    for (const node of [a!, b!, c!]) world.gossip.subscribe(node, TOPIC)
    world.run(4_000)
    world.gossip.publish(a!, TOPIC, numbered(1))
    world.run(8_000)
    expect(heard(b!).at(-1)?.atMs).to.equal(4_050)
    expect(heard(c!).at(-1)?.atMs).to.be.within(4_100, 4_102)
  })

  it('does not reach whose subscription is not known yet, nor who listens no more', () => {
    const { world, nodes, numbers } = lineOf(3)
    const [a, b, c] = nodes
    world.gossip.subscribe(c!, TOPIC)
    world.gossip.publish(b!, TOPIC, numbered(1))
    world.run(4_100)
    world.gossip.unsubscribe(a!, TOPIC)
    world.gossip.publish(b!, TOPIC, numbered(2))
    world.run(8_000)
    expect([numbers(a!), numbers(c!)]).to.deep.equal([[1], [2]])
  })

  it('forgets who is gone', () => {
    const { world, nodes } = lineOf(3)
    go(world, nodes[1]!, 'close')
    expect(nodes[1]!.topics.size).to.equal(0)
  })

  it('of the mesh\'s own topic reaches everybody that is not cut off', () => {
    const { world, nodes, heard } = recordedWorld(30)
    world.network.groupOf = node => node === nodes[29] ? 1 : 0
    world.gossip.publish(nodes[0]!, { job: null, path: ROOT }, numbered(1))
    world.run(5_000)
    expect(nodes.slice(1, 29).every(node => numbersOf(heard(node)).join() === '1')).to.equal(true)
    expect([numbersOf(heard(nodes[0]!)), numbersOf(heard(nodes[29]!))]).to.deep.equal([[], []])
  })
})
