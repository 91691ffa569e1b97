/** The program of a thread that answers by UDP. It reads contents in place and waits for nobody. */

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../dns/assert.ts'
import { copyOctets } from '../dns/octets.ts'
import { parseEndpoint, printEndpoint, type Endpoint } from '../net/address.ts'
import { chooseUdpWay, type UdpWay } from '../net/udp-way.ts'
import { newUdpCounters, type UdpServer } from '../net/udp.ts'
import { NEEDS_TRANSFER } from '../protocol/answer.ts'
import { StoreClient } from '../store/client.ts'
import { DirectoryReader } from '../zone/directory-reader.ts'
import { AnswerDesk } from './answer-desk.ts'
import { AnswerOrders } from './answer-orders.ts'
import { adoptChunksFrom } from './chunks.ts'
import { Counters } from './counters.ts'
import { cannotListen } from './serve-error.ts'
import { startSampling } from './sampling.ts'
import type { AnswerOrder, AnswerReport, AnswerThreadData } from './thread-messages.ts'
import { sourcesOf } from './transfer-out-content.ts'
import { RuleBook } from './transfer-rules.ts'
import { accessForAll, TransfersOut } from './transfers-out.ts'

/** Addresses of the host may come and go; wildcards follow them. */
const RESCAN_MS = 30_000

assert(parentPort, 'the answer thread was run as a program')
const main = parentPort
const report = (said: AnswerReport) => main.postMessage(said)
const {
  settings,
  chunks,
  store: storePort,
  counters: counted,
  thread,
  cookieSecrets,
  shared,
} = workerData as AnswerThreadData

const orders = new AnswerOrders(main)
const { memory, known } = await orders.begun()
const counters = new Counters(counted, thread)
const directory = new DirectoryReader(memory, adoptChunksFrom(chunks))

const store = new StoreClient(storePort)
const rules = new RuleBook()
const sampling = startSampling({ settings, transport: 'udp', report })
const desk = new AnswerDesk({
  transport: 'udp',
  directory,
  counters,
  cookieSecrets,
  udpSizeMax: settings.udpSizeMax,
  pendingMax: settings.limits.notifyPending,
  rules,
  sampler: sampling.sampler,
  report,
})
const transfers = new TransfersOut({
  transport: 'udp',
  udpSizeMax: settings.udpSizeMax,
  directory,
  counters,
  access: accessForAll(settings.transferAllow),
  rules,
  sources: sourcesOf(settings, store),
  keyOf: desk.keyOf,
  runningMax: settings.limits.transfersOut,
  perClientMax: settings.limits.transfersOutPerClient,
  // Whoever asks by UDP may be anybody: only those that got something are told of.
  ended: (facts) => facts.form === 'IXFR' && report({ type: 'transfer out', facts }),
})
const servers: UdpServer[] = []
const udpCounters = newUdpCounters()

function obey(order: AnswerOrder): void {
  if (order.type === 'keys') desk.setKeys(order.keys)
  else if (order.type === 'rules') obeyRules(order)
  else if (order.type === 'judged') desk.judged(order.ticket, order.octets)
  else if (order.type === 'sample') sampling.tell(order.ticket)
  else void stop()
}

function obeyRules({ changes, ticket }: Extract<AnswerOrder, { type: 'rules' }>): void {
  rules.apply(changes)
  report({ type: 'ruled', ticket })
}

const listen = (way: UdpWay, text: string): Promise<UdpServer> =>
  way
    .listen({
      endpoint: parseEndpoint(text),
      batch: desk,
      answer: (request, length, asker, out) => desk.answer(request, length, asker, out),
      handOn: (request, client, respond, code) => {
        if (code === NEEDS_TRANSFER) void answerTransfer(copyOctets(request), client, respond)
        else desk.goOn(code, request, client, respond)
      },
      counters: udpCounters,
      reusePort: shared,
      failed: (error) => desk.fault(error),
    })
    .catch((error: unknown) => {
      throw cannotListen('DNS by UDP', text, error)
    })

async function answerTransfer(
  request: Uint8Array,
  client: Endpoint,
  respond: (octets: Uint8Array) => void,
): Promise<void> {
  try {
    const answer = await transfers.answerOnce(request, client)
    if (answer !== undefined) respond(answer)
  } catch (error) {
    desk.fault(error)
  }
}

for (const order of known) obey(order)
orders.obey(obey)

try {
  const way = await chooseUdpWay(settings.udp)
  for (const text of settings.dns) servers.push(await listen(way, text))
  report({
    type: 'bound',
    addresses: servers.flatMap(({ endpoints }) => endpoints.map((one) => printEndpoint(one))),
    udp: { way: way.name, reason: way.reason },
  })
} catch (error) {
  report({ type: 'failed', text: (error as Error).message })
}

/** What the sockets count becomes part of what the thread counts. */
const COUNT_MS = 1000
let notSent = 0
const counting = setInterval(() => {
  counters.add('udpNotSent', udpCounters.sendFailed - notSent)
  notSent = udpCounters.sendFailed
}, COUNT_MS)

const rescan = setInterval(() => {
  for (const server of servers) server.rescan().catch(() => {})
}, RESCAN_MS)

async function stop(): Promise<void> {
  clearInterval(rescan)
  clearInterval(counting)
  await Promise.all(servers.map((server) => server.close()))
  await store.close()
  sampling.stop()
  main.close()
}
