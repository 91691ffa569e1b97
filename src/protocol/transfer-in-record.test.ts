import { describe, expect, test } from 'vitest'
import { parseName } from '../dns/name.ts'
import { concatOctets, hexOctets } from '../dns/octets.ts'
import { WireError } from '../dns/wire.ts'
import { IncomingRecord } from './transfer-in-record.ts'

const APEX = parseName('example.')
const FIELDS = hexOctets('0001 0001 00000e10 0004 c0000201'.replaceAll(' ', ''))

/** A message with the question, so many pointers each to the one before, and a record owned by the last of them. */
function chain(pointers: number): { message: Uint8Array; recordAt: number } {
  const question = concatOctets(hexOctets('000084000001000100000000'), APEX, hexOctets('00fc0001'))
  const links = Array.from({ length: pointers - 1 }, (_, link) => {
    const target = link === 0 ? 12 : question.length + 2 * (link - 1)
    return Uint8Array.of(0xc0 | (target >> 8), target)
  })
  const last = question.length + 2 * (pointers - 2)
  const owner = pointers === 1 ? hexOctets('c00c') : Uint8Array.of(0xc0 | (last >> 8), last)
  const before = concatOctets(question, ...links)
  return { message: concatOctets(before, owner, FIELDS), recordAt: before.length }
}

describe('an owner in a transfer', () => {
  test.each([1, 2, 127])('MB-06 is found behind %i pointers', (pointers) => {
    const { message, recordAt } = chain(pointers)
    const record = new IncomingRecord(APEX)
    record.startMessage(true)
    expect(record.read(message, recordAt)).toBe(message.length)
    expect(record.isAtApex).toBe(true)
  })

  test('MB-06 is not sought behind more pointers than a name has labels, nor as long as a message has octets', () => {
    for (const pointers of [128, 8000]) {
      const { message, recordAt } = chain(pointers)
      const record = new IncomingRecord(APEX)
      record.startMessage(true)
      expect(() => record.read(message, recordAt)).toThrow(WireError)
    }
  })
})
