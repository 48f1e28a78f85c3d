/** Chance comes from seeds: equal ones give equal streams, named streams do not disturb each other. */
import { expect } from 'chai'
import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next())

describe('random', () => {
  it('equal seeds and names give equal streams', () => {
    expect(draw(createRandom(7, 'a'), 20)).to.deep.equal(draw(createRandom(7, 'a'), 20))
  })

  it('stays what it was: a recorded run must replay', () => {
    const random = createRandom(1, 'golden')
    expect([random.below(1000), random.below(1000), random.below(1000)]).to.deep.equal([39, 28, 579])
  })

  it('other seeds and other names give other streams', () => {
    const first = [createRandom(7, 'a'), createRandom(8, 'a'), createRandom(7, 'b'), createRandom(7, 'a').split('a')].map(random => draw(random, 4).join())
    expect(new Set(first).size).to.equal(4)
  })

  it('a split stream does not depend on how much was drawn before', () => {
    const used = createRandom(7)
    draw(used, 13)
    expect(draw(used.split('x'), 4)).to.deep.equal(draw(createRandom(7).split('x'), 4))
  })

  it('is spread evenly over its range', () => {
    const random = createRandom(3)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) counts[random.below(10)]! += 1
    expect(Math.min(...counts)).to.be.greaterThan(880)
    expect(Math.max(...counts)).to.be.lessThan(1_120)
  })
})
