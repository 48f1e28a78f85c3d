/** Tests keep nothing in the home of whoever runs them: what their processes keep goes with them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'millionfold-state-'))
process.env['XDG_STATE_HOME'] = folder
process.on('exit', () => { rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) })
