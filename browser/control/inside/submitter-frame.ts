/**
 * The script of the frame in which the submitter's functions live: starts their worker from the text beside it and hands
 * the page's port on. The frame has an origin of its own and its policy names no source on any network.
 */
const text = document.getElementById('worker')?.textContent ?? ''

addEventListener('message', ({ source, ports }) => {
  if (source !== parent || ports[0] === undefined) return
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  const worker = new Worker(url)
  worker.onerror = (event) => {
    event.preventDefault()
    parent.postMessage({ type: 'submitter-broken', message: String(event.message) }, '*')
  }
  worker.postMessage(null, [ports[0]])
}, { once: true })
parent.postMessage({ type: 'submitter-up' }, '*')
