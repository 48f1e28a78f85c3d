/**
 * Private meshes as people meet them: founding one, inviting, joining, running a job, taking an invitation back, and what is said of
 * one that is no good (A1–A5).
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { JOBS, Running, cli, lastJson, lastLine } from './cli.ts'
import type { Ended } from './cli.ts'

const SUM = join(JOBS, 'sum.ts')

describe('the command line in a private mesh', function () {
  this.timeout(120_000)
  let dir: string
  let env: Record<string, string>
  let whole: string
  const running: Running[] = []

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'millionfold-private-'))
    env = { XDG_STATE_HOME: dir }
    whole = await made('--new')
  })
  afterEach(async () => { await Promise.all(running.splice(0).map(async (it) => await it.stop())) })
  after(() => { rmSync(dir, { recursive: true, force: true }) })

  const told = async (...args: string[]): Promise<Record<string, unknown>> => lastJson(await cli(['invite', '--json', ...args], '', env))
  const made = async (...args: string[]): Promise<string> => (await told(...args))['invitation'] as string

  /** A volunteer and the address of it that is on loopback. */
  async function volunteer (invitation: string): Promise<{ peer: Running, addr: string }> {
    const peer = new Running(['join', '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns'], '', { ...env, MILLIONFOLD_INVITATION: invitation })
    running.push(peer)
    return { peer, addr: await peer.says(/\/ip4\/127\S+/) }
  }

  function isSaid (ended: Ended, sentence: string | RegExp): void {
    expect([ended.code, ended.out]).to.deep.equal([2, ''])
    if (typeof sentence === 'string') expect(ended.err.trim()).to.equal(sentence)
    else expect(ended.err.trim()).to.match(sentence)
  }

  it('prints the invitation, a link with it in the fragment, how to revoke it, and a code (A1)', async () => {
    const { code, out } = await cli(['invite', '--rights', 'volunteer', '--expires', '7d', '/ip4/192.0.2.7/tcp/4001/ws/p2p/12D3KooWQqRW4uHsMfNNuvdr2158cvT2pMUSpMC68aqkEvBiqgKj'], '', env)
    expect(code).to.equal(0)
    expect(out).to.match(/^invitation {2}mfi1[\w-]+\nlink {8}http:\/\/127\.0\.0\.1:22581\/#v=1&peer=\/ip4\/192\.0\.2\.7\S+&invitation=mfi1[\w-]+\nmesh {8}[a-z2-7]{26}\nid {10}[a-z2-7]+\nrights {6}volunteer\nexpires {5}\d{4}-\S+Z\n/)
    expect(out).to.match(/\n[█▀▄ ]{40,}\n/)
  })

  it('runs a job among those who were invited, and says what is wrong to who was not (A2, A3)', async () => {
    const [forVolunteer, forSubmitter] = [await made('--rights', 'volunteer'), await made('--from', whole, '--rights', 'submit')]
    const { addr } = await volunteer(forVolunteer)
    const file = join(dir, 'mine')
    writeFileSync(file, `${forSubmitter}\n`)
    const ended = await cli(['run', SUM, '--partitions', '100', '--mesh', addr, '--invitation', file, '--json'], '', env)
    expect(ended.code, ended.err).to.equal(0)
    expect(lastJson(ended)).to.deep.include({ result: 4950 })
    isSaid(await cli(['jobs', '--mesh', addr], '', env), 'The mesh that answers is private: give an invitation with --invitation.')
    isSaid(await cli(['run', SUM, '--mesh', addr, '--invitation', forVolunteer], '', env), 'The invitation does not allow submitting jobs: ask for one with the right `submit`.')
    isSaid(await cli(['join', addr, '--invitation', file], '', env), 'The invitation does not allow volunteering: ask for one with the right `volunteer`.')
    const elsewhere = { ...env, XDG_STATE_HOME: join(dir, 'elsewhere') }
    const other = lastJson(await cli(['invite', '--new', '--json'], '', elsewhere))['invitation'] as string
    isSaid(await cli(['jobs', '--mesh', addr, '--invitation', other], '', env), 'The invitation is for another mesh than the one that answers: use it with an address of its own mesh.')
    const { code, out } = await cli(['jobs', '--mesh', addr, '--invitation', forVolunteer], '', env)
    expect([code, out]).to.match(/0,\S+ {2}sum {2}done, 100 partitions/)
  })

  it('runs a job on volunteers of its own (A3)', async () => {
    const ended = await cli(['run', SUM, '--partitions', '100', '--peers', '2', '--invitation', whole, '--json'], '', env)
    expect(ended.code, ended.err).to.equal(0)
    expect(lastJson(ended)).to.deep.include({ result: 4950 })
  })

  it('a revoked invitation ends its peer, is refused afterwards, and takes those made of it along (A5)', async () => {
    const { peer: guest, addr: guestAddr } = await volunteer(await made('--rights', 'volunteer,invite'))
    const member = await volunteer(whole)
    const lent = await told('--rights', 'volunteer,invite')
    const passedOn = await made('--from', lent['invitation'] as string, '--rights', 'volunteer')
    const evicted = new Running(['join', member.addr, '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--invitation', passedOn], '', { ...env, XDG_STATE_HOME: join(dir, 'theirs') })
    running.push(evicted)
    await evicted.says(/\/ip4\/127\S+/)
    const ended = await cli(['invite', '--revoke', lent['id'] as string, '--mesh', member.addr], '', env)
    expect([ended.code, ended.out]).to.deep.equal([0, `${lent['id'] as string} is revoked\n`])
    const { code, err } = await evicted.ended
    expect([code, lastLine(err)]).to.deep.equal([2, 'The invitation has been revoked: ask for a new one.'])
    isSaid(await cli(['jobs', '--mesh', member.addr, '--invitation', passedOn], '', { XDG_STATE_HOME: join(dir, 'third') }), 'The invitation has been revoked: ask for a new one.')
    isSaid(await cli(['invite', '--revoke', lent['id'] as string], '', { XDG_STATE_HOME: join(dir, 'third') }), /^No invitation \S+ was made on this machine: give the invitation itself\.$/)
    isSaid(await cli(['invite', '--revoke', whole], '', { XDG_STATE_HOME: join(dir, 'third') }), 'Only whoever made an invitation, or one that it was made of, can revoke it: give that one with --from.')
    expect((await cli(['jobs', '--mesh', guestAddr, '--invitation', whole], '', env)).code).to.equal(0)
    expect(guest.child.exitCode).to.equal(null)
  })

  it('an invitation that is no good is told in one sentence, and nothing is lost (A1, A2)', async () => {
    const nowhere = ['jobs', '--mesh', '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWQqRW4uHsMfNNuvdr2158cvT2pMUSpMC68aqkEvBiqgKj', '--invitation']
    isSaid(await cli([...nowhere, whole.slice(0, -30)], '', env), 'This is not an invitation, or a part of it is missing: ask for the whole of it.')
    isSaid(await cli([...nowhere, `${whole.slice(0, 150)}${whole[150] === 'A' ? 'B' : 'A'}${whole.slice(151)}`], '', env), 'The invitation is forged or was changed on the way: ask whoever gave it for the original.')
    isSaid(await cli([...nowhere, whole.replace('mfi1', 'mfi2')], '', env), 'The invitation is of a newer version of millionfold: update this one, or ask for an older invitation.')
    isSaid(await cli([...nowhere, 'nothing-here'], '', env), 'There is no file nothing-here with an invitation, and it is not one itself: those begin with mfi1.')
    const short = await made('--expires', new Date(Date.now() + 2_000).toISOString())
    await new Running(['join', '--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0', '--invitation', short], '', env).ended.then(({ code, err }) => {
      expect([code, lastLine(err)]).to.deep.equal([2, 'The invitation has expired: ask for a new one.'])
    })
    isSaid(await cli([...nowhere, short], '', env), 'The invitation has expired: ask for a new one.')
    const narrow = await made('--rights', 'volunteer')
    isSaid(await cli(['invite', '--from', narrow], '', env), 'That invitation may not be passed on in parts: ask for one with the right `invite`.')
    const inviting = await made('--rights', 'volunteer,invite', '--expires', '1h')
    isSaid(await cli(['invite', '--from', inviting, '--rights', 'submit'], '', env), 'That invitation allows volunteer, invite and nothing more: ask for fewer rights.')
    isSaid(await cli(['invite', '--from', inviting, '--expires', '2h'], '', env), /^That invitation itself expires on \S+Z: ask for an earlier time\.$/)
    isSaid(await cli(['invite', '/ip4/here'], '', env), '/ip4/here is not an address such as /ip4/192.0.2.1/tcp/22580.')
    isSaid(await cli(['invite', '--new', '--page', 'here'], '', env), '--page takes the address of a page such as https://example.org/, not `here`.')
    isSaid(await cli(['invite', '--new', '--revoke', 'x'], '', env), 'Give either --new or --revoke, not both.')
    isSaid(await cli(['invite', '--rights', 'everything'], '', env), '--rights takes some of volunteer,submit,invite, not `everything`.')
    isSaid(await cli(['invite', '--expires', 'yesterday'], '', env), '--expires takes a time to come, such as 12h, 7d, 4w or 2030-01-31T12:00Z, not `yesterday`.')
    isSaid(await cli(['invite'], '', { XDG_STATE_HOME: join(dir, 'empty') }), 'There is nothing to invite with: found a private mesh with --new, or give an invitation with --from.')
    expect(existsSync(join(dir, 'millionfold', 'meshes'))).to.equal(true)
  })
})
