/** What people type after a verb: endpoints and keys. */

import { UsageError } from './client.ts'

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
  if (plain?.[1] === undefined || port < 1 || port > 65_535)
    throw new UsageError(`expected a ${role} as ADDRESS or ADDRESS:PORT (IPv6 in brackets), found "${text}"`)
  return { ip: plain[1], port }
}

/** A key as people write it: `NAME:ALGORITHM:SECRET`, the secret in base64. */
export function parseKey(text: string): Key {
  const [name, algo, secret, ...more] = text.split(':')
  if (!name || !algo || !secret || more.length > 0)
    throw new UsageError(
      'expected a key as NAME:ALGORITHM:SECRET, for example transfer.example:hmac-sha256:bWFkZSB1cA==',
    )
  return { name, algo, secret }
}

const SPANS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800 }

/** An instant as people write it: a day, RFC 3339, or how long from now as in `12h`, `90d`, `4w`. */
export function parseInstant(text: string, now: number): string {
  const [, amount, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  const at = amount === undefined ? Date.parse(text) : now + Number(amount) * (SPANS[unit] ?? 0) * 1000
  if (Number.isNaN(at) || (amount === undefined && !/^\d{4}-\d{2}-\d{2}(T|$)/.test(text)))
    throw new UsageError(
      `expected a day as 2030-01-31, an instant of RFC 3339, or a time from now as 90d, found "${text}"`,
    )
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
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
