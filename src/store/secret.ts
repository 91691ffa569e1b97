/** A text that must not leave by accident: through a log line, an error message or a JSON answer. */

const PRINTED = '[secret]'

/** Holds a secret. Only `reveal` tells it; every other way to print the object says `[secret]`. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The secret itself, for whoever signs with it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return PRINTED
  }

  toJSON(): string {
    return PRINTED
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return PRINTED
  }
}
