import assert from 'node:assert'
import { describe, expect, test } from 'vitest'
import { chanceOf, randomRdata } from '../../test/random-rdata.ts'
import { cloudflareSchema, fromCloudflare, toCloudflare } from './cloudflare-record.ts'
import { parseName } from './name.ts'
import { hexText } from './octets.ts'
import { RECORD_TYPES, recordTypeOf, typeCode } from './record-types.ts'
import { TextError } from './text.ts'
import { Lexer } from './zonefile/lexer.ts'

const typeOf = (mnemonic: string) => recordTypeOf(typeCode(mnemonic) as number)
const parse = (mnemonic: string, text: string) => typeOf(mnemonic).parseRdata(new Lexer(text))

const TYPES =
  'A AAAA CAA CERT CNAME DNSKEY DS HTTPS LOC MX NAPTR NS OPENPGPKEY PTR SMIMEA SRV SSHFP SVCB TLSA TXT URI'.split(' ')

test('the types of the Cloudflare API are those that say where their fields stand there', () => {
  expect(
    RECORD_TYPES.filter((type) => type.cloudflare !== undefined)
      .map((type) => type.mnemonic)
      .sort(),
  ).toEqual(TYPES)
})

describe.each(TYPES.map(typeOf))('$mnemonic', (type) => {
  test('has a place for every field, and no place twice', () => {
    const places = Object.entries(type.cloudflare ?? {})
    expect(places.map(([name]) => name)).toEqual(Object.keys(type.fields))
    expect(new Set(places.map(([, place]) => place)).size).toBe(places.length)
  })

  test('comes back from the API as it was, by its data and by its content', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rdata = randomRdata(type, chanceOf(seed))
      const shown = toCloudflare(type, rdata)
      if (shown.content.startsWith('\\#')) continue
      assert.equal(hexText(fromCloudflare(type, shown)), hexText(rdata), JSON.stringify(shown))
      const { content, priority } = shown
      if (shown.data) assert.equal(hexText(fromCloudflare(type, { content, priority })), hexText(rdata), content)
    }
  })
})

describe('the shape of a record', () => {
  test.each([
    ['MX', '10 mail.example.org.', { content: 'mail.example.org', priority: 10 }],
    ['MX', '0 .', { content: '.', priority: 0 }],
    ['AAAA', '2001:DB8:0::1', { content: '2001:db8::1' }],
    ['TXT', 'a "b c"', { content: '"a" "b c"' }],
    [
      'SRV',
      '10 5 8806 example.com.',
      {
        content: '5 8806 example.com',
        data: { priority: 10, weight: 5, port: 8806, target: 'example.com' },
        priority: 10,
      },
    ],
    [
      'CAA',
      '0 issue "ca.example"',
      { content: '0 issue "ca.example"', data: { flags: 0, tag: 'issue', value: 'ca.example' } },
    ],
    ['HTTPS', '1 . alpn=h2', { content: '1 . alpn="h2"', data: { priority: 1, target: '.', value: 'alpn="h2"' } }],
    [
      'URI',
      '10 1 "ftp://a.example/"',
      { content: '1 "ftp://a.example/"', data: { weight: 1, target: 'ftp://a.example/' }, priority: 10 },
    ],
    [
      'DS',
      '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
      {
        content: '60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118',
        data: { key_tag: 60_485, algorithm: 5, digest_type: 1, digest: '2bb183af5f22588179a53b0a98631fad1a292118' },
      },
    ],
    ['RP', 'a.example. b.example.', { content: 'a.example. b.example.' }],
    ['TYPE65280', '\\# 1 ff', { content: '\\# 1 ff' }],
  ] as const)('%s %s', (mnemonic, text, shown) => {
    expect(toCloudflare(typeOf(mnemonic), parse(mnemonic, text))).toEqual(shown)
  })

  test('LOC has its parts as members of data', () => {
    const shown = toCloudflare(typeOf('LOC'), parse('LOC', '52 22 23.5 N 4 53 32 W -2m 10m 100m 2m'))
    expect(shown.data).toEqual({
      lat_degrees: 52,
      lat_minutes: 22,
      lat_seconds: 23.5,
      lat_direction: 'N',
      long_degrees: 4,
      long_minutes: 53,
      long_seconds: 32,
      long_direction: 'W',
      altitude: -2,
      size: 10,
      precision_horz: 100,
      precision_vert: 2,
    })
    const least = { lat_degrees: 1, lat_direction: 'S', long_degrees: 2, long_direction: 'E', altitude: 0 }
    const rdata = fromCloudflare(typeOf('LOC'), { data: least })
    expect(typeOf('LOC').printRdata(rdata)).toBe('1 0 0.000 S 2 0 0.000 E 0.00m 0.00m 0.00m 0.00m')
  })

  test('a TXT record may come without quotes, and too long a text becomes several', () => {
    const txt = typeOf('TXT')
    const printed = (content: string) => txt.printRdata(fromCloudflare(txt, { content }))
    expect(printed('v=DKIM1; k=rsa; p="x"')).toBe('"v=DKIM1; k=rsa; p=\\"x\\""')
    expect(printed('')).toBe('""')
    expect(printed('a'.repeat(300))).toBe(`"${'a'.repeat(255)}" "${'a'.repeat(45)}"`)
    expect(printed(`"${'a'.repeat(300)}" "b"`)).toBe(`"${'a'.repeat(255)}" "${'a'.repeat(45)}" "b"`)
    expect(printed('grüße')).toBe('"gr\\195\\188\\195\\159e"')
    expect(printed('"\\"q\\" \\\\"')).toBe('"\\"q\\" \\\\"')
  })

  test('names are absolute with and without a final dot, and @ is the apex', () => {
    const mx = typeOf('MX')
    const apex = parseName('example.org.')
    const printed = (content: string) => mx.printRdata(fromCloudflare(mx, { content, priority: 1, apex }))
    expect(printed('mail.example.net')).toBe('1 mail.example.net.')
    expect(printed('mail.example.net.')).toBe('1 mail.example.net.')
    expect(printed('@')).toBe('1 example.org.')
  })

  test.each([
    ['MX', { content: 'a.example' }, 'priority'],
    ['MX', { content: 'a..example', priority: 1 }, 'content'],
    ['MX', { content: 'a.example b', priority: 1 }, 'content'],
    ['MX', { content: 'a.example', priority: 65_536 }, 'priority'],
    ['A', { content: '1.2.3' }, 'content'],
    ['A', {}, 'content'],
    ['A', { content: '1.2.3.4\n5.6.7.8' }, 'content'],
    ['CAA', { data: { flags: 256, tag: 'issue', value: '' } }, 'data.flags'],
    ['CAA', { data: { flags: 0, tag: 'is-sue', value: '' } }, 'data.tag'],
    ['CAA', { data: { flags: 0, tag: 'issue' } }, 'data.value'],
    ['HTTPS', { data: { priority: 1, target: '.', value: 'port=x' } }, 'data.value'],
    ['HTTPS', { data: { priority: 1, target: '.', value: 'mandatory=alpn' } }, 'data'],
    [
      'LOC',
      { data: { lat_degrees: 91, lat_direction: 'N', long_degrees: 0, long_direction: 'E', altitude: 0 } },
      'data.lat_degrees',
    ],
    [
      'LOC',
      { data: { lat_degrees: 1, lat_direction: 'N', long_degrees: 0, long_direction: 'E', altitude: 'x' } },
      'data.altitude',
    ],
  ] as const)('%s %j is refused, and %s is to blame', (mnemonic, input, field) => {
    try {
      fromCloudflare(typeOf(mnemonic), input)
    } catch (error) {
      assert.ok(error instanceof TextError, String(error))
      expect(error.field).toBe(field)
      return
    }
    expect.unreachable()
  })

  test('each type says which members it has', () => {
    expect(Object.keys(cloudflareSchema(typeOf('MX')))).toEqual(['priority', 'content'])
    expect(cloudflareSchema(typeOf('SRV')).data?.required).toEqual(['priority', 'weight', 'port', 'target'])
    expect(Object.keys(cloudflareSchema(typeOf('LOC')).data?.properties ?? {})).toHaveLength(12)
    expect(cloudflareSchema(typeOf('A'))).toEqual({ content: { type: 'string', title: 'IPv4 address' } })
  })
})
