/**
 * What a thread was asked and has not answered yet: each question carries a number, which comes back with the answer.
 *
 * A thread that is gone answers nothing more, and whoever waits for it is let go: it did what it did.
 */

export class Tickets {
  readonly #waiting = new Map<number, () => void>()
  #last = 0
  #isGone = false

  /** `gone` resolves when the thread is no more. */
  constructor(gone: Promise<unknown>) {
    void gone.then(() => this.#end())
  }

  /** Asks with a number of its own; resolves when that has come back. */
  async ask(send: (ticket: number) => void): Promise<void> {
    if (this.#isGone) return
    const ticket = ++this.#last
    const answered = new Promise<void>((resolve) => this.#waiting.set(ticket, resolve))
    send(ticket)
    await answered
  }

  /** A number has come back; one that nobody waits for is nobody's. */
  answered(ticket: number): void {
    this.#waiting.get(ticket)?.()
    this.#waiting.delete(ticket)
  }

  #end(): void {
    this.#isGone = true
    for (const ticket of this.#waiting.keys()) this.answered(ticket)
  }
}
