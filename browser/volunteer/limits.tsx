/**
 * How much a visitor gives, and when it pauses by itself: two sliders and a switch for each cause, with what they mean
 * in plain words. What this browser cannot tell of is said instead of offered.
 */
import { Card, Slider } from '../ui/parts.tsx'
import { formatShare, formatThings } from '../ui/format.ts'
import { known } from './machine.ts'
import { Choosing } from './choosing.tsx'
import { DUTY_MIN } from './settings.ts'
import type { JSX } from 'preact'
import type { PartInit } from './hero.tsx'
import type { Cause } from './pauses.ts'

const SWITCHES: Array<[cause: Cause, label: string]> = [
  ['battery', 'On battery'],
  ['save-data', 'When the browser asks to save data'],
  ['busy', 'When my own work needs the machine'],
  ['offline', 'When offline']
]

export function LimitsCard ({ view, volunteer }: PartInit): JSX.Element {
  const { cores, duty, goOn } = view.settings
  const has = known()
  const isTold: Record<Cause, boolean> = { battery: has.battery, 'save-data': has.saveData, busy: has.pressure, offline: true }
  const untold = [!has.battery && 'its battery', !has.pressure && 'how busy the machine is'].filter((what) => what !== false)
  return (
    <Card title="What you give">
      <div class="limits">
        <Slider label="Cores" value={cores} min={1} max={view.coresMax} text={`${cores} of ${view.coresMax}`} onChange={(value) => volunteer.change({ cores: value })}
          hint={`${formatThings(cores, 'program')} at once; the rest of the machine stays yours.`} />
        <Slider label="Share of their time" value={Math.round(duty * 100)} min={DUTY_MIN * 100} max={100} step={5} text={formatShare(duty)} onChange={(value) => volunteer.change({ duty: value / 100 })}
          hint={duty === 1 ? 'Without rests: fastest, and warmest.' : 'They rest in between, which keeps the machine cool and quiet.'} />
        <fieldset>
          <legend>Pause by itself</legend>
          {SWITCHES.filter(([cause]) => isTold[cause]).map(([cause, label]) => (
            <label class="check" key={cause}><input type="checkbox" checked={!goOn.includes(cause)} onChange={(event) => volunteer.setGoOn(cause, !event.currentTarget.checked)} /><span>{label}</span></label>
          ))}
          {untold.length > 0 && <p class="small soft">This browser does not tell pages about {untold.join(' or ')}, so it cannot pause for that.</p>}
        </fieldset>
        <Choosing {...{ view, volunteer }} />
      </div>
    </Card>
  )
}
