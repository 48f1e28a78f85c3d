/**
 * message.proto and tables.ts say the same: what the tables write is read by the code that protons generates from
 * the .proto file, and what that code writes back is the same message to the tables.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect } from 'chai'
import { generate } from 'protons'
import fc from 'fast-check'
import { MESSAGES } from './messages.ts'
import { decodeMessage, encodeMessage } from '../codec.ts'
import type { MessageType } from '../../../core/message.ts'

interface Generated { Envelope: { decode (bytes: Uint8Array): object, encode (message: object): Uint8Array } }

async function generated (): Promise<Generated> {
  const output = await mkdtemp(join(tmpdir(), 'millionfold-proto-'))
  try {
    await generate(fileURLToPath(new URL('../message.proto', import.meta.url)), { output })
    const { outputFiles } = await build({
      entryPoints: [join(output, 'message.ts')],
      nodePaths: [fileURLToPath(new URL('../../../../node_modules', import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false
    })
    return await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.text ?? '').toString('base64')}`) as Generated
  } finally {
    await rm(output, { recursive: true })
  }
}

describe('wire: message.proto', () => {
  let proto: Generated
  before(async function () {
    this.timeout(60_000)
    proto = await generated()
  })

  for (const type of Object.keys(MESSAGES) as MessageType[]) {
    it(`and the tables agree on ${type}`, () => {
      fc.assert(fc.property(MESSAGES[type], message => {
        expect(decodeMessage(proto.Envelope.encode(proto.Envelope.decode(encodeMessage(message))))).to.deep.equal({ message })
      }), { numRuns: 20 })
    })
  }
})
