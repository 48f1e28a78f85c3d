/**
 * The house rules that a machine can hold (STYLE rules 9 and 10): sizes of files and functions, an opening
 * comment, nothing of one machine in any file. Exceptions stand here by name with their reason.
 */
import { expect } from 'chai'
import ts from 'typescript'
import { listCode, listFiles, readText } from './sources.ts'

const FILE_LINES_MAX = 300
const FUNCTION_LINES_MAX = 50

/** Files that may break a rule, and why. */
const EXCEPTIONS: Record<string, string> = {}

/** A text file above this is data, not writing. */
const TEXT_BYTES_MAX = 2 ** 21
const BINARY = /\.(png|jpg|gif|ico|wasm|gz|zip)$/

/** Folders of one machine. A slash before or a name after would make it part of something else. */
const MACHINE_PATH = /(?<![\w.~/-])\/(home|root|work|Users)\/\w/
/** The lock file's downloads, and the hosts they came from. */
const REGISTRY = /"resolved": "(https?:|git)|https?:\/\/[\w.-]*(registry|npmjs|artifactory|verdaccio)/

const lineOf = (source: ts.SourceFile, position: number): number => source.getLineAndCharacterOfPosition(position).line + 1

const SUITE = /^(describe|context|suite)\b/

/** Blocks of tests do nothing themselves: what `describe` is given, and a function made of `describe` (a port's acceptance suite). */
function isSuite (node: ts.FunctionLikeDeclaration): boolean {
  if (ts.isCallExpression(node.parent) && SUITE.test(node.parent.expression.getText())) return true
  return node.body !== undefined && ts.isBlock(node.body) && node.body.statements.some((statement) => SUITE.test(statement.getText()))
}

/** `file:line name (n lines)` of every function that is too long. */
function longFunctions (file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isSuite(node as ts.FunctionLikeDeclaration)) {
      const first = lineOf(source, node.getStart(source))
      const lines = lineOf(source, node.end) - first + 1
      const name = node.name?.getText(source) ?? 'a function'
      if (lines > FUNCTION_LINES_MAX) found.push(`${file}:${first} ${name} (${lines} lines)`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

describe('tidy', () => {
  const code = listCode()
  const own = code.filter((file) => !(file in EXCEPTIONS))
  const texts = listFiles().filter((file) => !BINARY.test(file) && file !== 'package-lock.json')

  it('finds the sources', () => {
    expect(code).to.include('.ci/checks/tidy.test.ts')
  })

  it(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const long = own.map((file) => ({ file, lines: readText(file).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > FILE_LINES_MAX).map(({ file, lines }) => `${file} (${lines} lines)`)
    expect(long).to.deep.equal([])
  })

  it(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
    expect(own.flatMap((file) => longFunctions(file, readText(file)))).to.deep.equal([])
  })

  it('files open with a comment', () => {
    const bare = own.filter((file) => !/^(#!.*\n)?\s*\/[/*]/.test(readText(file)))
    expect(bare).to.deep.equal([])
  })

  it('no file names a folder of one machine', () => {
    const found = texts.filter((file) => {
      const text = readText(file)
      return text.length <= TEXT_BYTES_MAX && text.split('\n').some((line) => MACHINE_PATH.test(line))
    })
    expect(found).to.deep.equal([])
  })

  it('the lock file and the settings name no download address', () => {
    for (const file of ['package-lock.json', 'package.json', '.npmrc']) expect(readText(file)).to.not.match(REGISTRY)
  })

  it('exceptions are needed', () => {
    expect(Object.keys(EXCEPTIONS).filter((file) => !code.includes(file))).to.deep.equal([])
  })
})
