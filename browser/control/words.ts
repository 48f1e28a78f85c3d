/** What goes on with a job, in words for eyes and screen readers. Strangers' names are cut to length. Pure. */
import { formatCount, formatDuration, formatShare, formatWait } from '../ui/format.ts'
import { plainName } from '../ui/names.ts'
import { rateText } from '../../protocol/client/progress.ts'
import type { Phase } from './followed-job.ts'
import type { Progress } from '../../protocol/client/progress.ts'
import type { Took } from './followed-job.ts'
import type { Neighbour } from '../peer/tab-peer.ts'

export const PHASES: Record<Phase, { text: string, tone: '' | 'live' | 'warm' | 'bad' }> = {
  preparing: { text: 'Preparing', tone: 'warm' },
  running: { text: 'Running', tone: 'live' },
  done: { text: 'Done', tone: 'live' },
  failed: { text: 'Failed', tone: 'bad' },
  cancelled: { text: 'Stopped', tone: '' }
}

export const jobName = (name: string): string => plainName(name, 40, 'A job')

/** Why a job with votes waits (V3). */
export const shortText = ({ need, have }: { need: number, have: number }): string =>
  `Its trust policy needs ${formatCount(need)} different peers for a value, and there ${have === 1 ? 'is' : 'are'} ${formatCount(have)} here: invite others, or run it anew with another policy.`

type Figure = [name: string, value: string, title?: string]

export function runningFigures ({ done, partitions, rate, leftMs, peers, levels }: Progress): Figure[] {
  return [
    ['Done', formatShare(done / partitions), `${formatCount(done)} of ${formatCount(partitions)} partitions`],
    ['Partitions', rate > 0 ? rateText(rate) : 'none yet', 'how many a second, all peers together'],
    ['Time left', leftMs === null ? 'not known' : formatWait(leftMs)],
    ['At work', peers === 0 ? 'nobody yet' : `${formatCount(peers)} ${peers === 1 ? 'peer' : 'peers'}`],
    ['Tree', levels <= 1 ? '1 level' : `${levels} levels`, 'levels of coordinators at work']
  ]
}

/** Milliseconds in few words: `840 ms`, `3.2 s`, `2 min 5 s`. */
export const shortTime = (ms: number): string => ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms)

/** What a finished job took, as `--json` names it. */
export function tookFigures (took: Took): Figure[] {
  const { partitions, wallMs, computeMs, peers, levels, failovers, duplicates, messages, bytes } = took
  const figures: Figure[] = [
    ['Partitions', formatCount(partitions)],
    ['Computing', shortTime(computeMs), 'in the sandboxes of all peers together'],
    ['Peers', formatCount(peers), 'whose values were taken'],
    ['Levels', formatCount(levels), 'of the tree of coordinators'],
    ['Takeovers', formatCount(failovers), 'of coordinators that went away'],
    ['Computed twice', formatCount(duplicates), 'partitions'],
    ['Messages', formatCount(messages), 'of all peers, values not counted'],
    ['Their bytes', formatCount(bytes)]
  ]
  return wallMs === null ? figures : [['Took', shortTime(wallMs), 'from the first lease to done'], ...figures]
}

/** Told to screen readers when it changes: every tenth, not every moment. */
export function announcement (name: string, phase: Phase, progress: Progress | null): string {
  const who = jobName(name)
  switch (phase) {
    case 'preparing': return `${who} is being prepared.`
    case 'running': return `${who} is running${progress === null ? '' : `, ${Math.floor(progress.done / progress.partitions * 10) * 10} per cent done`}.`
    case 'done': return `${who} is done.`
    case 'failed': return `${who} has failed.`
    case 'cancelled': return `${who} was stopped.`
  }
}

/** `8 tabs, 4 Node peers`; peers that have not told what they are come last. */
export function kinds (neighbours: readonly Neighbour[]): string {
  const count = (kind: Neighbour['kind']): number => neighbours.filter((neighbour) => neighbour.kind === kind).length
  const parts: Array<[number, string, string]> = [[count('tab'), 'tab', 'tabs'], [count('node'), 'Node peer', 'Node peers'], [count('unknown'), 'other', 'others']]
  return parts.filter(([many]) => many > 0).map(([many, one, more]) => `${formatCount(many)} ${many === 1 ? one : more}`).join(', ')
}

/** What the submitter's side says of options of the command line, as this page has them. */
const PAGE_WORDS: Array<[RegExp, string]> = [
  [/give --partitions N or --input FILE, or export/, 'set the number of partitions under More settings, give it inputs, or export'],
  [/leave --partitions out/, 'leave the number of partitions empty'],
  [/give an invitation, or run the job unsealed/, 'open this page by the link of an invitation, or leave sealing off'],
  [/; `millionfold jobs` lists those .*\.$/, '; those that are known stand under Jobs of this mesh.']
]

export const inPageWords = (message: string): string =>
  PAGE_WORDS.reduce((text, [words, instead]) => text.replace(words, instead), message)
