/** What is remembered, for how long, and what a browser does that keeps nothing. */
import { expect } from 'chai'
import { SettingsStore, defaultCores } from '../settings.ts'

class FakeStorage implements Storage {
  [name: string]: unknown
  readonly #items = new Map<string, string>()
  get length (): number { return this.#items.size }
  clear (): void { this.#items.clear() }
  getItem (key: string): string | null { return this.#items.get(key) ?? null }
  key (index: number): string | null { return [...this.#items.keys()][index] ?? null }
  removeItem (key: string): void { this.#items.delete(key) }
  setItem (key: string, value: string): void { this.#items.set(key, value) }
}

class FullStorage extends FakeStorage {
  override setItem (): void { throw new DOMException('no room', 'QuotaExceededError') }
}

describe('settings', () => {
  it('begins without consent, with half of the cores and most of their time', () => {
    const settings = new SettingsStore({ lasting: new FakeStorage(), visit: new FakeStorage() }, 8)
    expect(settings.values).to.deep.equal({ consent: 'none', cores: 4, duty: 0.8, paused: false, goOn: [], onlyFrom: '', accept: '' })
    expect(settings.isLasting).to.equal(true)
    expect([defaultCores(1, false), defaultCores(8, true), defaultCores(2, true)]).to.deep.equal([1, 2, 1])
  })

  it('keeps consent for a visit no longer than the visit', () => {
    const lasting = new FakeStorage()
    const visit = new FakeStorage()
    new SettingsStore({ lasting, visit }, 8).change({ consent: 'visit', cores: 3, paused: true })
    expect(new SettingsStore({ lasting, visit }, 8).values).to.include({ consent: 'visit', cores: 3, paused: true })
    expect(new SettingsStore({ lasting, visit: new FakeStorage() }, 8).values).to.include({ consent: 'none', cores: 3, paused: false })
  })

  it('keeps consent for always until it is taken back', () => {
    const lasting = new FakeStorage()
    new SettingsStore({ lasting, visit: new FakeStorage() }, 8).change({ consent: 'always', goOn: ['battery'] })
    const next = new SettingsStore({ lasting, visit: new FakeStorage() }, 8)
    expect(next.values).to.deep.include({ consent: 'always', goOn: ['battery'] })
    next.change({ consent: 'none' })
    expect(new SettingsStore({ lasting, visit: new FakeStorage() }, 8).values.consent).to.equal('none')
  })

  it('says when nothing is kept, and works without', () => {
    const blocked = new SettingsStore({}, 4)
    blocked.change({ consent: 'always' })
    expect([blocked.isLasting, blocked.values.consent]).to.deep.equal([false, 'always'])
    expect(new SettingsStore({ lasting: new FullStorage(), visit: new FullStorage() }, 4).isLasting).to.equal(false)
  })

  it('does not trust what it reads', () => {
    for (const text of ['{', 'null', '7', '{"cores":99,"duty":"x","goOn":["user",3],"consent":true}']) {
      const lasting = new FakeStorage()
      lasting.setItem('millionfold:volunteer', text)
      const { values } = new SettingsStore({ lasting, visit: new FakeStorage() }, 4)
      expect(values.cores).to.be.within(1, 4)
      expect(values).to.deep.include({ duty: 0.8, consent: 'none', goOn: [] })
    }
  })
})
