/** Bundling from texts: the split, the file system of a page, and one sentence for what does not bundle. */
import { build } from 'esbuild'
import { expect } from 'chai'
import { BundleError } from '../../../protocol/job/bundling.ts'
import { bundleFiles } from '../bundle.ts'
import type { Build, PageBundle } from '../bundle.ts'

const text = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes ?? undefined).split('//# sourceMappingURL')[0] as string
const bundle = async (files: Record<string, string>, main = Object.keys(files)[0] as string): Promise<PageBundle> =>
  await bundleFiles(build as unknown as Build, { main, files })
const fault = async (files: Record<string, string>): Promise<string> => {
  const error: unknown = await bundle(files).catch((reason: unknown) => reason)
  expect(error).to.be.instanceOf(BundleError)
  return (error as Error).message
}

describe('a job bundled in a page', () => {
  it('is split into the sandbox\'s side and the submitter\'s', async () => {
    const job = await bundle({
      'job.ts': `import { twice } from './part.js'
        import data from './data.json'
        export const name = 'double'
        export const gpu = true
        export const prepare = (): number => data.length
        export const compute = (p: number): number => twice(p)`,
      'part.ts': 'export const twice = (n: number): number => n * 2',
      'data.json': '[1, 2, 3]'
    })
    expect(text(job.bundle)).to.include('twice').and.to.include('gpu').and.not.to.match(/prepare|double/)
    expect(text(job.submitter)).to.include('prepare').and.to.include('"double"').and.not.to.include('twice')
    expect(job.exports).to.deep.equal({ compute: true, computeRange: false, collect: false, setup: false, equal: false })
    expect(job.stem).to.equal('job')
  })

  it('finds files in folders, with and without their endings', async () => {
    const job = await bundle({ 'a/job.ts': "import { one } from '../lib'\nexport const compute = () => one", 'lib/index.ts': 'export const one = 1' })
    expect(text(job.bundle)).to.include('one = 1')
    expect(job.submitter).to.equal(null)
  })

  it('lets go of packages that nothing kept needs', async () => {
    const job = await bundle({ 'job.js': "import os from 'node:os'\nimport lodash from 'lodash'\nexport const unused = () => os + lodash\nexport const compute = p => p" })
    expect(text(job.bundle)).not.to.match(/lodash|os\b/)
  })

  it('says what is wrong in one sentence with file and line', async () => {
    expect(await fault({ 'job.ts': 'export const name = "x"' })).to.match(/^job\.ts exports no compute: add /)
    expect(await fault({ 'job.ts': '\nexport const compute = (' })).to.match(/^job\.ts:2:\d+: /)
    expect(await fault({ 'job.ts': "import './gone.ts'\nexport const compute = p => p" })).to.equal('job.ts:1:8: there is no ./gone.ts among the files: add gone.ts to them')
    expect(await fault({ 'job.ts': "\n\nimport { x } from 'lodash'\nexport const compute = () => x" })).to.match(/^job\.ts:3: imports lodash, a package that a page cannot install: /)
    expect(await fault({ 'job.ts': "import { readFileSync } from 'node:fs'\nexport const compute = p => p\nexport const prepare = () => readFileSync('x').length" }))
      .to.equal('job.ts:1: imports node:fs, which belongs to Node: neither a page nor a volunteer has it')
    expect(await fault({ 'job.ts': "import { x } from './x.ts'\nexport const compute = () => x", 'x.ts': 'export const x = [' })).to.match(/^x\.ts:1:\d+: /)
  })
})
