/** What the command line offers. The server itself is loaded only by who runs it. */

import { Command } from 'commander'
import { addClientCommands } from './cli/program.ts'
import { runCommand } from './cli/run.ts'
import { VERSION } from './engine/version.ts'

const program = new Command('twinzone')
  .description('Multi-provider DNS: follows zones from other nameservers, answers for them, and hands them on')
  .version(VERSION)

program
  .command('serve')
  .description('run the server')
  .option('--config <file>', 'settings in YAML')
  .option('--demo', 'follow a sample zone that changes every few seconds; needs no other server')
  .action(async (options: { config?: string; demo?: boolean }) => (await import('./serve.ts')).serve(options))

program
  .command('config')
  .description('settings')
  .command('check')
  .description('say whether a file of settings is usable, and if not, where')
  .argument('<file>', 'settings in YAML')
  .action(async (path: string) => {
    const { loadConfig } = await import('./engine/config.ts')
    loadConfig({ path, environment: {} })
    process.stdout.write(`${path} is usable\n`)
  })

addClientCommands(program)
process.exitCode = await runCommand(program, process.argv)

/** What has not ended by itself this long after the command has: a part that died cannot be waited for. */
const LINGER_MS = 3000
setTimeout(() => process.exit(), LINGER_MS).unref()
