/** How a voter tells what it computed: first what it is bound to, and the value to whoever it was bound to (V3, R1). */
import { expect } from 'chai'
import { SALT, VOTES, aSigned, makes } from './court.ts'
import { ANNA, BERT, CARL, JOB, ME, NO_STATS, aHolder, aListener, aState, addressed, leasedTo, path } from './given.ts'
import { drops, sends, sets } from './effects.ts'
import { digestOf } from '../salt.ts'
import { sketchOf } from '../sketch.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { PeerId } from '../ids.ts'
import type { Value } from '../job.ts'

const value: Value = aSigned('1.0', ME, { stats: { ...NO_STATS, computeMs: 40, producers: sketchOf(ME) } })
const commit = (to: PeerId): Effect => sends(to, { type: 'commit', path: path('1.0'), digest: digestOf(JOB, value, SALT) })
const reveals = (given: Given, from: PeerId): Effect[] => given.hear(from, { type: 'reveal', job: JOB, path: path('1.0') })

/** A volunteer that Anna asked for a vote. */
function asked (): Given {
  const given = aListener({}, VOTES)
  given.volunteer()
  given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('1.0'), coordinator: addressed(ANNA) })
  given.volunteer(0)
  return given
}

describe('owed', () => {
  it('[V3] whoever was asked says what it is bound to, not the value', () => {
    expect(makes(asked(), '1.0').slice(0, 2)).to.deep.equal([commit(ANNA), sets('hold', '/', 2_000)])
  })

  it('[V3] asked to reveal it, it sends the value with its salt', () => {
    const given = asked()
    makes(given, '1.0')
    const [sent] = reveals(given, ANNA)
    expect(sent?.type === 'send' && sent.message.type === 'value' ? [sent.to, sent.message.value.cid, sent.message.salt] : null).to.deep.equal([ANNA, value.cid, SALT])
  })

  it('[V3] only by the one it was bound to', () => {
    const given = asked()
    makes(given, '1.0')
    expect(reveals(given, BERT)).to.deep.equal([drops(BERT, 'question by a peer that nothing was committed to')])
    expect(reveals(asked(), ANNA)).to.deep.equal([])
  })

  it('[V3, R1] bound, it is patient for a lease; then it says so again', () => {
    const given = asked()
    makes(given, '1.0')
    expect(given.after(2_000).fires('hold', '/')).to.deep.equal([sets('hold', '/', 2_000), sets('hold', '/', 2_000)])
    expect(given.after(4_000).fires('hold', '/')).to.deep.include(commit(ANNA))
  })

  it('[V3, R1] revealed, it sends the value again until that is accepted', () => {
    const given = asked()
    makes(given, '1.0')
    reveals(given, ANNA)
    const again = given.after(2_000).fires('hold', '/')
    expect(again.flatMap(effect => effect.type === 'send' ? [effect.message.type] : [])).to.deep.equal(['value'])
    given.hear(ANNA, { type: 'accepted', job: JOB, paths: [path('1.0')], receipt: null })
    expect(given.after(2_000).fires('hold', '/')).to.deep.equal([])
  })

  it('[V3] it comes too late: whoever asked says so, and it is forgotten', () => {
    const given = asked()
    makes(given, '1.0')
    given.hear(ANNA, { type: 'ended', job: JOB, path: path('1.0') })
    expect(reveals(given, ANNA)).to.deep.equal([])
    expect(given.after(2_000).fires('hold', '/')).to.deep.equal([])
  })

  it('[V3, C6] a new coordinator is told what it is bound to, though the value was revealed to the last', () => {
    const given = aHolder('3.3', { heirs: [addressed(BERT)] }, VOTES).connect(BERT)
    makes(given, '3.3')
    given.hear(ANNA, { type: 'reveal', job: JOB, path: path('3.3') })
    const state = aState({ path: path('3'), fence: [1, 2], version: 2, coordinator: addressed(BERT), children: [leasedTo(3, ME)], level: 1 })
    const effects = given.hear(BERT, state)
    expect(effects.flatMap(effect => effect.type === 'send' ? [[effect.to, effect.message.type]] : [])).to.deep.equal([[BERT, 'renew'], [BERT, 'commit']])
    const [sent] = given.hear(BERT, { type: 'reveal', job: JOB, path: path('3.3') })
    expect(sent?.type === 'send' ? [sent.to, sent.message.type] : null).to.deep.equal([BERT, 'value'])
  })

  it('[V3] a digest holds salt, value, root, maker, job and path', () => {
    const digest = (changes: Partial<Value>, salt = SALT, job = JOB): string => digestOf(job, { ...value, ...changes }, salt).join()
    const all = [
      digest({}), digest({ cid: 'other' as Value['cid'] }), digest({ commitment: null }), digest({ by: CARL }), digest({ path: path('1.1') }),
      digest({}, new Uint8Array(16)), digest({}, SALT, 'other' as typeof JOB)
    ]
    expect(new Set(all).size).to.equal(all.length)
  })
})
