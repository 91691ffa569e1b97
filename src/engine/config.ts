/**
 * Reads the configuration: a YAML file, then environment variables over it, then defaults under both.
 *
 * Anything unusable is a `ConfigError` that says what was seen, what was expected, and at which line and column.
 */

import { readFileSync } from 'node:fs'
import Value from 'typebox/value'
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import { Settings } from './settings.ts'

/** Unusable configuration; the message names the place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

/** Environment variables and the setting each one stands for. `NAME_FILE` names a file that holds the value. */
const VARIABLES: Readonly<Record<string, (text: string) => Record<string, unknown>>> = {
  TWINZONE_DATA: (text) => ({ data: text }),
  TWINZONE_DNS: (text) => ({ dns: list(text) }),
  TWINZONE_HTTP: (text) => ({ http: text }),
  TWINZONE_ADMIN_TOKEN: (text) => ({ adminToken: text }),
  TWINZONE_KEY: (text) => ({ sealKey: text }),
  TWINZONE_LOG: (text) => ({ log: text }),
  TWINZONE_LOG_LEVEL: (text) => ({ logLevel: text }),
  TWINZONE_XFR_ALLOW: (text) => ({ transferAllow: list(text) }),
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** The settings in force. `path` is the YAML file; without one only the environment and the defaults count. */
export function loadConfig(
  { path, environment, terminal = false }: { path?: string | undefined; environment: Environment; terminal?: boolean },
  read: (path: string) => string = (file) => readFileSync(file, 'utf8'),
): Settings {
  const file = path === undefined ? undefined : parseFile(path, readText(path, read))
  const given = { ...(file?.value as object | undefined), ...fromEnvironment(environment, read) }
  const filled = Value.Default(Settings, { log: terminal ? 'pretty' : 'json', ...given })
  const problem = [...Value.Errors(Settings, filled)].find((error) => error.keyword !== 'boolean')
  if (problem === undefined) return filled as Settings
  throw new ConfigError(describe(problem, filled, file, given))
}

interface ConfigFile {
  readonly path: string
  readonly document: Document
  readonly lines: LineCounter
  readonly value: unknown
}

function parseFile(path: string, text: string): ConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) throw new ConfigError(`${error.message} (${place(path, lines, error.pos[0])})`)
  const value: unknown = document.toJS()
  if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
    throw new ConfigError(`expected settings as "name: value" lines (${path}:1:1)`)
  return { path, document, lines, value }
}

function readText(path: string, read: (path: string) => string): string {
  try {
    return read(path)
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function fromEnvironment(environment: Environment, read: (path: string) => string): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(VARIABLES)) {
    const file = environment[`${name}_FILE`]
    const text = file === undefined ? environment[name] : readText(file, read).trim()
    if (text !== undefined) Object.assign(found, setting(text))
  }
  return found
}

/** What Value.Errors tells about one problem. */
interface Problem {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

function describe(problem: Problem, filled: unknown, file: ConfigFile | undefined, given: object): string {
  const keys = problem.instancePath.split('/').slice(1)
  const extra = (problem.params as { additionalProperties?: string[] }).additionalProperties?.[0]
  if (extra !== undefined) keys.push(extra)
  const name = keys.join('.')
  const seen = keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], filled)
  const said = extra === undefined ? `${problem.message}, found ${JSON.stringify(seen)}` : 'is not a known setting'
  return `setting "${name}" ${said}${where(keys, file, given)}`
}

/** Where the file sets it; nothing where the environment does, or nobody. */
function where(keys: readonly string[], file: ConfigFile | undefined, given: object): string {
  const node = file?.document.getIn(keys, true)
  if (file === undefined || !(keys[0] !== undefined && keys[0] in given) || !isNode(node)) return ''
  return ` (${place(file.path, file.lines, node.range?.[0] ?? 0)})`
}

/** `path:line:column` of an offset in the file, as editors understand it. */
function place(path: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${path}:${line}:${col}`
}
