/**
 * What the colours mean and how many cells have each: states, and the peers that did most. It also chooses what colours
 * tell. Names are strangers' text.
 */
import type { JSX } from 'preact'
import { LEGEND, peerRgb, stateRgb, toCss } from './palette.ts'
import { formatShortCount } from '../ui/format.ts'
import { nameOf } from './words.ts'
import { useBeat } from './use-frames.ts'
import type { Colouring, Rgb } from './palette.ts'
import type { Picture } from './picture.ts'
import type { Stage } from './stage.ts'

const PEERS_SHOWN = 6

const Swatch = ({ colours }: { colours: Rgb[] }): JSX.Element => (
  <i class="picture-swatch" aria-hidden="true">{colours.map((colour, i) => <i key={i} style={{ background: toCss(colour) }} />)}</i>
)

/** Peers by the cells that they have done, the most first. */
function topPeers (picture: Picture): Array<{ peer: number, done: number }> {
  const top: Array<{ peer: number, done: number }> = []
  for (const [peer, done] of picture.cells.doneBy.entries()) {
    if (peer === 0 || !(done > 0)) continue
    const at = top.findIndex(other => done > other.done)
    if (at >= 0) top.splice(at, 0, { peer, done })
    else if (top.length < PEERS_SHOWN) top.push({ peer, done })
    if (top.length > PEERS_SHOWN) top.pop()
  }
  return top
}

const CHOICES: Array<[Colouring, string]> = [['peers', 'Peers'], ['states', 'States']]

/** Chooses whether hue tells peers or states. */
export function ColouringChoice ({ stage }: { stage: Stage }): JSX.Element {
  return (
    <div class="picture-choice" role="group" aria-label="Colours show">
      {CHOICES.map(([colouring, name]) => (
        <button key={colouring} type="button" aria-pressed={stage.colouring.value === colouring} onClick={() => { stage.colouring.value = colouring }}>{name}</button>
      ))}
    </div>
  )
}

export function Legend ({ stage }: { stage: Stage }): JSX.Element {
  const { picture, colouring, look } = stage
  useBeat(picture)
  const { scheme } = look.value
  const { cells } = picture
  const perCell = picture.shape.partitions / cells.count
  const top = colouring.value === 'peers' ? topPeers(picture) : []
  const others = cells.doneBy.filter((done, peer) => peer > 0 && done > 0).length - top.length
  const swatchOf = (state: typeof LEGEND[number]['state']): Rgb[] => {
    if (colouring.value === 'states' || state === 'free' || state === 'failed') return [stateRgb(scheme, state)]
    return [1, 2, 3].map(peer => peerRgb(scheme, peer, state))
  }
  return (
    <div class="picture-legend">
      <ul>
        {LEGEND.filter(({ state, code }) => state === 'free' || state === 'leased' || state === 'done' || (cells.tallies[code] ?? 0) > 0).map(({ state, code, name, means }) => (
          <li key={state} title={means}><Swatch colours={swatchOf(state)} />{name} <b>{formatShortCount(Math.round((cells.tallies[code] ?? 0) * perCell))}</b></li>
        ))}
      </ul>
      {top.length > 0 && (
        <ul aria-label="Peers that did most">
          {top.map(({ peer, done }) => (
            <li key={peer}><Swatch colours={[peerRgb(scheme, peer, 'done')]} /><span class="picture-name">{nameOf(picture, peer)}</span> <b>{formatShortCount(Math.round(done * perCell))}</b></li>
          ))}
          {others > 0 && <li class="picture-more">and {formatShortCount(others)} more</li>}
        </ul>
      )}
    </div>
  )
}
