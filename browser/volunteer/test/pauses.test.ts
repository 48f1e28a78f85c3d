/** When a volunteer's tab pauses, eases and goes on; by what a visitor would see. */
import { expect } from 'chai'
import { Pauses } from '../pauses.ts'
import { PressureLadder } from '../pressure.ts'
import type { Pressure } from '../pressure.ts'

/** A ladder on a machine where `own(share)` is the pressure that our work and the visitor's make together. */
function live (ladder: PressureLadder, own: (share: number, nowMs: number) => Pressure, fromMs: number, forMs: number): number[] {
  const shares: number[] = []
  for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs += 1000) {
    ladder.onPressure(own(ladder.share, nowMs), nowMs)
    shares.push(ladder.share)
  }
  return shares
}

describe('pauses', () => {
  it('computes when nothing speaks against it', () => {
    const pauses = new Pauses()
    expect([pauses.reasons, pauses.share, pauses.nextMs]).to.deep.equal([[], 1, undefined])
  })

  it('tells all reasons, the visitor\'s own first', () => {
    const pauses = new Pauses()
    pauses.handle({ type: 'save-data', on: true }, 0)
    pauses.handle({ type: 'battery', on: true }, 0)
    pauses.handle({ type: 'user', paused: true }, 0)
    expect([pauses.reasons, pauses.share]).to.deep.equal([['user', 'battery', 'save-data'], 0])
  })

  it('goes on when a cause is over', () => {
    const pauses = new Pauses()
    pauses.handle({ type: 'offline', on: true }, 0)
    pauses.handle({ type: 'offline', on: false }, 1)
    expect([pauses.reasons, pauses.share]).to.deep.equal([[], 1])
  })

  it('goes on against a cause that is overruled, and stops again when it no longer is', () => {
    const pauses = new Pauses(['battery'])
    pauses.handle({ type: 'battery', on: true }, 0)
    expect([pauses.reasons, pauses.overruled, pauses.share]).to.deep.equal([[], ['battery'], 1])
    pauses.handle({ type: 'overrule', cause: 'battery', goOn: false }, 1)
    expect([pauses.reasons, pauses.overruled]).to.deep.equal([['battery'], []])
  })

  it('never overrules the visitor\'s own pause', () => {
    const pauses = new Pauses(['battery', 'save-data', 'offline', 'busy'])
    pauses.handle({ type: 'user', paused: true }, 0)
    expect(pauses.share).to.equal(0)
  })

  it('works in full on a busy machine when that is overruled', () => {
    const pauses = new Pauses()
    pauses.handle({ type: 'pressure', pressure: 'critical' }, 0)
    pauses.handle({ type: 'tick' }, 60_000)
    expect(pauses.share).to.equal(0.5)
    pauses.handle({ type: 'overrule', cause: 'busy', goOn: true }, 60_000)
    expect([pauses.share, pauses.overruled]).to.deep.equal([1, ['busy']])
  })
})

describe('the pressure ladder', () => {
  it('does not mind a short spike', () => {
    const ladder = new PressureLadder()
    ladder.onPressure('serious', 1000)
    ladder.onPressure('fair', 5000)
    ladder.onTick(60_000)
    expect(ladder.share).to.equal(1)
  })

  it('eases first, and pauses when the machine stays busy', () => {
    const ladder = new PressureLadder()
    const shares = live(ladder, () => 'serious', 0, 20_000)
    expect([...new Set(shares)]).to.deep.equal([1, 0.5, 0.25, 0])
    expect(shares.indexOf(0.5)).to.equal(5)
    expect(shares.indexOf(0)).to.equal(15)
  })

  it('is faster when it is critical', () => {
    const shares = live(new PressureLadder(), () => 'critical', 0, 10_000)
    expect([shares.indexOf(0.5), shares.indexOf(0)]).to.deep.equal([2, 6])
  })

  it('comes back step by step when the visitor\'s work is over', () => {
    const ladder = new PressureLadder()
    live(ladder, () => 'serious', 0, 60_000)
    const shares = live(ladder, () => 'nominal', 60_000, 120_000)
    expect([shares.indexOf(0.25), shares.indexOf(0.5), shares.indexOf(1)]).to.deep.equal([30, 60, 90])
  })

  it('is never paused for ever by its own load, and settles below it', () => {
    const ladder = new PressureLadder()
    const shares = live(ladder, (share) => share > 0.5 ? 'critical' : 'fair', 0, 3_600_000)
    expect(shares).not.to.include(0)
    const lastHalf = shares.slice(1800)
    expect(lastHalf.filter((share) => share === 0.5).length / lastHalf.length).to.be.above(0.95)
  })

  it('tries again now and then where even a little of it is too much', () => {
    const shares = live(new PressureLadder(), (share) => share > 0 ? 'serious' : 'fair', 0, 3_600_000)
    const tries = shares.filter((share, index) => share > 0 && shares[index - 1] === 0).length
    expect(tries).to.be.within(5, 15)
    expect(shares.slice(-1200)).to.include(0.25)
  })

  it('goes back to full by itself when the browser stops telling', () => {
    const ladder = new PressureLadder()
    live(ladder, () => 'critical', 0, 10_000)
    expect(live(ladder, () => 'unknown', 10_000, 100_000).at(-1)).to.equal(1)
  })
})
