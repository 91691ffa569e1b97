/** Joins everything: what the command line offers, and how the server starts and stops. */

import { Command } from 'commander'
import { createApi } from './api/server.ts'
import { addClientCommands } from './cli/program.ts'
import { runCommand } from './cli/run.ts'
import { parseHttpAddress } from './engine/addresses.ts'
import { loadConfig } from './engine/config.ts'
import { Demo } from './engine/demo.ts'
import { Engine } from './engine/engine.ts'
import { createLog, type Log } from './engine/log.ts'
import type { Settings } from './engine/settings.ts'
import { VERSION } from './engine/version.ts'

/** A server that answers, until it is stopped. */
interface Serving {
  readonly engine: Engine
  stop(): Promise<void>
}

/** Starts the server. Throws if the data directory or an address cannot be used. */
async function startServing(settings: Settings, log: Log, failed: (error: Error) => void): Promise<Serving> {
  const engine = await Engine.open(settings, log, failed)
  const { registry, runtime, metrics } = engine
  const api = createApi({ registry, runtime, metrics: metrics.registry, log })
  try {
    await api.listen(parseHttpAddress(settings.http))
    const dns = await engine.start()
    if (engine.madeToken !== undefined)
      process.stdout.write(`API token of the administrator, shown this once: ${engine.madeToken.reveal()}\n`)
    process.stdout.write(`twinzone is ready: DNS on ${dns.join(', ')}; HTTP on http://${settings.http}\n`)
    log.info({ version: VERSION, dns, http: settings.http, data: settings.data }, 'ready')
  } catch (error) {
    await api.close()
    await engine.stop()
    throw error
  }
  const stop = async () => {
    await api.close()
    await engine.stop()
  }
  return { engine, stop }
}

async function serve({ config: path, demo }: { config?: string; demo?: boolean }): Promise<void> {
  const loaded = loadConfig({ path, environment: process.env, terminal: process.stderr.isTTY })
  const settings = demo === true ? Demo.settings(loaded) : loaded
  const log = createLog(settings)
  let stopping: (why: string, error?: Error) => void = () => {}
  const ended = new Promise<Error | undefined>((resolve) => {
    stopping = (why, error) => {
      log[error === undefined ? 'info' : 'error']({ why, err: error }, 'stopping')
      resolve(error)
    }
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping(signal))
  const serving = await startServing(settings, log, (error) => stopping('a thread failed', error))
  const show = demo === true ? await Demo.start(serving.engine, settings) : undefined
  const error = await ended
  await show?.stop()
  await serving.stop()
  log.info({}, 'stopped')
  if (error !== undefined) throw error
}

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
