import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, frameOf, FramingError } from './framing.ts'

/** Everything that lies whole in the chunks, copied, for the reader may show it in place. */
function read(reader: FrameReader, chunks: readonly Uint8Array[]): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message.slice())
    chunk.fill(0xee) // whoever owns the chunk may use it again
  }
  return messages
}

const join = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

/** Cuts the octets at the places given. */
function cut(octets: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (octets.length + 1)).toSorted((a, b) => a - b), octets.length]
  return sorted.slice(1).map((end, at) => octets.slice(sorted[at], end))
}

test('TR-03 messages are put together however the stream is split, at any octet', () => {
  const message = fc.uint8Array({ minLength: 1, maxLength: 300 })
  const property = fc.property(fc.array(message), fc.array(fc.nat(5000)), (messages, places) => {
    const reader = new FrameReader()
    assert.deepEqual(read(reader, cut(join(messages.map(frameOf)), places)), messages)
    assert.equal(reader.midMessage, false)
  })
  fc.assert(property, { numRuns: 300 })
})

test('TR-03 one octet at a time, and the largest message', () => {
  const largest = new Uint8Array(65_535).fill(7)
  const stream = join([frameOf(Uint8Array.of(1, 2, 3)), frameOf(largest), frameOf(Uint8Array.of(4))])
  const chunks = Array.from(stream, (octet) => Uint8Array.of(octet))
  const messages = read(new FrameReader(), chunks)
  assert.deepEqual(messages, [Uint8Array.of(1, 2, 3), largest, Uint8Array.of(4)])
})

test('case 11: a message of no octets ends the stream, and one shorter than allowed', () => {
  const reader = new FrameReader()
  expect(read(reader, [frameOf(Uint8Array.of(9))])).toHaveLength(1)
  expect(() => read(reader, [Uint8Array.of(0, 0)])).toThrow(FramingError)
  expect(() => read(new FrameReader(), [Uint8Array.of(0), Uint8Array.of(0)])).toThrow(FramingError)
  expect(() => read(new FrameReader({ octetsMin: 12 }), [frameOf(new Uint8Array(11))])).toThrow(
    'expected a message of at least 12 octets, found one of 11',
  )
})

test('a length is believed only as far as octets follow', () => {
  const reader = new FrameReader()
  expect(read(reader, [Uint8Array.of(0xff, 0xff, 1)])).toEqual([])
  expect(reader.midMessage).toBe(true)
})

test('one may stop asking for messages and go on later', () => {
  const reader = new FrameReader()
  const messages = [1, 2, 3, 4].map((octet) => Uint8Array.of(octet, octet))
  reader.push(join(messages.slice(0, 3).map(frameOf)))
  expect(reader.next()).toEqual(messages[0])
  reader.push(frameOf(messages[3] as Uint8Array).subarray(0, 3))
  expect([reader.next(), reader.next(), reader.next()]).toEqual([messages[1], messages[2], undefined])
  reader.push(Uint8Array.of(4))
  expect(reader.next()).toEqual(messages[3])
})
