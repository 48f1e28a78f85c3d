/**
 * A second wall within a worker's process, should job code ever break out of its isolate: Node's permission model takes
 * files, network, processes and threads, but leaves signals, the debugger, diagnostic reports and inner bindings. Those
 * functions are taken from `process` once the worker has loaded what it needs. It is no boundary against machine code.
 */

/** Of `process`: what reaches other processes, users, libraries, files or the engine's inner parts. */
const TAKEN = [
  'kill', '_kill', '_debugProcess', '_debugEnd', '_startProfilerIdleNotifier', 'abort', 'dlopen', 'binding', '_linkedBinding', 'getBuiltinModule', 'report', 'loadEnvFile', 'chdir', 'umask',
  'setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups', 'execve'
]

const SIGKILL = 9
const { _kill: kill, pid } = process as unknown as { _kill: (pid: number, signal: number) => number, pid: number }

/** End this process at once. It keeps the function for itself: nothing else here may signal anybody. */
export const endSelf = (): void => { kill(pid, SIGKILL) }

/** Take them. What is still needed must have been loaded. */
export function becomeBare (its: object): void {
  for (const name of TAKEN) Object.defineProperty(its, name, { value: undefined, writable: false, configurable: false })
}
