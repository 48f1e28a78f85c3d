/** Tabs in a private mesh: those with an invitation are full peers, by every way that tabs have, and others are refused (A3, A6). */
import { expect } from 'chai'
import { TabMesh, until } from './tabs.ts'
import { cli } from '../../node/test/cli.ts'
import { ALL_RIGHTS, bitsOf } from '../../protocol/host/admission/rights.ts'
import { found, invite, narrow } from '../../protocol/host/admission/invitation.ts'
import type { GivenJob } from './tab-page.ts'

const PARTITIONS = 1_200
const JOB: GivenJob = {
  source: 'export const compute = async (p, input, ctx) => { await ctx.sleep(20); return p }\nexport const collect = (outputs) => outputs.reduce((a, b) => a + b, 0)\n',
  partitions: PARTITIONS, fanout: 4, collects: true
}

describe('tabs in a private mesh', function () {
  this.timeout(180_000)
  const mesh = new TabMesh()
  const founder = found()
  const expiresS = Math.floor(Date.now() / 1000) + 3600
  const invited = async (rights: number): Promise<string> => (await invite(founder, { rights, expiresS, peer: null })).text

  before(async () => { await mesh.open() })
  afterEach(async () => { await mesh.clear() })
  after(async () => { await mesh.close() })

  it('with an invitation fold a job, meeting by WebSocket, WebRTC-direct and WebRTC (A3)', async () => {
    const whole = await invited(ALL_RIGHTS)
    const relay = await mesh.relay(['--invitation', whole])
    const direct = await relay.process.says(/\/ip4\/127\.0\.0\.1\/udp\/\d+\/webrtc-direct\/certhash\/[\w-]+\/p2p\/\w+/)
    const submitter = await mesh.tab({ addrs: [relay.addr], cores: 0, invitation: await invited(bitsOf(['submit'])) })
    const volunteers = await Promise.all([relay.addr, direct].map(async (addr) => await mesh.tab({ addrs: [addr], invitation: await invited(bitsOf(['volunteer'])), right: 'volunteer' })))
    const job = await submitter.call('submit', JOB)
    const { value, peers } = await submitter.call('value', job)
    expect(value).to.equal(PARTITIONS * (PARTITIONS - 1) / 2)
    expect(peers).to.equal(2)
    expect(await submitter.viaTo(volunteers[0]!.id)).to.equal('webrtc')
    expect(await volunteers[1]!.viaTo(relay.id)).to.equal('webrtc-direct')
    expect([submitter, ...volunteers].flatMap(({ errors }) => errors)).to.deep.equal([])
  })

  it('without one, or with one that does not allow what the page does, are told why (A3, A6)', async () => {
    const relay = await mesh.relay(['--invitation', await invited(ALL_RIGHTS)])
    const refusal = async (init: object): Promise<string> => {
      const tab = await mesh.blank()
      return await tab.start({ addrs: [relay.addr], ...init }).then(() => 'let in', (error: Error) => /EntryError: (.*)/.exec(error.message)?.[1] ?? error.message)
    }
    expect(await refusal({})).to.equal('The mesh that answers is private, and this link holds no invitation.')
    expect(await refusal({ invitation: await invited(bitsOf(['submit'])), right: 'volunteer' })).to.equal('This invitation does not allow volunteering.')
    const { text: other } = await invite(found(), { rights: ALL_RIGHTS, expiresS, peer: null })
    expect(await refusal({ invitation: other })).to.equal('The invitation is for another mesh than the one that answers: use it with an address of its own mesh.')
    expect(await refusal({ invitation: other.slice(0, -4) })).to.match(/forged|a part of it is missing/)
  })

  it('are told when their invitation is revoked while they are open, and know it in later visits, whoever answers then (A5)', async () => {
    const whole = await invite(founder, { rights: ALL_RIGHTS, expiresS, peer: null })
    const { text: lent } = await narrow(whole, { rights: bitsOf(['volunteer']), expiresS, peer: null })
    const relay = await mesh.relay(['--invitation', whole.text])
    const tab = await mesh.tab({ addrs: [relay.addr], invitation: lent, right: 'volunteer' })
    expect((await cli(['invite', '--revoke', lent, '--from', whole.text, '--mesh', relay.addr])).code).to.equal(0)
    await until('a tab that has stopped', async () => await tab.call('state') === 'stopped')
    expect(await tab.call('over')).to.equal('The invitation has been revoked: ask for a new one.')
    await relay.process.stop()
    await tab.page.reload()
    const again = await tab.start({ addrs: [relay.addr], invitation: lent, right: 'volunteer' }).then(() => 'let in', (error: Error) => error.message)
    expect(again).to.include('EntryError: The invitation has been revoked: ask for a new one.')
  })
})
