/**
 * SvcParams in presentation format (RFC 9460 §2.1, appendix A).
 *
 * A value is escaped twice where it is a list: as a character-string, and inside it a comma or a backslash that
 * belongs to an item has a backslash of its own. The wire rules stand in `layout-svcparams.ts`.
 */

import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from './address.ts'
import { parseInteger } from './field.ts'
import { decoded } from './field-octets.ts'
import { SVC_KEY } from './layout-svcparams.ts'
import { base64Octets, base64Text, concatOctets, latin1Text } from './octets.ts'
import { TextError, escapeOctets, unescapeOctets, unexpected } from './text.ts'

/** One parameter: its key and its value as it is on the wire. */
export interface SvcParam {
  readonly key: number
  readonly value: Uint8Array
}

/** How the values of one key are written. */
interface ValueForm {
  readonly parse: (value: Uint8Array) => Uint8Array
  readonly print: (value: Uint8Array) => string
}

const COMMA = 0x2c
const BACKSLASH = 0x5c

const KEY_NAMES: readonly string[] = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
  'ohttp',
]

const OPAQUE: ValueForm = { parse: (value) => value, print: (value) => `"${escapeOctets(value)}"` }

const FORMS: ReadonlyMap<number, ValueForm> = new Map([
  [
    SVC_KEY.MANDATORY,
    {
      parse: (value) => concatOctets(...mandatoryKeys(value).map(u16Octets)),
      print: (value) =>
        pieces(value, 2)
          .map((key) => printKey(u16(key)))
          .join(','),
    },
  ],
  [
    SVC_KEY.ALPN,
    {
      parse: (value) => concatOctets(...splitItems(value).map(protocolId)),
      print: (value) => `"${escapeOctets(joinItems(protocolIds(value)))}"`,
    },
  ],
  [
    SVC_KEY.PORT,
    { parse: (value) => u16Octets(parseInteger(latin1Text(value), 0xffff)), print: (value) => String(u16(value)) },
  ],
  [SVC_KEY.IPV4HINT, addressList(4, parseIpv4, (value) => printIpv4(value))],
  [SVC_KEY.IPV6HINT, addressList(16, parseIpv6, (value) => printIpv6(value))],
  [SVC_KEY.ECH, { parse: (value) => decoded(latin1Text(value), 'base64', base64Octets), print: base64Text }],
])

/** Reads a token such as `alpn="h2,h3"`, `port=53` or `no-default-alpn`. */
export function parseSvcParam(token: string): SvcParam {
  const equals = token.indexOf('=')
  const name = equals < 0 ? token : token.slice(0, equals)
  const key = parseKey(name)
  const value = equals < 0 ? '' : token.slice(equals + 1)
  const quoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"')
  const octets = unescapeOctets(quoted ? value.slice(1, -1) : value)
  const form = name === KEY_NAMES[key] ? FORMS.get(key) : OPAQUE // `key1=…` holds what is on the wire
  if (form !== undefined && form !== OPAQUE && octets.length === 0) throw unexpected(`a value of ${name}`, token)
  return { key, value: (form ?? OPAQUE).parse(octets) }
}

/** The token of a parameter. */
export function printSvcParam({ key, value }: SvcParam): string {
  return value.length === 0 ? printKey(key) : `${printKey(key)}=${(FORMS.get(key) ?? OPAQUE).print(value)}`
}

/** Younger keys than those of RFC 9460 go by number, which every reader knows. */
function printKey(key: number): string {
  return (key <= SVC_KEY.IPV6HINT ? KEY_NAMES[key] : undefined) ?? `key${key}`
}

/** Key names are lower case; `keyN` has no leading zeros (RFC 9460 §2.1). */
function parseKey(name: string): number {
  const known = KEY_NAMES.indexOf(name)
  if (known >= 0) return known
  const digits = /^key(0|[1-9]\d{0,4})$/.exec(name)?.[1]
  const key = digits === undefined ? Number.POSITIVE_INFINITY : Number(digits)
  if (key > 0xffff) throw unexpected('a SvcParam key', name)
  return key
}

/** Keys in any order, each once; on the wire they stand in order. */
function mandatoryKeys(value: Uint8Array): number[] {
  const keys = splitItems(value).map((name) => parseKey(latin1Text(name)))
  if (new Set(keys).size !== keys.length) throw new TextError('expected each mandatory key once, found one twice')
  return keys.sort((a, b) => a - b)
}

function protocolId(id: Uint8Array): Uint8Array {
  if (id.length < 1 || id.length > 255)
    throw new TextError(`expected a protocol id of 1 to 255 octets, found ${id.length}`)
  return concatOctets(Uint8Array.of(id.length), id)
}

function protocolIds(value: Uint8Array): Uint8Array[] {
  const ids: Uint8Array[] = []
  for (let at = 0; at < value.length; at += 1 + (value[at] as number)) {
    ids.push(value.subarray(at + 1, at + 1 + (value[at] as number)))
  }
  return ids
}

function addressList(
  length: number,
  parse: (text: string) => Uint8Array | undefined,
  print: (octets: Uint8Array) => string,
): ValueForm {
  const addressOf = (item: Uint8Array): Uint8Array => {
    const address = parse(latin1Text(item))
    if (address === undefined) throw unexpected('an address', latin1Text(item))
    return address
  }
  return {
    parse: (value) => concatOctets(...splitItems(value).map(addressOf)),
    print: (value) => pieces(value, length).map(print).join(','),
  }
}

/** The items of a list, their own commas and backslashes freed of their backslashes (RFC 9460 appendix A.1). */
function splitItems(value: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = []
  let item: number[] = []
  for (let at = 0; at < value.length; at++) {
    const octet = value[at] as number
    if (octet === COMMA) {
      items.push(Uint8Array.from(item))
      item = []
    } else if (octet !== BACKSLASH) item.push(octet)
    else {
      const escaped = value[++at]
      if (escaped !== COMMA && escaped !== BACKSLASH)
        throw new TextError('expected a comma or backslash to escape in a list')
      item.push(escaped)
    }
  }
  return [...items, Uint8Array.from(item)]
}

function joinItems(items: readonly Uint8Array[]): Uint8Array {
  const joined: number[] = []
  for (const [index, item] of items.entries()) {
    if (index > 0) joined.push(COMMA)
    for (const octet of item) {
      if (octet === COMMA || octet === BACKSLASH) joined.push(BACKSLASH)
      joined.push(octet)
    }
  }
  return Uint8Array.from(joined)
}

function pieces(value: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: value.length / length }, (_, at) => value.subarray(at * length, (at + 1) * length))
}

function u16(octets: Uint8Array): number {
  return ((octets[0] as number) << 8) | (octets[1] as number)
}

function u16Octets(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value)
}
