/**
 * The threads of a server, begun before anything else.
 *
 * What takes them longest is to load what they run, and none needs another for that. So this file is small: whoever
 * starts a server begins here, and loads the rest of it meanwhile. Those that take zones up come first; those that
 * answer have as long as that takes.
 */

import { randomBytes } from 'node:crypto'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { beginStore, type OpeningStore } from '../store/client.ts'
import { ContentsClient } from './contents-client.ts'
import { countersMemory } from './counters.ts'
import { DnsThreads, dnsThreadCount } from './dns-threads.ts'
import type { Log } from './log.ts'
import type { Settings } from './settings.ts'

const COOKIE_SECRET_OCTETS = 16

export interface Threads {
  readonly store: OpeningStore
  readonly contents: Promise<ContentsClient>
  readonly dns: DnsThreads
  readonly counters: SharedArrayBuffer
  /** Where new chunks of contents are announced to the main thread. */
  readonly chunks: MessagePort
}

/** Begins the threads. `failed` hears of one that is gone although nobody ended it. */
export function beginThreads(settings: Settings, log: Log, failed: (error: Error) => void): Threads {
  const store = beginStore({ directory: settings.data, sealKey: settings.sealKey })
  void store.died.then(failed)
  const counters = countersMemory(dnsThreadCount(settings))
  const connectStore = () => store.connect()
  const cookieSecrets = [randomBytes(COOKIE_SECRET_OCTETS)]
  const toStore = store.connect()
  const dns = new DnsThreads({ settings, counters, cookieSecrets, connectStore, failed })
  const { port1, port2: chunks } = new MessageChannel()
  const contents = ContentsClient.start(
    { settings, store: toStore, readers: [port1, ...dns.chunkPorts] },
    { failed, fault: (text) => log.error({ text }, 'fault') },
  )
  // Whoever waits for either hears why there is none.
  Promise.all([store.opened, contents]).then(
    () => dns.load(),
    () => {},
  )
  return { store, contents, dns, counters, chunks }
}

/** Ends threads that never came to serve: one of them, or what was to use them, could not begin. */
export async function endThreads({ store, contents, dns }: Threads): Promise<void> {
  await Promise.all([dns.stop(), contents.then((one) => one.stop()).catch(() => {})])
  await store.close()
}
