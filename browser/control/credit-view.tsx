/** Who did a finished job: its table of receipts (K3), checked in this page. Draws what the job was found to hold and decides nothing. */
import { formatCount, formatDuration, formatThings } from '../ui/format.ts'
import { download } from '../ui/download.ts'
import { documentOf, linesOf } from '../../protocol/host/credit/lines.ts'
import { plainName, shortPeer } from '../ui/names.ts'
import type { JSX } from 'preact'
import type { CreditTable } from '../../protocol/host/credit/table.ts'
import type { FollowedJob } from './followed-job.ts'

/** A million peers are no table. */
const ROWS_MAX = 50
const FAULTS_MAX = 3

export function CreditView ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: table } = job.credit
  if (table === null || table.rows.length === 0) return null
  const { rows, receipts, uncredited, partitions, faults } = table
  return (
    <details class="more credit">
      <summary>Who did it: {formatThings(rows.length, 'peer')}</summary>
      <div class="scroll">
        <table class="table">
          <thead><tr><th scope="col">Peer</th><th scope="col" class="number">Partitions</th><th scope="col" class="number">CPU time</th><th scope="col" class="number">Receipts</th></tr></thead>
          <tbody>{rows.slice(0, ROWS_MAX).map((row) => (
            <tr key={row.peer}>
              <th scope="row" class="mono" title={row.peer}>{shortPeer(row.peer)}</th>
              <td class="number">{formatCount(row.partitions)}</td>
              <td class="number">{formatDuration(row.ms)}</td>
              <td class="number">{row.selfIssued > 0 ? 'self-issued' : formatCount(row.receipts)}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      {rows.length > ROWS_MAX && <p class="small soft">and {formatThings(rows.length - ROWS_MAX, 'peer')} more</p>}
      <p class="small soft">{uncredited === 0 ? 'Every partition is credited once.' : `${formatCount(uncredited)} of ${formatThings(partitions, 'partition')} are credited to nobody: their receipts are lost or wrong.`}</p>
      {faults.slice(0, FAULTS_MAX).map((fault) => <p key={fault} class="small soft">{fault}</p>)}
      {receipts.length > 0 && <p class="actions"><button type="button" class="button" onClick={() => { save(job, table) }}>Save the receipts</button> <span class="small soft">Anybody can check them.</span></p>}
    </details>
  )
}

function save (job: FollowedJob, { job: id, receipts }: CreditTable): void {
  const { value: spec } = job.spec
  if (spec === null) return
  const name = plainName(job.name.value, 40, 'job').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
  download(documentOf(linesOf([{ job: id, spec, receipts }])), `${name}-credit.json`)
}
