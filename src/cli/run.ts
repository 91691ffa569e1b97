/** Runs a command and turns its end into an exit code: 0 it worked, 1 it did not, 2 it was not understood. */

import { CommanderError, type Command } from 'commander'
import { CliError, UsageError } from './client.ts'

const EXIT = { ok: 0, failed: 1, usage: 2 } as const

/** Errors that say what is wrong by themselves; of others the stack is shown, because they are bugs. */
const SPOKEN = new Set(['CliError', 'ConfigError', 'StoreError', 'ServeError'])

export async function runCommand(program: Command, argv: readonly string[]): Promise<number> {
  forEachCommand(program, (command) => command.exitOverride().showHelpAfterError('(add --help for what is possible)'))
  try {
    await program.parseAsync([...argv])
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const isUsage = error instanceof UsageError
    const isSpoken = isUsage || error instanceof CliError || (error instanceof Error && SPOKEN.has(error.name))
    complain(isSpoken ? error.message : String((error as Error).stack ?? error))
    return isUsage ? EXIT.usage : EXIT.failed
  }
}

/** Whoever reads our output may have read enough, as `head` does: that is no failure. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.ok)
  })
}

/** Says something on standard error, so that it never gets into what programs read. */
export function complain(text: string): void {
  process.stderr.write(`twinzone: ${text}\n`)
}

function forEachCommand(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const each of command.commands) forEachCommand(each, act)
}
