/** A page and the command line make the same bundle of the same files, so the same job has one id wherever it is submitted. */
import { build } from 'esbuild'
import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleFiles } from '../../browser/control/bundle.ts'
import { bundleJob } from '../../node/bundle.ts'
import type { Build } from '../../browser/control/bundle.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const names = readdirSync(folder).filter((name) => name.endsWith('.ts'))
const files = Object.fromEntries(names.map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]))

describe('an example bundled in a page', () => {
  for (const main of names.filter((name) => /export (async )?function compute/.test(files[name] ?? ''))) {
    it(`has the command line's bytes: ${main}`, async () => {
      const inPage = await bundleFiles(build as unknown as Build, { main, files })
      const inNode = await bundleJob(`${folder}/${main}`)
      expect(new TextDecoder().decode(inPage.bundle)).to.equal(new TextDecoder().decode(inNode.bundle))
      expect(inPage.exports).to.deep.equal(inNode.exports)
    })
  }
})
