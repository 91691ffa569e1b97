/** What people type after a verb: endpoints, keys, instants, numbers. */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { CliError, UsageError } from './client.ts'

export interface Endpoint {
  readonly ip: string
  readonly port: number
}

export interface Key {
  readonly name: string
  readonly algo: string
  readonly secret: string
}

export const parsePrimary = (text: string): Endpoint => parsePeer('primary', text)
export const parseSecondary = (text: string): Endpoint => parsePeer('secondary', text)

/** A peer as people write it: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
function parsePeer(role: 'primary' | 'secondary', text: string): Endpoint {
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::(\d+))?$/.exec(text)
  const plain =
    bracketed ?? /^(\d+\.\d+\.\d+\.\d+)(?::(\d+))?$/.exec(text) ?? /^([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)()$/.exec(text)
  const port = Number(plain?.[2] === undefined || plain[2] === '' ? 53 : plain[2])
  if (plain?.[1] === undefined || isIP(plain[1]) === 0 || port < 1 || port > 65_535)
    throw new UsageError(`expected a ${role} as ADDRESS or ADDRESS:PORT (IPv6 in brackets), found "${text}"`)
  return { ip: plain[1], port }
}

/** A key as people write it: `NAME:ALGORITHM:SECRET`, the secret in base64, or as `@FILE` with the file that holds it. */
export function parseKey(text: string): Key {
  const [, name, algo, secret] = /^([^:]+):([^:]+):(@.+|[^:@]+)$/s.exec(text) ?? []
  if (name === undefined || algo === undefined || secret === undefined)
    throw new UsageError(
      'expected a key as NAME:ALGORITHM:SECRET or NAME:ALGORITHM:@FILE, for example transfer.example:hmac-sha256:bWFkZSB1cA==',
    )
  return { name, algo, secret: secret.startsWith('@') ? secretIn(secret.slice(1), name) : secret }
}

function secretIn(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new CliError(`cannot read ${path} (secret of the key ${name}): ${(error as Error).message}`, { cause: error })
  }
}

const SPANS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800 }

/**
 * An instant as people write it: a day, which stands for its beginning in UTC; RFC 3339, whose offset must be there; or how
 * long from now as in `12h`, `90d`, `4w`.
 */
export function parseInstant(text: string, now: number): string {
  const [, amount, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  const at = amount === undefined ? instantOf(text) : now + Number(amount) * (SPANS[unit] ?? 0) * 1000
  if (Number.isNaN(at))
    throw new UsageError(
      `expected a day as 2030-01-31, an instant as 2030-01-31T12:00:00Z, or a time from now as 90d, found "${text}"`,
    )
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Not a number for what is none. `Date.parse` alone takes times without an offset, and 31 February for a day in March. */
function instantOf(text: string): number {
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/i.exec(text) ?? []
  const midnight = new Date(`${day}T00:00:00Z`)
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
  return isDay ? Date.parse(text.toUpperCase()) : NaN
}

/** A whole number within bounds. */
export function parseWhole(name: string, { min, max }: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new UsageError(`expected ${name} from ${min} to ${max}, found "${text}"`)
    return value
  }
}
