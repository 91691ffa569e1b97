import { strict as assert } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { type Answered, questionOf, World } from '../../test/answer/world.ts'
import type { EdnsOption } from '../dns/edns.ts'
import { hexOctets, hexText } from '../dns/octets.ts'

const SECRET = hexOctets('e5e973e5a6b2a43f48e7dc849e37bfcf')
const OLD_SECRET = hexOctets('445536bcd2513298075a5d379663c962')
const CLIENT = '2464c4abcf10c957'
const HOUR = 3_600_000
const NOON = Date.UTC(2026, 0, 1, 12)

const ZONE = '@ NS ns1\nwww A 192.0.2.2\n@ RRSIG NS 13 1 3600 20300101000000 20200101000000 1 example. AAAA'

function example(cookieSecrets: readonly Uint8Array[] = []): World {
  const world = new World({ cookieSecrets })
  world.load('example.', ZONE)
  world.client.now = NOON
  return world
}

/** A question with an OPT record made of hex digits. */
function withOpt(...records: readonly string[]): Uint8Array {
  const question = questionOf('www.example. A')
  question[11] = records.length
  return Uint8Array.from([...question, ...hexOctets(records.join('').replaceAll(' ', ''))])
}

const OPT = '00 0029 04d0 00 00 0000'

describe('the OPT record', () => {
  test.each([
    ['two of them', [`${OPT} 0000`, `${OPT} 0000`]],
    ['an owner that is not the root', ['03 626967 00 0029 04d0 00000000 0000']],
    ['an owner that is a pointer to the root', ['c018 0029 04d0 00000000 0000']],
    ['ED-07 an option longer than the record', [`${OPT} 0004 0003 ffff`]],
    ['ED-07 half an option', [`${OPT} 0003 0003 00`]],
    ['ED-07 a record longer than the message', [`${OPT} 0004`]],
  ])('ED-01 %s is FORMERR', (_, records) => {
    expect(example().send(withOpt(...records))).toMatchObject({ rcode: 'FORMERR', answer: [] })
  })

  test('ED-01 case 48 outside the additional section it is FORMERR', () => {
    for (const count of [7, 9]) {
      const request = withOpt(`${OPT} 0000`)
      request[11] = 0
      request[count] = 1
      expect(example().send(request)).toMatchObject({ rcode: 'FORMERR' })
    }
  })

  test('ED-01 anywhere in the additional section it will do', () => {
    const record = '0161 00 0001 0001 00000000 0004 c0000201'
    expect(example().send(withOpt(record, `${OPT} 0000`, record))).toMatchObject({
      rcode: 'NOERROR',
      edns: { version: 0 },
    })
  })

  test.each([1, 2, 255])('ED-02 version %i is BADVERS with version 0 and no answer', (version) => {
    expect(example().ask('www.example. A', { edns: { version } })).toMatchObject({
      rcode: 'BADVERS',
      flags: '',
      answer: [],
      edns: { version: 0 },
    })
  })

  test('ED-03 unknown options are not repeated, unknown flags are cleared', () => {
    const options = [
      { code: 100, octets: Uint8Array.of(1) },
      { code: 65_001, octets: new Uint8Array(0) },
    ]
    expect(example().ask('www.example. A', { edns: { options, flags: 0x7fff } })).toMatchObject({
      rcode: 'NOERROR',
      edns: { options: [], flags: 0, do: false },
    })
  })

  test('ED-04 a size below 512 counts as 512', () => {
    const world = new World()
    world.load('example.', `@ NS ns1\n${Array.from({ length: 25 }, (_, n) => `www A 192.0.2.${n}`).join('\n')}`)
    for (const size of [0, 100, 511]) expect(world.ask('www.example. A', { size })).toMatchObject({ flags: 'aa' })
  })

  test('ED-05 there is one in the answer if and only if there is one in the request, errors included', () => {
    const world = example()
    const questions: [string, object][] = [
      ['www.example. A', {}],
      ['nothing.example. A', {}],
      ['elsewhere. A', {}],
      ['www.example. TYPE128', {}],
      ['www.example. A', { class: 3 }],
      ['example. SOA', { flags: { opcode: 5 } }],
    ]
    for (const [question, asking] of questions) {
      expect(world.ask(question, asking).edns).toBeUndefined()
      expect(world.ask(question, { ...asking, size: 512 }).edns).toMatchObject({ udpSize: 1232, version: 0 })
    }
    const two = questionOf('www.example. A', { size: 512 })
    const second = Uint8Array.of(0, 0, 1, 0, 1)
    const request = Uint8Array.from([...two.subarray(0, 29), ...second, ...two.subarray(29)])
    request[5] = 2
    expect(world.send(request)).toMatchObject({ rcode: 'FORMERR', edns: { version: 0 } })
  })

  test('ED-06 DO is copied, and signatures come with DO only', () => {
    const world = example()
    expect(world.ask('example. NS', { size: 1232 })).toMatchObject({ edns: { do: false } })
    expect(world.ask('example. NS', { size: 1232 }).answer).toHaveLength(1)
    expect(world.ask('example. NS', { do: true })).toMatchObject({ edns: { do: true } })
    expect(world.ask('example. NS', { do: true }).answer).toHaveLength(2)
    expect(world.ask('example. RRSIG').answer).toHaveLength(1)
  })

  test('case 54 an answer with DO does not change the one without', () => {
    const world = example()
    const before = world.ask('example. NS').octets
    world.ask('example. NS', { do: true })
    expect(world.ask('example. NS').octets).toEqual(before)
  })

  test('ED-08 case 48 five hundred options of any kind do no harm', () => {
    const world = example([SECRET])
    for (const code of [5, 6, 7, 8, 10, 14, 100]) {
      const options = Array.from({ length: 500 }, () => ({ code, octets: hexOctets(CLIENT) }))
      const { rcode, answer, edns } = world.ask('www.example. A', { edns: { options } })
      expect([rcode, answer.length, edns?.options.length]).toEqual(['NOERROR', 1, code === 10 ? 1 : 0])
    }
  })
})

describe('EE-01 extended errors', () => {
  test('come only with OPT, and change nothing else', () => {
    const world = example()
    const plain = world.ask('elsewhere. A')
    const extended = world.ask('elsewhere. A', { size: 512 })
    expect([plain.rcode, plain.edns]).toEqual(['REFUSED', undefined])
    expect([extended.rcode, extended.edns?.options]).toEqual(['REFUSED', [{ code: 15, octets: Uint8Array.of(0, 20) }]])
  })
})

describe('cookies', () => {
  const ask = (world: World, cookie: string, asking: { tcp?: boolean } = {}): Answered =>
    world.ask('www.example. A', { ...asking, edns: { options: [{ code: 10, octets: hexOctets(cookie) }] } })
  const cookieIn = ({ edns }: Answered): string => {
    const options: readonly EdnsOption[] = edns?.options ?? []
    assert.equal(options.length, 1)
    assert.equal(options[0]?.code, 10)
    return hexText(options[0]?.octets ?? new Uint8Array(0))
  }

  test('CK-01 a cookie of a wrong length is FORMERR', () => {
    const world = example([SECRET])
    for (let length = 0; length <= 48; length++) {
      const right = length === 8 || (length >= 16 && length <= 40)
      expect(ask(world, '00'.repeat(length)).rcode, String(length)).toBe(right ? 'NOERROR' : 'FORMERR')
    }
  })

  test('CK-02 the answer carries the client cookie and a server cookie of 16 octets, version 1', () => {
    const world = example([SECRET])
    // RFC 9018, appendix A.1.
    world.client.address = Uint8Array.of(198, 51, 100, 100)
    world.client.now = 1_559_731_985_000
    expect(cookieIn(ask(world, CLIENT))).toBe('2464c4abcf10c957010000005cf79f111f8130c3eee29480')
  })

  test('CK-02 a cookie is bound to the address, of IPv6 too', () => {
    const world = example([SECRET])
    world.client.address = hexOctets('20010db80000000000000000000000aa')
    const cookie = cookieIn(ask(world, CLIENT))
    expect(cookie).toMatch(/^2464c4abcf10c95701000000[0-9a-f]{24}$/)
    expect(cookieIn(ask(world, cookie))).toBe(cookie)
    world.client.address = hexOctets('20010db80000000000000000000000ab')
    expect(cookieIn(ask(world, cookie))).not.toBe(cookie)
  })

  test('CK-03 a cookie of ours is repeated while it is young, renewed after half an hour, and of no worth after an hour', () => {
    const world = example([SECRET])
    const cookie = cookieIn(ask(world, CLIENT))
    const at = (now: number): string => {
      world.client.now = now
      return cookieIn(ask(world, cookie))
    }
    expect(at(NOON + HOUR / 2)).toBe(cookie)
    expect(at(NOON - 300_000)).toBe(cookie)
    for (const now of [NOON + HOUR / 2 + 1000, NOON + HOUR, NOON + HOUR + 1000, NOON - 301_000]) {
      const renewed = at(now)
      expect(renewed).not.toBe(cookie)
      expect(Number.parseInt(renewed.slice(24, 32), 16)).toBe(now / 1000)
    }
  })

  test('CK-04 a bad cookie is answered like none; under load it is BADCOOKIE by UDP, never by TCP', () => {
    const world = example([SECRET])
    const good = cookieIn(ask(world, CLIENT))
    const bad = `${CLIENT}${'ab'.repeat(16)}`
    expect(ask(world, bad)).toMatchObject({ rcode: 'NOERROR', answer: ['www.example. 3600 A 192.0.2.2'] })
    expect(cookieIn(ask(world, bad))).toBe(good)
    world.responder.demandsCookies = true
    for (const cookie of [bad, CLIENT]) {
      expect(ask(world, cookie)).toMatchObject({ rcode: 'BADCOOKIE', answer: [] })
      expect(cookieIn(ask(world, cookie))).toBe(good)
      expect(ask(world, cookie, { tcp: true })).toMatchObject({
        rcode: 'NOERROR',
        answer: ['www.example. 3600 A 192.0.2.2'],
      })
    }
    expect(ask(world, good)).toMatchObject({ rcode: 'NOERROR' })
    expect(world.ask('www.example. A')).toMatchObject({ rcode: 'NOERROR' })
  })

  test('CK-05 cookies of the secret on its way out are good, and are renewed with the new one', () => {
    const world = example([OLD_SECRET])
    const old = cookieIn(ask(world, CLIENT))
    world.responder.cookieSecrets = [SECRET, OLD_SECRET]
    world.responder.demandsCookies = true
    const renewed = ask(world, old)
    expect(renewed.rcode).toBe('NOERROR')
    expect(cookieIn(renewed)).not.toBe(old)
    expect(ask(world, cookieIn(renewed)).rcode).toBe('NOERROR')
    world.responder.cookieSecrets = [SECRET]
    expect(ask(world, old).rcode).toBe('BADCOOKIE')
  })

  test('MB-04 a request without question is answered if it brings a cookie', () => {
    const world = example([SECRET])
    const request = hexOctets(`1234 0000 0000 0000 0000 0001 ${OPT} 000c 000a 0008 ${CLIENT}`.replaceAll(' ', ''))
    const answer = world.send(request)
    expect(answer).toMatchObject({ rcode: 'NOERROR', answer: [] })
    expect(cookieIn(answer as Answered).slice(0, 16)).toBe(CLIENT)
    expect(example().send(request)).toMatchObject({ rcode: 'FORMERR' })
  })

  test('without a secret a cookie is an unknown option', () => {
    expect(ask(example(), '00').edns?.options).toEqual([])
  })

  test('MB-16 room for the cookie is left', () => {
    const world = new World({ cookieSecrets: [SECRET] })
    const options = [{ code: 10, octets: hexOctets(CLIENT) }]
    world.load(
      'example.',
      Array.from({ length: 40 }, (_, n) =>
        Array.from({ length: n }, (_n, k) => `a${n} A 192.0.2.${k}`).join('\n'),
      ).join('\n'),
    )
    for (let n = 1; n < 40; n++) {
      const { octets, flags, answer } = world.ask(`a${n}.example. A`, { size: 512, edns: { options, udpSize: 512 } })
      expect(octets.length).toBeLessThanOrEqual(512)
      expect(flags.includes('tc')).toBe(answer.length === 0)
    }
  })
})
