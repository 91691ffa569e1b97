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
    if (error instanceof UsageError) return complain(error.message, EXIT.usage)
    const spoken = error instanceof CliError || (error instanceof Error && SPOKEN.has(error.name))
    return complain(spoken ? error.message : String((error as Error).stack ?? error), EXIT.failed)
  }
}

/** Whoever reads our output may have read enough, as `head` does: that is no failure. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.ok)
  })
}

function complain(text: string, code: number): number {
  process.stderr.write(`twinzone: ${text}\n`)
  return code
}

function forEachCommand(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const each of command.commands) forEachCommand(each, act)
}
