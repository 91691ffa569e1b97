/** A thread that answers questions as fast as it can while the zone changes, and reads its own answers (see answer-threads.test.ts). */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { readMessage } from '../../src/dns/message.ts'
import { type Client, Responder } from '../../src/protocol/answer.ts'
import { DirectoryReader, type SharedMemory } from '../../src/zone/directory-reader.ts'
import { questionOf } from '../answer/world.ts'

interface Orders {
  readonly memory: SharedMemory
  readonly port: MessagePort
  readonly owners: number
  /** Words: [0] stop, [1 + worker] answers so far. */
  readonly progress: SharedArrayBuffer
  readonly worker: number
}

const { memory, port, owners, progress, worker } = workerData as Orders
const counters = new Int32Array(progress)
const reader = new DirectoryReader(memory, (_index, arena) => {
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
    const { index, chunk } = more.message as { index: number; chunk: SharedArrayBuffer }
    arena.adopt(index, chunk)
  }
})
const responder = new Responder(reader)
const client: Client = { transport: 'tcp', address: new Uint8Array(4), now: 0, reservedOctets: 0 }
const questions = Array.from({ length: owners }, (_, owner) => questionOf(`owner-${owner}.example. TXT`))
const out = new Uint8Array(65_535)

/** Each owner has three records `owner version number`, written by one version: an answer holds exactly those. */
function check(owner: number): string | undefined {
  const question = questions[owner] as Uint8Array
  const message = readMessage(out.slice(0, responder.respond(question, question.length, out, client)))
  const texts = message.answer.map(({ rdata }) => new TextDecoder('latin1').decode(rdata.subarray(1)))
  const [first = ''] = texts
  const version = first.split(' ')[1]
  const expected = [0, 1, 2].map((number) => `${owner} ${version} ${number}`)
  if (message.rcode === 0 && texts.toSorted().join() === expected.join()) return undefined
  return `owner ${owner}: RCODE ${message.rcode}, ${JSON.stringify(texts)}`
}

const failures: string[] = []
parentPort?.postMessage({ ready: true })
try {
  for (let turn = 1; Atomics.load(counters, 0) === 0 && failures.length === 0; turn++) {
    const failure = check((turn * 7 + worker) % owners)
    if (failure !== undefined) failures.push(failure)
    Atomics.store(counters, 1 + worker, turn)
  }
} catch (error) {
  failures.push(String(error)) // a pointer read from freed memory may lead anywhere
}
Atomics.store(counters, 1 + worker, 2 ** 30) // nobody waits for this thread any longer
reader.close()
parentPort?.postMessage({ failures })
