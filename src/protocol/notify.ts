/**
 * NOTIFY as it comes in: who may send it, what it is answered, and what it is worth (RFC 1996).
 *
 * A NOTIFY starts a check and no more. The serial it may carry is a hint that can spare the check, never one that
 * changes data. What is not a NOTIFY in form is refused by its counts alone, before a name is read.
 */

import { CLASS, EDE, OPCODE, RCODE } from '../dns/code.ts'
import { extendedErrorOption } from '../dns/edns.ts'
import { newMessage, readHeader, readMessage, responseTo, type Message } from '../dns/message.ts'
import { sameName, type Name } from '../dns/name.ts'
import type { Serial } from '../dns/serial.ts'
import { HEADER_OCTETS, Reader, WireError } from '../dns/wire.ts'
import { TYPE } from '../zone/stored-record.ts'
import type { AccessDecision } from './access.ts'
import { ednsFor } from './response-edns.ts'
import { soaFacts } from './soa-facts.ts'

/** What judging needs to know of our zones. The TSIG was verified before, and is not part of the octets any more. */
export interface NotifyContext<Zone> {
  /** The zone of this name that we are a secondary for. */
  readonly zoneOf: (apex: Name) => Zone | undefined
  readonly decide: (zone: Zone) => AccessDecision
}

/** Why a NOTIFY starts nothing. */
type NotifyRefusal =
  | 'malformed'
  | 'type is not SOA'
  | 'class is not IN'
  | 'EDNS version is unknown'
  | 'not a secondary for this zone'
  | Extract<AccessDecision, { allowed: false }>['why']

export type NotifyVerdict<Zone> =
  /** Not a request at all: nothing is answered (RFC 1035 §4.1.1). */
  | { readonly type: 'silent' }
  | {
      readonly type: 'refresh'
      readonly zone: Zone
      /** The primary it came from, unless it came from elsewhere in an allowed network. */
      readonly from: string | undefined
      readonly serialHint: Serial | undefined
      readonly rule: string
      readonly response: Message
    }
  | {
      readonly type: 'refused'
      readonly why: NotifyRefusal
      readonly apex: Name | undefined
      readonly response: Message
    }

/** Judges a message with opcode NOTIFY. */
export function judgeNotify<Zone>(octets: Uint8Array, context: NotifyContext<Zone>): NotifyVerdict<Zone> {
  if (octets.length < HEADER_OCTETS || readHeader(octets).qr) return { type: 'silent' }
  if (!hasFormOfNotify(octets)) return malformed(octets)
  try {
    return judge(readMessage(octets), context)
  } catch (error) {
    if (error instanceof WireError) return malformed(octets)
    throw error
  }
}

/** One question, at most one answer, no authority, and nothing additional but OPT and TSIG. */
function hasFormOfNotify(octets: Uint8Array): boolean {
  const counts = new Reader(octets, 4)
  return counts.u16() === 1 && counts.u16() <= 1 && counts.u16() === 0 && counts.u16() <= 2
}

function judge<Zone>(request: Message, { zoneOf, decide }: NotifyContext<Zone>): NotifyVerdict<Zone> {
  const [question] = request.questions
  if (question === undefined || request.additional.length > 0) return refused(request, RCODE.FORMERR, 'malformed')
  const { name: apex, type, class: klass } = question
  if ((request.edns?.version ?? 0) > 0) return refused(request, RCODE.BADVERS, 'EDNS version is unknown')
  if (klass === CLASS.ANY || klass === CLASS.NONE) return refused(request, RCODE.FORMERR, 'class is not IN')
  if (klass !== CLASS.IN) return refused(request, RCODE.REFUSED, 'class is not IN')
  // NOTIFY for CDS and CSYNC (RFC 9859) is for those who keep delegations.
  if (type !== TYPE.SOA) return refused(request, RCODE.NOTIMP, 'type is not SOA')
  const zone = zoneOf(apex)
  if (zone === undefined) return refused(request, RCODE.NOTAUTH, 'not a secondary for this zone')
  const decision = decide(zone)
  if (!decision.allowed) return refused(request, RCODE.REFUSED, decision.why)
  const { rule, peer } = decision
  const response = responseTo(request, { aa: true, edns: ednsFor(request) })
  return { type: 'refresh', zone, from: peer, serialHint: hintOf(request, apex), rule, response }
}

/** The serial in the answer section (RFC 1996 §3.7); what is no SOA record of the zone is no hint. */
function hintOf({ answer: [record] }: Message, apex: Name): Serial | undefined {
  if (record?.type !== TYPE.SOA || record.class !== CLASS.IN || !sameName(record.owner, apex)) return undefined
  return soaFacts(record.rdata, 0, record.rdata.length).serial
}

function refused<Zone>(request: Message, rcode: number, why: NotifyRefusal): NotifyVerdict<Zone> {
  const prohibited = rcode === RCODE.REFUSED ? [extendedErrorOption({ code: EDE.PROHIBITED, text: why })] : []
  const apex = request.questions[0]?.name
  return { type: 'refused', why, apex, response: responseTo(request, { rcode, edns: ednsFor(request, prohibited) }) }
}

/** The question cannot be trusted, so the answer has none. */
function malformed<Zone>(octets: Uint8Array): NotifyVerdict<Zone> {
  const { id, rd } = readHeader(octets)
  const fields = { id, qr: true, opcode: OPCODE.NOTIFY, rd, rcode: RCODE.FORMERR } as const
  return { type: 'refused', why: 'malformed', apex: undefined, response: newMessage(fields) }
}
