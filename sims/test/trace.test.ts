/** Traces: what a file may look like, rows that were seen once, sessions that overlap, and what is refused where. */
import { expect } from 'chai'
import fc from 'fast-check'
import { BadInput } from '../bad-input.ts'
import { PRESENT_MS } from '../models/churn.ts'
import { SEEN_ONCE_MS, parseTrace } from '../models/trace.ts'
import type { Session } from '../models/session.ts'

const parse = (text: string): Session[] => parseTrace(text, 'trace.csv')

describe('trace', () => {
  it('is peers and seconds, with or without a header', () => {
    const sessions = [{ peer: 0, onMs: 5_000, offMs: 10_000 }, { peer: 1, onMs: 7_500, offMs: 8_000 }]
    expect(parse('peer,on_s,off_s\n0,5,10\n1,7.5,8\n')).to.deep.equal(sessions)
    expect(parse('0,5,10\n1,7.5,8')).to.deep.equal(sessions)
    expect(parse('\uFEFFPeer, on_s, off_s\r\n\r\n  0 , 5 , 10\r\n1,7.5,8e0\r\n\r\n')).to.deep.equal(sessions)
  })

  it('is sorted by time; peers are numbered as they appear, whatever they are called', () => {
    expect(parse('zoe,30,40\n7,10,20\nann,20,25\nzoe,50,60')).to.deep.equal([
      { peer: 1, onMs: 10_000, offMs: 20_000 }, { peer: 2, onMs: 20_000, offMs: 25_000 },
      { peer: 0, onMs: 30_000, offMs: 40_000 }, { peer: 0, onMs: 50_000, offMs: 60_000 }
    ])
  })

  it('those there at second 0 come before the submission', () => {
    expect(parse('a,0,10')).to.deep.equal([{ peer: 0, onMs: PRESENT_MS, offMs: 10_000 }])
  })

  it('a row without length is widened by 40 minutes to both sides, not beyond the start', () => {
    expect(SEEN_ONCE_MS).to.equal(2_400_000)
    expect(parse('a,3000,3000\nb,1000,1000\nc,0,0')).to.deep.equal([
      { peer: 1, onMs: PRESENT_MS, offMs: 3_400_000 }, { peer: 2, onMs: PRESENT_MS, offMs: 2_400_000 },
      { peer: 0, onMs: 600_000, offMs: 5_400_000 }
    ])
  })

  it('sessions of one peer that touch or overlap are one, also after widening and out of order', () => {
    expect(parse('a,100,200\na,200,300\nb,250,260\na,290,295\na,301,400')).to.deep.equal([
      { peer: 0, onMs: 100_000, offMs: 300_000 }, { peer: 1, onMs: 250_000, offMs: 260_000 }, { peer: 0, onMs: 301_000, offMs: 400_000 }
    ])
    expect(parse('a,9000,9500\na,7000,7000\na,5000,5000')).to.deep.equal([{ peer: 0, onMs: 2_600_000, offMs: 9_500_000 }])
  })

  it('a peer is there at a moment exactly when one of its rows says so', () => {
    const rows = fc.array(fc.record({ peer: fc.integer({ min: 0, max: 3 }), on: fc.integer({ min: 1, max: 40 }), length: fc.integer({ min: 1, max: 12 }) }), { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(rows, (drawn) => {
      const text = drawn.map(({ peer, on, length }) => `p${peer},${on},${on + length}`).join('\n')
      const names = [...new Set(drawn.map(({ peer }) => peer))]
      const sessions = parse(text)
      for (let s = 0; s < 60; s++) {
        names.forEach((name, peer) => {
          const meant = drawn.some(row => row.peer === name && row.on <= s && s < row.on + row.length)
          const got = sessions.filter(session => session.peer === peer && session.onMs <= s * 1_000 && s * 1_000 < session.offMs).length
          expect(got).to.equal(meant ? 1 : 0)
        })
      }
    }), { seed: 3, numRuns: 100 })
  })

  for (const [text, said] of [
    ['', 'trace.csv, line 1: the trace ends without a session'],
    ['peer,on_s,off_s\n\n', 'trace.csv, line 3: the trace ends without a session'],
    ['0,1,2\n0,5', 'trace.csv, line 2: expected peer,on_s,off_s, got 2 cells'],
    ['hello', 'trace.csv, line 1: expected peer,on_s,off_s, got 1 cell.'],
    ['0,1,2,3', 'trace.csv, line 1: expected peer,on_s,off_s, got 4 cells'],
    ['peer,on_s,off_s\n\n,1,2', 'trace.csv, line 3: the peer has no name'],
    ['node,start,end\n0,1,2', 'trace.csv, line 1: on_s is "start", it must be a number of seconds from 0'],
    ['0,1,2\npeer,on_s,off_s', 'trace.csv, line 2: on_s is "on_s"'],
    ['0,1,2\n0,,4', 'trace.csv, line 2: on_s is empty'],
    ['0,1,NaN', 'trace.csv, line 1: off_s is "NaN"'],
    ['0,-1,5', 'trace.csv, line 1: on_s is "-1"'],
    ['0,1,1e999', 'trace.csv, line 1: off_s is "1e999"'],
    ['0,0x10,20', 'trace.csv, line 1: on_s is "0x10"'],
    ['0,5,4', 'trace.csv, line 1: the session ends (4 s) before it starts (5 s)']
  ] as const) {
    it(`refuses ${JSON.stringify(text)} in one sentence`, () => {
      expect(() => parse(text)).to.throw(BadInput, said).with.property('message').that.matches(/^[^\n]*\.$/)
    })
  }
})
