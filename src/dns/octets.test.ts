import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asciiOctets,
  base32hexOctets,
  base32hexText,
  base64Octets,
  base64Text,
  base64urlOctets,
  base64urlText,
  CodingError,
  compareOctets,
  concatOctets,
  copyOctets,
  hexOctets,
  hexText,
  latin1Octets,
  latin1Text,
  octetsEqual,
  utf8Octets,
  utf8Text,
} from './octets.ts'

const octets = fc.uint8Array({ maxLength: 80 })

test.each([
  ['', '', '', '', ''],
  ['f', '66', 'Zg==', 'Zg', 'CO'],
  ['fo', '666f', 'Zm8=', 'Zm8', 'CPNG'],
  ['foo', '666f6f', 'Zm9v', 'Zm9v', 'CPNMU'],
  ['foob', '666f6f62', 'Zm9vYg==', 'Zm9vYg', 'CPNMUOG'],
  ['fooba', '666f6f6261', 'Zm9vYmE=', 'Zm9vYmE', 'CPNMUOJ1'],
  ['foobar', '666f6f626172', 'Zm9vYmFy', 'Zm9vYmFy', 'CPNMUOJ1E8'],
])('%j is spelled as in RFC 4648 §10', (text, hex, base64, base64url, base32hex) => {
  const plain = asciiOctets(text)
  expect([hexText(plain), base64Text(plain), base64urlText(plain), base32hexText(plain)]).toEqual([
    hex,
    base64,
    base64url,
    base32hex,
  ])
})

test('the codings agree with those of Node, there and back', () => {
  fc.assert(
    fc.property(octets, (plain) => {
      const buffer = Buffer.from(plain)
      assert.equal(hexText(plain), buffer.toString('hex'))
      assert.equal(base64Text(plain), buffer.toString('base64'))
      assert.equal(base64urlText(plain), buffer.toString('base64url'))
      assert.equal(latin1Text(plain), buffer.toString('latin1'))
      assert.deepEqual(hexOctets(hexText(plain).toUpperCase()), plain)
      assert.deepEqual(base64Octets(base64Text(plain)), plain)
      assert.deepEqual(base64urlOctets(base64urlText(plain)), plain)
      assert.deepEqual(base32hexOctets(base32hexText(plain).toLowerCase()), plain)
      assert.deepEqual(latin1Octets(latin1Text(plain)), plain)
    }),
  )
})

test('base32hex keeps the order of the octets', () => {
  fc.assert(
    fc.property(octets, octets, (a, b) => {
      const [left, right] = [base32hexText(a), base32hexText(b)]
      assert.equal(Math.sign(compareOctets(a, b)), left < right ? -1 : left > right ? 1 : 0)
    }),
  )
})

describe('what no encoder would write is refused', () => {
  test.each([
    [hexOctets, 'abc'],
    [hexOctets, '0g'],
    [base64Octets, 'Zg'],
    [base64Octets, 'Zg='],
    [base64Octets, 'Z==='],
    [base64Octets, 'Zh=='],
    [base64Octets, 'Zm9=Zm9v'],
    [base64Octets, 'Zm9v\n'],
    [base64Octets, 'Zm-_'],
    [base64urlOctets, 'Zm9vYg=='],
    [base64urlOctets, 'Zm+/'],
    [base32hexOctets, 'C'],
    [base32hexOctets, 'CPN'],
    [base32hexOctets, 'CP'],
    [base32hexOctets, 'CW'],
    [base32hexOctets, 'C\u0141'],
    [asciiOctets, 'é'],
    [latin1Octets, 'Ł'],
  ])('%o of %j', (read, text) => {
    expect(() => read(text)).toThrow(CodingError)
  })
})

test('UTF-8 is written as by TextEncoder, lone surrogates and all', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x10_ffff)), (points) => {
      const text = String.fromCodePoint(...points)
      assert.deepEqual(utf8Octets(text), new TextEncoder().encode(text))
    }),
  )
  expect(utf8Octets('a\ud800b')).toEqual(new TextEncoder().encode('a\ud800b'))
})

test('UTF-8 is read as by TextDecoder, however ill-formed', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const nearly = fc.array(
    fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc3, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        octets,
        nearly.map((list) => Uint8Array.from(list)),
      ),
      (plain) => {
        assert.equal(utf8Text(plain), decoder.decode(plain))
      },
    ),
    { numRuns: 1000 },
  )
})

test('a copy of a Buffer is no view of it', () => {
  const buffer = Buffer.from('abcd')
  const copy = copyOctets(buffer, 1, 3)
  buffer.fill(0)
  expect([copy, Buffer.isBuffer(copy)]).toEqual([asciiOctets('bc'), false])
})

test('octets are the same, ordered and joined as Buffer has it', () => {
  fc.assert(
    fc.property(octets, octets, (a, b) => {
      assert.equal(octetsEqual(a, b), Buffer.compare(a, b) === 0)
      assert.equal(octetsEqual(a, a.slice()), true)
      assert.equal(Math.sign(compareOctets(a, b)), Buffer.compare(a, b))
      assert.deepEqual(concatOctets(a, b, a), new Uint8Array(Buffer.concat([a, b, a])))
    }),
  )
})
