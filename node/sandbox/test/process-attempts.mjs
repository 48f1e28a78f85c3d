// What job code would try if it had broken out of its isolate into the worker's process: a function each, which does what
// it says or throws. `probe.mjs` runs them in a process with a worker's rights, and in one with all rights as a control.
import * as childProcess from 'node:child_process'
import * as dgram from 'node:dgram'
import * as dns from 'node:dns'
import * as fs from 'node:fs'
import * as http from 'node:http'
import * as net from 'node:net'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

const require = createRequire(import.meta.url)
const FILE = `/tmp/millionfold-escape-${process.pid}`
const ended = (emitter, event) => new Promise((resolve, reject) => { emitter.once(event, resolve).once('error', reject) })
// A process that was started at all has got out, whatever it says.
const started = child => ended(child, 'spawn').finally(() => { child.kill() })

export const ATTEMPTS = {
  'read a file': () => fs.readFileSync('/etc/hostname'),
  'read a file by a promise': () => fs.promises.readFile('/etc/hostname'),
  'read a file by a stream': () => ended(fs.createReadStream('/etc/hostname'), 'data'),
  'list a folder': () => fs.readdirSync('/'),
  'look whether a file is there': () => fs.statSync('/etc/hostname'),
  'write a file': () => fs.writeFileSync(FILE, 'x'),
  'make a folder': () => fs.mkdtempSync(FILE),
  'make a link to a file': () => fs.symlinkSync('/etc/hostname', `${FILE}-link`),
  'watch a file': () => fs.watch('/etc/hostname').close(),
  'read secrets of its environment': () => { if (process.env.MILLIONFOLD_SECRET === undefined) throw new Error('no secret') },
  'read its environment from /proc': () => fs.readFileSync('/proc/self/environ'),
  'read the environment of its parent': () => fs.readFileSync(`/proc/${process.ppid}/environ`),
  'start a process': () => childProcess.execFileSync('true'),
  'start a process without waiting': () => started(childProcess.spawn('true')),
  'start a shell': () => childProcess.execSync('true'),
  'start a Node': () => started(childProcess.fork(import.meta.filename)),
  'start a cluster': () => ended(require('node:cluster').fork(), 'online'),
  'start a thread': () => ended(new Worker('1', { eval: true }), 'exit'),
  'connect by TCP': target => ended(net.connect(target, '127.0.0.1'), 'connect'),
  'connect by HTTP': target => ended(http.get(`http://127.0.0.1:${target}`), 'response'),
  'connect by fetch': target => fetch(`http://127.0.0.1:${target}`),
  'connect by WebSocket': target => new Promise((resolve, reject) => { const it = new WebSocket(`ws://127.0.0.1:${target}`); it.onopen = resolve; it.onerror = reject; setTimeout(reject, 500, new Error('silence')) }),
  'listen': () => ended(net.createServer().listen(0, '127.0.0.1'), 'listening'),
  'send a datagram': target => new Promise((resolve, reject) => { const it = dgram.createSocket('udp4'); it.on('error', reject); it.send('x', target, '127.0.0.1', error => { if (error === null) resolve(); else reject(error) }) }),
  'ask for a name': () => dns.promises.lookup('localhost'),
  'signal its parent': () => process.kill(process.ppid, 0),
  'signal its parent by the inner function': () => { const error = process._kill(process.ppid, 0); if (error !== 0) throw new Error(`${error}`) },
  // Before the next, which opens it a moment later.
  'open the inspector': () => { const inspector = require('node:inspector'); inspector.open(0); inspector.close() },
  'let itself be debugged': () => process._debugProcess(process.pid),
  // It is loaded, and then found to be no addon.
  'load a library': () => { try { process.dlopen({ exports: {} }, 'libm.so.6') } catch (error) { if (!/self-register/.test(error.message)) throw error } },
  'call a library': () => require(`node:${'ffi'}`).dlopen(null, { getpid: { arguments: [], return: 'i32' } }),
  'get at files by an inner binding': () => process.binding('fs').internalModuleStat('/etc/hostname'),
  'get at files by the loader': () => process.getBuiltinModule('node:fs').readFileSync('/etc/hostname'),
  'get at files by WASI': () => new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }),
  'open a database': () => new (require('node:sqlite').DatabaseSync)(FILE),
  'write a heap snapshot': () => require('node:v8').writeHeapSnapshot(`${FILE}-heap`),
  'write a report': () => { if (process.report.writeReport(`${FILE}-report`) === '' || !fs.existsSync(`${FILE}-report`)) throw new Error('nothing was written') },
  'load a file as its environment': () => process.loadEnvFile('/etc/hostname'),
  'take its rights back': () => { process.permission = undefined; return fs.readFileSync('/etc/hostname') },
  'change to another user': () => process.setuid(0)
}
