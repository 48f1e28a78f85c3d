/** What is asked of `millionfold sim`: its arguments, read and checked against each other. Never opens a file. */
import { Command, Option } from 'commander'
import { BadInput } from '../bad-input.ts'
import type { Trust } from '../../protocol/core/job.ts'
import { partitionsOf, peersOf, seedOf, seedsOf, trustOf } from './values.ts'

export interface Request {
  scenario?: string
  seed?: number
  seeds?: number[]
  peers?: number
  partitions?: number
  trust?: Trust
  /** Files to read. */
  plan?: string
  trace?: string
  latency?: string
  compare?: string
  /** Files to write. */
  record?: string
  html?: string
  out?: string
  json?: boolean
  shrink?: boolean
}

/**
 * @param argv - arguments after `sim`
 * @throws BadInput, and commander's errors, of which help is one with exit code 0
 */
export function requestOf (argv: string[]): Request {
  const command = commandOf().parse(argv, { from: 'user' })
  const [scenario] = command.processedArgs as [string | undefined]
  const request: Request = { ...(scenario === undefined ? {} : { scenario }), ...command.opts<Request>() }
  refuseClashes(request)
  return request
}

function commandOf (): Command {
  return new Command('millionfold sim')
    .description('Plays a world of simulated peers, the protocol\'s own core in virtual time. One seed is one world: the same events again and again.')
    .argument('[scenario]', 'its name; without one, the scenarios are listed')
    .option('--seed <s>', 'which world, from 0 to 4294967295 (default: 1)', seedOf)
    .addOption(new Option('--seeds <a..b>', 'many worlds, on all cores').argParser(seedsOf))
    .option('--peers <p>', 'volunteers there at once on average; the job grows with them', peersOf)
    .option('--partitions <n>', 'partitions of the job', partitionsOf)
    .option('--trust <policy>', 'whose values count: none, votes:2/4, adaptive or audit:0.01 (default: none; liars draws one)', trustOf)
    .option('--trace <file>', 'who is there when, lines of peer,on_s,off_s, instead of the scenario\'s sessions')
    .option('--latency <file>', 'round trips between cities in ms, a square matrix as JSON or text')
    .option('--plan <file>', 'play this plan, as --shrink writes it, instead of a scenario')
    .option('--shrink', 'make the first world that fails smaller while it still fails, and write its plan')
    .option('--out <file>', 'where --shrink writes (default: millionfold-sim-SCENARIO-SEED.json)')
    .option('--record <file>', 'write what peers do as run --events does; time 0 is the world\'s first moment')
    .option('--compare <file>', 'show what got better and worse since the report in this file, saved with --json > FILE')
    .option('--html <file>', 'write a page with pictures')
    .option('--json', 'one JSON object a world, a line each')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .showSuggestionAfterError()
}

const EXAMPLES = `
Examples:
  millionfold sim steady --seed 7 --peers 1000
  millionfold sim swarm --seeds 1..200 --shrink
  millionfold sim steady --json > before.json
  millionfold sim steady --compare before.json --html steady.html

Exit codes: 0 every invariant holds (a missed bound is told and breaks none),
3 something wrong happened, 4 the job never finished or stood still, 2 bad usage.`

function refuseClashes (request: Request): void {
  const given = (keys: Array<keyof Request>): string => keys.filter(key => request[key] !== undefined).map(key => key === 'scenario' ? `the scenario ${request.scenario}` : `--${key}`).join(' and ')
  const world = given(['scenario', 'seed', 'seeds', 'peers', 'partitions', 'trust'])
  if (request.plan !== undefined && world !== '') throw new BadInput(`--plan is a whole world: give it without ${world}.`)
  if (request.seed !== undefined && request.seeds !== undefined) throw new BadInput('Give --seed for one world or --seeds for many, not both.')
  const one = given(['record', 'compare'])
  if (request.seeds !== undefined && one !== '') throw new BadInput(`${one} ${one.includes(' and ') ? 'are' : 'is'} of one world: give --seed instead of --seeds.`)
  if (request.out !== undefined && request.shrink !== true) throw new BadInput('--out says where --shrink writes: give both.')
  const options = given(Object.keys(request) as Array<keyof Request>)
  if (request.plan === undefined && request.scenario === undefined && options !== '') throw new BadInput(`${options} ${options.includes(' and ') ? 'need' : 'needs'} a scenario; millionfold sim lists them.`)
}
