/** RFC 3597 §3: what nobody knows is carried as it is. */

import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { newMessage, readMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { parseName } from '../../src/dns/name.ts'
import { isMetaType, RECORD_TYPES } from '../../src/dns/record-types.ts'
import { printRecord } from '../../src/dns/zonefile/printer.ts'
import { recordsOf, World } from '../answer/world.ts'

const known = new Set(RECORD_TYPES.map(({ code }) => code))
const owner = parseName('example.')

test('UT-01 a record of any unknown type and class is written and read as it came', () => {
  // Octets that would be names and pointers if anybody took them for such.
  const rdata = Uint8Array.of(3, 0x57, 0x77, 0x57, 0xc0, 0x0c, 0xff, 0)
  for (let type = 1; type < 0x1_0000; type += 37) {
    if (known.has(type) || isMetaType(type)) continue
    const record = { owner, type, class: (type * 7) & 0xffff, ttl: 60, rdata }
    const octets = writeMessage(newMessage({ answer: [record] }))
    assert.deepEqual(readMessage(octets).answer, [record])
  }
})

test('UT-01 an unknown type is answered and printed as it came, its case too', () => {
  const world = new World()
  world.load('example.', '@ NS ns\nu TYPE65280 \\# 8 03577757C00CFF00')
  expect(world.ask('u.example. TYPE65280').answer).toEqual(['u.example. 3600 TYPE65280 \\# 8 03577757c00cff00'])
  const [record] = recordsOf('example.', 'u TYPE65280 \\# 0').slice(1)
  expect(record && printRecord(record)).toBe('u.example.\t3600\tIN\tTYPE65280\t\\# 0')
})
