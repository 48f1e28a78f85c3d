/**
 * Single inputs in, single outputs back in their order: `--input` of a file of numbers, squared. Every line of the
 * output is checked.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { list, median } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { run, temporary } from '../processes.ts'

function check (file: string, count: number): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  if (lines.length !== count) throw new Error(`${lines.length} outputs came back for ${count} inputs`)
  const wrong = lines.findIndex((line, index) => Number(line) !== (index + 1) ** 2)
  if (wrong >= 0) throw new Error(`output ${wrong} is ${lines[wrong]}`)
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const count = quick ? 100_000 : 1_000_000
  const input = temporary('.txt')
  writeFileSync(input, Array.from({ length: count }, (_, index) => `${index + 1}\n`).join(''))
  const walls: number[] = []
  const wholes: number[] = []
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const out = temporary('.out')
    const summary = await run(['examples/square.ts', '--input', input, '--peers', '2', '--out', out])
    check(out, count)
    walls.push(count / summary.wallMs * 1000)
    wholes.push(count / summary.spawnedMs * 1000)
  }
  return [
    { what: 'whole command: read, spool, compute, write', value: median(wholes), unit: '/s', budget: { atLeast: 100_000 }, note: list(wholes) },
    { what: 'first lease to done', value: median(walls), unit: '/s', note: list(walls) }
  ]
}

export const inputs: Row = { name: 'inputs', title: 'single inputs in, single outputs back, in order', measure }
