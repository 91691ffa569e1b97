/** RDATA of every type: wire to text to wire, wire to JSON to wire, and any text or octets at all. */

import assert from 'node:assert/strict'
import { compareRdata, expandRdata } from '../../src/dns/layout.ts'
import { EXPANSION_OCTETS_MAX } from '../../src/dns/layout-program.ts'
import { parseName } from '../../src/dns/name.ts'
import { hexText } from '../../src/dns/octets.ts'
import type { RecordType } from '../../src/dns/record-type.ts'
import { RECORD_TYPES, recordTypeOf } from '../../src/dns/record-types.ts'
import { TextError } from '../../src/dns/text.ts'
import { WireError } from '../../src/dns/wire.ts'
import { Lexer } from '../../src/dns/zonefile/lexer.ts'
import { randomRdata } from '../random-rdata.ts'
import { campaign, showOctets, smallerOctets } from './campaign.ts'
import { messagesOf } from './corpus.ts'
import { mutate, pick, recordsOf } from './mutate.ts'
import { mutateText, smallerText } from './mutate-text.ts'

const TYPES = [...RECORD_TYPES, recordTypeOf(65_280)]
const ORIGIN = parseName('fuzz.example.')

const donors = messagesOf('messages').flatMap((message) =>
  recordsOf(message).map(({ rdata, end }) => message.slice(rdata, end)),
)

interface Case {
  readonly type: RecordType
  readonly rdata: Uint8Array
}

campaign<Case>({
  claim:
    'UT-04 RDATA of any type is refused with a WireError, or comes back the same from text, from JSON and from fields',
  share: 'rdata',
  make: (chance) => {
    const type = pick(TYPES, chance)
    const valid = randomRdata(type, chance)
    return { type, rdata: chance(4) === 0 ? valid : mutate(valid, [...donors, valid], chance) }
  },
  check: ({ type, rdata }) => {
    checkHotPath(type, rdata)
    if (isAccepted(type, rdata)) checkRoundTrips(type, rdata)
  },
  smaller: function* ({ type, rdata }) {
    for (const smaller of smallerOctets(rdata)) yield { type, rdata: smaller }
  },
  show: ({ type, rdata }) => `${type.mnemonic} ${showOctets(rdata)}`,
})

campaign<{ readonly type: RecordType; readonly text: string }>({
  claim: 'UT-04 MF-03 text of any kind is refused with a TextError, or is RDATA that prints and reads back the same',
  share: 'rdata text',
  make: (chance) => {
    const type = pick(TYPES, chance)
    const text = type.printRdata(randomRdata(type, chance))
    return { type, text: chance(8) === 0 ? text : mutateText(text, [text], chance) }
  },
  check: ({ type, text }) => {
    const rdata = parseOrRefuse(type, text)
    if (rdata !== undefined) checkRoundTrips(type, rdata)
  },
  smaller: function* ({ type, text }) {
    for (const smaller of smallerText(text)) yield { type, text: smaller }
  },
  show: ({ type, text }) => `${type.mnemonic} ${JSON.stringify(text)}`,
})

function isAccepted(type: RecordType, rdata: Uint8Array): boolean {
  try {
    type.checkRdata(rdata)
    return true
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    assert.throws(() => type.decode(rdata), WireError)
    assert.throws(() => type.printRdata(rdata), WireError)
    return false
  }
}

function checkRoundTrips(type: RecordType, rdata: Uint8Array): void {
  const hex = hexText(rdata)
  const text = type.printRdata(rdata)
  assert(!text.includes('\n'), 'a record is one line')
  assert.equal(hexText(parse(type, text)), hex, text)
  assert.equal(hexText(type.encode(type.decode(rdata))), hex, text)
  const json = type.toJson(rdata)
  if (json !== undefined) assert.equal(hexText(type.fromJson(JSON.parse(JSON.stringify(json)))), hex, text)
  assert.equal(compareRdata(type.code, rdata, 0, rdata.length, rdata, 0, rdata.length), 0)
}

/** What is expanded in a message is accepted by itself, and what is accepted by itself is copied. */
function checkHotPath(type: RecordType, rdata: Uint8Array): void {
  const message = new Uint8Array(12 + ORIGIN.length + rdata.length + 5)
  message.set(ORIGIN, 12)
  message.set(rdata, 12 + ORIGIN.length)
  const out = new Uint8Array(rdata.length + EXPANSION_OCTETS_MAX)
  try {
    const length = expandRdata(type.code, message, 12 + ORIGIN.length, rdata.length, out, 0)
    type.checkRdata(out.slice(0, length))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    assert.throws(() => type.checkRdata(rdata), WireError)
  }
}

function parse(type: RecordType, text: string): Uint8Array {
  const lexer = new Lexer(text)
  lexer.startEntry()
  const rdata = type.parseRdata(lexer, ORIGIN)
  lexer.endEntry()
  return rdata
}

function parseOrRefuse(type: RecordType, text: string): Uint8Array | undefined {
  try {
    return parse(type, text)
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    return undefined
  }
}
