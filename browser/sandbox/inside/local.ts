/**
 * Takes the volunteer's place and language from a scope: local time is UTC and the default language is English, as in Node's
 * sandbox, so that values are the same everywhere and tell nothing of the machine. Runs once, before realm.ts.
 */

type Method = (this: unknown, ...args: unknown[]) => unknown
type Methods = Record<string, Method>

const LANGUAGE = 'en-US'
const PARTS = ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds'] as const
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** A text with a zone of its own, or a date alone, which is UTC by the standard. */
const ZONED = /(?:z|[+-]\d\d:?\d\d|gmt|utc?|[ecmp][sd]t)\s*(?:\(.*\))?\s*$|^\s*[+-]?\d{4,6}(?:-\d\d(?:-\d\d)?)?\s*$/i

/** @param scope - the global object */
export function makeLocal (scope: Record<string, unknown>): void {
  speakEnglish(scope)
  scope['Date'] = utcDate(Date)
}

/** `Date` in a zone of no offset. */
function utcDate (Native: DateConstructor): DateConstructor {
  const { parse, UTC } = Native
  const parseUtc = (text: string): number => ZONED.test(text) ? parse(text) : either(parse(`${text} UTC`), parse(`${text}Z`))
  function Utc (...args: unknown[]): unknown {
    if (new.target === undefined) return new Native().toString()
    if (args.length > 1) return Reflect.construct(Native, [(UTC as Method).apply(Native, args)], new.target)
    const [only] = args
    return Reflect.construct(Native, typeof only === 'string' ? [parseUtc(only)] : args, new.target)
  }
  Object.defineProperty(Utc, 'name', { value: 'Date' })
  Object.assign(Utc, { now: Native.now, parse: (text: unknown) => parseUtc(String(text)), UTC, prototype: Native.prototype })
  const methods = Native.prototype as unknown as Methods
  methods['constructor'] = Utc as Method
  methods['getTimezoneOffset'] = constantly(0)
  methods['getYear'] = function () { return (methods['getUTCFullYear']!.call(this) as number) - 1900 }
  for (const part of PARTS) {
    for (const verb of ['get', 'set'] as const) {
      const utc = methods[`${verb}UTC${part}`]
      if (utc !== undefined) methods[`${verb}${part}`] = utc
    }
  }
  show(methods)
  return Utc as unknown as DateConstructor
}

const either = (a: number, b: number): number => Number.isNaN(a) ? b : a

const constantly = (value: unknown): Method => () => value

/** A date in words, as V8 puts them in UTC. */
function show (methods: Methods): void {
  const get = (date: unknown, part: string): number => methods[`getUTC${part}`]!.call(date) as number
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = (date: unknown): string => {
    const year = get(date, 'FullYear')
    return `${DAYS[get(date, 'Day')]} ${MONTHS[get(date, 'Month')]} ${two(get(date, 'Date'))} ${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(year < 0 ? 6 : 4, '0')}`
  }
  const time = (date: unknown): string =>
    `${two(get(date, 'Hours'))}:${two(get(date, 'Minutes'))}:${two(get(date, 'Seconds'))} GMT+0000 (Coordinated Universal Time)`
  const valid = (text: (date: unknown) => string): Method => function () { return Number.isNaN(get(this, 'Date')) ? 'Invalid Date' : text(this) }
  methods['toDateString'] = valid(day)
  methods['toTimeString'] = valid(time)
  methods['toString'] = valid(date => `${day(date)} ${time(date)}`)
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const native = methods[name]!
    methods[name] = function (locales, options) { return native.call(this, locales ?? LANGUAGE, { timeZone: 'UTC', ...options as object }) }
  }
}

/** English wherever no language is named. */
function speakEnglish (scope: Record<string, unknown>): void {
  const named = (prototype: object, name: string, at: number): void => {
    const methods = prototype as Methods
    const native = methods[name]
    if (native === undefined) return
    methods[name] = function (...args) {
      args[at] ??= LANGUAGE
      return native.apply(this, args)
    }
  }
  named(Number.prototype, 'toLocaleString', 0)
  named(BigInt.prototype, 'toLocaleString', 0)
  named(String.prototype, 'localeCompare', 1)
  named(String.prototype, 'toLocaleUpperCase', 0)
  named(String.prototype, 'toLocaleLowerCase', 0)
  const intl = scope['Intl'] as Record<string, unknown> | undefined
  for (const name of Object.getOwnPropertyNames(intl ?? {})) {
    if (name !== 'Locale' && typeof intl![name] === 'function' && /^[A-Z]/.test(name)) intl![name] = english(intl![name] as Callable)
  }
}

type Callable = { new (...args: unknown[]): object, (...args: unknown[]): unknown, prototype: object }

function english (Native: Callable): Callable {
  function English (...args: unknown[]): unknown {
    args[0] ??= LANGUAGE
    return new.target === undefined ? Native(...args) : Reflect.construct(Native, args, new.target)
  }
  Object.defineProperty(English, 'name', { value: Native.name })
  Object.assign(English, { supportedLocalesOf: (Native as unknown as Methods)['supportedLocalesOf'] })
  English.prototype = Native.prototype
  Object.defineProperty(Native.prototype, 'constructor', { value: English, writable: true, configurable: true })
  return English as unknown as Callable
}
