/** What the environment says of options that nobody has typed. */

import { readFileSync } from 'node:fs'
import { CliError } from './client.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The value of a variable; undefined where it is not set. As for settings of the server, `NAME_FILE` names a file that holds
 * the value, and goes before `NAME`.
 */
export function variable(name: string, environment: Environment = process.env): string | undefined {
  const path = environment[`${name}_FILE`]
  if (path === undefined) return environment[name]
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new CliError(`cannot read ${path} (${name}_FILE): ${(error as Error).message}`, { cause: error })
  }
}
