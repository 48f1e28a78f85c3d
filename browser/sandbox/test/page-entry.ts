/** The page of the sandbox's tests: makes sandboxes and runs what the test's process asks for, told in dag-cbor over fetch. */
import { decode, encode } from '@ipld/dag-cbor'
import { createTabSandbox } from '../tab-sandbox.ts'
import { SandboxError } from '../../../protocol/job/sandbox.ts'
import type { InputChunk } from '../../../protocol/job/inputs.ts'
import type { Output } from '../../../protocol/job/sandbox.ts'
import type { TabSandbox, TabSandboxInit } from '../tab-sandbox.ts'
import type { Answer, Call } from './page-sandbox.ts'

const sandboxes = new Map<number, TabSandbox>()
const running = new Map<number, AbortController>()

const ask = async (path: string, body: unknown): Promise<unknown> => {
  const response = await fetch(path, { method: 'POST', body: encode(body) as Uint8Array<ArrayBuffer> })
  return decode(new Uint8Array(await response.arrayBuffer()))
}

async function * inputsOf (id: number): AsyncGenerator<InputChunk> {
  for (;;) {
    const { chunk, error } = await ask('/chunk', { id }) as { chunk?: InputChunk | null, error?: string }
    if (error !== undefined) throw new Error(error)
    if (chunk === null || chunk === undefined) return
    yield chunk
  }
}

async function serve (call: Call): Promise<Output | unknown> {
  const sandbox = sandboxes.get(call.sandbox)
  switch (call.type) {
    case 'warm': return sandbox!.warm()
    case 'create': return void sandboxes.set(call.sandbox, createTabSandbox(call.init))
    case 'abort': return running.get(call.request)?.abort(new Error('aborted by the test'))
    case 'forget': return sandbox!.forget(call.job)
    case 'close': return await sandbox!.close()
    case 'setDuty': return sandbox!.setDuty(call.value)
    case 'setCores': return sandbox!.setCores(call.value)
    case 'compute': return plain(await sandbox!.compute({ ...call.request, inputs: call.inputs ? inputsOf(call.id) : null }, signalOf(call.id)))
    case 'outputs': return await sandbox!.outputs({ ...call.request, inputs: call.inputs ? inputsOf(call.id) : null }, signalOf(call.id))
    case 'folds': return await sandbox!.folds(call.request, signalOf(call.id))
    case 'equal': return await sandbox!.equal(call.request, signalOf(call.id))
    case 'collect': return await sandbox!.collect(call.request, signalOf(call.id))
    case 'eval': return await (window as unknown as { tests: Record<string, (argument: unknown) => unknown> }).tests[call.name]!(call.argument)
    default: return call satisfies never
  }
}

/** As dag-cbor carries it. */
const plain = ({ commits, ...output }: Output): unknown => ({
  ...output, commits: commits?.nodes == null ? commits : { root: commits.root, nodes: { bytes: commits.nodes.bytes, ends: Array.from(commits.nodes.ends) } }
})

function signalOf (id: number): AbortSignal {
  const controller = new AbortController()
  running.set(id, controller)
  return controller.signal
}

async function answered (call: Call): Promise<void> {
  let answer: Answer
  try {
    answer = { id: call.id, value: await serve(call) ?? null }
  } catch (error) {
    const { name, message } = error as Error
    answer = { id: call.id, error: { name, message, why: error instanceof SandboxError ? error.why : null } }
  }
  running.delete(call.id)
  await ask('/answer', answer)
}

/** A frame of any document, started as the sandbox starts its own; what its worker says first, or null when nothing comes. */
async function framed ({ url, isSandboxed, waitMs }: { url: string, isSandboxed: boolean, waitMs: number }): Promise<unknown> {
  const frame = document.createElement('iframe')
  if (isSandboxed) frame.setAttribute('sandbox', 'allow-scripts')
  frame.src = url
  const { port1, port2 } = new MessageChannel()
  const said = new Promise(resolve => {
    port1.onmessage = ({ data }) => { resolve(data) }
    setTimeout(resolve, waitMs, null)
  })
  frame.onload = () => { frame.contentWindow!.postMessage({ type: 'start', kind: 'plain', allowed: { memoryMb: 64, duty: 1 } }, '*', [port2]) }
  document.body.append(frame)
  return await said.finally(() => { frame.remove() })
}

/** What tests ask of the page itself. */
Object.assign(window, {
  tests: {
    framed,
    refuses: (init: TabSandboxInit) => {
      try {
        createTabSandbox(init)
        return null
      } catch (error) {
        return (error as Error).message
      }
    },
    frames: () => document.querySelectorAll('iframe').length,
    /** The longest the page's thread was held up within some time, milliseconds. */
    jank: async (ms: number) => {
      let longest = 0
      for (let last = performance.now(), end = last + ms; last < end;) {
        await new Promise(resolve => setTimeout(resolve, 10))
        longest = Math.max(longest, performance.now() - last)
        last = performance.now()
      }
      return longest
    },
    secrets: () => {
      localStorage.setItem('secret', 'key')
      document.cookie = 'secret=key'
      return null
    },
    storage: () => Object.keys(localStorage),
    polluted: () => Object.keys(Object.prototype)
  }
})

for (;;) void answered(await ask('/next', {}) as Call)
