/** A process with a sandbox that computes for ever; killed by a test. */
import { createProcessSandbox } from '../process-sandbox.ts'
import { compute, jobOf, result } from '../../../protocol/job/test/sandbox-kit.ts'

const sandbox = createProcessSandbox({ cores: 1 })
await result(sandbox, 'export const compute = p => p\nexport const collect = outputs => 1\n')
process.send!('ready')
await compute(sandbox, jobOf('export const compute = p => { for (;;); }\n'))
