/**
 * The command line (DESIGN 7): commands, their options and help. Each command's code is loaded only when
 * it runs, so that a volunteer starts without a bundler. Errors become one sentence on stderr and an exit
 * code here and nowhere else: 0 done, 1 the job failed, 2 bad usage, 130 interrupted after handing over; 3 and 4
 * are the simulator's, which is handed in and reads its own arguments.
 */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { explain } from './failure.ts'
import { endAtSignal } from './interrupt.ts'
import type { ExitCode } from './exit-code.ts'
import type { MakePages } from '../pages/built.ts'
import { INVITATION_ENV } from '../invitation-env.ts'
import { bandOf, coresOf, coresOrNoneOf, expiryOf, millisecondsOf, paramsOf, rightsOf, ruleOf, submitterOf, wholeOf } from './values.ts'
import { RULE_EXAMPLES } from '../../protocol/host/acceptance.ts'

/** Commands that come from outside of node/, each loaded when it is called. */
export interface Guests {
  /** @param argv arguments after `sim` */
  sim: (argv: string[]) => Promise<ExitCode>
  /** Writes the pages that `serve` gives out into a folder. */
  pages: MakePages
}

/**
 * Run the command line; ends the process.
 *
 * @param argv arguments after the script's name
 * @param guests what else it offers
 */
export async function main (argv: string[], guests: Guests): Promise<void> {
  endAtSignal()
  // A reader such as `head` has had enough: nothing is left to say.
  process.stdout.on('error', () => process.exit())
  process.exitCode = await exitCodeOf(argv, guests)
  process.exit()
}

async function exitCodeOf (argv: string[], guests: Guests): Promise<ExitCode> {
  let code: ExitCode = 0
  const ends = (run: () => Promise<ExitCode>) => run().then((ended) => { code = ended })
  try {
    const top = program(ends, guests.pages)
    addSim(top, ends, async () => await guests.sim(argv.slice(argv.indexOf('sim') + 1)))
    await top.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return explain(error)
  }
}

type Ends = (run: () => Promise<ExitCode>) => Promise<void>

function program (ends: Ends, pages: MakePages): Command {
  const top = new Command('millionfold')
    .description('Folds a million partitions into one result on computers that nobody owns together.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES)
  addRun(top, ends, pages)
  addJoin(top, ends)
  addUp(top, ends)
  addServe(top, ends, pages)
  addInvite(top, ends)
  addQuestions(top, ends)
  addCredit(top, ends)
  return top
}

const EXAMPLES = `
Examples:
  millionfold run examples/primes.ts --peers 4     a job on four local volunteers
  millionfold join                                 volunteer for whoever is on this network
  seq 1 100000 | millionfold run examples/square.ts --peers 2 --input -`

function version (): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<string, string>
      if (name === 'millionfold' && version !== undefined) return version
    } catch { /* a published build lies one folder deeper than a checkout */ }
  }
  return 'unknown'
}

const eventsOption = (): Option => new Option('--events <file>', 'append what peers do to this file, one JSON object a line')
const invitationOption = (): Option => new Option('--invitation <text|file>', `to a private mesh; or in ${INVITATION_ENV}, which other users of this machine do not see`)
/** Of everything that keeps what it works on. */
const storing = (command: Command): Command => command
  .option('--store <dir>', 'keep jobs, results and the peer\'s key in this folder; none to keep nothing')
  .option('--disk <mib>', 'what a store may take (1024)', wholeOf('--disk', 1))
const jsonOption = (what: string): Option => new Option('--json', what)

function addRun (top: Command, ends: Ends, pages: MakePages): void {
  storing(top.command('run')).argument('[job]', 'the job\'s module, or its parts by the options below')
    .description('submit a job and wait for its result')
    .option('--peers <k>', 'start this many volunteer processes here', wholeOf('--peers', 1))
    .option('--mesh <addr>', 'join the mesh of the peer at this multiaddr')
    .option('--serve [port]', 'serve the pages as well, so that browser tabs share the work', wholeOf('--serve', 1, 65_535))
    .option('--partitions <n>', 'how many partitions', wholeOf('--partitions', 1))
    .option('--fanout <f>', 'children of a node of the tree, 2 to 128', wholeOf('--fanout', 2))
    .option('--params <json>', 'what the job is given', paramsOf)
    .option('--input <file>', 'one input a line, lines or NDJSON; - is standard input')
    .option('--timeout <seconds>', 'time limit of one partition', millisecondsOf('--timeout'))
    .option('--trust <policy>', 'how results are verified: none, votes:2/3, adaptive, audit:0.01')
    .option('--trust-deadline <seconds>', 'fail when there are too few distinct peers for it for this long', millisecondsOf('--trust-deadline'))
    .option('--prepare <file>', 'the part that counts partitions or lists inputs')
    .option('--compute <file>', 'the part that computes a partition')
    .option('--collect <file>', 'the part that folds outputs')
    .option('--logger <file>', 'the part that is told how it goes')
    .option('--detach', 'print the job\'s id and leave once others can do without this process')
    .option('--again', 'run it anew even if it is known')
    .option('--sealed', 'encrypt params and inputs for those admitted to the private mesh; not the results, the job\'s code, its name and its sizes')
    .option('--out <file>', 'write the result to this file; bytes as they are')
    .addOption(eventsOption())
    .addOption(invitationOption())
    .addOption(jsonOption('make the last line one JSON object with the result and the figures'))
    .addHelpText('after', `
Examples:
  millionfold run examples/primes.ts --peers 4
  millionfold run examples/mandelbrot.ts --peers 2 --out mandelbrot.png
  millionfold run job.ts --mesh /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW… --detach`)
    .action((job: string | undefined, options: object) => ends(async () => await (await import('./run.ts')).run(job, options, pages)))
}

const listenOption = (): Option => new Option('--listen <addr>', 'a multiaddr to listen on; may be repeated')
  .argParser((addr: string, before: string[] = []) => [...before, addr])

/** Which jobs a volunteer works for (A7). */
const choosing = (command: Command): Command => command
  .option('--only-from <peer>', 'work only for jobs that this peer submitted; may be repeated', submitterOf)
  .option('--accept <rule>', `work only for jobs of which this holds, such as ${RULE_EXAMPLES}; may be repeated`, ruleOf)

/** Options of everything that volunteers. */
const volunteering = (command: Command): Command => choosing(storing(command))
  .option('--memory <mib>', 'memory of one sandbox', wholeOf('--memory', 16))
  .option('--duty <share>', 'share of a core\'s time for jobs, above 0 up to 1', bandOf('--duty', 0, 1))
  .addOption(listenOption())
  .option('--port <port>', 'TCP port to listen on; the ones after it serve the other transports', wholeOf('--port', 1, 65_000))
  .option('--no-mdns', 'do not look for peers on the local network')
  .addOption(eventsOption())
  .addOption(invitationOption())

function addJoin (top: Command, ends: Ends): void {
  volunteering(top.command('join')).argument('[addr...]', 'multiaddrs of peers of a mesh; without any, peers on this network are looked for')
    .description('volunteer this machine until stopped')
    .option('--cores <n>', 'partitions computed at once', coresOf)
    .option('--identity <file>', 'the peer\'s key, made if it is missing')
    .addOption(new Option('--supervised').hideHelp())
    .addOption(new Option('--local').hideHelp())
    .addHelpText('after', `
Examples:
  millionfold join
  millionfold join /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW… --cores 2 --duty 0.5`)
    .action((addrs: string[], options: object) => ends(async () => await (await import('./join.ts')).join(addrs, options)))
}

function addUp (top: Command, ends: Ends): void {
  volunteering(top.command('up')).argument('[addr...]', 'multiaddrs of peers of a mesh; without any, the first volunteer starts one')
    .description('start volunteers and keep them running')
    .requiredOption('--peers <k>', 'how many', wholeOf('--peers', 1))
    .addHelpText('after', `
Examples:
  millionfold up --peers 8
  millionfold up --peers 2 /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…`)
    .action((addrs: string[], options: object) => ends(async () => await (await import('./up.ts')).up(addrs, options as never)))
}

function addServe (top: Command, ends: Ends, pages: MakePages): void {
  choosing(storing(top.command('serve'))).argument('[addr...]', 'multiaddrs of peers of a mesh; without any, peers on this network are looked for')
    .description('volunteer this machine and serve the pages that let browser tabs in')
    .option('--port <port>', 'of the pages; the peer takes the three after it (22581); 0 for any', wholeOf('--port', 0, 65_000))
    .option('--host <address>', 'to serve the pages on; other machines need https, so put a proxy before it (127.0.0.1)')
    .addOption(listenOption())
    .option('--cores <n>', 'partitions computed at once; 0 to serve only', coresOrNoneOf)
    .option('--memory <mib>', 'memory of one sandbox', wholeOf('--memory', 16))
    .option('--duty <share>', 'share of a core\'s time for jobs, above 0 up to 1', bandOf('--duty', 0, 1))
    .option('--identity <file>', 'the peer\'s key, made if it is missing')
    .option('--no-mdns', 'do not look for peers on the local network')
    .addOption(eventsOption())
    .addOption(invitationOption())
    .addHelpText('after', `
Examples:
  millionfold serve
  millionfold serve --cores 0 /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…`)
    .action((addrs: string[], options: object) => ends(async () => await (await import('./serve.ts')).serve(addrs, options, pages)))
}

function addInvite (top: Command, ends: Ends): void {
  top.command('invite').argument('[addr...]', 'multiaddrs of peers for the link; needed where no peer serves the page itself')
    .description('found a private mesh, and invite others to it')
    .option('--new', 'found a private mesh; its key is kept on this machine')
    .option('--from <text|file|mesh>', 'the invitation to narrow, or which mesh of those founded here')
    .option('--rights <list>', 'of volunteer,submit,invite; all that can be given by default', rightsOf)
    .option('--expires <time>', 'such as 12h, 7d or 2030-01-31T12:00Z (30d; 365d with --new)', expiryOf)
    .option('--for <peer>', 'make it out to this peer id, whom alone it then admits')
    .option('--page <url>', 'the volunteer page that the link opens')
    .option('--revoke <id|text|file>', 'take an invitation back, and all that was made of it')
    .option('--mesh <addr>', 'with --revoke: tell the mesh of the peer at this multiaddr now')
    .addOption(jsonOption('one JSON object'))
    .addHelpText('after', `
An invitation is a key: whoever holds it can join as its rights allow, until it expires or is revoked, and can copy it unless it is made
out to a peer. Revoking takes nothing back that was read.

Examples:
  millionfold invite --new > founder.invitation
  millionfold invite --rights volunteer --expires 7d
  millionfold invite --revoke ID --mesh /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…`)
    .action((addrs: string[], options: object) => ends(async () => await (await import('./invite.ts')).invite(addrs, options)))
}

function addQuestions (top: Command, ends: Ends): void {
  const asking = (name: string, says: string): Command => top.command(name).description(says)
    .option('--mesh <addr>', 'the multiaddr of any peer of the mesh; must be given')
    .addOption(invitationOption())
  asking('jobs', 'list the jobs a mesh knows')
    .addOption(jsonOption('one JSON object a line'))
    .action((options: object) => ends(async () => await (await import('./jobs.ts')).jobs(options as never)))
  asking('status', 'tell how far a job is').argument('<job>', 'the job\'s id')
    .addOption(jsonOption('one JSON object'))
    .action((job: string, options: object) => ends(async () => await (await import('./status.ts')).status(job, options as never)))
  asking('result', 'print the result of a finished job').argument('<job>', 'the job\'s id')
    .option('--out <file>', 'write the result to this file; bytes as they are')
    .addOption(jsonOption('make the last line one JSON object with the result and the figures'))
    .action((job: string, options: object) => ends(async () => await (await import('./result.ts')).result(job, options as never)))
  asking('audit', 'look into a finished job\'s result without believing anybody').argument('<job>', 'the job\'s id')
    .option('--samples <n>', 'partitions to compute anew (100)', wholeOf('--samples', 1, 1_000_000))
    .option('--seed <n>', 'which; the same seed draws the same', wholeOf('--seed', 0, 2 ** 32 - 1))
    .option('--evidence <file>', 'write the proof of a lie to this file')
    .addOption(jsonOption('one JSON object'))
    .action((job: string, options: object) => ends(async () => await (await import('./audit.ts')).audit(job, options as never)))
  asking('cancel', 'end a job that was submitted from here').argument('<job>', 'the job\'s id')
    .addOption(jsonOption('one JSON object'))
    .action((job: string, options: object) => ends(async () => await (await import('./cancel.ts')).cancel(job, options as never)))
}

function addCredit (top: Command, ends: Ends): void {
  top.command('credit').argument('[job]', 'a finished job\'s id: who did how much of it')
    .description('show the receipts of this machine\'s peers, or the table of a job')
    .option('--mesh <addr>', 'the multiaddr of any peer of the mesh that knows the job')
    .addOption(invitationOption())
    .option('--store <dir>', 'the folder that peers keep theirs in')
    .option('--export <file>', 'write the receipts to this file')
    .option('--verify <file>', 'check a file of receipts, offline, and say which lines are wrong')
    .addOption(jsonOption('one JSON object'))
    .addHelpText('after', `
Examples:
  millionfold credit
  millionfold credit --export mine.json
  millionfold credit --verify mine.json
  millionfold credit bafyreib… --mesh /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…`)
    .action((job: string | undefined, options: object) => ends(async () => await (await import('./credit.ts')).credit(job, options)))
}

/** Its arguments are its own business, its help too. */
function addSim (top: Command, ends: Ends, sim: () => Promise<ExitCode>): void {
  top.command('sim').argument('[scenario]')
    .description('play a world of simulated peers; sim --help tells more')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => ends(sim))
}
