/**
 * A stack trace of job code, told in the words of its source: frames of the bundle are looked up in the
 * source map it carries, all other frames (the sandbox's own) are left out.
 */
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'

/** The name under which sandboxes run a bundle. */
export const BUNDLE_NAME = 'job.mjs'
const MARK = '//# sourceMappingURL=data:application/json;base64,'
const FRAME = /^\s*at (?:async )?(?:(?<what>.*?) \()?(?:.*[/\\])?job\.mjs:(?<line>\d+):(?<column>\d+)\)?$/
const LENGTH_MAX = 4096
const FRAMES_MAX = 50
/** Longer lines are no frames; the pattern must not be made to search long. */
const LINE_MAX = 512

/**
 * The frames of a V8 stack that lie in the bundle, mapped.
 *
 * @param stack - `error.stack`
 * @param bundle - the module's source
 * @returns lines `at what (file:line:column)`, at most 4 KiB; empty when no frame is of the bundle
 */
export function mapStack (stack: string, bundle: Uint8Array): string {
  const map = mapIn(bundle)
  const lines: string[] = []
  for (const text of stack.slice(0, FRAMES_MAX * LINE_MAX).split('\n', FRAMES_MAX)) {
    const frame = text.length > LINE_MAX ? undefined : FRAME.exec(text)?.groups
    if (frame === undefined) continue
    const where = place(map, Number(frame['line']), Number(frame['column']))
    lines.push(frame['what'] === undefined ? `    at ${where}` : `    at ${frame['what']} (${where})`)
  }
  return lines.join('\n').slice(0, LENGTH_MAX)
}

function place (map: TraceMap | null, line: number, column: number): string {
  const found = map === null || line < 1 || column < 1 ? null : originalPositionFor(map, { line, column: column - 1 })
  return found === null || found.source === null
    ? `${BUNDLE_NAME}:${line}:${column}`
    : `${found.source}:${found.line}:${found.column + 1}`
}

/** The map inline at the bundle's end, or null: a bundle is whatever its author sent. */
function mapIn (bundle: Uint8Array): TraceMap | null {
  const text = new TextDecoder().decode(bundle)
  const at = text.lastIndexOf(MARK)
  if (at < 0) return null
  try {
    const bytes = Uint8Array.from(atob(text.slice(at + MARK.length).trim()), char => char.charCodeAt(0))
    return new TraceMap(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
