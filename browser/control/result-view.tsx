/** A finished job's result: a number large, a picture as a picture, everything else as a tree, and a file of all of it. */
import { useEffect, useState } from 'preact/hooks'
import { Banner, Progress } from '../ui/parts.tsx'
import { ValueTree } from './value-tree.tsx'
import { formatBytes, formatCount, formatThings } from '../ui/format.ts'
import { plainName } from '../ui/names.ts'
import type { JSX } from 'preact'
import type { FollowedJob } from './followed-job.ts'
import type { ReadResult } from './read-result.ts'

export function ResultView ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: result } = job.result
  if (result === null) return null
  const read = <button type="button" class="button main" onClick={() => { void job.read() }}>Fetch it</button>
  switch (result.type) {
    case 'unread': return <Banner title={`${formatThings(result.count, 'output')} wait at the peers that computed them`} actions={read}><p>They are fetched in order and put into one file.</p></Banner>
    case 'reading': return <div class="reading"><p class="soft">Fetching the result{result.count > 0 ? `: ${formatThings(result.count, 'output')} so far` : ''}…</p><Progress label="Fetching the result" /></div>
    case 'unreadable': return <Banner title="The result could not be fetched" tone="bad" actions={read}><p>{result.message} The job itself is done: its holders may be back later.</p></Banner>
    case 'read': return <Read job={job} read={result.read} />
  }
}

function Read ({ job, read }: { job: FollowedJob, read: ReadResult }): JSX.Element {
  const { kind, count, file } = read
  const name = `${plainName(job.name.value, 40, 'result').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}.${file.ending}`
  const url = useUrl(file.blob)
  return (
    <section class="result" aria-label="Result">
      <Shown read={read} url={url} name={job.name.value} />
      {kind === 'outputs' && count > (read.value as unknown[]).length && <p class="small soft">The first {formatCount((read.value as unknown[]).length)} of {formatThings(count, 'output')}. The file has all, in order.</p>}
      <p class="actions"><a class="button main" href={url} download={name}>Download .{file.ending}</a> <span class="small soft">{formatBytes(file.blob.size)}</span></p>
    </section>
  )
}

/** As long as it is on the page. */
function useUrl (blob: Blob): string {
  const [url, setUrl] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return url
}

function Shown ({ read: { kind, value }, url, name }: { read: ReadResult, url: string, name: string }): JSX.Element | null {
  switch (kind) {
    case 'number': return <p class={`big ${String(value).length > 12 ? 'long' : ''}`}>{bigNumber(value as number | bigint)}</p>
    case 'text': return <p class="text-result">{value as string}</p>
    case 'image': return url === '' ? null : <img class="image" src={url} alt={`The picture that ${plainName(name)} made`} />
    case 'bytes': return <p>{formatBytes(value as number)} of bytes.</p>
    default: return <ValueTree value={value} />
  }
}

/** Every digit, in groups of three before the point. */
function bigNumber (value: number | bigint): string {
  const [whole = '', ...rest] = String(value).split('.')
  return /^-?\d+$/.test(whole) ? [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.') : String(value)
}
