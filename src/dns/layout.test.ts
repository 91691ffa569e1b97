import assert from 'node:assert'
import { describe, expect, test } from 'vitest'
import { chanceOf, randomName, randomRdata } from '../../test/random-rdata.ts'
import { compareRdata, expandRdata, rdataEqual } from './layout.ts'
import { EXPANSION_OCTETS_MAX, OP, layoutProgram } from './layout-program.ts'
import { type Name, lowerName, parseName } from './name.ts'
import { compareOctets, concatOctets, hexOctets, hexText } from './octets.ts'
import { RECORD_TYPES, recordTypeOf, typeCode } from './record-types.ts'
import { WireError, Writer } from './wire.ts'
import { Lexer } from './zonefile/lexer.ts'

const HEADER = new Uint8Array(12)
const APEX = parseName('example.org.')
const POINTER_TO_APEX = 'c00c'

const code = (mnemonic: string): number => typeCode(mnemonic) as number

function parse(mnemonic: string, text: string): Uint8Array {
  return recordTypeOf(code(mnemonic)).parseRdata(new Lexer(text), APEX)
}

/** Expands RDATA that follows a header and the name example.org, given as hex. */
function expand(mnemonic: string, rdata: string, behind = ''): Uint8Array {
  const octets = hexOctets(rdata.replaceAll(/\s/g, ''))
  const message = concatOctets(HEADER, APEX, octets, hexOctets(behind))
  const out = new Uint8Array(octets.length + EXPANSION_OCTETS_MAX)
  return out.slice(0, expandRdata(code(mnemonic), message, 12 + APEX.length, octets.length, out, 0))
}

function print(mnemonic: string, rdata: Uint8Array): string {
  return recordTypeOf(code(mnemonic)).printRdata(rdata)
}

const MAIL = '046d61696c' // the label "mail"

describe('expansion', () => {
  test('MB-09 compressed names are accepted in the types of RFC 1035 and in the few others in which peers compress', () => {
    const compressed: readonly [type: string, rdata: string, text: string][] = [
      ['NS', `${MAIL}${POINTER_TO_APEX}`, 'mail.example.org.'],
      ['CNAME', POINTER_TO_APEX, 'example.org.'],
      ['PTR', POINTER_TO_APEX, 'example.org.'],
      ['MB', POINTER_TO_APEX, 'example.org.'],
      ['MD', POINTER_TO_APEX, 'example.org.'],
      ['MF', POINTER_TO_APEX, 'example.org.'],
      ['MG', POINTER_TO_APEX, 'example.org.'],
      ['MR', POINTER_TO_APEX, 'example.org.'],
      ['MX', `000a${MAIL}${POINTER_TO_APEX}`, '10 mail.example.org.'],
      ['MINFO', `${POINTER_TO_APEX}${MAIL}${POINTER_TO_APEX}`, 'example.org. mail.example.org.'],
      ['SOA', `${POINTER_TO_APEX}c019${'00000001'.repeat(5)}`, 'example.org. example.org. 1 1 1 1 1'],
      ['RP', `${MAIL}${POINTER_TO_APEX}00`, 'mail.example.org. .'],
      ['AFSDB', `0001${POINTER_TO_APEX}`, '1 example.org.'],
      ['RT', `0001${POINTER_TO_APEX}`, '1 example.org.'],
      ['PX', `0001${POINTER_TO_APEX}${POINTER_TO_APEX}`, '1 example.org. example.org.'],
      ['NXT', `${POINTER_TO_APEX}4000000000000002`, 'example.org. A CSYNC'],
      ['NAPTR', `0001000200 00 00 ${POINTER_TO_APEX}`, '1 2 "" "" "" example.org.'],
      ['SRV', `000100020003${POINTER_TO_APEX}`, '1 2 3 example.org.'],
      ['SIG', `00010505${'00000000'.repeat(3)}0001${POINTER_TO_APEX}ff`, ''],
    ]
    for (const [type, rdata, text] of compressed) {
      if (type === 'SIG') expect(print(type, expand(type, rdata))).toMatch(/ 1 example\.org\. \/w==$/)
      else expect(print(type, expand(type, rdata)), type).toBe(text)
    }
  })

  test('MB-09 SV-05 compressed names are refused everywhere else', () => {
    for (const [type, before] of [
      ['DNAME', ''],
      ['KX', '0001'],
      ['NSEC', ''],
      ['SVCB', '0001'],
      ['HTTPS', '0001'],
      ['LP', '0001'],
      ['TALINK', ''],
      ['NSAP-PTR', ''],
      ['DSYNC', '003b01 0035'],
      ['HIP', '0101 0001 ff ff'],
      ['IPSECKEY', '010300'],
      ['AMTRELAY', '0103'],
      ['RRSIG', `00010505${'00000000'.repeat(3)}0001`],
    ] as const) {
      expect(() => expand(type, `${before}${POINTER_TO_APEX}`), type).toThrow(/compressed name/)
    }
  })

  test('MB-07 a name does not run past the end of its RDATA, though octets follow', () => {
    for (const [type, before] of [
      ['NS', ''],
      ['MX', '0001'],
      ['SOA', ''],
      ['SRV', '000100020003'],
      ['RRSIG', `00010505${'00000000'.repeat(3)}0001`],
      ['NSEC', ''],
      ['SVCB', '0001'],
      ['DNAME', ''],
    ] as const) {
      expect(() => expand(type, `${before}046d61`, '696c00000000'), type).toThrow(WireError)
      expect(() => expand(type, `${before}046d61696c`, '00'), type).toThrow(WireError)
      expect(() => expand(type, `${before}c0`, '0c'), type).toThrow(WireError)
    }
  })

  test('MB-06 a pointer that does not go backwards is refused', () => {
    for (const target of ['c019', 'c01a', 'c0ff', 'ffff', 'c000'])
      expect(() => expand('NS', target), target).toThrow(WireError)
  })

  test('a record that grows past 65535 octets when expanded is refused', () => {
    const signature = 'ff'.repeat(65_535 - 18 - 2)
    const rdata = `00010505${'00000000'.repeat(3)}0001${POINTER_TO_APEX}${signature}`
    expect(() => expand('SIG', rdata)).toThrow(/more than 65535 octets/)
    expect(expand('SIG', rdata.slice(0, -2 * 11)).length).toBe(65_535)
  })

  test('what a writer compresses comes back as it was, for every type with compressible names', () => {
    for (const type of RECORD_TYPES) {
      if (!type.layout.subarray(1).some((op, at) => at % 2 === 0 && op === OP.NAME)) continue
      for (let seed = 0; seed < 100; seed++) {
        const rdata = randomRdata(type, chanceOf(seed))
        const message = compressed(type.layout, rdata, chanceOf(seed + 1))
        const out = new Uint8Array(rdata.length + EXPANSION_OCTETS_MAX + 3)
        const length = expandRdata(type.code, message.octets, message.at, message.octets.length - message.at, out, 3)
        assert.equal(hexText(out.slice(3, 3 + length)), hexText(rdata), type.mnemonic)
      }
    }
  })
})

/** A message that holds some names, and behind them the RDATA with its names compressed as a primary would. */
function compressed(layout: Uint8Array, rdata: Uint8Array, chance: ReturnType<typeof chanceOf>) {
  const writer = new Writer()
  writer.octets(HEADER)
  const names: Name[] = []
  for (let at = 0, pc = 1; layout[pc] === OP.SKIP || layout[pc] === OP.NAME || layout[pc] === OP.STRING; pc += 2) {
    const end =
      layout[pc] === OP.NAME
        ? nameEnd(rdata, at)
        : at + (layout[pc] === OP.SKIP ? (layout[pc + 1] as number) : 1 + (rdata[at] as number))
    if (layout[pc] === OP.NAME) names.push(rdata.slice(at, end) as Uint8Array as Name)
    at = end
  }
  for (const name of names) if (chance(2)) writer.compressedName(name)
  writer.name(Uint8Array.from(randomName(chance)) as Uint8Array as Name)
  const start = writer.at
  let at = 0
  for (let pc = 1; at < rdata.length; pc += 2) {
    const op = layout[pc]
    const end =
      op === OP.NAME
        ? nameEnd(rdata, at)
        : op === OP.SKIP
          ? at + (layout[pc + 1] as number)
          : op === OP.STRING
            ? at + 1 + (rdata[at] as number)
            : rdata.length
    if (op === OP.NAME) writer.compressedName(rdata.slice(at, end) as Uint8Array as Name)
    else writer.octets(rdata.slice(at, end))
    at = end
  }
  return { octets: writer.toOctets(), at: start }
}

function nameEnd(octets: Uint8Array, start: number): number {
  let at = start
  while (octets[at] !== 0) at += (octets[at] as number) + 1
  return at + 1
}

describe('canonical order', () => {
  /** RDATA in canonical form, made the slow way: by its fields. */
  function canonical(type: (typeof RECORD_TYPES)[number], rdata: Uint8Array): Uint8Array {
    const value = type.decode(rdata) as Record<string, unknown>
    for (const [name, field] of Object.entries(type.fields)) {
      if (field.layout[0] === OP.NAME || field.layout[0] === OP.NAME_FOLDED)
        value[name] = lowerName(value[name] as Name)
    }
    return type.encode(value)
  }

  test('is that of the canonical forms, for every type', () => {
    for (const type of [...RECORD_TYPES, recordTypeOf(65_280)]) {
      for (let seed = 0; seed < 60; seed++) {
        const chance = chanceOf(seed)
        const a = randomRdata(type, chance)
        const b = chance(2) ? randomRdata(type, chance) : caseSwapped(a, chance)
        const ours = valid(type, b) ? compareRdata(type.code, a, 0, a.length, b, 0, b.length) : 0
        const slow = valid(type, b) ? compareOctets(canonical(type, a), canonical(type, b)) : 0
        assert.equal(Math.sign(ours), Math.sign(slow), `${type.printRdata(a)} | ${hexText(b)}`)
      }
    }
  })

  function caseSwapped(octets: Uint8Array, chance: ReturnType<typeof chanceOf>): Uint8Array {
    return octets.map((octet) =>
      (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a) ? octet ^ (chance(2) * 0x20) : octet,
    )
  }

  function valid(type: (typeof RECORD_TYPES)[number], rdata: Uint8Array): boolean {
    try {
      type.checkRdata(rdata)
      return true
    } catch {
      return false
    }
  }

  test('UT-03 folds names where RFC 4034 says so, and only there', () => {
    const same: readonly [type: string, a: string, b: string][] = [
      ['NS', 'a.example.', 'A.EXAMPLE.'],
      ['MX', '1 a.example.', '1 A.example.'],
      ['SOA', 'a. b. 1 2 3 4 5', 'A. B. 1 2 3 4 5'],
      ['SRV', '1 2 3 a.', '1 2 3 A.'],
      ['DNAME', 'a.', 'A.'],
      ['KX', '1 a.', '1 A.'],
    ]
    for (const [type, a, b] of same) expect(rdataEqual(code(type), parse(type, a), parse(type, b)), type).toBe(true)
    const different: readonly [type: string, a: string, b: string][] = [
      ['NSEC', 'a. A', 'A. A'],
      ['SVCB', '1 a.', '1 A.'],
      ['TXT', 'a', 'A'],
      ['HINFO', 'a b', 'A b'],
      ['CAA', '0 issue a', '0 issue A'],
      ['TYPE65280', '\\# 1 61', '\\# 1 41'],
    ]
    for (const [type, a, b] of different)
      expect(rdataEqual(code(type), parse(type, a), parse(type, b)), type).toBe(false)
  })

  test('shorter RDATA comes before what it begins', () => {
    const [a, ab] = [parse('TXT', 'a'), parse('TXT', 'a b')]
    expect(compareRdata(16, a, 0, a.length, ab, 0, ab.length)).toBeLessThan(0)
    expect(compareRdata(16, ab, 0, ab.length, a, 0, a.length)).toBeGreaterThan(0)
  })
})

describe('a layout program', () => {
  test('joins skips up to what fits in an octet', () => {
    expect([...layoutProgram([OP.SKIP, 2, OP.SKIP, 4])]).toEqual([0, OP.SKIP, 6, OP.END, 0])
    expect([...layoutProgram([OP.SKIP, 200, OP.SKIP, 100])]).toEqual([0, OP.SKIP, 200, OP.SKIP, 100, OP.END, 0])
  })

  test('counts the operations up to the last folded name', () => {
    expect([...layoutProgram([OP.SKIP, 2, OP.NAME, 0, OP.REST, 0])]).toEqual([
      2,
      OP.SKIP,
      2,
      OP.NAME,
      0,
      OP.REST,
      0,
      OP.END,
      0,
    ])
    expect(layoutProgram([OP.NAME_KEPT, 0])[0]).toBe(0)
  })
})
