/**
 * The small parts that all pages share: card, banner, slider, progress, figures, sparkline. They show what they are
 * given and tell of what people do with them; they hold no state and know no peer.
 */
import { useId } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'

interface Titled { title: string, children?: ComponentChildren, class?: string }

/** A titled part of a page; a landmark by its title. */
export function Card ({ title, children, class: more = '' }: Titled): JSX.Element {
  const id = useId()
  return <section class={`card ${more}`} aria-labelledby={id}><h2 id={id}>{title}</h2>{children}</section>
}

/** What a visitor has to know now. `bad` interrupts a screen reader, the others wait for a pause. */
export function Banner ({ title, children, tone = 'note', actions }: Titled & { tone?: 'note' | 'warm' | 'bad', actions?: ComponentChildren }): JSX.Element {
  return (
    <div class={`banner ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <h2>{title}</h2>
      {children}
      {actions != null && <div class="actions">{actions}</div>}
    </div>
  )
}

export interface SliderInit {
  label: string
  value: number
  min: number
  max: number
  step?: number
  /** The value in words, for eyes and screen readers alike: `4 of 8`. */
  text: string
  /** What it means, below. */
  hint?: string
  onChange: (value: number) => void
}

export function Slider ({ label, value, min, max, step = 1, text, hint, onChange }: SliderInit): JSX.Element {
  const id = useId()
  const fill = max > min ? (value - min) / (max - min) * 100 : 100
  return (
    <div class="field">
      <div class="top"><label for={id}>{label}</label><output for={id}>{text}</output></div>
      <input class="slider" id={id} type="range" {...{ min, max, step, value }} aria-valuetext={text} style={{ '--fill': `${fill}%` }}
        aria-describedby={hint == null ? undefined : `${id}-hint`} onInput={(event) => onChange(event.currentTarget.valueAsNumber)} />
      {hint != null && <p class="small soft" id={`${id}-hint`}>{hint}</p>}
    </div>
  )
}

/** How far something is, from 0 to 1; without a share, that it goes on. */
export function Progress ({ label, share }: { label: string, share?: number }): JSX.Element {
  return <progress class="progress" aria-label={label} max={1} value={share} />
}

/** Figures with their names, in the order given. */
export function Figures ({ figures }: { figures: Array<[name: string, value: string, title?: string]> }): JSX.Element {
  return <dl class="figures">{figures.map(([name, value, title]) => <div key={name} title={title}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

/** A line over equal steps of time, from zero to the largest value. `label` says in words what it shows. */
export function Sparkline ({ values, label }: { values: number[], label: string }): JSX.Element {
  const top = Math.max(1e-9, ...values)
  const step = 100 / Math.max(1, values.length - 1)
  const line = values.map((value, index) => `${(index * step).toFixed(2)},${(39 - value / top * 38).toFixed(2)}`).join(' ')
  return (
    <svg class="spark" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
      <polygon class="area" points={`0,40 ${line} 100,40`} />
      <polyline class="line" points={line} />
    </svg>
  )
}
