import { describe, expect, test } from 'vitest'
import { parseName } from './name.ts'
import { hexOctets, hexText } from './octets.ts'
import { HTTPS } from './records/https.ts'
import { SVCB } from './records/svcb.ts'
import { Lexer } from './zonefile/lexer.ts'

function parse(text: string): Uint8Array {
  const lexer = new Lexer(text)
  const rdata = SVCB.parseRdata(lexer, parseName('example.com.'))
  lexer.endEntry()
  return rdata
}

const hexOf = (generic: string): string => generic.replace(/^\\# \d+ /, '').replaceAll(/[\s()]/g, '')

describe('RFC 9460 appendix D', () => {
  const vectors: readonly [text: string, generic: string, printed: string][] = [
    ['0 foo.example.com.', '\\# 19 ( 00 00 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 )', '0 foo.example.com.'],
    ['1 .', '\\# 3 ( 00 01 00 )', '1 .'],
    [
      '16 foo.example.com. port=53',
      '\\# 25 ( 00 10 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 03 00 02 00 35 )',
      '16 foo.example.com. port=53',
    ],
    [
      '1 foo.example.com. key667=hello',
      '\\# 28 ( 00 01 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 02 9b 00 05 68 65 6c 6c 6f )',
      '1 foo.example.com. key667="hello"',
    ],
    [
      '1 foo.example.com. key667="hello\\210qoo"',
      '\\# 32 ( 00 01 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 02 9b 00 09 68 65 6c 6c 6f d2 71 6f 6f )',
      '1 foo.example.com. key667="hello\\210qoo"',
    ],
    [
      '1 foo.example.com. ( ipv6hint="2001:db8::1,2001:db8::53:1" )',
      '\\# 55 ( 00 01 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 06 00 20 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 53 00 01 )',
      '1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1',
    ],
    [
      '1 example.com. ( ipv6hint="2001:db8:122:344::192.0.2.33" )',
      '\\# 35 ( 00 01 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 06 00 10 20 01 0d b8 01 22 03 44 00 00 00 00 c0 00 02 21 )',
      '1 example.com. ipv6hint=2001:db8:122:344::c000:221',
    ],
    [
      '16 foo.example.org. ( alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 )',
      '\\# 48 ( 00 10 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 6f 72 67 00 00 00 00 04 00 01 00 04 00 01 00 09 02 68 32 05 68 33 2d 31 39 00 04 00 04 c0 00 02 01 )',
      '16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1',
    ],
    [
      '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
      '\\# 35 ( 00 10 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 6f 72 67 00 00 01 00 0c 08 66 5c 6f 6f 2c 62 61 72 02 68 32 )',
      '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
    ],
    [
      '16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2',
      '\\# 35 ( 00 10 03 66 6f 6f 07 65 78 61 6d 70 6c 65 03 6f 72 67 00 00 01 00 0c 08 66 5c 6f 6f 2c 62 61 72 02 68 32 )',
      '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
    ],
  ]

  test.each(vectors)('SV-02 %s', (text, generic, printed) => {
    expect(hexText(parse(text))).toBe(hexOf(generic))
    expect(hexText(parse(generic))).toBe(hexOf(generic))
    expect(SVCB.printRdata(parse(text))).toBe(printed)
  })

  test.each([
    ['1 foo.example.com. ( key123=abc key123=def )', /key 123 after key 123/],
    ['1 foo.example.com. mandatory', /a value of mandatory/],
    ['1 foo.example.com. alpn', /a value of alpn/],
    ['1 foo.example.com. port', /a value of port/],
    ['1 foo.example.com. ipv4hint', /a value of ipv4hint/],
    ['1 foo.example.com. ipv6hint', /a value of ipv6hint/],
    ['1 foo.example.com. no-default-alpn=abc', /invalid value of SvcParam key 2/],
    ['1 foo.example.com. mandatory=key123', /mandatory SvcParam key 123 is missing/],
    ['1 foo.example.com. mandatory=mandatory', /mandatory SvcParam key 0/],
    ['1 foo.example.com. ( mandatory=key123,key123 key123=abc )', /one twice/],
  ])('SV-01 SV-02 SV-04 %s is refused', (text, reason) => {
    expect(() => parse(text)).toThrow(reason)
  })
})

describe('SvcParams', () => {
  test.each([
    ['1 . alpn=h2,', /protocol id/],
    ['1 . alpn="h2\\\\x"', /escape in a list/],
    ['1 . alpn=""', /a value of alpn/],
    ['1 . port=65536', /number up to 65535/],
    ['1 . port=-1', /number up to 65535/],
    ['1 . ipv4hint=1.2.3', /an address/],
    ['1 . ipv4hint=1.2.3.4,', /an address/],
    ['1 . ech=a', /base64/],
    ['1 . no-default-alpn', /without alpn/],
    ['1 . ohttp=1', /invalid value of SvcParam key 8/],
    ['1 . dohpath', /invalid value of SvcParam key 7/],
    ['1 . key01=x', /a SvcParam key/],
    ['1 . key65536', /a SvcParam key/],
    ['1 . ALPN=h2', /a SvcParam key/],
    ['1 . alpn="h2"x', /a blank after a quoted string/],
    ['1 . alpn=h"2', /a blank before a quote/],
    ['1 . key1=h2', /invalid value of SvcParam key 1/],
  ])('SV-02 %s is refused', (text, reason) => {
    expect(() => parse(text)).toThrow(reason)
  })

  test('SV-02 come in any order, and a numbered key holds what is on the wire', () => {
    expect(SVCB.printRdata(parse('1 . key3=\\000\\053 key1=\\002h2'))).toBe('1 . alpn="h2" port=53')
    expect(SVCB.printRdata(parse('1 . dohpath="/dns-query{?dns}" ohttp key65535 ech=AAE='))).toBe(
      '1 . ech=AAE= key7="/dns-query{?dns}" key8 key65535',
    )
  })

  test('SV-01 SV-07 are refused on the wire unless their keys increase and their lengths hold', () => {
    for (const params of [
      '0003000200350001000302 6832', // 3, 1
      '00010003026832 00010003026832', // 1, 1
      '0003000200', // cut off
      '0003ffff0035', // runs past the end
      '029bffe5', // 65,509
      '000300', // header cut off
      '00030001 35', // port of one octet
      '00040003 010203',
      '00060000',
      '00010003 036832', // protocol id runs past its value
      '00010001 00', // empty protocol id
      '00000002 0003', // mandatory key is missing
      '00000004 00040001 00010003026832 000400040102 0304', // mandatory out of order
      '00000001 00',
      '00020000', // no-default-alpn alone
    ]) {
      const rdata = hexOctets(`000100${params.replaceAll(' ', '')}`)
      expect(() => SVCB.checkRdata(rdata), params).toThrow()
      expect(() => HTTPS.checkRdata(rdata), params).toThrow()
    }
  })

  test('SV-07 the longest value is kept whole', () => {
    const rdata = new Uint8Array(65_535)
    rdata.set([0, 1, 0, 0xff, 0xfe, (65_535 - 7) >> 8, (65_535 - 7) & 0xff])
    expect(parse(SVCB.printRdata(rdata))).toEqual(rdata)
    rdata[6] = (rdata[6] as number) + 1
    expect(() => SVCB.checkRdata(rdata)).toThrow(/runs past its end/)
  })

  test('SV-04 a list of all keys is checked in one walk', () => {
    const keys = Array.from({ length: 5000 }, (_, at) => 100 + at)
    const list = keys.map((key) => key.toString(16).padStart(4, '0')).join('')
    const params = keys.map((key) => `${key.toString(16).padStart(4, '0')}0000`).join('')
    const rdata = hexOctets(
      `00010000 00${(2 * keys.length).toString(16).padStart(4, '0')}`.replace(' ', '') + list + params,
    )
    SVCB.checkRdata(rdata)
    expect(() => SVCB.checkRdata(rdata.slice(0, -4))).toThrow(/is missing/)
  })

  test('SV-03 of an alias are kept, and warned of', () => {
    const rdata = parse('0 foo.example. port=53')
    expect(SVCB.printRdata(rdata)).toBe('0 foo.example. port=53')
    expect(SVCB.warn?.(SVCB.decode(rdata))).toMatch(/ignored/)
    expect(SVCB.warn?.(SVCB.decode(parse('0 foo.example.')))).toBeUndefined()
  })
})
