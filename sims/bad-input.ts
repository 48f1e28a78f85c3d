/** What a user gave that cannot be used: said in one sentence, exit code 2. Never a broken world or a programmer's error. */
export class BadInput extends Error {
  override name = 'BadInput'

  /** @param message - one sentence that names the input and says what to do about it */
  constructor (message: string) {
    super(message)
  }
}
