/**
 * What the answer of a resolver means (RFC 1034 §5.3.1, RFC 2308 §2): addresses of a host, the nameservers of a zone, or
 * that there are none. A name without data, a name that does not exist, and a question that found no answer are three
 * different things: the first two are news, the third is not.
 */

import { CLASS, RCODE, rcodeName } from '../dns/code.ts'
import type { Edns } from '../dns/edns.ts'
import { newMessage, readMessage, type DnsRecord, type Message, type Question } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { nameFromWire, nameKey, printName, sameName, type Name } from '../dns/name.ts'
import { SOA } from '../dns/records/soa.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import { WireError } from '../dns/wire.ts'
import { TYPE } from '../zone/stored-record.ts'

/** What a name and type come to. TTLs are those of the whole chain: how long all of it may be kept. */
export type Resolution =
  | {
      readonly type: 'found'
      /** Where the chain of CNAME records ends. */
      readonly name: Name
      readonly rdatas: readonly Uint8Array[]
      readonly ttl: number
    }
  /** The name exists and has no such records. */
  | { readonly type: 'no data'; readonly ttl: number }
  | { readonly type: 'no such name'; readonly ttl: number }
  /** Nobody could say; the sentence tells why. */
  | { readonly type: 'failed'; readonly why: string }

/** What one answer says: perhaps only where to go on. */
export type AnswerMeaning = Resolution | { readonly type: 'alias'; readonly name: Name; readonly ttl: number }

/** A chain of aliases of this length is a loop, or as bad. */
export const CHAIN_MAX = 16

/** What fits into a UDP packet that nobody has to cut up (RFC 9715). */
const EDNS: Edns = { udpSize: 1232, version: 0, do: false, flags: 0, options: [] }

/** The question to a resolver, or, with RD clear, to a server that should know by itself (RFC 1035 §4.1.1). */
export function lookupQuery(
  { name, type }: Pick<Question, 'name' | 'type'>,
  { id, recursion }: { readonly id: number; readonly recursion: 'desired' | 'not desired' },
): Uint8Array {
  const questions = [{ name, type, class: CLASS.IN }]
  return writeMessage(newMessage({ id, rd: recursion === 'desired', questions, edns: EDNS }))
}

/** Whether the answer was cut, and the question must be asked by TCP (RFC 7766 §5). */
export const isCut = (octets: Uint8Array): boolean => ((octets[2] as number) & 0x02) !== 0

/** The message; a sentence if it is none. */
export function readAnswer(octets: Uint8Array): Message | string {
  try {
    return readMessage(octets)
  } catch (error) {
    if (error instanceof WireError) return `the answer is malformed: ${error.message}`
    throw error
  }
}

/** What an answer says about a name and type. */
export function meaningOf(message: Message, { name, type }: Pick<Question, 'name' | 'type'>): AnswerMeaning {
  const { rcode } = message
  if (rcode !== RCODE.NXDOMAIN && rcode !== RCODE.NOERROR) return failed(`the answer is ${rcodeName(rcode)}`)
  const chain = followAliases(message.answer, name, type)
  if (chain === undefined) return failed(`${printName(name)} is an alias that leads in a circle`)
  const found = ownRecords(message.answer, chain.name, type)
  const ttl = found.reduce((lowest, record) => Math.min(lowest, record.ttl), chain.ttl)
  if (found.length > 0) return { type: 'found', name: chain.name, rdatas: found.map(({ rdata }) => rdata), ttl }
  const denial = message.authority.find((record) => record.type === TYPE.SOA)
  const denialTtl = denial === undefined ? 0 : Math.min(ttl, denial.ttl, SOA.decode(denial.rdata).minimum)
  if (rcode === RCODE.NXDOMAIN) return { type: 'no such name', ttl: denialTtl }
  if (denial === undefined && !sameName(chain.name, name)) return { type: 'alias', name: chain.name, ttl }
  if (denial === undefined && !message.aa && message.authority.some((record) => record.type === TYPE.NS))
    return failed(`the answer about ${printName(name)} ${typeMnemonic(type)} sends us elsewhere: is this a resolver?`)
  return { type: 'no data', ttl: denialTtl }
}

/** The last name of the chain that begins at a name, as far as the answer has it; undefined if it is a circle. */
function followAliases(
  answer: readonly DnsRecord[],
  from: Name,
  type: number,
): { readonly name: Name; readonly ttl: number } | undefined {
  let name = from
  let ttl = Infinity
  const seen = new Set<string>()
  for (;;) {
    if (type === TYPE.CNAME || ownRecords(answer, name, type).length > 0) return { name, ttl }
    const [alias] = ownRecords(answer, name, TYPE.CNAME)
    if (alias === undefined) return { name, ttl }
    if (seen.has(nameKey(name)) || seen.size === CHAIN_MAX) return undefined
    seen.add(nameKey(name))
    ttl = Math.min(ttl, alias.ttl)
    name = nameFromWire(alias.rdata)
  }
}

function ownRecords(records: readonly DnsRecord[], owner: Name, type: number): readonly DnsRecord[] {
  return records.filter((record) => record.type === type && record.class === CLASS.IN && sameName(record.owner, owner))
}

const failed = (why: string): Resolution => ({ type: 'failed', why })
