/**
 * The server without its HTTP: store, control plane, contents, answering, and the zones that follow primaries.
 *
 * Starts from the bottom up and stops from the top down. Nothing answers before what was stored is served again, and
 * nothing is cut off at the end that can be finished.
 */

import type { Secret } from '../store/secret.ts'
import { systemClock } from './alarms.ts'
import { assemble, type EngineOptions, type Parts } from './assembly.ts'
import type { ContentsClient } from './contents-client.ts'
import type { Hosting } from './hosting.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Registry } from './registry.ts'
import type { Runtime } from './runtime-live.ts'
import type { Settings } from './settings.ts'
import { endThreads, type Threads } from './threads.ts'
import { TlsKeeper } from './tls-keeper.ts'

export class Engine {
  readonly registry: Registry
  readonly runtime: Runtime
  readonly metrics: Metrics
  /** The administrator's token, if it was made at this start. */
  readonly madeToken: Secret | undefined
  readonly contents: ContentsClient
  readonly hosting: Hosting
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
    this.registry = parts.registry
    this.runtime = parts.runtime
    this.metrics = parts.metrics
    this.madeToken = parts.madeToken
    this.contents = parts.contents
    this.hosting = parts.hosting
  }

  /** Prepares everything but answering. Throws if the data directory cannot be used, and ends the threads then. */
  static async open(settings: Settings, log: Log, threads: Threads, options: EngineOptions = {}): Promise<Engine> {
    try {
      return new Engine(await assemble(settings, log, threads, options))
    } catch (error) {
      await endThreads(threads)
      throw error
    }
  }

  /**
   * Serves what was stored, then binds the addresses; resolves to those bound. `ordered` is called when all that can be
   * done here is done, and other threads are at it.
   */
  async start(ordered: () => void = () => {}): Promise<readonly string[]> {
    const { hosting, answer, dns, runtime, upkeep, flattener, frames, activations, analytics, log } = this.#parts
    await flattener.load()
    await hosting.takeUpStored(ordered)
    runtime.arrived('stored zones')
    const bound = await answer()
    for (const udp of dns.udp) log.info({ ...udp }, 'udp')
    runtime.arrived('listeners')
    upkeep.start()
    frames.refresh()
    activations.start()
    analytics.start()
    flattener.tidy().catch((error: unknown) => log.error({ err: error }, 'store.failed'))
    return bound
  }

  /** The certificate for HTTPS. */
  openTls(): Promise<TlsKeeper> {
    const { store, settings, log } = this.#parts
    return TlsKeeper.open({ store: store.store, settings, clock: systemClock, log })
  }

  /** Answers no more questions; those under way are answered. Part of `stop`, and may come before it. */
  stopAnswering(): Promise<void> {
    return this.#parts.dns.stop()
  }

  /** Ends what can be ended, writes what must be kept, and closes the store. */
  async stop(): Promise<void> {
    const { secondaries, notifier, uses, timers, past, dns, contents, store, upkeep } = this.#parts
    const { flattener, activations, analytics } = this.#parts
    upkeep.stop()
    activations.stop()
    flattener.stop()
    secondaries.stop()
    notifier.stop()
    await dns.stop()
    await contents.stop()
    await Promise.all([timers.flush(), past.flush(), uses.flush(), analytics.stop()])
    await store.close()
  }
}
