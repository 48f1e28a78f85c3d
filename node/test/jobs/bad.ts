/** Misbehaves at one partition, or before it is submitted, in the way `params.how` says. */
import type { Ctx } from '../../../protocol/job/module.ts'

interface Params { how: string }

export const name = 'bad'
export const partitions = 40
export const params: Params = { how: '' }

const BAD = 17

export function prepare ({ how }: Params): unknown {
  if (how === 'input') return [1, () => 1]
  if (how === 'large input') return ['small', 'x'.repeat(2 ** 20)]
  if (how === 'half-way') return listed()
  if (how === 'nothing') return 'forty'
  return partitions
}

function * listed (): Generator<number> {
  yield 1
  throw new Error('the source ran dry')
}

export async function compute (partition: number, _input: unknown, ctx: Ctx<Params>): Promise<unknown> {
  if (partition !== BAD) return partition
  switch (ctx.params.how) {
    case 'cycle': return cycle()
    case 'map': return new Map([[1, 2]])
    case 'large': return new Uint8Array(2 ** 20 + 1)
    case 'heap': return eatHeap()
    case 'buffers': return eatBuffers()
    case 'process': return process.pid
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- what the test is about
    case 'require': return require('node:fs').readFileSync('/etc/passwd')
    case 'fetch': return await fetch('http://127.0.0.1/')
    case 'never': return await new Promise(() => {})
    case 'escape codes': throw new Error('\u001b[2Jwiped')
    default: return partition
  }
}

function cycle (): object {
  const it: { self?: object } = {}
  it.self = it
  return it
}

function eatHeap (): never {
  const all: unknown[] = []
  for (;;) all.push(new Array(1e5).fill(all.length))
}

function eatBuffers (): never {
  const all: Uint8Array[] = []
  for (;;) all.push(new Uint8Array(1e7).fill(1))
}
