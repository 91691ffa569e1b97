/** Which answer belongs to which question: ids nobody can guess, and what an answer must repeat (RFC 5452 §9). */

import { randomInt } from 'node:crypto'
import { skipName } from '../dns/name.ts'
import { HEADER_OCTETS } from '../dns/wire.ts'

/** A message whose id is chosen when it leaves, because a signature may cover it; octets get theirs set in a copy. */
export type Outgoing = Uint8Array | ((id: number) => Uint8Array)

/** An id nobody can guess, and that none of `taken` has. */
export function freshId(taken: { has(id: number): boolean }): number {
  let id = randomInt(0x1_0000)
  while (taken.has(id)) id = randomInt(0x1_0000)
  return id
}

/** The message with its id. */
export function withId(message: Outgoing, id: number): Uint8Array {
  if (typeof message === 'function') return message(id)
  const copy = new Uint8Array(message)
  copy[0] = id >> 8
  copy[1] = id
  return copy
}

export function idOf(message: Uint8Array): number {
  return ((message[0] as number) << 8) | (message[1] as number)
}

/** Whether the octets are a response at all: a whole header with QR set (RFC 1035 §4.1.1). */
export function isResponse(message: Uint8Array): boolean {
  return message.length >= HEADER_OCTETS && ((message[2] as number) & 0x80) !== 0
}

/** Whether a response answers a query: same id, opcode and question. An error may leave the question out. */
export function answers(response: Uint8Array, query: Uint8Array): boolean {
  if (!isResponse(response) || idOf(response) !== idOf(query)) return false
  if ((((response[2] as number) ^ (query[2] as number)) & 0x78) !== 0) return false
  const questions = ((response[4] as number) << 8) | (response[5] as number)
  if (questions === 0) return ((response[3] as number) & 0x0f) !== 0
  return questions === 1 && repeatsQuestion(response, query)
}

/** The name may come back in other case (RFC 1035 §2.3.3), type and class may not. */
function repeatsQuestion(response: Uint8Array, query: Uint8Array): boolean {
  const nameEnd = skipName(query, HEADER_OCTETS)
  const end = nameEnd + 4
  if (response.length < end) return false
  for (let at = HEADER_OCTETS; at < nameEnd; at++) if (fold(response[at]) !== fold(query[at])) return false
  for (let at = nameEnd; at < end; at++) if (response[at] !== query[at]) return false
  return true
}

function fold(octet: number | undefined): number {
  const value = octet as number
  return value >= 0x41 && value <= 0x5a ? value | 0x20 : value
}
