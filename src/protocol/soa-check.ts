/**
 * The SOA check: what an answer to a SOA query says of a primary (RFC 1034 §4.3.5).
 *
 * Only one authoritative SOA record of the zone itself counts. Everything else has a reason of its own, because behind
 * each lies another mistake at the primary.
 */

import { CLASS, OPCODE } from '../dns/code.ts'
import { OPTION, optionOf, readExpire } from '../dns/edns.ts'
import { readHeader, readMessage, type Message } from '../dns/message.ts'
import { printName, sameName, type Name } from '../dns/name.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import { HEADER_OCTETS, WireError } from '../dns/wire.ts'
import { TYPE } from '../zone/stored-record.ts'
import { reasonOfRcode } from './rcode-reason.ts'
import { reason, type Reason } from './reason.ts'
import type { SoaFacts } from './refresh-policy.ts'
import { soaFacts } from './soa-facts.ts'

export type SoaCheck =
  | {
      readonly type: 'soa'
      readonly soa: SoaFacts
      /** The EDNS EXPIRE option, if the primary sent one of four octets (RFC 7314 §4). */
      readonly expireSeconds: number | undefined
    }
  | { readonly type: 'failed'; readonly reason: Reason }

/** Whether octets may be the answer to a query by UDP; what is not is passed over, as it may come from anybody. */
export function mayAnswer(octets: Uint8Array, id: number): boolean {
  if (octets.length < HEADER_OCTETS) return false
  const header = readHeader(octets)
  return header.id === id && header.qr
}

/** Reads the answer to the query with this ID for the SOA record of this zone. */
export function readSoaAnswer(
  octets: Uint8Array,
  { apex, id }: { readonly apex: Name; readonly id: number },
): SoaCheck {
  const wrong = headerFault(octets, id)
  if (wrong !== undefined) return failed(wrong)
  let message: Message
  try {
    message = readMessage(octets)
  } catch (error) {
    if (error instanceof WireError) return failed(reason('soa-malformed', { error: error.message }))
    throw error
  }
  return judgeAnswer(message, apex)
}

function headerFault(octets: Uint8Array, id: number): Reason | undefined {
  if (octets.length < HEADER_OCTETS) return reason('short-message', { octets: octets.length })
  const header = readHeader(octets)
  if (header.id !== id) return reason('wrong-id', { expected: id, found: header.id })
  if (!header.qr) return reason('not-a-response', {})
  if (header.opcode !== OPCODE.QUERY) return reason('wrong-opcode', { opcode: header.opcode })
  return header.tc ? reason('soa-truncated', {}) : undefined
}

function judgeAnswer(message: Message, apex: Name): SoaCheck {
  const { rcode, edns, answer, authority } = message
  if (rcode !== 0) return failed(reasonOfRcode(rcode, edns))
  const asked = questionFault(message, apex)
  if (asked !== undefined) return failed(asked)
  const own = answer.filter(({ owner, class: klass }) => klass === CLASS.IN && sameName(owner, apex))
  const soas = own.filter(({ type }) => type === TYPE.SOA)
  if (!message.aa) {
    const referred = soas.length === 0 && authority.some(({ type }) => type === TYPE.NS)
    return failed(referred ? reason('soa-referral', {}) : reason('soa-lame', {}))
  }
  if (own.some(({ type }) => type === TYPE.CNAME)) return failed(reason('soa-alias', {}))
  const [soa] = soas
  if (soa === undefined) return failed(reason('soa-nodata', {}))
  if (soas.length > 1) return failed(reason('soa-count', { count: soas.length }))
  const octets = optionOf(edns, OPTION.EXPIRE)
  const expireSeconds = octets && readExpire(octets)
  return { type: 'soa', soa: soaFacts(soa.rdata, 0, soa.rdata.length), expireSeconds }
}

function questionFault({ questions }: Message, apex: Name): Reason | undefined {
  const [question] = questions
  if (question === undefined || questions.length > 1)
    return reason('wrong-question', { found: `${questions.length} questions` })
  const { name, type, class: klass } = question
  if (sameName(name, apex) && type === TYPE.SOA && klass === CLASS.IN) return undefined
  return reason('wrong-question', { found: `${printName(name)} ${typeMnemonic(type)} in class ${klass}` })
}

function failed(why: Reason): SoaCheck {
  return { type: 'failed', reason: why }
}
