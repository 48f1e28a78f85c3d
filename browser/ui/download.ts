/** Gives the person a file that the page made. It goes the way of every download, so the browser asks what they want it to ask. */
export function download (text: string, name: string, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun once the click is handled; a moment is left to slow browsers.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
