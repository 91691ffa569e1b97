/** A thread that looks up zones as fast as it can and checks that every version it sees is whole (see directory.test.ts). */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type Name, parseName } from '../../src/dns/name.ts'
import type { ArenaView, Pointer } from '../../src/zone/arena-view.ts'
import { CHUNK_MASK } from '../../src/zone/arena-view.ts'
import { DirectoryReader, type Pin, type SharedMemory } from '../../src/zone/directory-reader.ts'

interface Orders {
  readonly memory: SharedMemory
  readonly port: MessagePort
  readonly zones: number
  /** Words: [0] stop, [1 + worker] lookups so far. */
  readonly progress: SharedArrayBuffer
  readonly worker: number
}

const { memory, port, zones, progress, worker } = workerData as Orders
const counters = new Int32Array(progress)
const names: readonly Name[] = Array.from({ length: zones }, (_, zone) => parseName(`www.Zone${zone}.test.`))

const reader = new DirectoryReader(memory, (_index, arena: ArenaView) => {
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
    const { index, chunk } = more.message as { index: number; chunk: SharedArrayBuffer }
    arena.adopt(index, chunk)
  }
})

/** A version is a page [stamp, zone, count, pages…]; each of its pages is filled with the stamp. */
function check(version: Pointer, zone: number): string | undefined {
  const words = reader.arena.wordsOf(version)
  const at = (version & CHUNK_MASK) << 2
  const stamp = words[at] as number
  const count = words[at + 2] as number
  if (words[at + 1] !== zone) return `zone ${zone} leads to a version of zone ${words[at + 1]}`
  for (let page = 0; page < count; page++) {
    const pointer = words[at + 3 + page] as number
    const pageWords = reader.arena.wordsOf(pointer)
    const pageAt = (pointer & CHUNK_MASK) << 2
    for (let word = 0; word < 16; word++) {
      if (pageWords[pageAt + word] !== stamp)
        return `version ${stamp} of zone ${zone} holds ${pageWords[pageAt + word]}`
    }
  }
  return undefined
}

const pins: { pin: Pin; zone: number }[] = []
const failures: string[] = []
let found = 0
parentPort?.postMessage({ ready: true })
try {
  for (let turn = 0; Atomics.load(counters, 0) === 0 && failures.length === 0; turn++) lookUp(turn)
} catch (error) {
  failures.push(String(error)) // a pointer read from freed memory may lead anywhere
}
Atomics.store(counters, 1 + worker, 2 ** 30) // nobody waits for this thread any longer
for (const { pin } of pins) reader.unpin(pin)
reader.close()
parentPort?.postMessage({ failures, found })

function lookUp(turn: number): void {
  const zone = (turn * 7 + worker) % zones
  reader.enter()
  const handle = reader.find(names[zone] as Name, 0)
  const version = handle === 0 ? 0 : reader.versionOf(handle)
  const failure = version === 0 ? undefined : check(version, zone)
  reader.leave()
  if (version !== 0) found++
  if (failure !== undefined) failures.push(failure)
  if (turn % 100 === 0 && handle !== 0) holdLonger(zone)
  Atomics.store(counters, 1 + worker, turn)
}

/** Pins a version, and looks into one pinned a thousand turns ago. */
function holdLonger(zone: number): void {
  reader.enter()
  const handle = reader.find(names[zone] as Name, 0)
  const pin = handle === 0 ? undefined : reader.pin(handle)
  reader.leave()
  if (pin !== undefined) pins.push({ pin, zone })
  if (pins.length <= 10) return
  const oldest = pins.shift() as { pin: Pin; zone: number }
  const failure = check(oldest.pin.version, oldest.zone)
  if (failure !== undefined) failures.push(`pinned: ${failure}`)
  reader.unpin(oldest.pin)
}
