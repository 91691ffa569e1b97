import { describe, expect, test } from 'vitest'
import {
  cookieOption,
  expireOption,
  extendedErrorOption,
  keepaliveOption,
  OPTION,
  optionOf,
  optOctets,
  paddingOption,
  readCookie,
  readExpire,
  readExtendedError,
  readKeepalive,
  readOpt,
  udpSizeOf,
  writeOpt,
} from './edns.ts'
import type { Edns } from './edns.ts'
import { concatOctets, hexOctets, hexText } from './octets.ts'
import { Reader, WireError, Writer } from './wire.ts'

const PLAIN: Edns = { udpSize: 1232, version: 0, do: false, flags: 0, options: [] }

const written = (edns: Edns, rcode = 0): string => {
  const writer = new Writer()
  writeOpt(writer, edns, rcode)
  return hexText(writer.toOctets())
}

describe('the OPT record', () => {
  test('is written with size, RCODE, version, flags and options in their places', () => {
    const edns = { ...PLAIN, do: true, options: [{ code: OPTION.NSID, octets: hexOctets('6162') }] }
    expect(written(edns, 23)).toBe('00002904d0010080000006000300026162')
    expect(optOctets(edns)).toBe(17)
    expect(optOctets(undefined)).toBe(0)
  })

  test('ED-06 DO is one flag, those that mean nothing are kept apart', () => {
    const edns = readOpt(new Reader(hexOctets('')), { class: 512, ttl: 0x0001_c001 })
    expect(edns).toEqual({ udpSize: 512, version: 1, do: true, flags: 0x4001, options: [] })
  })

  test('ED-03 unknown options are kept as they are', () => {
    const { options } = readOpt(new Reader(hexOctets('00640002cafe00650000')), { class: 0, ttl: 0 })
    expect(options).toEqual([
      { code: 100, octets: hexOctets('cafe') },
      { code: 101, octets: hexOctets('') },
    ])
  })

  test.each(['00', '0003', '000300', '0003ffff61', '000300020100030001'])(
    'ED-07 options %j run past their end',
    (hex) => {
      expect(() => readOpt(new Reader(hexOctets(`${hex}000000`), 0, hex.length / 2), { class: 0, ttl: 0 })).toThrow(
        WireError,
      )
    },
  )

  test('ED-08 of 500 options of one code the first counts', () => {
    const rdata = concatOctets(hexOctets('000a000101'), ...Array.from({ length: 499 }, () => hexOctets('000a000102')))
    const edns = readOpt(new Reader(rdata), { class: 0, ttl: 0 })
    expect(edns.options.length).toBe(500)
    expect(optionOf(edns, OPTION.COOKIE)).toEqual(hexOctets('01'))
    expect(optionOf(edns, OPTION.NSID)).toBeUndefined()
    expect(optionOf(undefined, OPTION.NSID)).toBeUndefined()
  })

  test.each([
    [undefined, 512],
    [0, 512],
    [100, 512],
    [512, 512],
    [4096, 4096],
  ])('ED-04 a size of %s counts as %d', (udpSize, counted) => {
    expect(udpSizeOf(udpSize === undefined ? undefined : { ...PLAIN, udpSize })).toBe(counted)
  })
})

describe('options', () => {
  test.each([0, 1, 7, 9, 15, 41])('CK-01 a COOKIE of %d octets is malformed', (length) => {
    expect(readCookie(new Uint8Array(length))).toBeUndefined()
  })

  test.each([8, 16, 24, 40])('CK-01 a COOKIE of %d octets is the client cookie and the rest', (length) => {
    const octets = Uint8Array.from({ length }, (_, at) => at)
    const cookie = readCookie(octets)
    expect(cookie?.client).toEqual(octets.subarray(0, 8))
    expect(cookie?.server).toEqual(octets.subarray(8))
    expect(cookie && cookieOption(cookie)).toEqual({ code: 10, octets })
  })

  test('EX-04 EXPIRE has four octets in an answer, and any other length is passed over', () => {
    expect(hexText(expireOption(4_000_000_000).octets)).toBe('ee6b2800')
    expect(readExpire(hexOctets('ee6b2800'))).toBe(4_000_000_000)
    expect(['', '000102', '0001020304'].map((hex) => readExpire(hexOctets(hex)))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('TCP-KEEPALIVE counts steps of 100 ms', () => {
    expect(hexText(keepaliveOption(30_000).octets)).toBe('012c')
    expect(hexText(keepaliveOption(1e9).octets)).toBe('ffff')
    expect([readKeepalive(hexOctets('012c')), readKeepalive(hexOctets(''))]).toEqual([30_000, undefined])
  })

  test('EE-01 an Extended DNS Error is a code and UTF-8 without a trailing NUL', () => {
    const { code, octets } = extendedErrorOption({ code: 14, text: 'gelöscht' })
    expect([code, hexText(octets)]).toEqual([15, '000e67656cc3b673636874'])
    expect(readExtendedError(octets)).toEqual({ code: 14, text: 'gelöscht' })
    expect(readExtendedError(hexOctets('0018616200'))).toEqual({ code: 24, text: 'ab' })
    expect(readExtendedError(hexOctets('0018'))).toEqual({ code: 24, text: '' })
    expect(readExtendedError(hexOctets('0018ff'))).toEqual({ code: 24, text: '\ufffd' })
    expect(readExtendedError(hexOctets('00'))).toBeUndefined()
  })

  test.each([0, 1, 100, 463, 464, 465, 468, 1000])(
    'PD-01 padding brings %d octets up to whole blocks of 468',
    (octets) => {
      const padded = octets + 4 + paddingOption(octets, 468).octets.length
      expect([padded % 468, padded - octets - 4 < 468]).toEqual([0, true])
    },
  )
})
