/** The store's own thread: SQLite waits for the disk here, and nobody else does. */

import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { assert } from '../dns/assert.ts'
import { StoreError } from './error.ts'
import {
  freeArgs,
  packValue,
  unpackArgs,
  type Answer,
  type Call,
  type Opened,
  type Order,
  type Transfers,
} from './port.ts'
import { openSqliteStore, type SqliteStore, type StoreOptions } from './sqlite-store.ts'

assert(parentPort, 'the store thread was run as a program')
run(parentPort, workerData as StoreOptions)

function run(starter: MessagePort, options: StoreOptions): void {
  let store: SqliteStore
  try {
    store = openSqliteStore(options)
  } catch (error) {
    starter.postMessage({ opened: false, ...described(error) } satisfies Opened)
    return
  }
  const ports = new Set<MessagePort>()
  starter.on('message', (order: Order) => {
    if ('connect' in order) serve(store, order.connect, ports)
    else void stop(store, starter, ports)
  })
  starter.postMessage({ opened: true } satisfies Opened)
}

/** Closing the ports tells whoever still waits that no answer will come. */
async function stop(store: SqliteStore, starter: MessagePort, ports: ReadonlySet<MessagePort>): Promise<void> {
  await store.close()
  setImmediate(() => {
    for (const port of ports) port.close()
    starter.close()
  })
}

/** Answers the calls from one port. Those of one group are answered in one message. */
function serve(store: SqliteStore, port: MessagePort, ports: Set<MessagePort>): void {
  let answers: Answer[] = []
  let transfers: Transfers = new Set()
  const send = () => {
    port.postMessage(answers, [...transfers])
    answers = []
    transfers = new Set()
  }
  const answer = (one: Answer) => {
    if (answers.push(one) === 1) process.nextTick(send)
  }
  ports.add(port)
  port.on('close', () => ports.delete(port))
  port.on('message', (calls: readonly Call[]) => {
    for (const call of calls)
      perform(store, call).then(
        (value) => answer({ id: call.id, value: packValue(call, value, transfers) }),
        (error: unknown) => answer({ id: call.id, ...described(error) }),
      )
  })
}

async function perform(store: SqliteStore, call: Call): Promise<unknown> {
  const act = store[call.act] as (...args: readonly unknown[]) => Promise<unknown>
  try {
    return await act.apply(store, [...unpackArgs(call)])
  } finally {
    freeArgs(call)
  }
}

function described(error: unknown): { fault: StoreError['code'] | undefined; message: string } {
  if (error instanceof StoreError) return { fault: error.code, message: error.message }
  return { fault: undefined, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
