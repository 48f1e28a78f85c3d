/** The page of a report stands by itself: it asks for nothing, says in words what it shows, and shows what the report says. */
import { expect } from 'chai'
import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { reportPage } from '../report/page.ts'
import type { Report } from '../report/report.ts'
import { STYLE } from '../report/style.ts'
import { brokenReport, sampleReport } from './sample-report.ts'

const none = { p50: 0, p99: 0, max: 0 }
/** A world that ended before anything was sampled. */
const EMPTY: Partial<Report> = {
  failovers: [], failoverMs: none, failoverParts: { detectMs: none, electMs: none, catchUpMs: none }, byType: {}, bounds: [],
  curve: { stepMs: 1000, done: [], limit: [], live: [] }, tree: []
}
/** One sample of everything, and nothing in it. */
const LEAST: Partial<Report> = {
  failovers: [0], byType: { renew: { messages: 0, bytes: 0 } }, limitMs: 0, wallVirtualMs: 0,
  curve: { stepMs: 1000, done: [0], limit: [0], live: [0] }, tree: [{ atMs: 0, coordinators: [], workers: [], idle: 0 }]
}

const parse = (page: string): Document => parseHTML(page).document as unknown as Document
const all = (page: string, selector: string): Element[] => [...parse(page).querySelectorAll(selector)]
const texts = (page: string, selector: string): string[] => all(page, selector).map(({ textContent }) => textContent!.trim())
const pictures = (page: string): Element[] => all(page, 'figure')

const one = reportPage([sampleReport(7)])
const broken = reportPage([brokenReport(8)])
const worlds = [1, 2, 3, 4, 5].map((seed) => seed === 4 ? brokenReport(seed) : sampleReport(seed))
const many = reportPage(worlds)

describe('report page', () => {
  it('asks for nothing from anywhere and runs nothing', () => {
    for (const page of [one, broken, many]) {
      expect(page).to.not.match(/https?:|\/\/\w|<script|@import|url\(/)
      expect(all(page, '[src]')).to.have.length(0)
      for (const element of all(page, '[href]')) expect(element.getAttribute('href')).to.match(/^(#world-\d+|data:,)$/)
      expect(all(page, 'meta[http-equiv]')[0]!.getAttribute('content')).to.match(/^default-src 'none';/)
    }
  })

  it('names the world, its verdict and how to play it again', () => {
    expect(texts(one, 'h1')).to.deep.equal(['steady'])
    expect(texts(one, '.verdict')).to.deep.equal(['✓ Exact, both bounds hold.'])
    expect(texts(one, 'pre')).to.deep.equal(['npx millionfold sim steady --seed 7 --peers 10000'])
    expect(texts(broken, '.verdict.broken')).to.deep.equal(['✗ Broken: 1 safety violation, and never finished.'])
    expect(texts(broken, '.violations li')).to.have.length(2)
  })

  it('shows the four pictures, each told in words and in figures too', () => {
    expect(pictures(one)).to.have.length(4)
    for (const figure of pictures(one)) {
      const [image] = figure.querySelectorAll('[role=img]')
      expect(image!.getAttribute('aria-label')).to.contain(figure.querySelector('h2')!.textContent!)
      expect(image!.querySelectorAll('.wide > svg')).to.have.length(figure.textContent!.includes('The tree') ? 2 : 1)
      expect(image!.querySelectorAll('.narrow > svg')).to.have.length(image!.querySelectorAll('.wide > svg').length)
      expect(figure.querySelectorAll('details tbody tr').length).to.be.at.least(10)
    }
  })

  it('draws nothing that is no number, whatever was measured', () => {
    for (const page of [one, broken, many, reportPage([sampleReport(7, EMPTY)]), reportPage([sampleReport(7, LEAST)])]) {
      expect(page).to.not.match(/NaN|undefined|Infinity|\[object/)
    }
    expect(pictures(reportPage([sampleReport(7, EMPTY)]))).to.have.length(0)
    expect(pictures(reportPage([sampleReport(7, LEAST)]))).to.have.length(4)
  })

  it('has a colour for all it draws, in light and dark', () => {
    const used = new Set([...`${one}${broken}${many}`.matchAll(/var\((--[a-z0-9]+)\)/g)].map(([, name]) => name!))
    const [light, dark] = STYLE.split('prefers-color-scheme: dark')
    for (const name of used) if (name !== '--colour') expect([light!.includes(`${name}:`), dark!.includes(`${name}:`)], name).to.deep.equal([true, true])
    expect(used).to.include('--level2')
  })

  it('is the same for the same report', () => {
    expect(reportPage([sampleReport(7)])).to.equal(one)
  })

  it('is light enough to send', () => {
    expect(one.length).to.be.below(200_000)
  })
})

describe('pictures of a report', () => {
  const picture = (page: string, title: string): Element => pictures(page).find((figure) => figure.textContent!.includes(title))!
  const rows = (figure: Element): string[][] => [...figure.querySelectorAll('details tbody tr')].map((row) => [...row.children].map(({ textContent }) => textContent!))

  it('every failover stands in a bin', () => {
    const counts = rows(picture(one, 'Failovers')).map(([, , count]) => Number(count))
    expect(counts.reduce((a, b) => a + b)).to.equal(412)
    const bars = [...picture(one, 'Failovers').querySelectorAll('.wide [aria-label=rect] rect')].map((bar) => Number(bar.getAttribute('height')))
    expect(bars).to.have.length(counts.length)
    expect(bars.indexOf(Math.max(...bars))).to.equal(counts.indexOf(Math.max(...counts)))
  })

  it('what is asked of failovers stands where it belongs among them', () => {
    const figure = picture(one, 'Failovers')
    const lines = [...figure.querySelectorAll('.wide [aria-label=rule] line')].map((line) => Number(line.getAttribute('x1')) || Number(/translate\(([\d.]+)/.exec(line.getAttribute('transform') ?? '')?.[1]))
    const [first, second, third] = lines.filter((x) => x > 50)
    expect((third! - first!) / (second! - first!)).to.be.closeTo(Math.log(10) / Math.log(2), 0.05)
  })

  it('bars are as long as there are messages', () => {
    const [first, second] = [...picture(one, 'Messages per').querySelectorAll('.narrow [aria-label=bar] rect')].map((bar) => Number(bar.getAttribute('width')))
    expect(second! / first!).to.be.closeTo(0.131 / 0.412, 0.01)
    expect(rows(picture(one, 'Messages per')).map(([type]) => type)).to.include('join')
  })

  it('the curve ends where the job did', () => {
    expect(rows(picture(one, 'Completion')).at(-1)!.slice(1, 3)).to.deep.equal(['100 %', '100 %'])
    expect(picture(one, 'Completion').querySelectorAll('.wide circle')).to.have.length(2)
    expect(picture(broken, 'Completion').querySelectorAll('.wide circle')).to.have.length(1)
    expect(picture(broken, 'Completion').querySelector('figcaption')!.textContent).to.match(/^The job stopped at 4[\d,]+ of/)
  })

  it('the tree has a layer for each level, the workers and the idle', () => {
    const [whole, inner] = [...picture(one, 'The tree').querySelectorAll('.wide > svg')].map((svg) => svg.querySelectorAll('[aria-label=area] path').length)
    expect([whole, inner]).to.deep.equal([5, 3])
    expect([...picture(one, 'The tree').querySelectorAll('.keys li')].map(({ textContent }) => textContent))
      .to.deep.equal(['root', 'coordinators of level 1', 'coordinators of level 2', 'workers', 'idle'])
  })
})

describe('page of many worlds', () => {
  it('begins with a table of all that leads to each', () => {
    expect(texts(many, 'header p')).to.deep.equal(['steady, 5 worlds: 4 exact, 1 broken.'])
    const links = all(many, 'a').map((link) => link.getAttribute('href')!.slice(1))
    const ids = all(many, '[id]').map(({ id }) => id)
    expect(links).to.deep.equal(ids)
    expect(new Set(ids).size).to.equal(worlds.length)
  })

  it('opens what failed', () => {
    expect(texts(many, 'details.world[open] > summary')).to.deep.equal(['steady, seed 4'])
    expect(pictures(many)).to.have.length(20)
  })

  it('draws pictures of the failed ones first when there are too many to draw all', () => {
    const bare = (seed: number): Report => sampleReport(seed, { ...EMPTY, byType: { renew: { messages: 1, bytes: 1 } } })
    const page = reportPage([...Array.from({ length: 30 }, (_, seed) => bare(seed)), { ...brokenReport(99), tree: [] }])
    const drawn = all(page, 'details.world').filter((world) => world.querySelector('figure') !== null)
    expect(drawn).to.have.length(24)
    expect(drawn.at(-1)!.querySelector('summary')!.textContent!.trim()).to.equal('steady, seed 99')
  })

  it('no text of a report becomes more than text', () => {
    const shape = (text: string): number[] => {
      const report = sampleReport(7, {
        ...LEAST, scenario: `s${text}`, hash: `h${text}`, commit: `c${text}`, replay: `r${text}`, byType: { [`t${text}`]: { messages: 1, bytes: 1 } },
        bounds: [{ name: `b${text}`, value: 2, limit: 1, holds: false }], violations: [{ kind: 'safety', invariant: `i${text}`, atMs: 0, what: `w${text}` }]
      })
      return [[report], [report, report]].map((reports) => all(reportPage(reports), '*').length)
    }
    const plain = shape('')
    for (const text of ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='x", '</title></svg></style><b>', '&lt;b&gt;', '<!--', ']]>']) {
      expect(shape(text), text).to.deep.equal(plain)
    }
    fc.assert(fc.property(fc.array(fc.constantFrom('<', '>', '"', "'", '&', '/', '!--', 'b', '=', ';')).map((parts) => parts.join('')), (text) => {
      expect(shape(text)).to.deep.equal(plain)
    }), { numRuns: 20 })
  })
})
