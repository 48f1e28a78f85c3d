/** Evaluates a job's bundle as the module it is. Its URL is forgotten at once, so that nothing can be made of it again. */
import { BUNDLE_NAME } from '../../../protocol/job/stack.ts'
import { natives } from './natives.ts'
import type { JobModule } from '../../../protocol/job/module.ts'

/** What a module imports, if anything: only to say so in words. */
const IMPORTS = /^[ \t]*(?:import\s*(?:[\w*{][^;'"]*?\bfrom\s*)?|export\s*[*{][^;'"]*?\bfrom\s*)["']([^"'\n]+)["']/m

/**
 * @param bundle - the module's source
 * @throws whatever it throws, an Error that names what it imports, or a SyntaxError
 */
export async function moduleOf (bundle: Uint8Array): Promise<JobModule> {
  const source = new TextDecoder().decode(bundle)
  // Frames of the bundle are told by this name (protocol/job/stack.ts).
  const url = natives.urlOf([source, `\n//# sourceURL=${BUNDLE_NAME}`])
  try {
    return await import(url) as JobModule
  } catch (error) {
    const [, imported] = error instanceof TypeError ? IMPORTS.exec(source) ?? [] : []
    if (imported !== undefined && !String((error as Error).stack).includes(BUNDLE_NAME)) throw new Error(`the bundle imports ${imported}`, { cause: error })
    throw error
  } finally {
    natives.dropUrl(url)
  }
}
