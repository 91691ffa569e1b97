import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareNames,
  isWithin,
  labelCount,
  lowerName,
  NameError,
  nameFromWire,
  nameKey,
  parentName,
  parseName,
  printName,
  ROOT,
  sameName,
  skipName,
} from './name.ts'
import type { Name } from './name.ts'
import { concatOctets, hexOctets, hexText, latin1Text } from './octets.ts'
import { WireError } from './wire.ts'

/** Names of few, short, alike labels, so that pairs of them share suffixes and differ in case. */
const alike = nameOf(
  fc.uint8Array({ minLength: 1, maxLength: 2 }).map((octets) => octets.map((octet) => '\0ABab~'.charCodeAt(octet % 6))),
)
const anyName = fc.oneof(alike, nameOf(fc.uint8Array({ minLength: 1, maxLength: 63 })))

function nameOf(label: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Name> {
  return fc
    .array(label, { maxLength: 6 })
    .map((labels) => concatOctets(...labels.flatMap((octets) => [Uint8Array.of(octets.length), octets]), ROOT))
    .filter((octets) => octets.length <= 255)
    .map((octets) => nameFromWire(octets))
}

const names = (texts: string): Name[] => texts.split(' ').map((text) => parseName(text))

describe('presentation format', () => {
  test.each([
    ['.', '00'],
    ['example.', '076578616d706c6500'],
    ['Www.Example.', '03577777074578616d706c6500'],
    ['\\000.', '010000'],
    ['a\\.b.c.', '03612e62016300'],
    ['\\255\\032.', '02ff2000'],
    ['*.x.', '012a017800'],
    ['\\@.', '014000'],
    ['\\092\\".', '025c2200'],
  ])('%s is %s on the wire, and printed as it was', (text, wire) => {
    expect(hexText(parseName(text))).toBe(wire)
    expect(printName(parseName(text))).toBe(text)
  })

  test.each([
    ['\\097.', 'a.'],
    ['\\a.', 'a.'],
    ['\\..', '\\..'],
    ['@.', '\\@.'],
    ['a"b.', 'a\\"b.'],
    ['a b.', 'a\\032b.'],
    ['\\\\.', '\\092.'],
    ['#[!.', '\\035\\091\\033.'],
    ['a;b$(c).', 'a\\;b\\$\\(c\\).'],
  ])('%s is printed as %s', (text, printed) => {
    expect(printName(parseName(text))).toBe(printed)
  })

  test('a relative name gets the origin, an absolute one does not, and @ is the origin', () => {
    const origin = parseName('Example.org.')
    const completed = ['www', 'a.b', 'www.', '@', '\\@', '.'].map((text) => printName(parseName(text, origin)))
    expect(completed).toEqual(['www.Example.org.', 'a.b.Example.org.', 'www.', 'Example.org.', '\\@.Example.org.', '.'])
  })

  test('without an origin every name is absolute', () => {
    expect(printName(parseName('example.org'))).toBe('example.org.')
    expect(printName(parseName('www', ROOT))).toBe('www.')
  })

  test.each([
    ['', 'nothing'],
    ['..', 'empty label'],
    ['.a', 'empty label'],
    ['a..b', 'empty label'],
    ['a.b..', 'empty label'],
    [`${'x'.repeat(64)}.`, 'label of more than 63 octets'],
    ['é.', '"é", which is not ASCII,'],
    ['a\\', 'backslash before nothing that can be escaped'],
    ['a\\é.', 'backslash before nothing that can be escaped'],
    ['\\256.', 'escape that is not \\000 to \\255'],
    ['\\25.', 'escape that is not \\000 to \\255'],
    ['\\2', 'escape that is not \\000 to \\255'],
  ])('%j is no name: %s', (text, reason) => {
    expect(() => parseName(text)).toThrow(new NameError(reason, text))
  })

  test('MB-06 a name has 255 octets at most, with the origin too', () => {
    const label = (length: number): string => 'x'.repeat(length)
    const long = `${label(63)}.${label(63)}.${label(63)}.`
    expect(parseName(`${label(61)}.${long}`).length).toBe(255)
    expect(() => parseName(`${label(62)}.${long}`)).toThrow('more than 255 octets')
    expect(parseName(label(61), parseName(long)).length).toBe(255)
    expect(() => parseName(label(62), parseName(long))).toThrow('more than 255 octets')
    expect(() => parseName('x.'.repeat(128))).toThrow('more than 255 octets')
    expect(labelCount(parseName('x.'.repeat(127)))).toBe(127)
  })

  test('MB-11 every octet survives in a label', () => {
    for (let octet = 0; octet < 256; octet++) {
      const name = nameFromWire(Uint8Array.of(2, octet, 0x78, 0))
      assert.deepEqual(parseName(printName(name)), name)
      assert.match(printName(name), /^[!-~]+$/)
    }
    fc.assert(fc.property(anyName, (name) => assert.deepEqual(parseName(printName(name)), name)))
  })
})

describe('comparison', () => {
  test('MB-10 names are the same without regard to the case of ASCII letters, and only of those', () => {
    const [lower, upper] = names('wWw.Example. WwW.eXAMPLE.') as [Name, Name]
    expect(sameName(lower, upper)).toBe(true)
    expect(nameKey(lower)).toBe(nameKey(upper))
    expect(printName(lowerName(upper))).toBe('www.example.')
    expect(printName(upper)).toBe('WwW.eXAMPLE.')
    for (const [a, b] of [names('\\228. \\196.'), names('@. `.'), names('[. {.')] as [Name, Name][]) {
      expect([sameName(a, b), nameKey(a) === nameKey(b), compareNames(a, b) === 0]).toEqual([false, false, false])
    }
  })

  test('dots inside a label do not make two labels', () => {
    const [one, two] = names('a\\.b. a.b.') as [Name, Name]
    expect([sameName(one, two), nameKey(one) === nameKey(two), compareNames(one, two) === 0]).toEqual([
      false,
      false,
      false,
    ])
  })

  test('the canonical order is that of the example in RFC 4034 §6.1', () => {
    const ordered = names(
      'example. a.example. yljkjljk.a.example. Z.a.example. zABC.a.EXAMPLE. z.example. \\001.z.example. *.z.example. \\200.z.example.',
    )
    expect(ordered.toReversed().toSorted(compareNames).map(printName)).toEqual(ordered.map(printName))
  })

  test('the canonical order agrees with a slow twin that compares lists of labels', () => {
    fc.assert(
      fc.property(alike, alike, (a, b) => {
        assert.equal(Math.sign(compareNames(a, b)), slowOrder(a, b))
        assert.equal(sameName(a, b), slowOrder(a, b) === 0)
        assert.equal(nameKey(a) === nameKey(b), slowOrder(a, b) === 0)
      }),
      { numRuns: 3000 },
    )
  })

  test('a name is within its apex and the names above it', () => {
    const [apex, below, beside, above, alikeEnd] = names(
      'Example.org. a.b.eXample.ORG. example.com. org. xexample.org.',
    ) as [Name, Name, Name, Name, Name]
    expect([apex, below, beside, above, alikeEnd].map((name) => isWithin(name, apex))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect([apex, ROOT].map((name) => isWithin(name, ROOT))).toEqual([true, true])
    expect(isWithin(ROOT, apex)).toBe(false)
    // The octets at the end are those of the apex, but no label begins there.
    expect(isWithin(nameFromWire(hexOctets('0301610000')), nameFromWire(hexOctets('016100')))).toBe(false)
  })

  test('a name lies within all that its parents are', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        let count = 0
        let above = parentName(name)
        for (; above !== undefined; above = parentName(above)) {
          count++
          assert.equal(isWithin(name, above), true)
          assert.equal(isWithin(above, name), false)
          assert.equal(compareNames(above, name) < 0, true)
        }
        assert.equal(labelCount(name), count)
      }),
    )
  })
})

describe('on the wire', () => {
  test('a name is copied from where it stands', () => {
    const octets = hexOctets('ffff0161016200ff')
    const name = nameFromWire(octets, 2)
    octets.fill(0)
    expect(printName(name)).toBe('a.b.')
  })

  test.each([
    ['', 0],
    ['0161', 0],
    ['05616263', 0],
    ['c00c', 0],
    ['4161', 0],
    ['8000', 0],
    ['00', 1],
  ])('MB-06 %j holds no plain name at %d', (hex, start) => {
    expect(() => nameFromWire(hexOctets(hex), start)).toThrow(WireError)
  })

  test('MB-06 256 octets are no name', () => {
    const octets = new Uint8Array(300).fill(1)
    octets[256] = 0
    expect(() => nameFromWire(octets)).toThrow('name longer than 255 octets')
    expect(nameFromWire(octets, 2).length).toBe(255)
  })

  test.each([
    ['00', 1],
    ['0161016200', 5],
    ['c00c', 2],
    ['0161c00cffff', 4],
  ])('%s is stepped over in %d octets', (hex, end) => {
    expect(skipName(hexOctets(hex), 0)).toBe(end)
  })

  test.each(['', '01', '0161', '3f', '4161', 'bf', '0180'])('MB-06 %j cannot be stepped over', (hex) => {
    expect(() => skipName(hexOctets(hex), 0)).toThrow(WireError)
  })
})

/** RFC 4034 §6.1, word for word: labels as left-justified strings, the missing octet and label first. */
function slowOrder(a: Name, b: Name): number {
  const [left, right] = [labelsFromTheRoot(a), labelsFromTheRoot(b)]
  for (let place = 0; ; place++) {
    const [x, y] = [left[place], right[place]]
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? -1 : 1
    if (x !== y) return x < y ? -1 : 1
  }
}

function labelsFromTheRoot(name: Name): string[] {
  const labels: string[] = []
  for (let at = 0; name[at] !== 0; at += (name[at] as number) + 1) {
    const label = latin1Text(name.subarray(at + 1, at + 1 + (name[at] as number)))
    labels.unshift(label.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()))
  }
  return labels
}
