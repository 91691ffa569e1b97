import assert from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseName } from '../name.ts'
import { ZoneFileError } from './error.ts'
import { type ZoneFileItem, type ZoneFileOptions, parseZoneFile } from './parser.ts'
import { printRecord } from './printer.ts'

const ORIGIN = parseName('example.org.')

function read(text: string, options: Partial<ZoneFileOptions> = {}): ZoneFileItem[] {
  return [...parseZoneFile(text, { origin: ORIGIN, defaultTtl: 60, ...options })]
}

/** The records of a text, in the printer's words but with blanks for tabs and without the class. */
function records(text: string, options: Partial<ZoneFileOptions> = {}): string[] {
  return read(text, options).flatMap((item) =>
    item.type === 'record' ? [printRecord(item.record).replaceAll('\t', ' ').replace(' IN ', ' ')] : [],
  )
}

function warnings(text: string, options: Partial<ZoneFileOptions> = {}): string[] {
  return read(text, options).flatMap((item) => (item.type === 'warning' ? [`${item.line}: ${item.text}`] : []))
}

function complaint(text: string, options: Partial<ZoneFileOptions> = {}): string {
  try {
    read(text, options)
  } catch (error) {
    assert.ok(error instanceof ZoneFileError, String(error))
    return error.message
  }
  return 'nothing'
}

describe('owners and origins', () => {
  test('MF-01 a blank owner is that of the record before, and @ is the origin', () => {
    expect(records('@ A 1.1.1.1\n A 1.1.1.2\n\tA 1.1.1.3\nw A 1.1.1.4\n\n ; comment\n A 1.1.1.5')).toEqual([
      'example.org. 60 A 1.1.1.1',
      'example.org. 60 A 1.1.1.2',
      'example.org. 60 A 1.1.1.3',
      'w.example.org. 60 A 1.1.1.4',
      'w.example.org. 60 A 1.1.1.5',
    ])
  })

  test('MF-01 $ORIGIN may be relative, and holds from the next line on', () => {
    expect(
      records(
        'a A 1.1.1.1\n$ORIGIN sub\na A 1.1.1.2\n$ORIGIN deep.sub.example.org.\na NS @\n$origin .\na.example.org NS b',
      ),
    ).toEqual([
      'a.example.org. 60 A 1.1.1.1',
      'a.sub.example.org. 60 A 1.1.1.2',
      'a.deep.sub.example.org. 60 NS deep.sub.example.org.',
      'a.example.org. 60 NS b.',
    ])
  })

  test('MF-09 relative names in RDATA are completed, absolute ones are not', () => {
    expect(records('@ MX 10 mail\n@ MX 20 mail.example.net.\n@ SRV 1 2 3 @')).toEqual([
      'example.org. 60 MX 10 mail.example.org.',
      'example.org. 60 MX 20 mail.example.net.',
      'example.org. 60 SRV 1 2 3 example.org.',
    ])
  })

  test('MF-09 owners outside of the zone are skipped with a warning', () => {
    const text = 'a.example.net. A 1.1.1.1\n A 1.1.1.2\norg. A 1.1.1.3\nin A 1.1.1.4\nxexample.org. A 1.1.1.5'
    expect(records(text)).toEqual(['in.example.org. 60 A 1.1.1.4'])
    expect(warnings(text)).toEqual([
      '1: a.example.net. lies outside of example.org. and is ignored',
      '2: a.example.net. lies outside of example.org. and is ignored',
      '3: org. lies outside of example.org. and is ignored',
      '5: xexample.org. lies outside of example.org. and is ignored',
    ])
  })

  test('the apex may differ from the first origin', () => {
    const options = { origin: parseName('sub.example.org.'), apex: ORIGIN }
    expect(records('a A 1.1.1.1\nexample.org. A 1.1.1.2', options)).toHaveLength(2)
  })
})

describe('$INCLUDE', () => {
  const files: Record<string, string> = {
    inner: 'i A 2.2.2.2\n$ORIGIN moved\nj A 2.2.2.3\n$TTL 7',
    outer: 'o A 3.3.3.3\n$INCLUDE inner\nback A 3.3.3.4',
    self: '$INCLUDE self',
    ping: '$INCLUDE pong',
    pong: '$INCLUDE ping',
    blank: ' A 1.1.1.1',
    bad: 'a A 1.1.1.1\nb A secret',
  }
  const include = (path: string) => {
    const text = files[path]
    return text === undefined ? undefined : { text, file: path }
  }

  test('MF-01 brings in records; origin and owner are as before behind it', () => {
    const text = 'a A 1.1.1.1\n$INCLUDE outer sub ; comment\n A 1.1.1.2\nb A 1.1.1.3'
    expect(records(text, { include })).toEqual([
      'a.example.org. 60 A 1.1.1.1',
      'o.sub.example.org. 60 A 3.3.3.3',
      'i.sub.example.org. 60 A 2.2.2.2',
      'j.moved.sub.example.org. 60 A 2.2.2.3',
      'back.sub.example.org. 7 A 3.3.3.4',
      'a.example.org. 7 A 1.1.1.2',
      'b.example.org. 7 A 1.1.1.3',
    ])
  })

  test('MF-01 may begin with the owner before it', () => {
    expect(records('a A 1.1.1.2\n$INCLUDE blank', { include })[1]).toBe('a.example.org. 60 A 1.1.1.1')
    expect(records('a.b. A 1.1.1.2\n$INCLUDE blank', { include })).toEqual([])
  })

  test('MF-07 case 62: is refused where no one said how to read files', () => {
    expect(complaint('$INCLUDE /etc/passwd')).toBe(
      'expected records, found $INCLUDE, which is not allowed here (zone file:1:1)',
    )
  })

  test('MF-08 of itself, by whatever way, is refused', () => {
    expect(complaint('$INCLUDE self', { include })).toMatch(/"self", which includes itself \(self:1:10\)/)
    expect(complaint('$INCLUDE ping', { include })).toMatch(/includes itself \(pong:1:10\)/)
    const long = 'x'.repeat(5000)
    const again = (path: string) => ({ text: `$INCLUDE ${path}`, file: path })
    const said = complaint(`$INCLUDE ${long}`, { include: again })
    expect(said.length, 'a message is short, whatever a file is called').toBeLessThan(400)
    expect(said).toMatch(/"x{60}…", which includes itself \(…x{200}:1:10\)/)
    expect(complaint('$INCLUDE top', { include: () => ({ text: '', file: 'top' }), file: 'top' })).toMatch(/itself/)
  })

  test('MF-08 goes ten files deep and no further', () => {
    const chain = (path: string) => ({ text: `$INCLUDE ${Number(path) + 1}`, file: path })
    expect(complaint('$INCLUDE 1', { include: chain })).toMatch(/at most 10 files deep \(10:1:10\)/)
  })

  test('MF-07 says where it went wrong in the file itself', () => {
    expect(complaint('$INCLUDE bad', { include })).toBe('expected an IPv4 address, found "secret" (bad:2:5)')
    expect(complaint('$INCLUDE nowhere', { include })).toBe('expected a file, found none at "nowhere" (zone file:1:10)')
    expect(complaint('$INCLUDE blank', { include })).toMatch(/expected an owner name, found a blank.*\(blank:1:2\)/)
  })
})

describe('TTLs and classes', () => {
  test('MF-04 stand in either order, with units or without', () => {
    expect(
      records(
        'a 5 IN A 1.1.1.1\na IN 6 A 1.1.1.1\na 7 A 1.1.1.1\na IN A 1.1.1.1\na class1 1h30m a 1.1.1.1\na 1W2d A 1.1.1.1',
      ),
    ).toEqual([5, 6, 7, 60, 5400, 777_600].map((ttl) => `a.example.org. ${ttl} A 1.1.1.1`))
  })

  test('MF-04 a missing TTL is that of $TTL, else the last one written', () => {
    const options = { defaultTtl: undefined } as unknown as Partial<ZoneFileOptions>
    expect(records('a 5 A 1.1.1.1\na A 1.1.1.2\n$TTL 1h\na A 1.1.1.3\na 6 A 1.1.1.4\na A 1.1.1.5', options)).toEqual([
      'a.example.org. 5 A 1.1.1.1',
      'a.example.org. 5 A 1.1.1.2',
      'a.example.org. 3600 A 1.1.1.3',
      'a.example.org. 6 A 1.1.1.4',
      'a.example.org. 3600 A 1.1.1.5',
    ])
  })

  test("MF-04 without any TTL the SOA's MINIMUM is taken, with one warning", () => {
    const options = { defaultTtl: undefined } as unknown as Partial<ZoneFileOptions>
    const text = '@ SOA ns h 1 2 3 4 77\n@ A 1.1.1.1'
    expect(records(text, options)).toEqual([
      'example.org. 77 SOA ns.example.org. h.example.org. 1 2 3 4 77',
      'example.org. 77 A 1.1.1.1',
    ])
    expect(warnings(text, options)).toEqual([
      '1: no TTL here and no $TTL before: the MINIMUM of the SOA record is used',
    ])
    expect(complaint('@ A 1.1.1.1', options)).toMatch(/expected a TTL, found none here and no \$TTL before/)
  })

  test.each([
    ['a 4294967296 A 1.1.1.1', /expected a TTL up to 2147483647, found "4294967296" \(zone file:1:3\)/],
    ['a 2147483648 A 1.1.1.1', /a TTL up to/],
    ['$TTL -1', /expected a TTL up to 2147483647, found "-1"/],
    ['a -1 A 1.1.1.1', /expected a TTL, class or type, found "-1"/],
    ['a 1x A 1.1.1.1', /a TTL/],
    ['a 1 2 A 1.1.1.1', /expected a type, found "2"/],
    ['a IN IN A 1.1.1.1', /expected a type, found "IN"/],
    ['a CH A 1.1.1.1', /expected class IN, found "CH"/],
    ['a CLASS3 A 1.1.1.1', /expected class IN, found "CLASS3"/],
    ['a SRV 0 0 65536 b', /expected a number up to 65535, found "65536"/],
    ['a MX -1 b', /expected a number up to 65535, found "-1"/],
    ['a MX 0x1 b', /a number/],
    ['a SOA a b 4294967296 1 1 1 1', /4294967295/],
    ['a SOA a b 1 1 1 1 99999d', /seconds/],
  ])('MF-05 %s is refused', (text, reason) => {
    expect(complaint(text)).toMatch(reason)
  })
})

describe('tokens', () => {
  test('MF-02 parentheses join lines, and comments stand anywhere but in quotes', () => {
    expect(
      records(
        'a SOA ns h ( 1 ; serial )\n 2 3\n\n4 ; (\n5 ) ; end\n(b A) ( (1.1.1.1 ) )\nc TXT ";" ( "x;y" ; z\n"(" )',
      ),
    ).toEqual([
      'a.example.org. 60 SOA ns.example.org. h.example.org. 1 2 3 4 5',
      'b.example.org. 60 A 1.1.1.1',
      'c.example.org. 60 TXT ";" "x;y" "("',
    ])
  })

  test.each([
    ['a TXT "x\ny"', /expected a closing quote, found the end of the line \(zone file:1:7\)/],
    ['a TXT "x', /a closing quote/],
    ['a TXT "x\r\n"', /a closing quote/],
    ['a TXT ( "x"\n', /expected "\)", found the end of the text \(zone file:2:1\)/],
    ['a TXT x ) y', /expected "\(" before "\)" \(zone file:1:9\)/],
    ['a TXT "x"y', /expected a blank after a quoted string, found "y" \(zone file:1:10\)/],
    ['a TXT x"y"', /expected a blank before a quote/],
    ['"a" A 1.1.1.1', /expected an owner name, found/],
    ['a "A" 1.1.1.1', /expected a TTL, class or type, found a quoted string/],
    ['a A 1.1.1.1 2.2.2.2', /expected the end of the record, found "2.2.2.2" \(zone file:1:13\)/],
    ['a', /expected a TTL, class or type, found the end of the record \(zone file:1:2\)/],
    ['a IN', /found the end of the record/],
    ['a A', /expected an IPv4 address, found the end of the record \(zone file:1:4\)/],
    ['a NOSUCH x', /expected a TTL, class or type, found "NOSUCH"/],
    ['a AXFR', /expected a type of data, found one of questions/],
    ['$NOSUCH', /expected \$ORIGIN, \$TTL, \$INCLUDE or \$GENERATE, found "\$NOSUCH"/],
    ['$ORIGIN', /a domain name/],
    ['$TTL 1 2', /end of the record/],
    ['a..b A 1.1.1.1', /expected a domain name, found "a\.\.b" \(empty label\)/],
  ])('MF-02 %j is refused', (text, reason) => {
    expect(complaint(text)).toMatch(reason)
  })

  test('MF-03 escapes stand for one octet, in names as in texts', () => {
    expect(records('a\\.b\\032c\\000 TXT "\\"\\\\\\065\\000\\255" \\;\\ \\(')).toEqual([
      'a\\.b\\032c\\000.example.org. 60 TXT "\\"\\\\A\\000\\255" "; ("',
    ])
  })

  test.each([
    'a TXT \\256',
    'a TXT "\\2"',
    'a TXT \\2',
    'a TXT \\25x',
    'a TXT x\\',
    'a TXT x\\\n',
    'a TXT x\\\r\n',
    'a\\256 A 1.1.1.1',
    'a\\2 A 1.1.1.1',
    'a TXT "x\\"',
  ])('MF-03 %j is refused', (text) => expect(complaint(text)).toMatch(/^expected /))

  test('MF-08 line ends, byte order marks, tabs and a missing last newline make no difference', () => {
    const plain = 'a A 1.1.1.1\nb TXT "x" ; y\n\n A 1.1.1.2\n'
    const expected = records(plain)
    expect(expected).toHaveLength(3)
    expect(records(`\uFEFF${plain}`)).toEqual(expected)
    expect(records(plain.replaceAll('\n', '\r\n'))).toEqual(expected)
    expect(records(plain.trimEnd())).toEqual(expected)
    expect(records(plain.replaceAll(' ', '\t'))).toEqual(expected)
    expect(records('')).toEqual([])
    expect(records('\n; nothing\n  \r\n\t; still nothing')).toEqual([])
  })

  test('MF-08 a line of a megabyte is read, or refused for what it holds', () => {
    const blanks = ' '.repeat(1_000_000)
    expect(records(`a${blanks}A${blanks}1.1.1.1${blanks}; ${blanks}`)).toEqual(['a.example.org. 60 A 1.1.1.1'])
    expect(complaint('a'.repeat(1_000_000))).toMatch(/more than 255 octets/)
    expect(complaint(`a TXT ${'"x" '.repeat(250_000)}`)).toMatch(/at most 65535 octets/)
    expect(complaint(`a TYPE65280 \\# 65535 ${'ff'.repeat(500_000)}`)).toMatch(/expected 65535 octets, found 500000/)
    expect(complaint('('.repeat(1_000_000))).toMatch(/found the end of the text/)
  })

  test('MF-10 a text has at most 255 octets, all of them 65535, and an empty one is quoted', () => {
    expect(records(`a TXT "" "${'x'.repeat(255)}"`)[0]).toHaveLength(21 + 3 + 1 + 257)
    expect(complaint(`a TXT "${'x'.repeat(256)}"`)).toMatch(/at most 255 octets, found 256/)
    expect(complaint('a TXT')).toMatch(/expected a text, found the end of the record/)
    expect(records(`a TXT ${`"${'x'.repeat(255)}" `.repeat(255)} "${'x'.repeat(254)}"`)).toHaveLength(1)
    expect(complaint(`a TXT ${`"${'x'.repeat(255)}" `.repeat(256)}`)).toMatch(/65535/)
  })

  test('text beyond ASCII is UTF-8 in texts and refused in names', () => {
    expect(records('a TXT grüße')).toEqual(['a.example.org. 60 TXT "gr\\195\\188\\195\\159e"'])
    expect(complaint('ä A 1.1.1.1')).toMatch(/not ASCII/)
  })
})

describe('RFC 3597', () => {
  test('UT-02 types and classes by number, and RDATA as hex, for known types too', () => {
    expect(
      records(
        'a TYPE1 \\# 4 c0000201\na A \\# 4 C0 00 02 01\na CLASS1 TYPE65280 \\# ( 3 ab\ncdef )\na TYPE65280 \\# 0\na TYPE15 10 b\na APL \\# 0\na NULL \\# 1 00',
      ),
    ).toEqual([
      'a.example.org. 60 A 192.0.2.1',
      'a.example.org. 60 A 192.0.2.1',
      'a.example.org. 60 TYPE65280 \\# 3 abcdef',
      'a.example.org. 60 TYPE65280 \\# 0',
      'a.example.org. 60 MX 10 b.example.org.',
      'a.example.org. 60 APL \\# 0',
      'a.example.org. 60 NULL \\# 1 00',
    ])
  })

  test.each([
    ['a TYPE65280 \\# 3 abcde', /hex/],
    ['a TYPE65280 \\# 3 abcd', /expected 3 octets, found 2/],
    ['a TYPE65280 \\# 1 abcd', /expected 1 octets, found 2/],
    ['a TYPE65280 \\# 0 ab', /expected 0 octets, found 1/],
    ['a TYPE65280 \\# 65536 ab', /up to 65535/],
    ['a TYPE65280 \\# -1', /up to 65535/],
    ['a TYPE65280 \\#', /a length/],
    ['a TYPE65280 \\# 1', /hex/],
    ['a TYPE65280 abcd', /\\# 4 c0000201/],
    ['a A \\# 3 c00002', /expected 4 octets, found 3/],
    ['a A \\# 5 c000020100', /1 octets behind the last field/],
    ['a MX \\# 4 0001c00c', /compression pointer/],
  ])('UT-02 %s is refused', (text, reason) => {
    expect(complaint(text)).toMatch(reason)
  })
})

describe('$GENERATE', () => {
  test('MF-06 makes a record for each number of the range', () => {
    expect(records('$GENERATE 1-3 h$ A 10.0.0.$')).toEqual([
      'h1.example.org. 60 A 10.0.0.1',
      'h2.example.org. 60 A 10.0.0.2',
      'h3.example.org. 60 A 10.0.0.3',
    ])
    expect(records('$GENERATE 0-10/5 $ 30 IN PTR h$.example.net. ; comment $')).toEqual([
      '0.example.org. 30 PTR h0.example.net.',
      '5.example.org. 30 PTR h5.example.net.',
      '10.example.org. 30 PTR h10.example.net.',
    ])
  })

  test('MF-06 moves, pads and converts the number', () => {
    expect(records('$GENERATE 10-10 ${-3}x${0,4}x${0,4,x}x${0,0,X}x${0,3,o} A 1.1.1.1')[0]).toMatch(
      /^7x0010x000axAx012\./,
    )
    expect(records('$GENERATE 26-26 ${0,8,n}ip6 A 1.1.1.1')[0]).toMatch(/^a\.1\.0\.0\.ip6\./)
    expect(records('$GENERATE 26-26 ${0,0,N} A 1.1.1.1')[0]).toMatch(/^A\.1\.example/)
    expect(records('$GENERATE 26-26 ${0,3,n} A 1.1.1.1')[0]).toMatch(/^a\.1\.example/)
    expect(records('$GENERATE 1-1 a$$b\\$c${-3,3} A 1.1.1.1')[0]).toMatch(/^a\\\$b\\\$c-02\.example/)
  })

  test('MF-06 RDATA of several tokens may be quoted together, and texts are quoted as ever', () => {
    expect(
      records(
        '$GENERATE 1-1 h$ MX "10 m$"\n$GENERATE 1-1 h$ MX 10 m$\n$GENERATE 1-1 h$ TXT "t $" "u"\n$GENERATE 1-1 h$ NAPTR 1 2 "$" "" "" .',
      ),
    ).toEqual([
      'h1.example.org. 60 MX 10 m1.example.org.',
      'h1.example.org. 60 MX 10 m1.example.org.',
      'h1.example.org. 60 TXT "t 1" "u"',
      'h1.example.org. 60 NAPTR 1 2 "1" "" "" .',
    ])
  })

  test.each([
    ['$GENERATE 0-4294967295 $ A 1.1.1.1', /2147483647/],
    ['$GENERATE 0-2147483647 $ A 1.1.1.1', /at most 100000 records, found 2147483648/],
    ['$GENERATE 2-1 $ A 1.1.1.1', /a range that goes up/],
    ['$GENERATE 1-2/0 $ A 1.1.1.1', /a range that goes up/],
    ['$GENERATE 1 $ A 1.1.1.1', /a range as in/],
    ['$GENERATE -1-2 $ A 1.1.1.1', /a range as in/],
    ['$GENERATE 1-2', /nothing/],
    ['$GENERATE 1-2 ${ A 1.1.1.1', /a modifier as in/],
    ['$GENERATE 1-2 ${0,9999} A 1.1.1.1', /up to 255/],
    ['$GENERATE 1-2 ${9999999999} A 1.1.1.1', /an offset up to/],
    ['$GENERATE 1-2 ${0,1,q} A 1.1.1.1', /a modifier as in/],
    ['$GENERATE 1-2 $ A 1.1.1.256', /expected an IPv4 address, found "1.1.1.256" \(zone file:1:/],
    [`$GENERATE 1-2 $ TXT ${'x'.repeat(3000)}`, /at most 2048 characters/],
  ])('MF-06 %s is refused', (text, reason) => {
    expect(complaint(text)).toMatch(reason)
  })

  test('MF-06 all lines of a file together make no more records than allowed', () => {
    const line = '$GENERATE 1-6 h$ A 1.1.1.1\n'
    expect(records(line, { generateMax: 6 })).toHaveLength(6)
    expect(complaint(line.repeat(2), { generateMax: 10 })).toMatch(/at most 4 records, found 6 \(zone file:2:11\)/)
  })
})

describe('what comes with a record', () => {
  test('its line, its file and the comment behind it', () => {
    const items = read('a A 1.1.1.1 ; one\n; lone\nb A (\n1.1.1.2 ; in\n) ; two  \nc A 1.1.1.3\nd A 1.1.1.4 ;', {
      file: 'f',
    })
    expect(items.map((item) => [item.file, item.line, item.type === 'record' ? item.comment : undefined])).toEqual([
      ['f', 1, 'one'],
      ['f', 3, 'two'],
      ['f', 6, undefined],
      ['f', 7, ''],
    ])
  })

  test('SV-03 a warning for parameters of an alias', () => {
    expect(warnings('a HTTPS 0 b.example. port=53')).toEqual([
      '1: parameters of an alias are ignored (RFC 9460 §2.4.2)',
    ])
  })
})

describe('errors', () => {
  test('MF-07 case 62: quote no more than the offending token, and not much of that, without control characters', () => {
    const secret = 'hunter2 '.repeat(20)
    expect(complaint(`a A x ${secret}\n${secret}`)).not.toMatch(/hunter2/)
    const message = complaint(`a A ${'y'.repeat(1000)}`)
    expect(message.length).toBeLessThan(150)
    expect(complaint('a A \u001b[31m\u0007')).toBe('expected an IPv4 address, found "�[31m�" (zone file:1:5)')
  })

  test('MF-02 any text is read or refused as a ZoneFileError, within the text', () => {
    const piece = fc.constantFrom(
      'a ',
      'A ',
      '1.1.1.1',
      '\n',
      ' ',
      '(',
      ')',
      '"',
      ';',
      '\\',
      '\\# 0',
      '$ORIGIN x',
      '$TTL 1',
      'TXT ',
      'IN ',
      '$GENERATE 1-2 ',
      '$',
      '=',
      '\r\n',
      '\u0000',
      'é',
      '60 ',
    )
    const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.oneof(texts, fc.string()), (text) => {
        try {
          read(text)
        } catch (error) {
          assert.ok(error instanceof ZoneFileError, String(error))
          assert.ok(error.line >= 1 && error.line <= text.split('\n').length && error.column >= 1)
        }
      }),
      { numRuns: 5000 },
    )
  })
})
