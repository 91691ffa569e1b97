/** Joins everything: what the command line offers, and how the server starts and stops. */

import { Command } from 'commander'
import { createApi } from './api/server.ts'
import { addClientCommands } from './cli/program.ts'
import { runCommand } from './cli/run.ts'
import { parseHttpAddress } from './engine/addresses.ts'
import { loadConfig } from './engine/config.ts'
import { Demo } from './engine/demo.ts'
import { Engine, type EngineOptions } from './engine/engine.ts'
import { createLog, noLog, type Log } from './engine/log.ts'
import type { Settings } from './engine/settings.ts'
import { VERSION } from './engine/version.ts'

/** A server that answers, until it is stopped. */
interface Serving {
  readonly engine: Engine
  stop(): Promise<void>
}

/** Starts the server. Throws if the data directory or an address cannot be used. */
async function startServing(
  settings: Settings,
  log: Log,
  { failed, ...options }: EngineOptions & { failed: (error: Error) => void },
): Promise<Serving> {
  const engine = await Engine.open(settings, log, failed, options)
  const { registry, runtime, metrics } = engine
  const api = createApi({ registry, runtime, metrics: metrics.registry, log })
  const stop = async () => {
    await api.close()
    await engine.stop()
  }
  try {
    await api.listen(parseHttpAddress(settings.http))
    const dns = await engine.start()
    if (engine.madeToken !== undefined)
      say(`API token of the administrator, shown this once: ${engine.madeToken.reveal()}`)
    say(`twinzone is ready: DNS on ${dns.join(', ')}; HTTP on http://${settings.http}`)
    log.info({ version: VERSION, dns, http: settings.http, data: settings.data }, 'ready')
    return { engine, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function serve({ config: path, demo: wantsDemo }: { config?: string; demo?: boolean }): Promise<void> {
  const loaded = loadConfig({ path, environment: process.env, terminal: process.stderr.isTTY })
  const demo = wantsDemo === true ? new Demo({ settings: loaded, say }) : undefined
  const settings = demo?.settings ?? loaded
  const log = demo === undefined ? createLog(settings) : noLog
  let end: (error?: Error) => void = () => {}
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info({ signal }, 'stopping')
      end()
    })
  const failed = (error: Error) => {
    log.error({ err: error }, 'failed')
    end(error)
  }
  try {
    const serving = await startServing(settings, log, { failed, ...(demo && { transferred: demo.transferred }) })
    await demo?.start(serving.engine)
    const error = await ended
    await demo?.stop()
    await serving.stop()
    log.info({}, 'stopped')
    if (error !== undefined) throw error
  } finally {
    demo?.clean()
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function checkConfig(path: string): void {
  loadConfig({ path, environment: {} })
  process.stdout.write(`${path} is usable\n`)
}

const program = new Command('twinzone')
  .description('Multi-provider DNS: follows zones from other nameservers, answers for them, and hands them on')
  .version(VERSION)

program
  .command('serve')
  .description('run the server')
  .option('--config <file>', 'settings in YAML')
  .option('--demo', 'follow a sample zone that changes every few seconds; needs no other server')
  .action(serve)

program
  .command('config')
  .description('settings')
  .command('check')
  .description('say whether a file of settings is usable, and if not, where')
  .argument('<file>', 'settings in YAML')
  .action(checkConfig)

addClientCommands(program)
process.exitCode = await runCommand(program, process.argv)
