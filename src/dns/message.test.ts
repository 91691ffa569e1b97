import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tries } from '../../test/tries.ts'
import { CLASS, OPCODE, RCODE } from './code.ts'
import { EXPIRE_QUESTION, OPTION } from './edns.ts'
import type { Edns } from './edns.ts'
import { newMessage, readHeader, readMessage, responseTo } from './message.ts'
import type { DnsRecord, Message, Question } from './message.ts'
import { writeMessage } from './message-write.ts'
import { nameFromWire, parseName, printName } from './name.ts'
import { concatOctets, hexOctets, hexText } from './octets.ts'
import { recordTypeOf, typeCode } from './record-types.ts'
import { WireError, WriteOverflow } from './wire.ts'
import { Lexer } from './zonefile/lexer.ts'

/** A record of class IN in presentation format: owner, TTL, type, RDATA. */
function record(text: string): DnsRecord {
  const [, owner, ttl, type, rest] = /^(\S+) (\d+) (\S+) (.*)$/.exec(text) as unknown as string[]
  const lexer = new Lexer(rest as string)
  lexer.startEntry()
  const code = typeCode(type as string) as number
  const rdata = recordTypeOf(code).parseRdata(lexer)
  return { owner: parseName(owner as string), type: code, class: CLASS.IN, ttl: Number(ttl), rdata }
}

const question = (text: string): Question => {
  const [name, type] = text.split(' ') as [string, string]
  return { name: parseName(name), type: typeCode(type) as number, class: CLASS.IN }
}

const printed = ({ owner, ttl, type, rdata }: DnsRecord): string =>
  `${printName(owner)} ${ttl} ${recordTypeOf(type).mnemonic} ${recordTypeOf(type).printRdata(rdata)}`

const EDNS: Edns = { udpSize: 1232, version: 0, do: false, flags: 0, options: [] }

const QUERY = newMessage({ id: 0x1234, rd: true, questions: [question('example.org. SOA')] })

/** A header with these counts, for bodies written by hand. */
const withCounts = (counts: string, body = ''): Uint8Array =>
  hexOctets(`12340000${counts.replaceAll(' ', '')}${body.replaceAll(' ', '')}`)

/** `a. IN A` as a question, `a. 1 IN A 192.0.2.1` as a record, and OPT by itself. */
const A_QUESTION = '016100 0001 0001'
const A_RECORD = '016100 0001 0001 00000001 0004 c0000201'
const OPT = '00 0029 04d0 00000000 0000'

describe('headers', () => {
  const flags = ['qr', 'aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd'] as const

  test.each([
    ['qr', '8000'],
    ['aa', '0400'],
    ['tc', '0200'],
    ['rd', '0100'],
    ['ra', '0080'],
    ['z', '0040'],
    ['ad', '0020'],
    ['cd', '0010'],
  ] as const)('%s is the bit %s', (flag, bits) => {
    const octets = writeMessage(newMessage({ [flag]: true }))
    expect(hexText(octets.subarray(2, 4))).toBe(bits)
    const header = readHeader(octets)
    expect(flags.filter((each) => header[each])).toEqual([flag])
  })

  test('ID, opcode and RCODE have their places', () => {
    const octets = writeMessage(newMessage({ id: 0xbeef, opcode: OPCODE.UPDATE, rcode: RCODE.NOTAUTH }))
    expect(hexText(octets)).toBe('beef28090000000000000000')
    expect(readHeader(octets)).toMatchObject({ id: 0xbeef, opcode: 5, rcode: 9 })
  })

  test('MB-01 a response copies ID, opcode, RD and question, and nothing else', () => {
    const request = newMessage({
      ...QUERY,
      opcode: OPCODE.NOTIFY,
      aa: true,
      tc: true,
      ra: true,
      z: true,
      ad: true,
      cd: true,
      answer: [record('example.org. 1 A 192.0.2.1')],
      edns: EDNS,
    })
    const response = responseTo(request, { rcode: RCODE.REFUSED })
    expect(response).toEqual({
      ...newMessage({}),
      id: 0x1234,
      qr: true,
      opcode: 4,
      rd: true,
      rcode: 5,
      questions: QUERY.questions,
    })
    expect(responseTo({ ...request, rd: false }, {}).rd).toBe(false)
  })

  test('MB-10 the question is echoed in the case it came in', () => {
    const request = readMessage(writeMessage(newMessage({ questions: [question('eXaMpLe.OrG. SOA')] })))
    const response = readMessage(writeMessage(responseTo(request, { answer: [record('example.org. 1 A 192.0.2.1')] })))
    expect(response.questions.map(({ name }) => printName(name))).toEqual(['eXaMpLe.OrG.'])
    expect(response.answer.map(printed)).toEqual(['example.org. 1 A 192.0.2.1'])
  })

  test.each([0, 1, 11])('MB-05 %d octets are no message', (length) => {
    expect(() => readMessage(new Uint8Array(length))).toThrow(WireError)
    expect(() => readHeader(new Uint8Array(length))).toThrow(WireError)
  })

  test('MB-18 a header alone is read, whatever its opcode', () => {
    for (let opcode = 0; opcode < 16; opcode++) {
      assert.equal(readMessage(Uint8Array.of(0, 0, opcode << 3, 0, 0, 0, 0, 0, 0, 0, 0, 0)).opcode, opcode)
    }
  })
})

describe('reading', () => {
  test('MB-08 counts that promise more than there is are refused', () => {
    for (const counts of ['ffff 0000 0000 0000', '0000 ffff 0000 0000', '0000 0000 ffff 0000', '0000 0000 0000 ffff']) {
      expect(() => readMessage(withCounts(counts))).toThrow(WireError)
      expect(() => readMessage(withCounts(counts, A_RECORD.repeat(3)))).toThrow(WireError)
    }
  })

  test('MB-03 a message may have two questions; the one who answers says FORMERR', () => {
    expect(readMessage(withCounts('0002 0000 0000 0000', A_QUESTION.repeat(2))).questions.length).toBe(2)
  })

  test('MB-17 every type can be asked for', () => {
    for (const type of ['0000', '0029', '0080', '00f9', '00fa', '00fb', '00fc', '00ff', 'ffff']) {
      assert.equal(
        readMessage(withCounts('0001 0000 0000 0000', `016100 ${type} 0001`)).questions[0]?.type,
        Number(`0x${type}`),
      )
    }
  })

  test('MB-14 a TTL with the top bit set counts as 0', () => {
    const octets = withCounts('0000 0001 0000 0000', A_RECORD.replace('00000001', '80000001'))
    expect(readMessage(octets).answer.map(printed)).toEqual(['a. 0 A 192.0.2.1'])
  })

  test('MB-21 octets behind the last record are refused', () => {
    expect(() => readMessage(withCounts('0001 0000 0000 0000', `${A_QUESTION}00000000`))).toThrow(
      'octets behind the last record at octet 19',
    )
  })

  test('MB-06 an owner that points at itself is refused', () => {
    expect(() => readMessage(withCounts('0000 0001 0000 0000', 'c00c 0001 0001 00000001 0004 c0000201'))).toThrow(
      WireError,
    )
  })

  test.each([
    ['SOA', '0006', 'c00c c00c 00000001 00000002 00000003 00000004 00000005'],
    ['MX', '000f', '000a 016dc00c'],
    ['SRV', '0021', '0001 0002 0003 0173c00c'],
    ['RRSIG', '002e', '0001 0d 02 00000001 00000002 00000003 0004 017300 05'],
    ['NS', '0002', '016e026e73c00c'],
  ])('MB-07 %s with a name that runs past its RDLENGTH is refused, octets following or not', (_, type, rdata) => {
    const octets = rdata.replaceAll(' ', '').length / 2
    const message = (length: number): Uint8Array =>
      withCounts(
        '0001 0001 0000 0000',
        `${A_QUESTION} c00c ${type} 0001 00000001 ${length.toString(16).padStart(4, '0')} ${rdata}`,
      )
    expect(readMessage(message(octets)).answer.length).toBe(1)
    for (let length = 0; length < octets; length++) {
      // Short of its octets and with the rest of them behind: no RDATA of this type, or a message with a tail.
      assert.throws(() => readMessage(message(length)), WireError)
    }
  })

  test('MB-09 names in RDATA may come compressed, and go out in full', () => {
    const octets = withCounts(
      '0001 0001 0000 0000',
      `076578616d706c6500 000f 0001 c00c 000f 0001 00000001 0007 000a 026d78c00c`,
    )
    const message = readMessage(octets)
    expect(message.answer.map(printed)).toEqual(['example. 1 MX 10 mx.example.'])
    expect(hexText(writeMessage(message)).endsWith('000e000a026d78076578616d706c6500')).toBe(true)
  })

  test('an UPDATE names RRsets by records without RDATA', () => {
    const body = `${A_QUESTION} c00c 0001 00ff 00000000 0000 c00c 0006 00fe 00000000 0000`
    const { answer } = readMessage(withCounts('0001 0002 0000 0000', body))
    expect(answer.map(({ type, class: recordClass, rdata }) => [type, recordClass, rdata.length])).toEqual([
      [1, CLASS.ANY, 0],
      [6, CLASS.NONE, 0],
    ])
    expect(() => readMessage(withCounts('0000 0001 0000 0000', '00 0001 0001 00000000 0000'))).toThrow(WireError)
  })
})

describe('OPT and TSIG among the records', () => {
  const tsig = '00 00fa 00ff 00000000 0011 00 000000000001 012c 0000 1234 0000 0000'

  test('ED-01 OPT may stand anywhere in the additional section', () => {
    for (const body of [`${OPT}${A_RECORD}`, `${A_RECORD}${OPT}`]) {
      const message = readMessage(withCounts('0000 0000 0000 0002', body))
      expect([message.edns?.udpSize, message.additional.map(printed)]).toEqual([1232, ['a. 1 A 192.0.2.1']])
    }
  })

  test.each([
    ['two of them', '0000 0000 0000 0002', `${OPT}${OPT}`],
    ['one whose owner is not the root', '0000 0000 0000 0001', OPT.replace('00', '036269670474657374 00')],
    ['one in the answer', '0000 0001 0000 0000', OPT],
    ['one in the authority section', '0000 0000 0001 0000', OPT],
    ['options that run past it', '0000 0000 0000 0001', '00 0029 04d0 00000000 0004 000affff'],
  ])('ED-01 ED-07 OPT: %s is refused', (_, counts, body) => {
    expect(() => readMessage(withCounts(counts, body))).toThrow(WireError)
  })

  test('ED-02 ED-06 version, DO and the upper bits of the RCODE are read', () => {
    const message = readMessage(withCounts('0000 0000 0000 0001', '00 0029 04d0 01ff c000 0000'))
    expect([message.rcode, message.edns?.version, message.edns?.do, message.edns?.flags]).toEqual([
      16,
      255,
      true,
      0x4000,
    ])
  })

  test('ED-08 500 options in one OPT are read', () => {
    const options = Array.from({ length: 500 }, () => ({ code: OPTION.COOKIE, octets: new Uint8Array(8) }))
    expect(readMessage(writeMessage({ ...QUERY, edns: { ...EDNS, options } })).edns?.options.length).toBe(500)
  })

  test('an RCODE of more than 15 needs EDNS', () => {
    const octets = writeMessage(newMessage({ rcode: RCODE.BADVERS, edns: EDNS }))
    expect([readHeader(octets).rcode, readMessage(octets).rcode]).toEqual([0, 16])
    expect(() => writeMessage(newMessage({ rcode: RCODE.BADVERS }))).toThrow('RCODE 16 cannot be said without EDNS')
  })

  test('TS-01 the TSIG stands apart, with the place where it begins', () => {
    const message = readMessage(withCounts('0001 0000 0000 0002', `${A_QUESTION}${OPT}${tsig}`))
    expect([message.tsig?.start, message.tsig?.timeSigned, message.additional]).toEqual([30, 1, []])
  })

  test.each([
    ['two of them', '0000 0000 0000 0002', `${tsig}${tsig}`],
    ['before OPT', '0000 0000 0000 0002', `${tsig}${OPT}`],
    ['in the answer', '0000 0001 0000 0000', tsig],
    ['in the authority section', '0000 0000 0001 0000', tsig],
    ['of class IN', '0000 0000 0000 0001', tsig.replace('00ff', '0001')],
    ['with a TTL', '0000 0000 0000 0001', tsig.replace('00000000', '00000005')],
  ])('TS-01 TS-02 TSIG %s is refused', (_, counts, body) => {
    expect(() => readMessage(withCounts(counts, body))).toThrow(WireError)
  })
})

describe('cutting', () => {
  const addresses = (owner: string, count: number): DnsRecord[] =>
    Array.from({ length: count }, (_, at) => record(`${owner} 300 A 192.0.2.${at}`))
  const response = (fields: Partial<Message>): Message => responseTo(QUERY, { aa: true, ...fields })
  const counts = ({ tc, answer, authority, additional }: Message): unknown[] => [
    tc,
    answer.length,
    authority.length,
    additional.length,
  ]
  const cut = (message: Message, limit: number, neededAdditional = 0): Message => {
    const octets = writeMessage(message, { limit, neededAdditional })
    assert.equal(octets.length <= limit, true)
    return readMessage(octets)
  }

  test('MB-15 40 addresses in 512 octets: TC, and none of them', () => {
    expect(counts(cut(response({ answer: addresses('example.org.', 40) }), 512))).toEqual([true, 0, 0, 0])
  })

  test('MB-15 RRsets before the one that does not fit stay, those behind it go', () => {
    const answer = [
      ...addresses('a.example.org.', 3),
      ...addresses('b.example.org.', 40),
      ...addresses('c.example.org.', 1),
    ]
    const authority = [record('example.org. 300 NS ns.example.org.')]
    expect(counts(cut(response({ answer, authority, additional: addresses('d.', 1) }), 512))).toEqual([true, 3, 0, 0])
  })

  test('MB-15 an authority section that does not fit sets TC', () => {
    const authority = Array.from({ length: 40 }, (_, at) => record(`sub.example.org. 300 NS ns${at}.example.org.`))
    expect(counts(cut(response({ authority }), 512))).toEqual([true, 0, 0, 0])
  })

  test('MB-15 additional RRsets that do not fit are left out one by one, without TC', () => {
    const answer = [record('example.org. 300 MX 10 mx.example.org.')]
    const additional = [...addresses('mx.example.org.', 40), ...addresses('my.example.org.', 2)]
    expect(counts(cut(response({ answer, additional }), 512))).toEqual([false, 1, 0, 2])
  })

  test('MB-15 glue that is needed and does not fit sets TC', () => {
    const authority = [record('sub.example.org. 300 NS ns.sub.example.org.')]
    const additional = [...addresses('ns.sub.example.org.', 1), ...addresses('ns2.sub.example.org.', 40)]
    expect(counts(cut(response({ authority, additional }), 512, 1))).toEqual([false, 0, 1, 1])
    expect(counts(cut(response({ authority, additional }), 512, 41))).toEqual([true, 0, 1, 1])
  })

  test('MB-15 for every limit the message fits, whole RRsets remain, and TC says what is missing', () => {
    const answer = [...addresses('a.example.org.', 5), ...addresses('B.example.org.', 7)]
    const authority = [record('example.org. 300 NS ns.example.org.'), record('example.org. 300 NS ns.example.net.')]
    const additional = [...addresses('ns.example.org.', 2), record('ns.example.org. 300 AAAA 2001:db8::1')]
    const whole = response({ answer, authority, additional, edns: EDNS })
    const octets = writeMessage(whole).length
    for (let limit = 40; limit <= octets; limit++) {
      const message = cut(whole, limit)
      assert.equal([0, 5, 12].includes(message.answer.length), true)
      assert.equal([0, 2].includes(message.authority.length), true)
      assert.equal([0, 1, 2, 3].includes(message.additional.length), true)
      assert.equal(message.tc, message.answer.length + message.authority.length < 14)
      assert.notEqual(message.edns, undefined)
    }
    expect(counts(cut(whole, octets))).toEqual([false, 12, 2, 3])
  })

  test('OPT stays when nothing else does, with its options', () => {
    const message = cut(
      response({ answer: addresses('example.org.', 40), edns: { ...EDNS, options: [EXPIRE_QUESTION] } }),
      64,
    )
    expect([counts(message), message.edns?.options]).toEqual([[true, 0, 0, 0], [EXPIRE_QUESTION]])
  })

  test('a limit that not even the question fits is a mistake of ours', () => {
    expect(() => writeMessage(QUERY, { limit: 20 })).toThrow(WriteOverflow)
  })

  test('a record larger than a message is left out, and writing ends', () => {
    const huge: DnsRecord = { ...record('example.org. 1 A 192.0.2.1'), type: 65_400, rdata: new Uint8Array(65_535) }
    expect(counts(cut(response({ answer: [huge] }), 65_535))).toEqual([true, 0, 0, 0])
  })
})

describe('any octets', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 4 })
  const name = fc
    .array(label, { maxLength: 4 })
    .map((labels) =>
      nameFromWire(
        concatOctets(...labels.flatMap((octets) => [Uint8Array.of(octets.length), octets]), Uint8Array.of(0)),
      ),
    )
  const anyRecord: fc.Arbitrary<DnsRecord> = fc
    .record({
      owner: name,
      text: fc.constantFrom(
        'A 192.0.2.1',
        'AAAA 2001:db8::1',
        'MX 10 mx.example.',
        'TXT "a" "b"',
        'SRV 1 2 3 a.b.',
        'SOA a. b. 1 2 3 4 5',
        'CAA 0 issue "x"',
        'TYPE65400 \\# 2 cafe',
      ),
      ttl: fc.nat(0x7fff_ffff),
    })
    .map(({ owner, text, ttl }) => ({ ...record(`. ${ttl} ${text}`), owner }))
  const records = fc.array(anyRecord, { maxLength: 5 })
  const plain = { noNullPrototype: true } as const
  const option = fc.record({ code: fc.nat(0xffff), octets: fc.uint8Array({ maxLength: 12 }) }, plain)
  const edns: fc.Arbitrary<Edns> = fc.record(
    {
      udpSize: fc.nat(0xffff),
      version: fc.nat(255),
      do: fc.boolean(),
      flags: fc.nat(0x7fff),
      options: fc.array(option, { maxLength: 3 }),
    },
    plain,
  )
  const anyMessage: fc.Arbitrary<Message> = fc.record(
    {
      id: fc.nat(0xffff),
      opcode: fc.nat(15),
      rcode: fc.nat(15),
      qr: fc.boolean(),
      aa: fc.boolean(),
      tc: fc.boolean(),
      rd: fc.boolean(),
      ra: fc.boolean(),
      z: fc.boolean(),
      ad: fc.boolean(),
      cd: fc.boolean(),
      questions: fc.array(fc.record({ name, type: fc.nat(0xffff), class: fc.nat(0xffff) }, plain), { maxLength: 2 }),
      answer: records,
      authority: records,
      additional: records,
      edns: fc.option(edns, { nil: undefined }),
    },
    plain,
  )

  test('a message that is written is read as it was', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(0xff), (message, rcodeHigh) => {
        const whole = message.edns === undefined ? message : { ...message, rcode: message.rcode | (rcodeHigh << 4) }
        const { edns: _, ...rest } = whole
        const expected = whole.edns === undefined ? rest : whole
        assert.deepEqual(readMessage(writeMessage(whole)), expected)
      }),
      { numRuns: 500 },
    )
  })

  /** Reads, and if that succeeds writes and reads again: both times the same, or WireError. */
  const readsOrRefuses = (octets: Uint8Array): void => {
    let message: Message
    try {
      message = readMessage(octets)
    } catch (error) {
      assert.equal(error instanceof WireError, true, String(error))
      return
    }
    const { tsig: _, ...rest } = message
    assert.deepEqual(readMessage(writeMessage(rest)), rest)
  }

  test('a message is read, or refused with WireError and nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readsOrRefuses), { numRuns: tries(1000, 20_000) })
    const counts = fc.array(fc.nat(3), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(counts, fc.uint8Array({ maxLength: 200 }), (list, body) =>
        readsOrRefuses(concatOctets(hexOctets('12340000'), ...list.map((count) => Uint8Array.of(0, count)), body)),
      ),
      { numRuns: tries(1000, 20_000) },
    )
  })

  test('a good message with some octets changed, cut or put in is read or refused', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255))
    fc.assert(
      fc.property(anyMessage, fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(3), (message, changes, how) => {
        const octets = writeMessage(message)
        for (const [at, octet] of changes) octets[at % octets.length] = octet
        const place = (changes[0] as [number, number])[0] % octets.length
        if (how === 0) readsOrRefuses(octets.subarray(0, place))
        else if (how === 1) readsOrRefuses(concatOctets(octets.subarray(0, place), octets.subarray(place >> 1)))
        else readsOrRefuses(octets)
      }),
      { numRuns: tries(500, 20_000) },
    )
  })
})
