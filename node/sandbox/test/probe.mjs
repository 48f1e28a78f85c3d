// Tries what a sandbox's process may not do and tells the codes of the errors it gets.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { Worker } from 'node:worker_threads'

const codeOf = attempt => {
  try {
    attempt()
    return 'done'
  } catch (error) {
    return error.code
  }
}
// A refused listen is thrown where nobody can catch it.
const eventOf = start => new Promise(resolve => {
  process.once('uncaughtException', error => { resolve(error.code) })
  try {
    const emitter = start(() => { resolve('done') })
    emitter.on('error', error => { resolve(error.code) })
  } catch (error) {
    resolve(error.code)
  }
})

process.send({
  read: codeOf(() => readFileSync('/etc/passwd')),
  write: codeOf(() => { writeFileSync('/tmp/millionfold-probe', 'x') }),
  spawn: codeOf(() => spawnSync('true')),
  worker: codeOf(() => new Worker('1', { eval: true })),
  connect: await eventOf(done => connect(9, '127.0.0.1', done)),
  listen: await eventOf(done => createServer().listen(0, '127.0.0.1', done)),
  env: Object.keys(process.env).sort().join()
})
