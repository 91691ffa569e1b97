/**
 * EDNS: the OPT pseudo-record and the options it carries (RFC 6891).
 *
 * What stands in an OPT record is not a record: its class is a size, its TTL is flags. So it never appears among a
 * message's records, but as `edns` beside them.
 */

import { copyOctets, utf8Octets, utf8Text } from './octets.ts'
import type { Reader, Writer } from './wire.ts'
import { META_TYPE } from './code.ts'

/** The OPT record of a message, without the upper bits of the RCODE, which belong to the message. */
export interface Edns {
  /** The largest UDP message the sender can take, as it says; see `udpSizeOf`. */
  readonly udpSize: number
  readonly version: number
  /** Whether DNSSEC records are wanted (RFC 3225). */
  readonly do: boolean
  /** The 15 flags that mean nothing yet. */
  readonly flags: number
  readonly options: readonly EdnsOption[]
}

/** One option; codes that nobody knows are kept as they are. */
export interface EdnsOption {
  readonly code: number
  readonly octets: Uint8Array
}

/** Codes of the options we know (IANA "DNS EDNS0 Option Codes"). */
export const OPTION = {
  NSID: 3,
  EXPIRE: 9,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EDE: 15,
  REPORT_CHANNEL: 18,
  ZONEVERSION: 19,
} as const

/** What every host takes by UDP, EDNS or not (RFC 1035 §4.2.1, RFC 6891 §6.2.3). */
export const UDP_OCTETS_MIN = 512

const DO = 0x8000
const OPT_FIXED_OCTETS = 11
const OPTION_FIXED_OCTETS = 4

/** How large an answer by UDP may be, as far as the asker is concerned. */
export function udpSizeOf(edns: Edns | undefined): number {
  return Math.max(UDP_OCTETS_MIN, edns?.udpSize ?? 0)
}

/** The octets of the first option with this code; later ones of the same code are passed over. */
export function optionOf(edns: Edns | undefined, code: number): Uint8Array | undefined {
  return edns?.options.find((option) => option.code === code)?.octets
}

/** Reads the RDATA of an OPT record; `field` is what stands where other records have class and TTL. */
export function readOpt(rdata: Reader, field: { class: number; ttl: number }): Edns {
  const options: EdnsOption[] = []
  while (rdata.remaining > 0) {
    const code = rdata.u16()
    options.push({ code, octets: copyOctets(rdata.take(rdata.u16())) })
  }
  const flags = field.ttl & 0xffff
  return {
    udpSize: field.class,
    version: (field.ttl >>> 16) & 0xff,
    do: (flags & DO) !== 0,
    flags: flags & ~DO,
    options,
  }
}

/** Writes the OPT record, which also takes the upper eight bits of the RCODE. */
export function writeOpt(writer: Writer, edns: Edns, rcode: number): void {
  writer.u8(0)
  writer.u16(META_TYPE.OPT)
  writer.u16(edns.udpSize)
  writer.u8(rcode >>> 4)
  writer.u8(edns.version)
  writer.u16(edns.flags | (edns.do ? DO : 0))
  const length = writer.reserveU16()
  for (const { code, octets } of edns.options) {
    writer.u16(code)
    writer.u16(octets.length)
    writer.octets(octets)
  }
  writer.patchLength(length)
}

/** How many octets the OPT record takes in a message. */
export function optOctets(edns: Edns | undefined): number {
  if (edns === undefined) return 0
  return edns.options.reduce((sum, { octets }) => sum + OPTION_FIXED_OCTETS + octets.length, OPT_FIXED_OCTETS)
}

/** COOKIE (RFC 7873 §4): eight octets of the client's, and once it has them, 8 to 32 of the server's. */
export interface Cookie {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

/** The cookie, its server part empty if there is none; undefined if the lengths are wrong, which is a FORMERR. */
export function readCookie(octets: Uint8Array): Cookie | undefined {
  const { length } = octets
  if (length !== 8 && (length < 16 || length > 40)) return undefined
  return { client: octets.subarray(0, 8), server: octets.subarray(8) }
}

export function cookieOption({ client, server }: Cookie): EdnsOption {
  const octets = new Uint8Array(client.length + server.length)
  octets.set(client)
  octets.set(server, client.length)
  return { code: OPTION.COOKIE, octets }
}

/** EXPIRE as it is asked for: empty (RFC 7314 §3.1). */
export const EXPIRE_QUESTION: EdnsOption = { code: OPTION.EXPIRE, octets: new Uint8Array(0) }

/** EXPIRE as it is answered: how long the zone is still good at the answering server (RFC 7314 §3.2). */
export function expireOption(seconds: number): EdnsOption {
  return { code: OPTION.EXPIRE, octets: numberOctets(seconds, 4) }
}

/** The seconds of an EXPIRE answer; undefined for every length but four (RFC 7314 §4). */
export function readExpire(octets: Uint8Array): number | undefined {
  return octets.length === 4 ? numberOf(octets) : undefined
}

/** TCP-KEEPALIVE in an answer: how long the connection may idle, in steps of 100 ms (RFC 7828 §3.1). */
export function keepaliveOption(idleMs: number): EdnsOption {
  return { code: OPTION.TCP_KEEPALIVE, octets: numberOctets(Math.min(Math.round(idleMs / 100), 0xffff), 2) }
}

/** The milliseconds of a TCP-KEEPALIVE answer; undefined for the empty form of a query and for odd lengths. */
export function readKeepalive(octets: Uint8Array): number | undefined {
  return octets.length === 2 ? numberOf(octets) * 100 : undefined
}

/** PADDING that brings a message up to whole blocks (RFC 8467 §4); `messageOctets` is its length without this option. */
export function paddingOption(messageOctets: number, blockOctets: number): EdnsOption {
  const over = (messageOctets + OPTION_FIXED_OCTETS) % blockOctets
  return { code: OPTION.PADDING, octets: new Uint8Array(over === 0 ? 0 : blockOctets - over) }
}

/** Extended DNS Error: why, beside the RCODE (RFC 8914 §2). */
export interface ExtendedError {
  readonly code: number
  readonly text: string
}

export function extendedErrorOption({ code, text }: ExtendedError): EdnsOption {
  const words = utf8Octets(text)
  const octets = new Uint8Array(2 + words.length)
  octets.set(numberOctets(code, 2))
  octets.set(words, 2)
  return { code: OPTION.EDE, octets }
}

/** Reads an Extended DNS Error; a NUL that some senders put at the end of the text is not part of it. */
export function readExtendedError(octets: Uint8Array): ExtendedError | undefined {
  if (octets.length < 2) return undefined
  const end = octets.at(-1) === 0 ? -1 : undefined
  return { code: numberOf(octets.subarray(0, 2)), text: utf8Text(octets.subarray(2, end)) }
}

function numberOctets(value: number, count: number): Uint8Array {
  return new Uint8Array(count).map((_, at) => value >>> (8 * (count - 1 - at)))
}

function numberOf(octets: Uint8Array): number {
  return octets.reduce((value, octet) => value * 256 + octet, 0)
}
