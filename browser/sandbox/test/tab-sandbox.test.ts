/** The tab's sandbox holds the port's acceptance suite, in a real Chromium. What only tabs have is in the files beside. */
import { sandboxAttacks } from '../../../protocol/job/test/sandbox-attacks.ts'
import { sandboxSuite } from '../../../protocol/job/test/sandbox-suite.ts'
import { openPage } from './page-sandbox.ts'
import type { TestPage } from './page-sandbox.ts'

describe('tab sandbox', () => {
  let page: TestPage

  before(async () => { page = await openPage() })
  after(async () => { await page.close() })

  const factory = { create: (init: { cores: number, memoryMb?: number, loadMs?: number }) => page.create(init) }
  sandboxSuite('tabs', factory)
  sandboxAttacks('tabs', factory)
})
