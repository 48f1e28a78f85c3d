/**
 * Rules of the living spec and the tests that hold them (STYLE rule 12). A rule stands in protocol/README.md as
 * `**C3**`; a test cites it as `C3` in brackets, round or square, in its title or a comment: `(C3)`, `[C1, C3]`.
 * Prints the rules without a test; fails only when a test cites a rule that the spec does not have.
 */
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT_DIR, listCode, readText } from './sources.ts'

const SPEC = 'protocol/README.md'
const DEFINED = /\*\*([A-Z]{1,2}\d+)\*\*/g
const CITED = /[[(]([A-Z]{1,2}\d+(?:(?:, |-|–)[A-Z]{1,2}\d+)*)[\])]/g

/** The rules that a citation names: `C1, C3` two, `G1-G3` three. */
function rulesOf (citation: string): string[] {
  return citation.split(', ').flatMap((part) => {
    const [first = '', last = first] = part.split(/[-–]/)
    const letters = first.replace(/\d+/, '')
    const from = Number(first.slice(letters.length))
    const to = Number(last.slice(letters.length))
    return Array.from({ length: Math.max(1, to - from + 1) }, (_, step) => `${letters}${from + step}`)
  })
}

describe('rules of the spec', function () {
  before(function () {
    if (!existsSync(join(ROOT_DIR, SPEC))) this.skip()
  })

  it('reads citations', () => {
    expect(rulesOf('C1, C3')).to.deep.equal(['C1', 'C3'])
    expect(rulesOf('G1-G3')).to.deep.equal(['G1', 'G2', 'G3'])
  })

  it('every cited rule exists; those without a test are printed', () => {
    const defined = new Set([...readText(SPEC).matchAll(DEFINED)].map((match) => match[1] ?? ''))
    const cited = new Map<string, string>()
    for (const file of listCode().filter((name) => /(^|\/)test\//.test(name))) {
      for (const match of readText(file).matchAll(CITED)) {
        for (const rule of rulesOf(match[1] ?? '')) cited.set(rule, file)
      }
    }
    const untested = [...defined].filter((rule) => !cited.has(rule)).sort()
    console.log(`      ${defined.size} rules, ${defined.size - untested.length} cited by tests; without a test: ${untested.join(' ') || 'none'}`)
    expect(defined.size).to.be.greaterThan(0)
    expect([...cited].filter(([rule]) => !defined.has(rule))).to.deep.equal([])
  })
})
