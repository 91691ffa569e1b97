/**
 * The program of the contents thread: the only writer of what zones contain.
 *
 * It takes zones from the store, asks primaries, takes transfers in, and publishes new versions to all threads.
 */

import { randomInt } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../dns/assert.ts'
import { nameFromWire } from '../dns/name.ts'
import { StoreClient } from '../store/client.ts'
import { Arena } from '../zone/arena.ts'
import { DirectoryWriter } from '../zone/directory.ts'
import { reason, type Reason } from '../protocol/reason.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import { gathering } from './gathering.ts'
import { IdleMemory } from './idle-memory.ts'
import { PrimaryClient } from './primary-client.ts'
import { probePrimary } from './probe-task.ts'
import type { ChunkNews, ContentsOrder, ContentsReport, ContentsThreadData } from './thread-messages.ts'
import type { ProbeOutcome, ProbeRequest, TransferOutcome, TransferRequest } from './transfer-port.ts'
import { TransferTask } from './transfer-task.ts'
import { ZoneEdits } from './zone-edit-task.ts'
import { ZoneShelf } from './zone-shelf.ts'

/** Memory that readers have left is looked for this often, beside every publication. */
const RECLAIM_MS = 1000

assert(parentPort, 'the contents thread was run as a program')
const main = parentPort
const report = gathering<ContentsReport>((reports) => main.postMessage(reports))
const { settings, store: storePort, readers } = workerData as ContentsThreadData

const arena = new Arena((index, chunk) => {
  for (const reader of readers) reader.postMessage({ index, chunk } satisfies ChunkNews)
  report({ type: 'grown', octets: (index + 1) * chunk.byteLength })
})
const idle = new IdleMemory(arena)
const directory = new DirectoryWriter(arena, { seed: randomInt(2 ** 31) })
const store = new StoreClient(storePort)
const client = new PrimaryClient(settings, Date.now)
const shelf = new ZoneShelf({ arena, directory, store, now: Date.now })
const edits = new ZoneEdits({ arena, shelf, store, now: Date.now })
const running = new Map<number, AbortController>()

main.on('message', (orders: readonly ContentsOrder[]) => {
  for (const order of orders) obey(order).catch((error: unknown) => answerFor(order, error))
})
const reclaiming = setInterval(() => {
  directory.reclaim()
  if (settings.udp !== 'plain') void idle.giveBack()
}, RECLAIM_MS)
report({ type: 'ready', memory: directory.memory })

async function obey(order: ContentsOrder): Promise<void> {
  switch (order.type) {
    case 'adopt':
      return report({
        type: 'adopted',
        zone: order.zone,
        adopted: await shelf.adopt(order.zone, order.zoneId, nameFromWire(order.apex), order.overlays),
      })
    case 'cover':
      shelf.cover(order.zone, order.overlays)
      return report({ type: 'covered', task: order.task })
    case 'drop':
      return shelf.drop(order.zone)
    case 'probe':
      return probe(order.request)
    case 'transfer':
      return transfer(order.request)
    case 'cancel':
      return running.get(order.task)?.abort()
    case 'show':
      return shelf.show(order.zone, order.state)
    case 'lease':
      return shelf.lease(order.zone, order.expirySeconds)
    case 'edit':
      return edit(order.task, order.zone, order.request)
    case 'stop':
      return stop()
    default:
      return order satisfies never
  }
}

async function probe(request: ProbeRequest): Promise<void> {
  const signal = begin(request.task)
  const outcome = await probePrimary(request, { client, settings, signal }).catch((error: unknown): ProbeOutcome => ({
    type: 'probe failed',
    reason: faultReason(error),
  }))
  running.delete(request.task)
  report({ type: 'probed', task: request.task, outcome })
}

async function transfer(request: TransferRequest): Promise<void> {
  const { task } = request
  const zone = shelf.get(request.zone)
  const counts = { messages: 0, records: 0, octets: 0 }
  if (zone === undefined) {
    const why = reason('cancelled', { cause: 'the zone was removed' })
    const outcome = { type: 'transfer failed', reason: why, serial: undefined, counts } as const
    return report({ type: 'transferred', task, outcome })
  }
  const signal = begin(task)
  const progress = (soFar: typeof counts) => report({ type: 'progress', task, counts: soFar })
  const world = { arena, shelf, store, client, settings, signal, progress }
  const outcome = await new TransferTask(zone, request, world).run().catch((error: unknown): TransferOutcome => {
    return { type: 'transfer failed', reason: faultReason(error), serial: undefined, counts }
  })
  running.delete(task)
  report({ type: 'transferred', task, outcome })
}

async function edit(task: number, number: number, request: EditRequest): Promise<void> {
  const zone = shelf.get(number)
  const gone = { type: 'refused', reason: reason('cancelled', { cause: 'the zone was removed' }) } as const
  const edited = zone === undefined ? Promise.resolve(gone) : edits.run(zone, request)
  const outcome = await edited.catch((error: unknown): EditOutcome => ({ type: 'refused', reason: faultReason(error) }))
  report({ type: 'edited', task, outcome })
}

/** Whoever waits for an order that met a bug is answered all the same. */
function answerFor(order: ContentsOrder, error: unknown): void {
  const problem = told(error)
  if (order.type === 'adopt')
    report({ type: 'adopted', zone: order.zone, adopted: { handle: undefined, stored: undefined, problem } })
  else if (order.type === 'cover') report({ type: 'covered', task: order.task })
  else if (order.type === 'stop') report({ type: 'stopped' })
}

/** A bug costs one transfer, not the server. */
function faultReason(error: unknown): Reason {
  return reason('local-failure', { error: told(error) })
}

/** What a bug says in short, once it was told with all that is known of it. */
function told(error: unknown): string {
  const { message, stack = message } = error instanceof Error ? error : { message: String(error) }
  report({ type: 'fault', text: stack })
  return message
}

function begin(task: number): AbortSignal {
  const controller = new AbortController()
  running.set(task, controller)
  return controller.signal
}

/** What runs is cut off; what is on its way to the disk gets there. */
async function stop(): Promise<void> {
  clearInterval(reclaiming)
  for (const controller of running.values()) controller.abort()
  client.close()
  await store.close()
  report({ type: 'stopped' })
}
