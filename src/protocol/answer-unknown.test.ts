import { strict as assert } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { questionOf, World } from '../../test/answer/world.ts'
import { hexOctets } from '../dns/octets.ts'
import { NEEDS_TRANSFER } from './answer.ts'

function example(): World {
  const world = new World()
  world.load('example.', '@ NS ns1\n@ MX 10 ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n@ TXT "x"')
  return world
}

/** Octets from hex digits with spaces. */
function packet(...hex: readonly string[]): Uint8Array {
  return hexOctets(hex.join('').replaceAll(' ', ''))
}

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

  test('NSID, COOKIE and client subnet together', () => {
    const options = [
      { code: 3, octets: new Uint8Array(0) },
      { code: 10, octets: new Uint8Array(8) },
      { code: 8, octets: Uint8Array.of(0, 1, 24, 0, 192, 0, 2) },
    ]
    expect(example().ask('example. SOA', { edns: { options } })).toMatchObject({
      rcode: 'NOERROR',
      answer: soa,
      edns: { options: [] },
    })
  })
})
