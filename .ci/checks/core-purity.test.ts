/**
 * The compiler and the linter hold the core's purity (DESIGN 2): each snippet here is refused when it stands in
 * protocol/core. Never writes into the checkout.
 */
import { expect } from 'chai'
import { ESLint } from 'eslint'
import { join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'protocol', 'core')
const FILE = join(folder, 'snippet.ts')

/**
 * What the compiler says of snippets beside all the files of protocol/core, under its own tsconfig: a package
 * that the core imports could bring a platform's types with it.
 */
function compile (snippets: string[]): string[][] {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
  const files = new Map(snippets.map((snippet, index) => [join(folder, `snippet-${index}.ts`), snippet]))
  const checked = { ...options, noEmit: true, composite: false, incremental: false, tsBuildInfoFile: undefined }
  const host = ts.createCompilerHost(checked)
  const { getSourceFile } = host
  host.getSourceFile = (name, version, ...rest) => {
    const snippet = files.get(name)
    return snippet === undefined ? getSourceFile.call(host, name, version, ...rest) : ts.createSourceFile(name, snippet, version, true)
  }
  const program = ts.createProgram([...fileNames, ...files.keys()], checked, host)
  return [...files.keys()].map((name) => program.getSemanticDiagnostics(program.getSourceFile(name))
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')))
}

const IMPURE: Record<string, string> = {
  'a timer': 'export const wait = (): unknown => setTimeout(() => {}, 1)',
  'a microtask': 'queueMicrotask(() => {})\nexport {}',
  'a fetch': 'export const load = (): unknown => fetch(\'x\')',
  'a clock': 'export const now = performance.now()',
  'the console': 'console.log(1)\nexport {}',
  'a Node global': 'export const env = process.env',
  'a Node module': 'import { readFileSync } from \'node:fs\'\nexport const read = readFileSync',
  'entropy': 'export const bytes = crypto.getRandomValues(new Uint8Array(8))',
  'the DOM': 'export const title = document.title',
  'an abort signal': 'export const signal = new AbortController().signal'
}

const LINTED: Record<string, string> = {
  'the date': 'export const now = (): number => Date.now()\n',
  'Math.random': 'export const chance = (): number => Math.random()\n',
  'Math.sin': 'export const wave = (x: number): number => Math.sin(x)\n',
  'a power': 'export const power = (x: number): number => x ** 0.5\n',
  'an async function': 'export async function later (): Promise<void> {}\n',
  'a locale': 'export const order = (a: string, b: string): number => a.localeCompare(b)\n'
}

describe('protocol/core is pure', function () {
  this.timeout(60_000)

  const pure = 'import { ROOT } from \'./geometry.ts\'\nexport const root: string = ROOT'
  let messages: string[][] = []
  before(() => { messages = compile([pure, ...Object.values(IMPURE)]) })

  it('compiles what is pure', () => {
    expect(messages[0]).to.deep.equal([])
  })
  Object.keys(IMPURE).forEach((name, index) => {
    it(`does not compile ${name}`, () => {
      expect(messages[index + 1]?.join()).to.match(/Cannot find/)
    })
  })

  const eslint = new ESLint({ cwd: root })
  it('lints what is pure', async () => {
    const [result] = await eslint.lintText('export const two = 1 + 1\n', { filePath: FILE })
    expect(result?.messages).to.deep.equal([])
  })
  for (const [name, snippet] of Object.entries(LINTED)) {
    it(`does not lint ${name}`, async () => {
      const [result] = await eslint.lintText(snippet, { filePath: FILE })
      expect(result?.errorCount).to.be.greaterThan(0)
    })
  }
})
