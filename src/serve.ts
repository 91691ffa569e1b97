/** Runs the server: from the settings to the line that says it is ready, and on to its end. */

import { flushCompileCache } from 'node:module'
import { loadConfig } from './engine/config.ts'
import type { EngineOptions } from './engine/assembly.ts'
import type { Engine } from './engine/engine.ts'
import { createLog, noLog, type Log } from './engine/log.ts'
import type { Settings } from './engine/settings.ts'
import { beginThreads } from './engine/threads.ts'
import { VERSION } from './engine/version.ts'

/** A server that answers, until it is stopped. */
interface Serving {
  readonly engine: Engine
  stop(): Promise<void>
}

/**
 * Serves until a signal comes, then lets what is under way end. Throws if the server cannot start, or a part of it that
 * it cannot do without is gone.
 */
export async function serve({ config: path, demo: wantsDemo }: { config?: string; demo?: boolean }): Promise<void> {
  const loaded = loadConfig({ path, environment: process.env, terminal: process.stderr.isTTY })
  const demo = wantsDemo === true ? new (await import('./engine/demo.ts')).Demo({ settings: loaded, say }) : undefined
  const settings = demo?.settings ?? loaded
  const log = demo === undefined ? await createLog(settings) : noLog
  const { told, failure, failed } = untilTheEnd(log)
  // Whoever reads our lines may leave before we do.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  try {
    const options = demo === undefined ? {} : { transferred: demo.transferred }
    const serving = await Promise.race([startServing(settings, log, failed, options), failure])
    // Left to the end, it would not be written by a server that is killed, and the next one would start slowly, too.
    flushCompileCache()
    await Promise.race([demo?.start(serving.engine), failure])
    await Promise.race([told, failure])
    await demo?.stop()
    await Promise.race([serving.stop(), failure])
    log.info({}, 'stopped')
  } finally {
    demo?.clean()
  }
}

/**
 * Starts the server. Throws if the data directory or an address cannot be used.
 *
 * The threads come first, and while they load, so does the engine here; while zones are taken up, the API.
 */
async function startServing(
  settings: Settings,
  log: Log,
  failed: (error: Error) => void,
  options: EngineOptions,
): Promise<Serving> {
  const threads = beginThreads(settings, log, failed)
  const { Engine } = await import('./engine/engine.ts')
  const engine = await Engine.open(settings, log, threads, options)
  const { madeToken } = engine
  // Before anything can go wrong: it is not told again.
  if (madeToken !== undefined) say(`API token of the administrator, shown this once: ${madeToken.reveal()}`)
  const ordered = Promise.withResolvers<void>()
  const answering = engine.start(ordered.resolve)
  const listening = Promise.race([ordered.promise, answering]).then(async () =>
    (await import('./api/http.ts')).listenHttp(engine, settings, log),
  )
  const stop = async () => {
    const api = await listening.catch(() => undefined)
    await Promise.all([api?.close(), engine.stopAnswering()])
    await engine.stop()
  }
  try {
    const [dns] = await Promise.all([answering, listening])
    const also = settings.https === undefined ? '' : `, https://${settings.https}`
    say(`twinzone is ready: DNS on ${dns.join(', ')}; HTTP on http://${settings.http}${also}`)
    log.info({ version: VERSION, dns, http: settings.http, https: settings.https, data: settings.data }, 'ready')
    return { engine, stop }
  } catch (error) {
    await Promise.allSettled([answering, listening]) // what is begun by halves cannot be stopped
    await stop()
    throw error
  }
}

/** A person who asks again after this long means at once. */
const IMPATIENT_MS = 1000

/** When the server is told to end, and when it cannot go on. */
function untilTheEnd(log: Log) {
  const { promise: told, resolve } = Promise.withResolvers<void>()
  const { promise: failure, reject } = Promise.withResolvers<never>()
  failure.catch(() => {}) // until somebody waits for it
  let toldAt: number | undefined
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      // Ctrl-C comes twice: from the terminal, and from the command that started us.
      if (toldAt !== undefined && performance.now() - toldAt > IMPATIENT_MS) process.exit(1)
      if (toldAt !== undefined) return
      toldAt = performance.now()
      log.info({ signal }, 'stopping')
      resolve()
    })
  const failed = (error: Error) => {
    log.error({ err: error }, 'failed')
    reject(error)
  }
  return { told, failure, failed }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
