/**
 * Parameters as people edit them: a form where they are flat, JSON where they are not, and one sentence for what cannot
 * be read. Pure.
 */
export type Flat = number | string | boolean

export interface Field {
  key: string
  kind: 'number' | 'text' | 'flag'
  /** As it stands in the form; a flag is `true` or `false`. */
  text: string
}

/** What is wrong with an entry, in one sentence. */
export interface Fault { fault: string }

export const isFault = (it: unknown): it is Fault => typeof it === 'object' && it !== null && 'fault' in it

const isFlat = (value: unknown): value is Flat => typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))

/** A form for these, or null when they need JSON. */
export function fieldsOf (params: unknown): Field[] | null {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return null
  const entries = Object.entries(params)
  return entries.every(([, value]) => isFlat(value)) ? entries.map(([key, value]) => fieldOf(key, value as Flat)) : null
}

const fieldOf = (key: string, value: Flat): Field =>
  ({ key, kind: typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'flag' : 'text', text: String(value) })

/** What a form says. */
export function readFields (fields: readonly Field[]): Record<string, Flat> | Fault {
  const params: Record<string, Flat> = {}
  for (const { key, kind, text } of fields) {
    if (kind === 'number') {
      const number = readNumber(text)
      if (number === null) return { fault: `${key} must be a number, such as 1000 or 1e6${text.trim() === '' ? '' : `, not ${text.trim().slice(0, 40)}`}.` }
      params[key] = number
    } else {
      params[key] = kind === 'flag' ? text === 'true' : text
    }
  }
  return params
}

/** People write `1,000,000`, `1_000_000`, `1 000 000` and `1e6`. */
export function readNumber (text: string): number | null {
  const plain = text.trim().replaceAll(/(?<=\d)[,_\s](?=\d{3}(?!\d))/g, '')
  const number = Number(plain)
  return plain === '' || !Number.isFinite(number) ? null : number
}

/** What a JSON field says. */
export function readJson (text: string): { value: unknown } | Fault {
  if (text.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { fault: `The parameters are not JSON: ${placed(text, (error as Error).message)}` }
  }
}

/** The engine's words, with a line instead of a position. */
function placed (text: string, message: string): string {
  const at = /at position (\d+)/.exec(message)
  const words = message.replace(/^JSON\.parse: /, '').replace(/ in JSON at position .*$/s, '').replace(/, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, '').replace(/\.$/, '')
  if (at === null) return `${words}.`
  return `${words} in line ${text.slice(0, Number(at[1])).split('\n').length}.`
}

export const jsonOf = (value: unknown): string => JSON.stringify(value, null, 2)
