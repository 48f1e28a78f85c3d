/**
 * The job that is being put together: an example or files of one's own, parameters, inputs, numbers. It is bundled as soon
 * as it is given and after each change, so that what is wrong is told before anything runs. It submits nothing.
 */
import { batch, computed, signal } from '@preact/signals'
import { NO_SHAPE, readShape } from './shape.ts'
import { PASTED, mainOf } from './drops.ts'
import { SubmitterFrame } from './submitter-frame.ts'
import { fieldsOf, isFault, jsonOf, readFields, readJson } from './params.ts'
import { filesOf } from './examples.ts'
import { formatOf, readLines } from './lines.ts'
import { reasonOf } from '../../protocol/client/errors.ts'
import type { Bundler } from './bundler.ts'
import type { Example } from './examples.ts'
import type { Fault, Field } from './params.ts'
import type { JobFiles, PageBundle } from './bundle.ts'
import type { JobModule } from '../../protocol/job/module.ts'
import type { Order } from './own-job.ts'
import type { ShapeTexts } from './shape.ts'

/** Whether the files make a job. */
export type Check =
  | { type: 'empty' }
  | { type: 'checking' }
  | { type: 'fault', message: string }
  | { type: 'ready', bundled: PageBundle, module: JobModule }

/** Somebody who types pauses this long. A guess. */
const TYPING_MS = 600

export class Draft {
  readonly example = signal<Example | null>(null)
  readonly job = signal<JobFiles | null>(null)
  readonly check = signal<Check>({ type: 'empty' })
  /** A form, or null where only JSON will do. */
  readonly fields = signal<Field[] | null>(null)
  readonly json = signal('{}')
  readonly asJson = signal(false)
  readonly shape = signal<ShapeTexts>(NO_SHAPE)
  readonly inputText = signal('')
  readonly inputFile = signal<File | null>(null)
  /** Does the module wait for inputs? */
  readonly takesInputs = computed(() => {
    const { value: check } = this.check
    if (check.type !== 'ready') return this.inputText.value !== '' || this.inputFile.value !== null
    const { input, prepare, partitions } = check.module
    return input !== undefined || (prepare === undefined && partitions === undefined)
  })

  readonly #bundler: Bundler
  readonly #submitterUrl: string
  #timer: ReturnType<typeof setTimeout> | undefined
  #round = 0
  #defaults = ''

  constructor (bundler: Bundler, submitterUrl: string) {
    this.#bundler = bundler
    this.#submitterUrl = submitterUrl
  }

  takeExample (example: Example, texts: Record<string, string>): void {
    this.#reset()
    batch(() => {
      this.example.value = example
      this.job.value = filesOf(example, texts)
      this.inputText.value = example.input ?? ''
    })
    void this.#look()
  }

  /** Files of one's own, instead of what was there; added to it when they hold no module. */
  takeFiles (files: Record<string, string | Uint8Array>): void {
    const before = this.job.value
    const main = mainOf(files)
    if (main === undefined && before === null) {
      this.check.value = { type: 'fault', message: `${Object.keys(files)[0] ?? 'This'} is no module: drop a .ts or .js file that exports compute.` }
      return
    }
    if (main !== undefined) this.#reset()
    const isAdded = main === undefined && before !== null
    this.job.value = isAdded ? { main: before.main, files: { ...before.files, ...files } } : { main: main as string, files }
    void this.#look()
  }

  /** What somebody types or pastes into a file; checked when they pause. */
  edit (name: string, text: string): void {
    const before = this.job.value
    const files = { ...before?.files, [name]: text }
    this.job.value = { main: before?.main ?? name, files }
    clearTimeout(this.#timer)
    if (text.trim() === '') {
      this.check.value = { type: 'empty' }
      return
    }
    this.check.value = { type: 'checking' }
    this.#timer = setTimeout(() => { void this.#look() }, TYPING_MS)
  }

  /** An empty module to paste into. */
  startOwn (): void {
    this.#reset()
    this.job.value = { main: PASTED, files: { [PASTED]: '' } }
  }

  choose (main: string): void {
    if (this.job.value === null) return
    this.job.value = { ...this.job.value, main }
    void this.#look()
  }

  drop (name: string): void {
    const { value: job } = this.job
    if (job === null || name === job.main) return
    this.job.value = { main: job.main, files: Object.fromEntries(Object.entries(job.files).filter(([file]) => file !== name)) }
    void this.#look()
  }

  setField (key: string, text: string): void {
    this.fields.value = this.fields.value?.map((field) => field.key === key ? { ...field, text } : field) ?? null
  }

  /** From the form to JSON, or back; what cannot be read stays where it is. */
  switchParams (): void {
    const params = this.params()
    if (isFault(params)) return
    if (this.asJson.value) this.fields.value = fieldsOf(params.value)
    else this.json.value = jsonOf(params.value)
    this.asJson.value = !this.asJson.value && this.fields.value !== null
  }

  params (): { value: unknown } | Fault {
    const { value: fields } = this.fields
    if (fields === null || this.asJson.value) return readJson(this.json.value)
    const params = readFields(fields)
    return isFault(params) ? params : { value: params }
  }

  /** All that is needed to run it, or what is missing. */
  order (): Order | Fault {
    const { value: check } = this.check
    if (check.type === 'fault') return { fault: check.message }
    if (check.type !== 'ready') return { fault: check.type === 'empty' ? 'Choose an example or paste a module first.' : 'The job is still being checked.' }
    const params = this.params()
    if (isFault(params)) return params
    const shape = readShape(this.shape.value)
    if (isFault(shape)) return shape
    const inputs = this.#inputs(check.module)
    if (inputs === null && this.takesInputs.value && shape.partitions === undefined) {
      return { fault: 'This job does not say how many partitions it has: give it inputs, one a line, or set the number of partitions under More settings.' }
    }
    const { module: { name, sealed = false }, bundled } = check
    return { bundled, name: name ?? bundled.stem, params: params.value, inputs, shape, isSealed: shape.sealed ?? sealed }
  }

  #inputs ({ input }: JobModule): AsyncIterable<unknown> | null {
    const { value: file } = this.inputFile
    if (file !== null) return readLines(file, file.name, input ?? formatOf(file.name))
    return this.inputText.value.trim() === '' ? null : readLines(new Blob([this.inputText.value]), 'the inputs', input ?? 'lines')
  }

  /** Inputs that came before any job are for the one that comes now. */
  #reset (): void {
    clearTimeout(this.#timer)
    const isFirst = this.job.value === null
    this.#defaults = ''
    batch(() => {
      this.example.value = null
      this.job.value = null
      this.check.value = { type: 'empty' }
      this.fields.value = null
      this.json.value = '{}'
      this.asJson.value = false
      this.shape.value = NO_SHAPE
      this.inputText.value = ''
      if (!isFirst) this.inputFile.value = null
    })
  }

  async #look (): Promise<void> {
    const round = ++this.#round
    const { value: job } = this.job
    if (job === null) return
    this.check.value = { type: 'checking' }
    const check = await this.#checked(job).catch((error: unknown): Check => ({ type: 'fault', message: sentence(reasonOf(error)) }))
    if (round !== this.#round) return
    batch(() => {
      this.check.value = check
      if (check.type === 'ready') this.#takeDefaults(check.module)
    })
  }

  async #checked (job: JobFiles): Promise<Check> {
    const bundled = await this.#bundler.bundle(job)
    if (bundled.submitter === null) return { type: 'ready', bundled, module: {} }
    // The frame is let go at once: what runs gets one of its own.
    const frame = new SubmitterFrame(this.#submitterUrl)
    try {
      return { type: 'ready', bundled, module: await frame.load(bundled.submitter) }
    } catch (error) {
      return { type: 'fault', message: sentence(`${job.main} cannot be loaded: ${reasonOf(error)}`) }
    } finally {
      frame.close()
    }
  }

  /** The module's own parameters, unless they are the same as before: then what somebody entered stays. */
  #takeDefaults (module: JobModule): void {
    const params = { ...module.params, ...this.example.value?.params }
    const defaults = jsonOf(params)
    if (defaults === this.#defaults) return
    this.#defaults = defaults
    this.fields.value = fieldsOf(params)
    this.json.value = defaults
    this.asJson.value = this.fields.value === null
  }
}

const sentence = (text: string): string => /[.!?]$/.test(text) ? text : `${text}.`
