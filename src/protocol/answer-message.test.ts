import { describe, expect, test } from 'vitest'
import { questionOf, World } from '../../test/answer/world.ts'
import { hexOctets } from '../dns/octets.ts'
import { NEEDS_NOTIFY, NEEDS_TRANSFER, NEEDS_TSIG, SILENCE } from './answer.ts'

function example(): World {
  const world = new World()
  world.load('example.', '@ NS ns1\n@ MX 10 ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n@ TXT "x"')
  return world
}

/** Octets from hex digits with spaces. */
function packet(...hex: readonly string[]): Uint8Array {
  return hexOctets(hex.join('').replaceAll(' ', ''))
}

/** ID 1234, opcode QUERY; then QDCOUNT … ARCOUNT. */
const HEADER = '1234 0000'
const WWW = '03 777777 07 6578616d706c65 00'
const ONE = '0001 0000 0000 0000'

describe('what is no question', () => {
  test('MB-05 fewer than 12 octets are dropped in silence', () => {
    const world = example()
    for (let length = 0; length < 12; length++) {
      expect(world.respond(questionOf('www.example. A').slice(0, length))).toBe(SILENCE)
      expect(world.respond(new Uint8Array(length), 'tcp')).toBe(SILENCE)
    }
  })

  test('MB-02 case 51 a response is never answered, whatever its opcode', () => {
    const world = example()
    for (let opcode = 0; opcode < 16; opcode++) {
      const request = questionOf('www.example. A')
      request[2] = 0x80 | (opcode << 3)
      expect(world.respond(request)).toBe(SILENCE)
    }
  })

  test('MB-18 an unknown opcode is NOTIMP, with ID and opcode copied and nothing else', () => {
    const world = example()
    for (const opcode of [1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) {
      const request = questionOf('www.example. A', { flags: { opcode, id: 0xbeef } })
      expect(world.respond(request)).toEqual(Uint8Array.of(0xbe, 0xef, 0x80 | (opcode << 3), 4, 0, 0, 0, 0, 0, 0, 0, 0))
    }
  })

  test('others answer notifications, transfers and what is signed', () => {
    const world = example()
    expect(world.respond(questionOf('example. SOA', { flags: { opcode: 4 } }))).toBe(NEEDS_NOTIFY)
    expect(world.respond(questionOf('example. AXFR'), 'tcp')).toBe(NEEDS_TRANSFER)
    expect(world.respond(questionOf('example. IXFR'))).toBe(NEEDS_TRANSFER)
    const tsig = '00 00fa 00ff 00000000 0000'
    expect(world.respond(packet(HEADER, '0001 0000 0000 0001', WWW, '0001 0001', tsig))).toBe(NEEDS_TSIG)
    expect(world.respond(packet(HEADER, '0001 0000 0000 0001', '07 6578616d706c65 00', '00fc 0001', tsig))).toBe(
      NEEDS_TRANSFER,
    )
  })

  test('a TSIG that is not last or stands elsewhere is FORMERR', () => {
    const world = example()
    const tsig = '00 00fa 00ff 00000000 0000'
    for (const counts of ['0001 0000 0000 0002', '0001 0001 0000 0001', '0001 0000 0001 0001']) {
      expect(world.send(packet(HEADER, counts, WWW, '0001 0001', tsig, tsig))).toMatchObject({ rcode: 'FORMERR' })
    }
  })
})

describe('what cannot be read', () => {
  test('MB-03 two questions are FORMERR, the same or not', () => {
    const world = example()
    for (const second of ['c00c', WWW, '00']) {
      expect(world.send(packet(HEADER, '0002 0000 0000 0000', WWW, '0001 0001', second, '0001 0001'))).toMatchObject({
        rcode: 'FORMERR',
        answer: [],
      })
    }
  })

  test('MB-04 no question is FORMERR', () => {
    expect(example().respond(packet(HEADER, '0000 0000 0000 0000'))).toEqual(packet('1234 8001 0000 0000 0000 0000'))
  })

  test.each([
    ['pointer to itself', 'c00c'],
    ['pointer into the header', 'c000'],
    ['forward pointer', 'c012'],
    ['pointer behind a label', '03 777777 c00c'],
    ['two pointers in a loop', 'c00e c00c'],
    ['label type 0x40', '41 00'],
    ['label type 0x80', '81 00'],
    ['label past the end', '3f 6161'],
    ['no end', '03 777777'],
    ['256 octets', `${'3f'.padEnd(128, '61').repeat(3)}${'3e'.padEnd(126, '61')} 00`],
    ['257 octets', `${'3f'.padEnd(128, '61').repeat(3)}${'3f'.padEnd(128, '61')} 00`],
  ])('MB-06 a question name with %s is FORMERR', (_, name) => {
    const answer = example().respond(packet(HEADER, ONE, name, '0001 0001')) as Uint8Array
    expect([...answer]).toEqual([...packet('1234 8001 0000 0000 0000 0000')])
  })

  test('MB-06 a name of 255 octets is none too long', () => {
    const label = '3f'.padEnd(128, '61')
    expect(
      example().send(packet(HEADER, ONE, label, label, label, '3d'.padEnd(124, '61'), '00', '0001 0001')),
    ).toMatchObject({ rcode: 'REFUSED' })
  })

  test('MB-06 owners of further records are stepped over, and refused where they are no names', () => {
    const world = example()
    const one = (owner: string) =>
      world.send(packet(HEADER, '0001 0000 0000 0001', WWW, '0001 0001', owner, '0001 0001 00000000 0000'))?.rcode
    expect(['c00c', '00', '0161 c00c'].map(one)).toEqual(['NOERROR', 'NOERROR', 'NOERROR'])
    expect(['c01d', 'c0ff', 'c000', '41', '81', '0161 c0'].map(one)).toEqual(Array<string>(6).fill('FORMERR'))
  })

  test('MB-08 counts are not believed', () => {
    const world = example()
    for (const counts of [
      '0001 ffff 0000 0000',
      '0001 0000 ffff 0000',
      '0001 0000 0000 ffff',
      '0001 ffff ffff ffff',
      'ffff 0000 0000 0000',
    ]) {
      expect(world.send(packet(HEADER, counts, WWW, '0001 0001'))).toMatchObject({ rcode: 'FORMERR' })
    }
  })

  test('a question is repeated in a FORMERR if it could be read', () => {
    const answer = example().respond(packet(HEADER, '0001 ffff 0000 0000', WWW, '0001 0001')) as Uint8Array
    expect([...answer]).toEqual([...packet('1234 8001 0001 0000 0000 0000', WWW, '0001 0001')])
  })

  test('MB-21 octets behind the last counted record are ignored', () => {
    expect(example().send(packet(HEADER, ONE, WWW, '0001 0001', 'deadbeef'))).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
    })
  })

  test('a record in the answer section of a question does no harm', () => {
    const record = 'c00c 0001 0001 00000000 0004 c0000201'
    expect(example().send(packet(HEADER, '0001 0001 0000 0000', WWW, '0001 0001', record))).toMatchObject({
      answer: ['www.example. 3600 A 192.0.2.2'],
    })
  })
})

describe('the header', () => {
  test('MB-01 the answer copies ID, opcode and RD; RA, Z, AD and CD stay 0', () => {
    const world = example()
    const everything = { id: 0xabcd, rd: true, z: true, ad: true, cd: true, ra: true, aa: true, tc: true }
    const answer = world.ask('www.example. A', { flags: everything })
    expect(answer.octets.slice(0, 4)).toEqual(Uint8Array.of(0xab, 0xcd, 0x85, 0))
    expect(answer.flags).toBe('aa rd')
    expect(world.ask('www.example. A').flags).toBe('aa')
  })

  test('MB-22 for classes other than IN there is no data', () => {
    const world = example()
    for (const code of [0, 2, 3, 4, 254, 255, 65_535]) {
      expect(world.ask('www.example. A', { class: code })).toMatchObject({
        rcode: 'REFUSED',
        flags: '',
        answer: [],
        authority: [],
      })
      expect(world.ask('example. AXFR', { class: code })).toMatchObject({ rcode: 'REFUSED' })
    }
  })

  test('MB-09 in answers only owners are compressed', () => {
    const world = new World()
    world.load(
      'example.',
      '@ NS ns1\nns1 A 192.0.2.1\n_s._tcp SRV 1 2 3 ns1\nd DNAME ns1\nh HTTPS 1 ns1\nm NAPTR 1 2 "u" "" "" ns1',
    )
    for (const [question, type] of [
      ['_s._tcp.example. SRV', 33],
      ['d.example. DNAME', 39],
      ['h.example. HTTPS', 65],
      ['m.example. NAPTR', 35],
    ] as const) {
      const text = new TextDecoder('latin1').decode((world.respond(questionOf(question)) as Uint8Array).subarray(12))
      expect(text.split('\u0003ns1\u0007example\0').length, String(type)).toBe(2)
    }
  })
})
