/** When a server answers for all of very many zones. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { questionMessage } from '../test/interop/ask.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'

const SOA = 6
const BATCH = 100
const ANSWER_MS = 100
/** Whoever asks without a pause takes the time that the server has for transfers. */
const PAUSE_MS = 50
const AA_NOERROR = 0x840f
const IS_ANSWER = 0x8400

/**
 * Asks for the SOA records of zones until each was answered with authority; gives when the last was, on the clock of
 * `performance.now()`. Throws at the deadline, with how many are missing.
 */
export async function allAnswered(server: Endpoint, apexes: readonly string[], deadlineMs: number): Promise<number> {
  const until = performance.now() + deadlineMs
  const socket = createSocket('udp4')
  socket.connect(server.port, server.address)
  await once(socket, 'connect')
  const batch = new Batch(socket)
  try {
    let left = [...apexes]
    while (left.length > 0) {
      const asked = left.slice(0, BATCH)
      const silent = await batch.ask(asked)
      left = [...left.slice(BATCH), ...silent]
      if (performance.now() > until) throw new Error(`${left.length} of ${apexes.length} zones are not answered for`)
      if (silent.length > asked.length / 2) await pause(PAUSE_MS)
    }
    return performance.now()
  } finally {
    socket.close()
  }
}

/** Some questions at once. */
class Batch {
  readonly #socket: ReturnType<typeof createSocket>
  #waiting = new Map<number, string>()
  #round = 0
  #answers = 0
  #done = (): void => {}

  constructor(socket: ReturnType<typeof createSocket>) {
    this.#socket = socket
    socket.on('error', () => {}) // nobody listens yet
    socket.on('message', (answer) => this.#hear(answer))
  }

  /** Gives those that were not answered with authority. */
  async ask(apexes: readonly string[]): Promise<string[]> {
    this.#round = (this.#round + BATCH) % 0xff00
    this.#waiting = new Map(apexes.map((apex, at) => [this.#round + at, apex]))
    this.#answers = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#done = resolve
    const alarm = setTimeout(resolve, ANSWER_MS)
    for (const [id, name] of this.#waiting) this.#socket.send(questionMessage({ id, name, type: SOA }))
    await promise
    clearTimeout(alarm)
    return [...this.#waiting.values()]
  }

  #hear(answer: Buffer): void {
    const asked = this.#waiting.size + this.#answers
    const [id, flags, answers] = [answer.readUInt16BE(0), answer.readUInt16BE(2), answer.readUInt16BE(6)]
    if (!this.#waiting.has(id)) return
    this.#answers++
    if ((flags & AA_NOERROR) === IS_ANSWER && answers > 0) this.#waiting.delete(id)
    if (this.#answers === asked) this.#done()
  }
}
