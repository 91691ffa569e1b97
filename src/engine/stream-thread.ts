/** The program of the thread that answers by TCP and sends zones, where neither can delay answers by UDP. */

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../dns/assert.ts'
import { NEEDS_TRANSFER } from '../protocol/answer.ts'
import { parseEndpoint, printEndpoint } from '../net/address.ts'
import { TextAsker } from '../net/asker.ts'
import { Gather } from '../net/gather.ts'
import { listenTcp, type TcpServer } from '../net/tcp.ts'
import { newTcpCounters, TCP_LIMITS, type TcpLimits } from '../net/tcp-limits.ts'
import { usableLibc } from '../net/udp-way.ts'
import { StoreClient } from '../store/client.ts'
import { DirectoryReader } from '../zone/directory-reader.ts'
import { AnswerDesk } from './answer-desk.ts'
import { AnswerOrders } from './answer-orders.ts'
import { adoptChunksFrom } from './chunks.ts'
import { Counters } from './counters.ts'
import { cannotListen } from './serve-error.ts'
import type { Settings } from './settings.ts'
import { startSampling } from './sampling.ts'
import type { AnswerOrder, AnswerReport, AnswerThreadData } from './thread-messages.ts'
import { sourcesOf } from './transfer-out-content.ts'
import { RuleBook } from './transfer-rules.ts'
import { accessForAll, TransfersOut } from './transfers-out.ts'

/** How long answers in the making may take when the server stops. */
const GRACE_MS = 5000

assert(parentPort, 'the stream thread was run as a program')
const main = parentPort
const report = (said: AnswerReport) => main.postMessage(said)
const { settings, chunks, store: storePort, counters: counted, thread, cookieSecrets } = workerData as AnswerThreadData

const orders = new AnswerOrders(main)
const { memory, known } = await orders.begun()
const counters = new Counters(counted, thread)
const directory = new DirectoryReader(memory, adoptChunksFrom(chunks))
const store = new StoreClient(storePort)
const rules = new RuleBook()
const sampling = startSampling({ settings, transport: 'tcp', report })
const desk = new AnswerDesk({
  transport: 'tcp',
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
  transport: 'tcp',
  udpSizeMax: settings.udpSizeMax,
  directory,
  counters,
  access: accessForAll(settings.transferAllow),
  rules,
  sources: sourcesOf(settings, store),
  keyOf: desk.keyOf,
  runningMax: settings.limits.transfersOut,
  perClientMax: settings.limits.transfersOutPerClient,
  ended: (facts) => report({ type: 'transfer out', facts }),
})
const libc = settings.udp === 'plain' ? 'as set' : await usableLibc()
const gather = typeof libc === 'string' ? undefined : new Gather(libc)
const tcpCounters = newTcpCounters()
const asker = new TextAsker()
const servers: TcpServer[] = []

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

const listen = (text: string): Promise<TcpServer> =>
  listenTcp({
    endpoint: parseEndpoint(text),
    answer: (request, client, out) => desk.answerAlone(request, asker.at(client), out),
    handOn: (request, client, code) => {
      if (code === NEEDS_TRANSFER) return transfers.answer(request, { address: client.address, port: client.port })
      return new Promise((resolve) => desk.goOn(code, request, client, resolve))
    },
    limits: limitsOf(settings),
    counters: tcpCounters,
    gather,
    failed: (error) => desk.fault(error),
  }).catch((error: unknown) => {
    throw cannotListen('DNS by TCP', text, error)
  })

for (const order of known) obey(order)
orders.obey(obey)

try {
  for (const text of settings.dns) servers.push(await listen(text))
  report({ type: 'bound', addresses: servers.map(({ endpoint }) => printEndpoint(endpoint)) })
} catch (error) {
  report({ type: 'failed', text: (error as Error).message })
}

/** What the connections count becomes part of what the thread counts. */
const COUNT_MS = 1000
const seen = { accepted: 0, refused: 0, dropped: 0 }
const counting = setInterval(() => {
  const { accepted, refused, idle, stalled, unanswered, malformed, evicted } = tcpCounters
  const dropped = idle + stalled + unanswered + malformed + evicted
  counters.add('tcpConnections', accepted - seen.accepted)
  counters.add('tcpRefused', refused - seen.refused)
  counters.add('tcpDropped', dropped - seen.dropped)
  Object.assign(seen, { accepted, refused, dropped })
}, COUNT_MS)

async function stop(): Promise<void> {
  clearInterval(counting)
  await Promise.all(servers.map((server) => server.close(GRACE_MS)))
  await store.close()
  sampling.stop()
  main.close()
}

function limitsOf({ limits }: Settings): TcpLimits {
  return {
    ...TCP_LIMITS,
    connectionsMax: limits.tcpConnections,
    connectionsPerClientMax: limits.tcpConnectionsPerClient,
    idleMs: limits.tcpIdleSeconds * 1000,
    unreadOctetsMax: limits.tcpUnreadOctetsMax,
    inFlightMax: limits.tcpQueriesInFlight,
  }
}
