/**
 * Dependencies (STYLE rule 16): each is used, and each has its line in CONTRIBUTING.md that says why it was
 * chosen. Also: what the documents link to exists. Never looks at a registry.
 */
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT_DIR, listCode, listFiles, readText } from './sources.ts'

/** Used without an import: programs that scripts call, and what only the type checker or another package reads. */
const CALLED: Record<string, string> = {
  '@webgpu/types': 'types that tsconfig files name',
  node: 'the Node that scripts run on',
  'dependency-cruiser': 'a step of npm test',
  typescript: 'a step of npm test'
}

interface Manifest { dependencies: Record<string, string>, devDependencies: Record<string, string> }

describe('dependencies', () => {
  const manifest = JSON.parse(readText('package.json')) as Manifest
  const runtime = Object.keys(manifest.dependencies)
  const all = [...runtime, ...Object.keys(manifest.devDependencies)]

  /** Is it imported by one of these files? */
  const isImported = (name: string, texts: string[]): boolean => {
    const pattern = new RegExp(`['"]${name.replaceAll('/', '\\/')}(/[^'"]*)?['"]`)
    return texts.some((text) => pattern.test(text))
  }

  it('each is used', () => {
    const texts = listCode().map(readText)
    const unused = all.filter((name) => !name.startsWith('@types/') && !(name in CALLED) && !isImported(name, texts))
    expect(unused).to.deep.equal([])
  })

  it('what is published needs each of its dependencies', () => {
    const published = listCode().filter((file) => /^(protocol|node|browser|sims)\//.test(file) && !/(^|\/)(test|bench)\//.test(file))
    const texts = published.map(readText)
    expect(runtime.filter((name) => !isImported(name, texts))).to.deep.equal([])
  })

  it('each has its line in CONTRIBUTING.md', () => {
    const named = new Set([...readText('CONTRIBUTING.md').matchAll(/`([^`\s]+)`/g)].map((match) => match[1]))
    const libp2p = (readText('CONTRIBUTING.md').match(/`@libp2p\/\*` \(([^)]*)\)/)?.[1] ?? '').split(', ').map((name) => `@libp2p/${name}`)
    const missing = all.filter((name) => !name.startsWith('@types/') && !named.has(name) && !libp2p.includes(name))
    expect(missing).to.deep.equal([])
  })
})

describe('documents', () => {
  it('link to files that exist', () => {
    const broken = listFiles().filter((file) => file.endsWith('.md')).flatMap((file) =>
      [...readText(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !existsSync(join(ROOT_DIR, dirname(file), target)))
        .map((target) => `${file}: ${target}`))
    expect(broken).to.deep.equal([])
  })
})
