import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseName, printName } from './name.ts'
import type { Name } from './name.ts'
import { hexOctets, hexText } from './octets.ts'
import { MESSAGE_OCTETS_MAX, Reader, WireError, WriteOverflow, Writer } from './wire.ts'

/** Octets that stand behind a header of zeros, where pointers may lead. */
const behindHeader = (hex: string): Uint8Array => hexOctets('00'.repeat(12) + hex)

describe('a reader', () => {
  test('reads numbers of every width, highest octet first', () => {
    const reader = new Reader(hexOctets('ff 8001 ffffffff 0001ffffffff'.replaceAll(' ', '')))
    expect([reader.u8(), reader.u16(), reader.u32(), reader.u48()]).toEqual([0xff, 0x8001, 0xffff_ffff, 0x1_ffff_ffff])
    expect(reader.remaining).toBe(0)
  })

  test('takes views, not copies', () => {
    const octets = hexOctets('010203')
    const reader = new Reader(octets, 1)
    const view = reader.take(2)
    octets[1] = 9
    expect(view).toEqual(hexOctets('0903'))
  })

  test('copies of what was taken from a Buffer are copies', () => {
    const buffer = Buffer.from('abcd')
    const copy = new Reader(buffer, 1).take(2).slice()
    buffer.fill(0)
    expect(hexText(copy)).toBe('6263')
  })

  test.each(['u8', 'u16', 'u32', 'u48', 'name'] as const)(
    '%s reads nothing behind the end, though octets follow',
    (what) => {
      const reader = new Reader(new Uint8Array(40).fill(1), 20, 20)
      expect(() => reader[what]()).toThrow(WireError)
      expect(reader.at).toBe(20)
    },
  )

  test('says what it expected and where', () => {
    expect(() => new Reader(hexOctets('0102'), 1).take(4)).toThrow('expected 4 octets, found 1 at octet 1')
  })

  test('turns to other octets', () => {
    const reader = new Reader(hexOctets('01'))
    reader.reset(hexOctets('0203'), 1)
    expect([reader.u8(), reader.remaining]).toEqual([3, 0])
  })
})

describe('a name in a message', () => {
  test.each([
    ['0377777700', 12, 'www.', 17],
    ['016100 0162c00c', 15, 'b.a.', 19],
    ['016100 0162c00c 0163c00f', 19, 'c.b.a.', 23],
    ['00 c00c', 13, '.', 15],
    ['016100 c00c c00f', 17, 'a.', 19],
  ])('%s at %d is %s', (hex, start, name, end) => {
    const reader = new Reader(behindHeader(hex.replaceAll(' ', '')), start)
    expect([printName(reader.name()), reader.at]).toEqual([name, end])
  })

  test.each([
    ['a pointer to itself', 'c00c', 12],
    ['a forward pointer', 'c00e00', 12],
    ['two pointers at each other', 'c00ec00c', 14],
    ['a label and a pointer back to it', '0161c00c', 12],
    ['a pointer into the middle of its own name', '026161c00d', 12],
    ['a pointer behind the message', 'ffff', 12],
    ['a pointer into the header', 'c000', 12],
    ['a pointer to labels that run into the name itself', '036161c00c00', 15],
    ['half a pointer', 'c0', 12],
    ['a label of type 01', '4161', 12],
    ['a label of type 10', '8161', 12],
    ['a label that is cut off', '05616263', 12],
    ['a name without an end', '0161', 12],
    ['nothing', '', 12],
  ])('MB-06 %s is refused', (_, hex, start) => {
    const reader = new Reader(behindHeader(hex), start)
    expect(() => reader.name()).toThrow(WireError)
  })

  test('MB-06 a chain of 127 pointers is followed, one of 128 is not', () => {
    const chain = (pointers: number): Reader => {
      const octets = new Uint8Array(13 + 2 * pointers)
      for (let hop = 0; hop < pointers; hop++) {
        octets.set([0xc0 | ((hop === 0 ? 12 : 11 + 2 * hop) >> 8), hop === 0 ? 12 : 11 + 2 * hop], 13 + 2 * hop)
      }
      return new Reader(octets, 11 + 2 * pointers)
    }
    expect(printName(chain(100).name())).toBe('.')
    expect(printName(chain(127).name())).toBe('.')
    expect(() => chain(128).name()).toThrow('too many compression pointers')
  })

  test('MB-06 a name of 255 octets may be put together by pointers, one of 256 may not', () => {
    const tail = (length: number): string => `${'0178'.repeat((length - 1) / 2)}00`
    const read = (length: number): number =>
      new Reader(behindHeader(`${tail(length)}0161c00c`), 12 + length).name().length
    expect(read(253)).toBe(255)
    const octets = behindHeader(`${tail(253)}026161c00c`)
    expect(() => new Reader(octets, 12 + 253).name()).toThrow('name longer than 255 octets')
  })

  test.each([
    ['its end falls behind a label', '016101620000', 2],
    ['its end falls inside a label', '026162000000', 2],
    ['its end falls before the root label', '0161000000', 2],
    ['its end cuts a pointer', '00c00c', 2],
  ])('MB-07 a name is refused when %s, whatever follows', (_, hex, length) => {
    const octets = behindHeader(hex)
    const start = hex.startsWith('00c0') ? 13 : 12
    expect(() => new Reader(octets, start, start + length - (start - 12)).name()).toThrow(WireError)
  })

  test('MB-07 a pointer may leave the bounds of RDATA backwards', () => {
    const reader = new Reader(behindHeader('01610001620162c00c01'), 17, 21)
    expect([printName(reader.name()), reader.remaining]).toEqual(['b.a.', 0])
  })

  test('where compression is not allowed, only plain names are read', () => {
    const octets = behindHeader('0161000162c00c')
    expect(printName(new Reader(octets, 12).plainName())).toBe('a.')
    expect(() => new Reader(octets, 15).plainName()).toThrow('compressed name where none is allowed at octet 15')
  })

  test('any octets are a name or a WireError, in bounds and at an end', () => {
    const piece = fc.constantFrom(
      [0],
      [1, 0x61],
      [2, 0x41, 0x62],
      [0xc0, 12],
      [0xc0, 14],
      [0xc0, 15],
      [0xc0, 20],
      [0x3f],
      [0x40],
    )
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(piece, { maxLength: 40 }).map((pieces) => Uint8Array.from(pieces.flat())),
    )
    fc.assert(
      fc.property(octets, fc.nat(40), fc.nat(40), (tail, startAt, length) => {
        const message = new Uint8Array(12 + tail.length)
        message.set(tail, 12)
        const start = Math.min(12 + startAt, message.length)
        const reader = new Reader(message, start, Math.min(start + length, message.length))
        try {
          const name = reader.name()
          assert.equal(name.length <= 255 && name.at(-1) === 0, true)
          assert.equal(reader.at > start && reader.at <= reader.end, true)
          assert.equal(printName(parseName(printName(name))), printName(name))
        } catch (error) {
          assert.equal(error instanceof WireError, true)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a writer', () => {
  test('writes numbers of every width and grows as needed', () => {
    const writer = new Writer({ capacity: 1 })
    writer.u8(0xff)
    writer.u16(0x8001)
    writer.u32(0xffff_fffe)
    writer.u48(0x1234_5678_9abc)
    writer.octets(hexOctets('cafe'))
    expect(hexText(writer.toOctets())).toBe('ff8001fffffffe123456789abccafe')
  })

  test('reserves room and fills it later', () => {
    const writer = new Writer()
    const length = writer.reserveU16()
    writer.name(parseName('a.b.'))
    writer.patchLength(length)
    const number = writer.reserveU16()
    writer.patchU16(number, 0xbeef)
    expect(hexText(writer.octetsSoFar())).toBe('00050161016200beef')
  })

  test('throws when the limit is passed, and what fitted is still there', () => {
    const writer = new Writer({ limit: 3 })
    writer.u16(1)
    expect(() => writer.u16(2)).toThrow(WriteOverflow)
    writer.u8(3)
    expect(hexText(writer.toOctets())).toBe('000103')
    writer.reset(4)
    writer.u32(0)
    expect(() => writer.u8(0)).toThrow('5 octets where 4 are allowed')
  })
})

describe('compression', () => {
  const compressed = (...texts: string[]): Writer => {
    const writer = new Writer({ capacity: 16 })
    writer.octets(new Uint8Array(12))
    for (const text of texts) writer.compressedName(parseName(text))
    return writer
  }

  test('a name points at the longest part that stands in the message', () => {
    const writer = compressed('example.org.', 'www.example.org.', 'org.', 'a.www.example.org.', 'example.org.', '.')
    expect(hexText(writer.octetsSoFar().subarray(12))).toBe(
      ['076578616d706c65036f726700', '03777777c00c', 'c014', '0161c019', 'c00c', '00'].join(''),
    )
  })

  test('MB-10 a name points only at a part of the same case', () => {
    const writer = compressed('Example.org.', 'example.org.')
    expect(hexText(writer.octetsSoFar().subarray(25))).toBe('076578616d706c65c014')
  })

  test('nothing is pointed at that a pointer cannot reach', () => {
    const writer = new Writer()
    writer.octets(new Uint8Array(0x3fff))
    writer.compressedName(parseName('a.b.'))
    writer.compressedName(parseName('b.'))
    writer.compressedName(parseName('a.b.'))
    expect(hexText(writer.octetsSoFar().subarray(0x3fff))).toBe(['0161016200', '016200', 'ffff'].join(''))
  })

  test('what was written and taken back is never pointed at', () => {
    const writer = compressed('a.example.')
    writer.at = 12
    writer.octets(hexOctets('00000000000000000000000000'))
    writer.compressedName(parseName('b.a.example.'))
    expect(printName(new Reader(writer.toOctets(), 25).name())).toBe('b.a.example.')
    writer.reset()
    writer.octets(new Uint8Array(12))
    writer.compressedName(parseName('a.example.'))
    expect(writer.at).toBe(23)
  })

  test('any names, compressed one after the other and partly taken back, are read as they were', () => {
    const label = fc.constantFrom('a', 'A', 'b', 'cc', '\\192', '\\000', 'x'.repeat(63))
    const name = fc.array(label, { maxLength: 3 }).map((labels) => parseName(`${labels.join('.')}.`))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.boolean()), { maxLength: 300 }), (list) => {
        const writer = new Writer()
        writer.octets(new Uint8Array(12))
        const kept: Name[] = []
        for (const [each, keep] of list) {
          const before = writer.at
          writer.compressedName(each)
          if (keep) kept.push(each)
          else writer.at = before
        }
        const reader = new Reader(writer.toOctets(), 12)
        for (const each of kept) assert.deepEqual(reader.name(), each)
        assert.equal(reader.remaining, 0)
      }),
    )
  })

  test('a message full of names has no more octets than it may', () => {
    const writer = new Writer({ limit: MESSAGE_OCTETS_MAX })
    writer.octets(new Uint8Array(12))
    const names: Name[] = []
    try {
      for (let count = 0; ; count++) {
        const name = parseName(`h${count}.example.org.`)
        writer.compressedName(name)
        names.push(name)
      }
    } catch (error) {
      assert.equal(error instanceof WriteOverflow, true)
    }
    const reader = new Reader(writer.toOctets(), 12)
    for (const name of names) assert.deepEqual(reader.name(), name)
    expect(names.length).toBeGreaterThan(7000)
  })
})
