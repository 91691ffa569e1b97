/**
 * Reads the configuration: a YAML file, then environment variables over it, then defaults under both.
 *
 * Anything unusable is a `ConfigError` that says what was seen, what was expected, and at which line and column.
 */

import { readFileSync } from 'node:fs'
import Value from 'typebox/value'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { findMisfit, type Misfit } from './setting-forms.ts'
import { Settings } from './settings.ts'

/** Unusable configuration; the message names the place. */
class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

/** Environment variables and the setting each one stands for. `NAME_FILE` names a file that holds the value. */
export const VARIABLES: Readonly<Record<string, (text: string) => Record<string, unknown>>> = {
  TWINZONE_DATA: (text) => ({ data: text }),
  TWINZONE_DNS: (text) => ({ dns: list(text) }),
  TWINZONE_HTTP: (text) => ({ http: text }),
  TWINZONE_HTTPS: (text) => ({ https: text }),
  TWINZONE_ADMIN_TOKEN: (text) => ({ adminToken: text }),
  TWINZONE_KEY: (text) => ({ sealKey: text }),
  TWINZONE_LOG: (text) => ({ log: text }),
  TWINZONE_LOG_LEVEL: (text) => ({ logLevel: text }),
  TWINZONE_XFR_ALLOW: (text) => ({ transferAllow: list(text) }),
  TWINZONE_UDP: (text) => ({ udp: text }),
  TWINZONE_ANSWER_THREADS: (text) => ({ threads: { answer: /^\d+$/.test(text) ? Number(text) : text } }),
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
  const variables = fromEnvironment(environment, read)
  const given = { ...(file?.value as object | undefined), ...variables.settings }
  const filled = Value.Default(Settings, { log: terminal ? 'pretty' : 'json', ...given })
  const misfit = misfitOf(filled)
  if (misfit === undefined) return filled as Settings
  const { keys, said } = misfit
  const place = variables.names.get(keys[0] ?? '') ?? (file && placeOf(misfit, file))
  throw new ConfigError(`setting "${keys.join('.')}" ${said}${place === undefined ? '' : ` (${place})`}`)
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
  if (error !== undefined) throw new ConfigError(`${error.message} (${placeIn(path, lines, error.pos[0])})`)
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

/** What the environment sets, and which variable sets what. */
function fromEnvironment(environment: Environment, read: (path: string) => string) {
  const settings: Record<string, unknown> = {}
  const names = new Map<string, string>()
  for (const [name, setting] of Object.entries(VARIABLES)) {
    const file = environment[`${name}_FILE`]
    const text = file === undefined ? environment[name] : readText(file, read).trim()
    if (text === undefined) continue
    const set = setting(text)
    Object.assign(settings, set)
    for (const key of Object.keys(set)) names.set(key, file === undefined ? name : `${name}_FILE`)
  }
  return { settings, names }
}

/** The first setting that cannot be used: by the schema, or for what the schema cannot say. */
function misfitOf(filled: unknown): Misfit | undefined {
  const errors = [...Value.Errors(Settings, filled)].filter((error) => error.keyword !== 'boolean')
  const [problem] = errors
  if (problem === undefined) return findMisfit(filled as Settings)
  const keys = problem.instancePath.split('/').slice(1)
  const extra = (problem.params as { additionalProperties?: string[] }).additionalProperties?.[0]
  if (extra !== undefined) return { keys: [...keys, extra], said: 'is not a known setting', unknown: true }
  const choices = errors.flatMap(({ instancePath, params }) =>
    instancePath === problem.instancePath && 'allowedValue' in params ? [JSON.stringify(params.allowedValue)] : [],
  )
  const expected = choices.length > 1 ? `must be one of ${choices.join(', ')}` : problem.message
  const seen = keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], filled)
  return { keys, said: `${expected}, found ${shown(keys, seen)}` }
}

/** A value as messages show it; secrets are not for messages. */
function shown([first]: readonly string[], value: unknown): string {
  const secret = first === 'adminToken' || first === 'sealKey'
  return secret && typeof value === 'string' ? `${value.length} characters` : JSON.stringify(value)
}

/** Where the file sets it: at its value, or at its name if there is none or it is wrong. Undefined if it does not. */
function placeOf({ keys, unknown = false }: Misfit, { path, document, lines }: ConfigFile): string | undefined {
  const value = document.getIn(keys, true)
  const valued = isNode(value) && !(isScalar(value) && value.value === null)
  const node = valued && !unknown ? value : nameIn(keys, document)
  return isNode(node) && node.range ? placeIn(path, lines, node.range[0]) : undefined
}

function nameIn(keys: readonly string[], document: Document): unknown {
  const within = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
  return isMap(within) ? within.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1))?.key : undefined
}

/** `path:line:column` of an offset in the file, as editors understand it. */
function placeIn(path: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${path}:${line}:${col}`
}
