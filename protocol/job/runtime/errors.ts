/** What can end a fold besides job code's own errors. */

/** An output cannot be carried, or is too large. */
export class OutputError extends Error {
  constructor (cause: Error) {
    super(cause.message)
    this.name = 'OutputError'
  }
}

/** The keeper wants the request ended. */
export class StoppedError extends Error {
  constructor () {
    super('stopped')
    this.name = 'StoppedError'
  }
}
