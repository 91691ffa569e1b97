/**
 * A request for a transfer: whether it is one, whether the asker may, and what it gets
 * (RFC 5936 §2.1, §4.2, §5; RFC 1995 §2, §3).
 *
 * The quota comes after the access check, so that strangers cannot use it up, and a full one is SERVFAIL, which means
 * "later", not REFUSED, which means "never" (RFC 9103 §6.3.3).
 */

import { CLASS, EDE, META_TYPE, RCODE } from '../dns/code.ts'
import { extendedErrorOption } from '../dns/edns.ts'
import { newMessage, readHeader, readMessage, responseTo, type Message, type Question } from '../dns/message.ts'
import { sameName, type Name } from '../dns/name.ts'
import { compareSerials, type Serial } from '../dns/serial.ts'
import { WireError } from '../dns/wire.ts'
import { TYPE } from '../zone/stored-record.ts'
import type { AccessDecision } from './access.ts'
import { ednsFor } from './response-edns.ts'
import { soaFacts } from './soa-facts.ts'

/** A zone as far as judging goes. */
export interface ZoneToTransfer {
  readonly state: 'empty' | 'serving' | 'expired'
  /** Of the contents that are served. */
  readonly serial: Serial | undefined
}

export interface TransferContext<Zone extends ZoneToTransfer> {
  readonly transport: 'udp' | 'tcp'
  /** The zone with this very apex; a name below an apex has none. */
  readonly zoneOf: (apex: Name) => Zone | undefined
  /** The TSIG was verified before, and is not part of the octets any more. */
  readonly decide: (zone: Zone) => AccessDecision
  /** Takes a place among the transfers out; false if there is none. The caller gives it back. */
  readonly takePlace: () => boolean
}

export type TransferRefusal =
  | 'malformed'
  | 'EDNS version is unknown'
  | 'class is not IN'
  | 'AXFR over UDP'
  | 'IXFR without one SOA of the zone'
  | 'not authoritative'
  | 'zone not loaded'
  | 'zone expired'
  | 'too many transfers'
  | Extract<AccessDecision, { allowed: false }>['why']

export type TransferVerdict<Zone> =
  | { readonly type: 'refused'; readonly why: TransferRefusal; readonly response: Message }
  | {
      readonly type: 'send'
      /** One SOA record, or the zone. In place of the zone may go the differences since `since`, if all are known. */
      readonly what: 'soa' | 'zone'
      readonly zone: Zone
      readonly request: Message
      readonly question: Question
      /** The asker's serial; undefined for AXFR. */
      readonly since: Serial | undefined
      /** What let the asker in, and the peer it is, if it is one. */
      readonly rule: string
      readonly peer: string | undefined
    }

interface Asked {
  readonly request: Message
  readonly question: Question
  readonly since: Serial | undefined
}

/** Judges a request with QTYPE AXFR or IXFR. A place is taken if, and only if, the verdict is to send the zone. */
export function judgeTransfer<Zone extends ZoneToTransfer>(
  octets: Uint8Array,
  context: TransferContext<Zone>,
): TransferVerdict<Zone> {
  let request: Message
  try {
    request = readMessage(octets)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    const { id, opcode, rd } = readHeader(octets)
    const response = newMessage({ id, opcode, rd, qr: true, rcode: RCODE.FORMERR })
    return { type: 'refused', why: 'malformed', response }
  }
  const [question] = request.questions
  if (question === undefined || request.questions.length > 1) return refused(request, RCODE.FORMERR, 'malformed')
  return judgeForm(request, question, context)
}

function judgeForm<Zone extends ZoneToTransfer>(
  request: Message,
  question: Question,
  context: TransferContext<Zone>,
): TransferVerdict<Zone> {
  if ((request.edns?.version ?? 0) > 0) return refused(request, RCODE.BADVERS, 'EDNS version is unknown')
  if (question.class !== CLASS.IN) return refused(request, RCODE.REFUSED, 'class is not IN', EDE.PROHIBITED)
  if (question.type === META_TYPE.AXFR) {
    if (context.transport === 'udp') return refused(request, RCODE.NOTIMP, 'AXFR over UDP')
    return judgeZone({ request, question, since: undefined }, context)
  }
  const since = serialOf(request, question.name)
  if (since === undefined) return refused(request, RCODE.FORMERR, 'IXFR without one SOA of the zone')
  return judgeZone({ request, question, since }, context)
}

function judgeZone<Zone extends ZoneToTransfer>(
  { request, question, since }: Asked,
  { transport, zoneOf, decide, takePlace }: TransferContext<Zone>,
): TransferVerdict<Zone> {
  const zone = zoneOf(question.name)
  if (zone === undefined) return refused(request, RCODE.NOTAUTH, 'not authoritative', EDE.NOT_AUTHORITATIVE)
  const decision = decide(zone)
  if (!decision.allowed) return refused(request, RCODE.REFUSED, decision.why, EDE.PROHIBITED)
  if (zone.state === 'expired') return refused(request, RCODE.SERVFAIL, 'zone expired', EDE.INVALID_DATA)
  if (zone.state === 'empty' || zone.serial === undefined) {
    return refused(request, RCODE.SERVFAIL, 'zone not loaded', EDE.NOT_READY)
  }
  const { rule, peer } = decision
  const sending = { type: 'send', zone, request, question, since, rule, peer } as const
  if (hasNothingNewer(zone.serial, since)) return { ...sending, what: 'soa' }
  if (takePlace()) return { ...sending, what: 'zone' }
  // By UDP one SOA record tells the asker to come by TCP (RFC 1995 §2).
  if (transport === 'udp') return { ...sending, what: 'soa' }
  return refused(request, RCODE.SERVFAIL, 'too many transfers', EDE.OTHER)
}

function hasNothingNewer(ours: Serial, since: Serial | undefined): boolean {
  if (since === undefined) return false
  const order = compareSerials(since, ours)
  return order === 'same' || order === 'newer'
}

/** The serial in the one SOA record of the authority section (RFC 1995 §3). */
function serialOf({ authority }: Message, apex: Name): Serial | undefined {
  const [record] = authority
  if (record === undefined || authority.length > 1) return undefined
  if (record.type !== TYPE.SOA || record.class !== CLASS.IN || !sameName(record.owner, apex)) return undefined
  return soaFacts(record.rdata, 0, record.rdata.length).serial
}

function refused<Zone>(request: Message, rcode: number, why: TransferRefusal, ede?: number): TransferVerdict<Zone> {
  const options = ede === undefined ? [] : [extendedErrorOption({ code: ede, text: why })]
  return { type: 'refused', why, response: responseTo(request, { rcode, edns: ednsFor(request, options) }) }
}
