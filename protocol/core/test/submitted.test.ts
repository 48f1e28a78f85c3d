/** Row `submitted`: the submitter is the root's first coordinator (R5); the same spec is one job. */
import { expect } from 'chai'
import { ANNA, BERT, Given, JOB, ME, SPEC, aCoordinator, aListener, aSubmitter, aValue, addressed } from './given.ts'
import { ROOT } from '../geometry.ts'
import { anAnnouncement, announces, clears, computes, greets, keeps, learns, provides, sends, sets, subscribes, tells, unsubscribes } from './effects.ts'

const submit = { type: 'submit' as const, job: JOB, spec: SPEC, proof: null }

describe('submitted', () => {
  it('[R5] a submitter holds the root and tells the mesh, and whom it is connected to', () => {
    expect(new Given().connect(BERT).take(submit)).to.deep.equal([
      learns(anAnnouncement(ME, [])),
      subscribes('/'),
      sets('state', '/', 0),
      sets('renew', '/', 2_000),
      tells({ type: 'submitted', name: 'test', partitions: 64, fanout: 4, grain: 4 }),
      announces(anAnnouncement(ME, [ME])),
      greets(BERT, anAnnouncement(ME, [ME])),
      provides()
    ])
  })

  it('[R5] it computes only if it has cores', () => {
    const given = aSubmitter()
    expect(given.volunteer(1).filter(effect => effect.type === 'compute')).to.deep.equal([computes('0.0')])
  })

  it('[R5] the same job again is one computation', () => {
    expect(aSubmitter().take(submit)).to.deep.equal([])
  })

  it('[R5] submitting what another peer submitted follows it', () => {
    expect(aListener().take(submit)).to.deep.equal([subscribes('/')])
  })

  it('[R5] submitting a job that is over tells its outcome again', () => {
    const given = aListener()
    const done = { type: 'done' as const, value: aValue('/', BERT), holders: [addressed(BERT)] }
    given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [], done)] })
    expect(given.take(submit)).to.deep.equal([
      clears('hold', '/'),
      clears('join', '/'),
      sets('expire', '/', SPEC.expiryMs),
      tells({ type: 'done', value: done.value, holders: done.holders })
    ])
  })

  it('[R5] the submitter cancels: work ends, the outcome stays, all it works with hear of it', () => {
    const signature = new Uint8Array([7])
    const given = aCoordinator({ 3: BERT })
    const cancelled = anAnnouncement(ME, [], { type: 'cancelled', signature })
    expect(given.take({ type: 'cancel', job: JOB, signature })).to.deep.equal([
      sends(BERT, { type: 'ended', path: ROOT }),
      clears('renew', '/'),
      clears('state', '/'),
      clears('claim', '/'),
      unsubscribes('/'),
      clears('hold', '/'),
      clears('join', '/'),
      sets('expire', '/', SPEC.expiryMs),
      tells({ type: 'cancelled' }),
      greets(BERT, cancelled),
      announces(cancelled),
      keeps()
    ])
  })

  it('[R5] nobody else cancels, and nothing that is unknown', () => {
    expect(aListener().take({ type: 'cancel', job: JOB, signature: new Uint8Array() })).to.deep.equal([])
    expect(new Given().take({ type: 'cancel', job: JOB, signature: new Uint8Array() })).to.deep.equal([])
  })
})
