/** What people type after a verb: endpoints and keys. */

import { UsageError } from './client.ts'

/** A primary as people write it: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
export function parsePrimary(text: string): { ip: string; port: number } {
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::(\d+))?$/.exec(text)
  const plain =
    bracketed ?? /^(\d+\.\d+\.\d+\.\d+)(?::(\d+))?$/.exec(text) ?? /^([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)()$/.exec(text)
  const port = Number(plain?.[2] === undefined || plain[2] === '' ? 53 : plain[2])
  if (plain?.[1] === undefined || port < 1 || port > 65_535)
    throw new UsageError(`expected a primary as ADDRESS or ADDRESS:PORT (IPv6 in brackets), found "${text}"`)
  return { ip: plain[1], port }
}

/** A key as people write it: `NAME:ALGORITHM:SECRET`, the secret in base64. */
export function parseKey(text: string): { name: string; algo: string; secret: string } {
  const [name, algo, secret, ...more] = text.split(':')
  if (!name || !algo || !secret || more.length > 0)
    throw new UsageError(
      'expected a key as NAME:ALGORITHM:SECRET, for example transfer.example:hmac-sha256:bWFkZSB1cA==',
    )
  return { name, algo, secret }
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
