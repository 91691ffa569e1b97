/** NOTIFY as it goes out, and its answer (RFC 1996 §3.6 to §3.9). */

import { CLASS, OPCODE, RCODE, rcodeName } from '../dns/code.ts'
import { newMessage, readMessage, type Message } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import type { Name } from '../dns/name.ts'
import { WireError } from '../dns/wire.ts'
import { TYPE } from '../zone/stored-record.ts'
import { outgoingReason, type OutgoingReason } from './outgoing-reason.ts'
import { extendedDetail } from './rcode-reason.ts'

/** Our SOA record, as a hint that spares a secondary its question. */
export interface SoaHint {
  readonly ttl: number
  readonly rdata: Uint8Array
}

/** Tells that a zone has changed. */
export function notifyMessage(id: number, apex: Name, { ttl, rdata }: SoaHint): Uint8Array {
  const questions = [{ name: apex, type: TYPE.SOA, class: CLASS.IN }]
  const answer = [{ owner: apex, type: TYPE.SOA, class: CLASS.IN, ttl, rdata }]
  return writeMessage(newMessage({ id, opcode: OPCODE.NOTIFY, aa: true, questions, answer }))
}

/** What an answer says against the NOTIFY; undefined if it was heard. ID and question were compared before. */
export function refusalInAnswer(octets: Uint8Array): OutgoingReason | undefined {
  let answer: Message
  try {
    answer = readMessage(octets)
  } catch (error) {
    if (error instanceof WireError) return outgoingReason('notify-unreadable', { error: error.message })
    throw error
  }
  if (answer.opcode !== OPCODE.NOTIFY)
    return outgoingReason('notify-unreadable', { error: 'it is no answer to NOTIFY' })
  const detail = extendedDetail(answer.edns)
  switch (answer.rcode) {
    case RCODE.NOERROR:
      return undefined
    case RCODE.SERVFAIL:
      return outgoingReason('notify-failed', { detail })
    case RCODE.NOTIMP:
      return outgoingReason('notify-unsupported', { detail })
    default:
      return outgoingReason('notify-refused', { rcode: rcodeName(answer.rcode), detail })
  }
}
