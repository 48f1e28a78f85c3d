/**
 * What there is to see while volunteering: pieces at work, jobs, what was given, peers. Names are strangers' text and
 * come already cut (view.ts); they are text nodes here, never markup.
 */
import { Card, Figures, Progress, Sparkline } from '../ui/parts.tsx'
import { formatCount, formatDuration, formatRange, formatShare, formatShortCount, formatThings, formatWait } from '../ui/format.ts'
import { plainName, shortPeer } from '../ui/names.ts'
import { groups, KIND, VIA } from './peers.ts'
import { moodOf } from './view.ts'
import type { JSX } from 'preact'
import type { Certified, Given } from '../peer/tab-peer.ts'
import type { Piece, ShownJob, View } from './view.ts'
import type { Volunteer } from './volunteer.ts'

const PIECES_MAX = 8
const JOBS_MAX = 5
const PEERS_MAX = 32

interface Shown { view: View }

export function WorkCard ({ view }: Shown): JSX.Element {
  const isPaused = moodOf(view) === 'paused'
  const pieces = isPaused ? [] : view.pieces
  const more = pieces.length - PIECES_MAX
  return (
    <Card title="At work on">
      {pieces.length === 0 && <p class="soft">{isPaused ? 'Nothing while paused.' : 'Nothing this moment.'}</p>}
      <ul class="pieces">{pieces.slice(0, PIECES_MAX).map((piece, index) => <PieceRow key={index} piece={piece} nowMs={view.nowMs} />)}</ul>
      {more > 0 && <p class="small soft">and {formatThings(more, 'more piece')}</p>}
      {view.jobs.length > 0 && <h3>Jobs in this mesh</h3>}
      <ul class="jobs">{view.jobs.slice(0, JOBS_MAX).map((job) => <JobRow key={job.job} job={job} />)}</ul>
      {view.jobs.length > JOBS_MAX && <p class="small soft">and {formatThings(view.jobs.length - JOBS_MAX, 'more job')}</p>}
    </Card>
  )
}

function PieceRow ({ piece, nowMs }: { piece?: Piece, nowMs: number }): JSX.Element {
  if (piece === undefined) return <li class="idle"><p class="soft small">This core waits for work.</p></li>
  const { name, submitter, from, to, share, isDone, startedMs } = piece
  return (
    <li>
      <p class="row"><span class="name"><strong>{name}</strong> <span class="soft">{formatRange(from, to)}</span></span><span class="soft small">{isDone ? 'done' : formatWait(nowMs - startedMs)}</span></p>
      <Progress label={`${name}, partitions ${formatRange(from, to)}`} share={share} />
      {submitter !== '' && <p class="soft small">for <span class="mono">{submitter}</span></p>}
    </li>
  )
}

function JobRow ({ job: { name, submitter, partitions, done, declined } }: { job: ShownJob }): JSX.Element {
  const share = partitions > 0 ? done / partitions : 0
  return (
    <li>
      <p class="row"><span class="name">{plainName(name)} <span class="soft small">by <span class="mono">{shortPeer(submitter)}</span></span></span><strong>{formatShare(share)}</strong></p>
      <Progress label={`${plainName(name)}, the whole job`} share={share} />
      <p class="soft small">{formatShortCount(done)} of {formatThings(partitions, 'partition')}{declined && '; not worked on here, as your rules say'}</p>
    </li>
  )
}

/** What was given, as figures. */
const figures = ({ partitions, cpuMs, creditedMs }: Given): Array<[string, string, string]> => [
  ['Partitions', formatShortCount(partitions), `${formatCount(partitions)} whose values were accepted, whether receipts certify them yet or not`],
  ['CPU time', formatDuration(cpuMs), 'Time that strangers\' programs have run here'],
  ['Credit', formatDuration(creditedMs), 'CPU time that coordinators have certified by receipts']
]

export function GivenCard ({ view: { visit, ever, certified, history, historyStepMs }, volunteer }: Shown & { volunteer: Volunteer }): JSX.Element {
  const first = history.findIndex((value) => value > 0)
  const values = first < 0 ? [] : history.slice(Math.max(0, Math.min(first - 1, history.length - 12)))
  return (
    <Card title="Given since you opened this page">
      <Figures figures={figures(visit)} />
      {values.length > 0 && (
        <figure>
          <Sparkline values={values} label={`CPU time given over the last ${formatDuration(values.length * historyStepMs)}`} />
          <figcaption class="small soft">CPU time, last {formatDuration(values.length * historyStepMs)}</figcaption>
        </figure>
      )}
      {visit.certified > 0 && visit.certified < visit.partitions && (
        <p class="small soft">Receipts certify {formatThings(visit.certified, 'partition')} of these so far; coordinators sign for the others later.</p>
      )}
      {ever.partitions > visit.partitions && (
        <p class="small soft">In this browser since {new Date(ever.sinceMs).toLocaleDateString('en', { dateStyle: 'long' })}: {formatThings(ever.partitions, 'partition')}, {formatDuration(ever.creditedMs)} credited.</p>
      )}
      {certified !== undefined && certified.receipts > 0 && <Receipts certified={certified} volunteer={volunteer} />}
    </Card>
  )
}

/** Signed by others, so they are true wherever they are shown. */
function Receipts ({ certified: { receipts, partitions, ms }, volunteer }: { certified: Certified, volunteer: Volunteer }): JSX.Element {
  return (
    <p class="small soft">
      This browser keeps {formatThings(receipts, 'signed receipt')} in all, earlier visits included: for {formatThings(partitions, 'partition')} and {formatDuration(ms)}. Anybody can check them; nobody can trade them. <button type="button" class="link" onClick={() => volunteer.saveReceipts()}>Save as a file</button>
    </p>
  )
}

export function PeersCard ({ view: { neighbours } }: Shown): JSX.Element {
  const rows = groups(neighbours)
  return (
    <Card title={neighbours.length === 0 ? 'Peers' : `Connected to ${formatThings(neighbours.length, 'peer')}`}>
      {rows.length === 0 && <p class="soft">Nobody is connected just now.</p>}
      {rows.length > 0 && (
        <table class="table">
          <thead><tr><th scope="col">Kind</th><th scope="col">Way</th><th scope="col" class="number">Peers</th></tr></thead>
          <tbody>{rows.map(({ kind, via, count }) => <tr key={`${kind} ${via}`}><th scope="row">{KIND[kind]}</th><td>{VIA[via]}</td><td class="number">{formatCount(count)}</td></tr>)}</tbody>
        </table>
      )}
      {rows.length > 0 && (
        <details>
          <summary>Who they are</summary>
          <ul class="names mono small">{neighbours.slice(0, PEERS_MAX).map(({ peer }) => <li key={peer} title={peer}>{shortPeer(peer)}</li>)}</ul>
        </details>
      )}
    </Card>
  )
}
