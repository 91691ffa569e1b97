/** What a thread that answers is told, in order: first to begin, and then all else. */

import type { MessagePort } from 'node:worker_threads'
import type { AnswerOrder, BeginAnswering } from './thread-messages.ts'

export class AnswerOrders {
  readonly #begun: Promise<BeginAnswering>
  /** What came before anybody obeyed. */
  #waiting: AnswerOrder[] = []
  #obey: ((order: AnswerOrder) => void) | undefined

  constructor(main: MessagePort) {
    this.#begun = new Promise((begin) => {
      main.on('message', (order: AnswerOrder | BeginAnswering) => {
        if (order.type === 'begin') begin(order)
        else if (this.#obey !== undefined) this.#obey(order)
        else if (order.type === 'stop') process.exit() // there is nothing yet to end: this ends the thread
        else this.#waiting.push(order)
      })
    })
  }

  /** Resolves to the order to begin. */
  begun(): Promise<BeginAnswering> {
    return this.#begun
  }

  /** Has orders obeyed from now on, those that came before first. */
  obey(obey: (order: AnswerOrder) => void): void {
    this.#obey = obey
    for (const order of this.#waiting) obey(order)
    this.#waiting = []
  }
}
