import { strict as assert } from 'node:assert'
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

describe('sizes', () => {
  const many = (count: number, line: (n: number) => string): World => {
    const world = new World()
    world.load('example.', `@ NS ns1\n${Array.from({ length: count }, (_, n) => line(n)).join('\n')}`)
    return world
  }

  test('MB-15 an RRset that does not fit is left out whole, and TC says so', () => {
    const world = many(40, (n) => `www A 192.0.2.${n}`)
    expect(world.ask('www.example. A')).toMatchObject({ rcode: 'NOERROR', flags: 'aa tc', answer: [] })
    expect(world.ask('www.example. A', { size: 1232 })).toMatchObject({ flags: 'aa' })
    expect(world.ask('www.example. A', { tcp: true }).answer).toHaveLength(40)
  })

  test('MB-15 of a chain the part that fits stays', () => {
    const world = many(40, (n) => `www A 192.0.2.${n}`)
    world.change('example.', '', 'alias CNAME www')
    expect(world.ask('alias.example. A')).toMatchObject({
      flags: 'aa tc',
      answer: ['alias.example. 3600 CNAME www.example.'],
    })
  })

  test('MB-15 an RRset whose signatures do not fit is left out with them', () => {
    const world = many(20, (n) => `www A 192.0.2.${n}`)
    const line = `RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. ${'A'.repeat(240)}`
    world.change('example.', '', `www ${line}`)
    expect(world.ask('www.example. A', { size: 512 })).toMatchObject({ flags: 'aa' })
    expect(world.ask('www.example. A', { size: 512, do: true })).toMatchObject({ flags: 'aa tc', answer: [] })
    expect(world.ask('www.example. A', { size: 1232, do: true }).answer).toHaveLength(21)
  })

  test('MB-15 addresses out of courtesy never truncate', () => {
    const world = many(12, (n) => `@ MX 10 m${n}\nm${n} A 192.0.2.${n}\nm${n} AAAA 2001:db8::${n}`)
    const { flags, answer, additional } = world.ask('example. MX')
    expect([flags, answer.length]).toEqual(['aa', 12])
    expect(additional.length).toBeGreaterThan(0)
    expect(additional.length).toBeLessThan(24)
  })

  test('MB-15 a denial whose SOA does not fit is truncated', () => {
    const label = 'a'.repeat(63)
    const apex = `${label}.${label}.${label}.`
    const world = new World()
    world.load(apex, '@ IN SOA ns1 hostmaster 1 2 3 4 5\n@ NS ns1')
    expect(world.ask(`x.${apex} A`)).toMatchObject({ rcode: 'NXDOMAIN', flags: 'aa tc', authority: [] })
    expect(world.ask(`x.${apex} A`, { size: 1232 })).toMatchObject({ rcode: 'NXDOMAIN', flags: 'aa' })
  })

  test('MB-16 an answer by UDP is no larger than 512 octets, the size the client tells, and our own limit', () => {
    const world = many(
      200,
      (n) => `t${n} TXT "${'x'.repeat(n)}"\n` + Array.from({ length: n }, (_, k) => `a${n} A 192.0.2.${k}`).join('\n'),
    )
    for (let n = 1; n < 200; n++) {
      for (const [size, most] of [
        [undefined, 512],
        [100, 512],
        [512, 512],
        [800, 800],
        [1232, 1232],
        [4096, 1232],
        [65_535, 1232],
      ] as const) {
        const { octets, flags, answer } = world.ask(`a${n}.example. A`, size === undefined ? {} : { size })
        expect(octets.length).toBeLessThanOrEqual(most)
        expect(flags.includes('tc')).toBe(answer.length === 0)
      }
    }
  })

  test('MB-16 our own limit can be lower or higher', () => {
    const world = new World({ udpSizeMax: 600 })
    world.load('example.', `@ NS ns1\n${Array.from({ length: 40 }, (_, n) => `www A 192.0.2.${n}`).join('\n')}`)
    expect(world.ask('www.example. A', { size: 1232 })).toMatchObject({ flags: 'aa tc', edns: { udpSize: 600 } })
  })

  test('an owner beyond the reach of a pointer is written in full', () => {
    const host = (n: number): string => `host-${n}-${'y'.repeat(50)}.sub`
    const world = many(300, (n) => `sub NS ${host(n)}\n${host(n)} A 192.0.2.1`)
    const { octets, authority, additional } = world.ask('sub.example. A', { tcp: true })
    expect([authority.length, additional.length, octets.length > 0x4000]).toEqual([300, 300, true])
    const owners = new Set(additional.map((line) => line.split(' ')[0]))
    expect(owners).toEqual(new Set(authority.map((line) => line.split(' ')[3])))
  })
})

describe('types that no zone has', () => {
  test('MB-17 case 49 every type is answered, and none brings what it should not', () => {
    const world = example()
    const rcodes = Array.from({ length: 16 }, () => new Set<number>())
    for (const [name, known] of [
      ['example.', [2, 6, 15, 16, 255]],
      ['www.example.', [1, 255]],
    ] as const) {
      const request = questionOf(`${name} A`)
      for (let type = 0; type < 65_536; type++) {
        request[request.length - 4] = type >> 8
        request[request.length - 3] = type & 255
        const answer = world.respond(request)
        if (typeof answer === 'number') {
          assert.ok(answer === NEEDS_TRANSFER && (type === 251 || type === 252))
          continue
        }
        rcodes[(answer[3] as number) & 15]?.add(type)
        const answers = ((answer[6] as number) << 8) | (answer[7] as number)
        assert.equal(answers > 0, (known as readonly number[]).includes(type))
      }
    }
    const [noerror, formerr, servfail, nxdomain, notimp, ...others] = rcodes.map((types) => [...types])
    expect([formerr, notimp]).toEqual([
      [41, 128, 250],
      [249, 253, 254],
    ])
    expect([noerror?.length, servfail, nxdomain, ...others].flat()).toEqual([65_528])
  })

  test('MB-17 a question for NXNAME is FORMERR and says why', () => {
    expect(example().ask('www.example. TYPE128', { size: 512 })).toMatchObject({
      rcode: 'FORMERR',
      edns: { options: [{ code: 15, octets: Uint8Array.of(0, 30) }] },
    })
  })
})

describe('UPDATE', () => {
  test('UP-01 is not implemented, and for names that are no zones NOTAUTH', () => {
    const world = example()
    expect(world.ask('example. SOA', { flags: { opcode: 5 } })).toMatchObject({ rcode: 'NOTIMP', flags: '' })
    expect(world.ask('www.example. SOA', { flags: { opcode: 5 } })).toMatchObject({ rcode: 'NOTAUTH' })
    expect(world.ask('other. SOA', { flags: { opcode: 5 } })).toMatchObject({ rcode: 'NOTAUTH' })
  })

  test('UP-03 of class ANY or NONE, or not for a SOA, it is FORMERR', () => {
    const world = example()
    for (const code of [254, 255])
      expect(world.ask('example. SOA', { class: code, flags: { opcode: 5 } })).toMatchObject({ rcode: 'FORMERR' })
    expect(world.ask('example. A', { flags: { opcode: 5 } })).toMatchObject({ rcode: 'FORMERR' })
    expect(world.ask('example. SOA', { class: 3, flags: { opcode: 5 } })).toMatchObject({ rcode: 'NOTAUTH' })
    expect(world.send(packet('1234 2800 0000 0000 0000 0000'))).toMatchObject({ rcode: 'FORMERR' })
  })

  test('UP-04 sections that are not there are FORMERR', () => {
    expect(example().send(packet('1234 2800 0001 ffff ffff 0000', '07 6578616d706c65 00 0006 0001'))).toMatchObject({
      rcode: 'FORMERR',
    })
  })
})

describe('RFC 8906 §8', () => {
  const soa = ['example. 3600 SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 300']

  test('SOA without EDNS', () => {
    expect(example().ask('example. SOA')).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: soa, edns: undefined })
  })

  test('an unknown type', () => {
    expect(example().ask('example. TYPE1000')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: [],
      authority: [soa[0]?.replace('3600', '300')],
    })
  })

  test.each(['cd', 'ad', 'z', 'rd'])('flag %s', (flag) => {
    expect(example().ask('example. SOA', { flags: { [flag]: true } })).toMatchObject({
      rcode: 'NOERROR',
      flags: flag === 'rd' ? 'aa rd' : 'aa',
      answer: soa,
    })
  })

  test('opcode 15, header only', () => {
    expect(example().respond(packet('1234 7800 0000 0000 0000 0000'))).toEqual(packet('1234 f804 0000 0000 0000 0000'))
  })

  test('SOA by TCP', () => {
    expect(example().ask('example. SOA', { tcp: true })).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: soa })
  })

  test('EDNS 0', () => {
    expect(example().ask('example. SOA', { edns: {} })).toMatchObject({
      rcode: 'NOERROR',
      answer: soa,
      edns: { version: 0, udpSize: 1232, do: false, flags: 0, options: [] },
    })
  })

  test.each([
    ['alone', {}],
    ['with a flag', { flags: 0x40 }],
    ['with an option', { options: [{ code: 100, octets: Uint8Array.of(1) }] }],
    ['with DO', { do: true }],
  ])('EDNS 1 %s', (_, edns) => {
    expect(example().ask('example. SOA', { edns: { version: 1, ...edns } })).toMatchObject({
      rcode: 'BADVERS',
      flags: '',
      answer: [],
      authority: [],
      edns: { version: 0, flags: 0, options: [] },
    })
  })

  test('EDNS option 100', () => {
    expect(
      example().ask('example. SOA', { edns: { options: [{ code: 100, octets: Uint8Array.of(1, 2) }] } }),
    ).toMatchObject({ rcode: 'NOERROR', answer: soa, edns: { options: [] } })
  })

  test('EDNS flag 0x40', () => {
    expect(example().ask('example. SOA', { edns: { flags: 0x40 } })).toMatchObject({
      rcode: 'NOERROR',
      answer: soa,
      edns: { flags: 0 },
    })
  })

  test('DO, size 512, DNSKEY', () => {
    const world = new World()
    const key = 'A'.repeat(344)
    world.load('example.', `@ NS ns1\n@ DNSKEY 256 3 8 ${key}\n@ DNSKEY 257 3 8 ${key}`)
    expect(world.ask('example. DNSKEY', { size: 512, do: true })).toMatchObject({
      flags: 'aa tc',
      answer: [],
      edns: { do: true },
    })
    expect(world.ask('example. DNSKEY', { size: 1232, do: true })).toMatchObject({ flags: 'aa', edns: { do: true } })
  })

  test('DO', () => {
    expect(example().ask('example. SOA', { do: true })).toMatchObject({ answer: soa, edns: { do: true } })
  })

  test('NSID, COOKIE, EXPIRE and client subnet together', () => {
    const options = [
      { code: 3, octets: new Uint8Array(0) },
      { code: 10, octets: new Uint8Array(8) },
      { code: 9, octets: new Uint8Array(0) },
      { code: 8, octets: Uint8Array.of(0, 1, 24, 0, 192, 0, 2) },
    ]
    expect(example().ask('example. SOA', { edns: { options } })).toMatchObject({
      rcode: 'NOERROR',
      answer: soa,
      edns: { options: [] },
    })
  })
})
