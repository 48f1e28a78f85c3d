#!/usr/bin/env node
/**
 * The `millionfold` command's first file: plain JavaScript, so that a Node that is too old still reads it and
 * says so. Loads the command line, bundled (bundled.ts), and joins it with the simulator and
 * the makers of the pages, which node/ knows nothing of and which are loaded as they stand when they are called. Never parses arguments.
 */
import { existsSync } from 'node:fs'
import module from 'node:module'

const MAJOR_MIN = 24
const major = Number(process.versions.node.split('.')[0])
if (major < MAJOR_MIN) {
  process.stderr.write(`millionfold needs Node.js ${MAJOR_MIN} or newer, this is ${process.versions.node}; in a checkout, run it through npx.\n`)
  process.exit(2)
}

module.enableCompileCache?.()
const ready = new URL('./built/main.mjs', import.meta.url)
const { main } = await import(existsSync(ready) ? ready.href : await (await import('./bundled.ts')).bundled())
const sim = async (argv) => {
  const part = existsSync(ready) ? import(new URL('../../sims/cli/main.js', import.meta.url).href) : import('../../sims/cli/main.ts')
  return await (await part).sim(argv)
}
// Only in a checkout: a package has its pages ready.
const pages = async (folder) => { await (await import('../../browser/build/pages.ts')).makePages(folder) }
await main(process.argv.slice(2), { sim, pages })
