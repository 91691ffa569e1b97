import assert from 'node:assert'
import { describe, expect, test } from 'vitest'
import { type Chance, chanceOf, randomRdata } from '../../test/random-rdata.ts'
import { tries } from '../../test/tries.ts'
import { expandRdata, rdataEqual } from './layout.ts'
import { EXPANSION_OCTETS_MAX } from './layout-program.ts'
import { parseName } from './name.ts'
import { hexText } from './octets.ts'
import type { Rdata, RecordType } from './record-type.ts'
import { MX } from './records/mx.ts'
import { RECORD_TYPES, isMetaType, recordTypeOf, typeCode, typeMnemonic } from './record-types.ts'
import { TextError } from './text.ts'
import { Reader, WireError } from './wire.ts'
import { Lexer } from './zonefile/lexer.ts'

const ALL = [...RECORD_TYPES, recordTypeOf(65_280)]
const CASES = tries(30, 400)

function parse(type: RecordType, text: string): Uint8Array {
  const lexer = new Lexer(text)
  const rdata = type.parseRdata(lexer)
  lexer.endEntry()
  return rdata
}

/** The octets print; the text reads back as the same octets; so do the fields, and the JSON if there is one. */
function assertRoundTrips(type: RecordType, rdata: Uint8Array): void {
  const text = type.printRdata(rdata)
  assert.equal(hexText(parse(type, text)), hexText(rdata), text)
  assert.equal(hexText(type.encode(type.decode(rdata))), hexText(rdata), text)
  const json = type.toJson(rdata)
  if (json !== undefined) assert.equal(hexText(type.fromJson(json)), hexText(rdata), JSON.stringify(json))
}

/** What the hot path says of octets: their expanded form, or that it refuses them. */
function expanded(type: RecordType, octets: Uint8Array): Uint8Array | undefined {
  const message = new Uint8Array(12 + octets.length + 7)
  message.set(octets, 12)
  const out = new Uint8Array(octets.length + EXPANSION_OCTETS_MAX)
  try {
    return out.slice(0, expandRdata(type.code, message, 12, octets.length, out, 0))
  } catch (error) {
    assert.ok(error instanceof WireError, String(error))
    return undefined
  }
}

function checked(type: RecordType, octets: Uint8Array): boolean {
  try {
    type.checkRdata(octets)
    return true
  } catch (error) {
    assert.ok(error instanceof WireError, String(error))
    return false
  }
}

/** Octets that are often nearly right: valid ones cut, lengthened or with one octet changed. */
function mutated(type: RecordType, chance: Chance): Uint8Array {
  const rdata = randomRdata(type, chance)
  switch (chance(4)) {
    case 0:
      return rdata.slice(0, chance(rdata.length + 1))
    case 1:
      return Uint8Array.from([...rdata, ...Array.from({ length: 1 + chance(20) }, () => chance(256))])
    case 2:
      return Uint8Array.from({ length: chance(80) }, () => chance(256))
    default: {
      const changed = rdata.slice()
      for (let times = 1 + chance(3); times > 0 && changed.length > 0; times--)
        changed[chance(rdata.length)] = chance(256)
      return changed
    }
  }
}

describe.each(ALL)('$mnemonic', (type) => {
  test('UT-04 MF-11 what is on the wire prints, and reads back as the same octets', () => {
    for (let seed = 0; seed < CASES; seed++) assertRoundTrips(type, randomRdata(type, chanceOf(seed)))
  })

  test('UT-04 case 25: any octets are refused as a WireError, or print and read back as the same octets', () => {
    for (let seed = 0; seed < 4 * CASES; seed++) {
      const octets = mutated(type, chanceOf(seed))
      if (checked(type, octets)) assertRoundTrips(type, octets)
      else assert.throws(() => type.decode(octets), WireError)
    }
  })

  test('UT-04 every length up to 300, and the largest, is refused or round-trips', () => {
    for (let length = 0; length <= 300; length++) {
      for (const fill of [0, 0x41]) {
        const octets = new Uint8Array(length).fill(fill)
        if (checked(type, octets)) assertRoundTrips(type, octets)
      }
    }
    for (const fill of [0, 0x41]) {
      const octets = new Uint8Array(0xffff).fill(fill)
      if (checked(type, octets)) assertRoundTrips(type, octets)
      assert.equal(checked(type, new Uint8Array(0x1_0000).fill(fill)), false)
    }
  })

  test('the hot path accepts what the check accepts, and copies it', () => {
    for (let seed = 0; seed < 2 * CASES; seed++) {
      const octets = seed % 2 === 0 ? mutated(type, chanceOf(seed)) : randomRdata(type, chanceOf(seed))
      const copy = expanded(type, octets)
      if (checked(type, octets)) assert.equal(hexText(copy as Uint8Array), hexText(octets))
      // Pointers may lead back into the RDATA itself; what comes out of that is plain again.
      else if (copy !== undefined) assert.equal(checked(type, copy), true)
    }
  })

  test('text of any kind is read or refused as a TextError', () => {
    const words = [
      '1',
      '65536',
      'a.',
      '"x"',
      '.',
      '\\# 1 00',
      '( 1',
      '1.2.3.4',
      '::1',
      'AAAA',
      '-',
      '\\300',
      '-1',
      'N',
      '!1:1.1.1.1/8',
    ]
    for (let seed = 0; seed < CASES; seed++) {
      const chance = chanceOf(seed)
      const text = Array.from({ length: chance(10) }, () => words[chance(words.length)]).join(' ')
      try {
        const rdata = parse(type, text)
        assertRoundTrips(type, rdata)
      } catch (error) {
        assert.ok(error instanceof TextError, `${text}: ${String(error)}`)
      }
    }
  })

  test('a record is equal to itself, and reading it from a message gives it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rdata = randomRdata(type, chanceOf(seed))
      assert.ok(rdataEqual(type.code, rdata, rdata.slice()))
      assert.deepEqual(type.readRdata(new Reader(rdata), rdata.length), rdata)
    }
  })
})

describe('decoded RDATA', () => {
  test('has the names and the types of the fields', () => {
    const mx: Rdata<typeof MX> = { preference: 10, exchange: parseName('mail.example.') }
    expect(MX.printRdata(MX.encode(mx))).toBe('10 mail.example.')
    expect(MX.decode(MX.encode(mx))).toEqual(mx)
    expect(MX.schema.properties?.['preference']).toEqual({
      type: 'integer',
      title: 'Priority',
      minimum: 0,
      maximum: 65_535,
    })
  })

  test('is read from JSON only if every field is there and right, and the field to blame is named', () => {
    const good = { preference: 10, exchange: 'mail.example.' }
    expect(MX.toJson(MX.fromJson(good))).toEqual(good)
    expect(MX.toJson(MX.fromJson({ ...good, preference: '10' }))).toEqual(good)
    for (const [field, json] of [
      ['preference', { ...good, preference: 65_536 }],
      ['preference', { ...good, preference: 1.5 }],
      ['preference', { ...good, preference: '' }],
      ['preference', { exchange: '.' }],
      ['exchange', { ...good, exchange: 'a..b' }],
      ['exchange', { ...good, exchange: 'a b' }],
      ['exchange', { ...good, exchange: 'a\nb' }],
      ['exchange', { ...good, exchange: 7 }],
      [undefined, 'text'],
      [undefined, [good]],
    ] as const) {
      assert.throws(
        () => MX.fromJson(json),
        (error) => error instanceof TextError && error.field === field,
        JSON.stringify(json),
      )
    }
  })
})

describe('the registry', () => {
  test('knows every type by code and mnemonic, in either case, and by number', () => {
    for (const { code, mnemonic } of RECORD_TYPES) {
      assert.equal(typeCode(mnemonic), code)
      assert.equal(typeCode(mnemonic.toLowerCase()), code)
      assert.equal(typeCode(`TYPE${code}`), code)
      assert.equal(typeMnemonic(code), mnemonic)
      assert.equal(recordTypeOf(code).meta, false)
    }
    expect(new Set(RECORD_TYPES.map(({ code }) => code)).size).toBe(RECORD_TYPES.length)
  })

  test('UT-02 types without a name are numbers', () => {
    expect(typeMnemonic(65_280)).toBe('TYPE65280')
    expect(typeCode('type65535')).toBe(65_535)
    for (const text of ['TYPE65536', 'TYPE', 'TYPE-1', 'TYPE1x', 'NOSUCH', ''])
      expect(typeCode(text), text).toBeUndefined()
  })

  test('MB-17 types of questions and messages are known and never data', () => {
    for (const mnemonic of [
      'OPT',
      'TSIG',
      'TKEY',
      'IXFR',
      'AXFR',
      'MAILA',
      'MAILB',
      'ANY',
      'NXNAME',
      'TYPE0',
      'TYPE200',
    ]) {
      const type = recordTypeOf(typeCode(mnemonic) as number)
      expect(type.meta, mnemonic).toBe(true)
      expect(isMetaType(type.code), mnemonic).toBe(true)
      expect(() => parse(type, '\\# 0'), mnemonic).toThrow(/expected a type of data/)
    }
    for (const { code, mnemonic } of ALL) expect(isMetaType(code), mnemonic).toBe(false)
  })
})
