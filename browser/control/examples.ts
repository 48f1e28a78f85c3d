/**
 * The examples that the page offers: what they are called, what they show, and a start for those that take inputs. Their
 * sources come with the build, and only when one is chosen.
 */
import type { JobFiles } from './bundle.ts'

export interface Example {
  /** Its file. */
  main: string
  title: string
  /** One sentence. */
  about: string
  /** Files that it imports. */
  others: string[]
  /** Parameters that suit a page better than the module's own. */
  params?: Record<string, unknown>
  /** Inputs to begin with, one a line. */
  input?: string
}

/** Shakespeare's eighteenth sonnet. */
const SONNET = `Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date;
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance or nature's changing course untrimm'd;
But thy eternal summer shall not fade,
Nor lose possession of that fair thou ow'st;
Nor shall death brag thou wander'st in his shade,
When in eternal lines to time thou grow'st:
So long as men can breathe or eyes can see,
So long lives this, and this gives life to thee.
`

export const EXAMPLES: Example[] = [
  { main: 'primes.ts', title: 'Primes', about: 'Counts the primes up to a limit, a thousand numbers at a time.', others: ['report.ts'], params: { limit: 1e8 } },
  { main: 'mandelbrot.ts', title: 'Mandelbrot', about: 'Paints the Mandelbrot set, tile by tile, into one picture.', others: ['png.ts'], params: { width: 2048, height: 2048 } },
  { main: 'gpu.ts', title: 'Orchard', about: 'Counts the trees that can be seen from an orchard\'s corner, on graphics cards where there are some.', others: ['report.ts'] },
  { main: 'wordcount.ts', title: 'Word count', about: 'Counts how often each word occurs in a text of yours.', others: [], input: SONNET },
  { main: 'floatsum.ts', title: 'Sum of floats', about: 'Adds up a series to π, with the same bits at any number of peers.', others: ['report.ts'] },
  { main: 'table.ts', title: 'Collatz chains', about: 'Finds the number below ten million with the longest chain.', others: ['report.ts'] },
  { main: 'wasm.ts', title: 'WebAssembly', about: 'Tests millions of numbers for primality in WebAssembly.', others: ['report.ts'] }
]

/** Those whose sources the build has found. */
export const offered = (texts: Record<string, string>): Example[] => EXAMPLES.filter(({ main }) => texts[main] !== undefined)

export function filesOf ({ main, others }: Example, texts: Record<string, string>): JobFiles {
  const names = [main, ...others].filter((name) => texts[name] !== undefined)
  return { main, files: Object.fromEntries(names.map((name) => [name, texts[name] as string])) }
}
