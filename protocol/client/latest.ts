/**
 * A stream of which only the newest item matters, such as progress: a slow reader skips what it missed
 * and a reader that never comes costs nothing. It never queues more than one item.
 */
export class Latest<T> implements AsyncIterable<T> {
  #version = 0
  #item: T | undefined
  #ended = false
  #wake: Array<() => void> = []

  /** Replace the newest item. Ignored after `end`. */
  push (item: T): void {
    if (this.#ended) return
    this.#item = item
    this.#version++
    this.#rouse()
  }

  /** No more items: every reader gets what it has not seen yet and then ends. */
  end (): void {
    this.#ended = true
    this.#rouse()
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<T> {
    let seen = 0
    while (true) {
      if (this.#version > seen) {
        seen = this.#version
        yield this.#item as T
      } else if (this.#ended) {
        return
      } else {
        await new Promise<void>((resolve) => this.#wake.push(resolve))
      }
    }
  }

  #rouse (): void {
    const wake = this.#wake
    this.#wake = []
    for (const resolve of wake) resolve()
  }
}
