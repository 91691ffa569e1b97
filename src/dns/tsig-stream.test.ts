import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseName } from './name.ts'
import { asciiOctets, concatOctets, hexOctets, hexText } from './octets.ts'
import { findTsig, TSIG_ALGORITHMS, withoutTsig } from './tsig.ts'
import type { Hmac, TsigKey } from './tsig.ts'
import { signRefusal, TsigSigner } from './tsig-sign.ts'
import { TsigVerifier, UNSIGNED_MESSAGES_MAX } from './tsig-stream.ts'
import { verify } from './tsig-verify.ts'
import { signMessage } from '../../test/sign-message.ts'

const hmac: Hmac = (algorithm, secret, parts) => {
  const hash = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const SECRET = asciiOctets('0123456789abcdef0123456789abcdef')
const NOW = 1_795_248_000_000
const KEY: TsigKey = { name: parseName('transfer.example.'), algorithm: 'hmac-sha256', secret: SECRET }
const REQUEST_MAC = asciiOctets('the MAC of the request')

/** A message that is told from the others by the number of its only question's type. */
const plain = (number: number): Uint8Array =>
  concatOctets(hexOctets('12348400000100000000000000'), Uint8Array.of(number >> 8, number), hexOctets('0001'))

/** A sender that signs only some messages, as RFC 8945 §5.3.1 lets it; signatures are computed by hand. */
function sent(
  count: number,
  signs: (number: number) => boolean,
  times: (number: number) => number = () => NOW / 1000,
): Uint8Array[] {
  let mac: Uint8Array = REQUEST_MAC
  let since: Uint8Array[] = []
  return Array.from({ length: count }, (_, at) => {
    const message = plain(at + 1)
    since.push(message)
    if (!signs(at + 1)) return message
    const timers = hexOctets(
      `${times(at + 1)
        .toString(16)
        .padStart(12, '0')}012c`,
    )
    const algorithm = parseName('hmac-sha256.')
    const variables =
      at > 0 ? timers : concatOctets(KEY.name, hexOctets('00ff00000000'), algorithm, timers, hexOctets('00000000'))
    mac = createHmac('sha256', SECRET)
      .update(concatOctets(Uint8Array.of(0, mac.length), mac, ...since, variables))
      .digest()
    since = []
    const rdata = concatOctets(algorithm, timers, hexOctets('0020'), mac, hexOctets('123400000000'))
    const record = concatOctets(KEY.name, hexOctets('00fa00ff00000000'), Uint8Array.of(0, rdata.length), rdata)
    return concatOctets(message.with(11, 1), record)
  })
}

const verifier = (more: { fudgeSecondsMax?: number } = {}): TsigVerifier =>
  new TsigVerifier(KEY, { hmac, requestMac: REQUEST_MAC, ...more })

/** What comes of a whole transfer: the first refusal, or how it ends. */
function outcome(messages: readonly Uint8Array[], receiver = verifier()): string {
  for (const message of messages) {
    const verdict = receiver.accept(message, NOW)
    if (verdict.type === 'refused') return `${verdict.error}: ${verdict.detail}`
  }
  const end = receiver.finish()
  return end.type === 'refused' ? `${end.error}: ${end.detail}` : end.type
}

const always = (): boolean => true

test('TS-10 an answer of BIND in six messages is verified', () => {
  const lines = readFileSync(new URL('../../test/fixtures/tsig/bind-transfer.hex', import.meta.url), 'utf8').split('\n')
  const [request, ...answer] = lines.filter((line) => line !== '' && !line.startsWith('#')).map(hexOctets)
  const asked = findTsig(request as Uint8Array)
  assert(asked !== undefined)
  const receiver = new TsigVerifier(KEY, { hmac, requestMac: asked.mac })
  const kinds = answer.map((message) => receiver.accept(message, asked.timeSigned * 1000).type)
  expect([kinds, receiver.finish()]).toEqual([Array.from({ length: 6 }, () => 'verified'), { type: 'complete' }])
})

test('TS-10 our signatures over many messages are those computed by hand', () => {
  const signer = new TsigSigner(KEY, { hmac, requestMac: REQUEST_MAC })
  const signed = [1, 2, 3, 4].map((number) => signMessage(signer, plain(number), NOW))
  expect(signed.map(hexText)).toEqual(sent(4, always).map(hexText))
})

test('TS-10 messages come out as they went in, and BIND-style cut MACs are chained as they were sent', () => {
  const key: TsigKey = { ...KEY, macOctets: 16 }
  const signer = new TsigSigner(key, { hmac, requestMac: REQUEST_MAC })
  const receiver = new TsigVerifier(key, { hmac, requestMac: REQUEST_MAC })
  for (let number = 1; number < 5; number++) {
    const verdict = receiver.accept(signMessage(signer, plain(number), NOW), NOW)
    assert(verdict.type === 'verified')
    expect([verdict.mac.length, verdict.octets]).toEqual([16, plain(number)])
  }
  expect(receiver.finish().type).toBe('complete')
})

describe('TS-11 unsigned messages in between', () => {
  test.each([
    ['1, 101 and 200', 200, [1, 101, 200], 'complete'],
    ['1 and 102', 200, [1, 102, 200], 'BADSIG: 100 messages in a row are not signed by transfer.example.'],
    ['every hundredth', 401, [1, 101, 201, 301, 401], 'complete'],
    ['not the first', 3, [2, 3], 'BADSIG: the first message is not signed'],
    ['not the last', 3, [1, 2], 'BADSIG: the last message is not signed'],
    ['only the first', 100, [1], 'BADSIG: the last 99 messages are not signed'],
    ['none', 1, [], 'BADSIG: the first message is not signed'],
    ['all', 5, [1, 2, 3, 4, 5], 'complete'],
  ])('signed %s: %4$s', (_, count, signed, end) => {
    expect(outcome(sent(count, (number) => signed.includes(number)))).toBe(end)
  })

  test('what is not signed yet is pending, and kept although its buffer is used again', () => {
    const receiver = verifier()
    const buffer = Buffer.alloc(512)
    const kinds = sent(4, (number) => number === 1 || number === 4).map((message) => {
      buffer.fill(0).set(message)
      return receiver.accept(buffer.subarray(0, message.length), NOW).type
    })
    expect(kinds).toEqual(['verified', 'pending', 'pending', 'verified'])
    expect(UNSIGNED_MESSAGES_MAX).toBe(99)
  })

  test('a transfer of no message at all is not complete', () => {
    expect(outcome([])).toBe('BADSIG: no message has come')
  })
})

describe('TS-12 a stream that was meddled with', () => {
  const signs = (number: number): boolean => number % 3 === 1 || number === 9
  const stream = sent(9, signs)
  const without = (place: number): Uint8Array[] => stream.toSpliced(place, 1)

  test('as it was sent it is complete', () => {
    expect(outcome(stream)).toBe('complete')
  })

  test.each([...stream.keys()])('message %d dropped, repeated, or swapped with the next', (place) => {
    const message = stream[place] as Uint8Array
    const next = stream[(place + 1) % stream.length] as Uint8Array
    expect(outcome(without(place))).not.toBe('complete')
    expect(outcome(stream.toSpliced(place, 0, message))).not.toBe('complete')
    expect(outcome(stream.with(place, next).with((place + 1) % stream.length, message))).not.toBe('complete')
    expect(outcome(stream.toSpliced(place, 0, plain(77)))).not.toBe('complete')
  })

  test('cut anywhere but behind a signature it is not complete', () => {
    for (let length = 0; length <= stream.length; length++) {
      assert.equal(outcome(stream.slice(0, length)) === 'complete', length > 0 && signs(length), `${length}`)
    }
  })

  test('with any octet changed it is not complete', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(), fc.integer({ min: 1, max: 255 }), (place, offset, change) => {
        const message = stream[place] as Uint8Array
        const at = offset % message.length
        // The ID in the header of a signed message is not covered: the record says what it was (RFC 8945 §5.4).
        if (at < 2 && signs(place + 1)) return
        // Nor is the case of letters in the names of key and algorithm (§4.3.3).
        if (at >= plain(1).length && change === 0x20) return
        const changed = message.with(at, (message[at] as number) ^ change)
        assert.notEqual(outcome(stream.with(place, changed)), 'complete')
      }),
      { numRuns: 1000 },
    )
  })

  test('the signatures of another answer do not fit', () => {
    const other = new TsigSigner(KEY, { hmac, requestMac: SECRET })
    expect(outcome([signMessage(other, plain(1), NOW)])).toMatch(/^BADSIG: bad MAC/)
    const signer = new TsigSigner(KEY, { hmac, requestMac: REQUEST_MAC })
    expect(outcome([signMessage(signer, plain(1), NOW), signMessage(other, plain(2), NOW)])).toMatch(/^BADSIG: bad MAC/)
  })
})

describe('a transfer that went wrong', () => {
  test('after a refusal nothing is accepted any more', () => {
    const [first, second, third] = sent(3, always) as [Uint8Array, Uint8Array, Uint8Array]
    const receiver = verifier()
    expect(receiver.accept(first, NOW).type).toBe('verified')
    const refusal = receiver.accept(third, NOW)
    expect(refusal.type).toBe('refused')
    expect(receiver.accept(second, NOW)).toBe(refusal)
    expect(receiver.finish()).toBe(refusal)
  })

  test('each message is judged by the clock', () => {
    const late = sent(3, always, (number) => NOW / 1000 - (number === 3 ? 301 : 0))
    expect(outcome(late)).toBe('BADTIME: clock differs by 301 s')
    const wide = sent(2, always, (number) => NOW / 1000 - number * 100)
    expect(outcome(wide, verifier({ fudgeSecondsMax: 150 }))).toBe('BADTIME: clock differs by 200 s')
  })

  test('a later message with another key or algorithm is refused', () => {
    const [first] = sent(1, always) as [Uint8Array]
    for (const [key, detail] of [
      [{ ...KEY, name: parseName('other.example.') }, 'BADKEY: other key other.example.'],
      [{ ...KEY, algorithm: 'hmac-sha1' }, 'BADKEY: key transfer.example. is for hmac-sha256, used with hmac-sha1'],
    ] as [TsigKey, string][]) {
      const stranger = new TsigSigner(key, { hmac, requestMac: REQUEST_MAC })
      expect(outcome([first, signMessage(stranger, plain(2), NOW)])).toBe(detail)
      expect(outcome([signMessage(new TsigSigner(key, { hmac, requestMac: REQUEST_MAC }), plain(1), NOW)])).toBe(detail)
    }
  })

  test('TS-18 an error answer ends it, first or later', () => {
    const keys = (): undefined => undefined
    const [first, second] = sent(2, always) as [Uint8Array, Uint8Array]
    const refusal = verify(first, { keys, hmac, now: NOW })
    assert(refusal.type === 'refused')
    const error = signRefusal(plain(1), refusal, { hmac, now: NOW })
    const told = 'BADKEY: peer does not know the key transfer.example., or not for this algorithm'
    expect(outcome([error])).toBe(told)
    expect(outcome([first, error])).toBe(told)
    expect(outcome([first, second.slice(0, -1)])).toMatch(/^FORMERR: /)
  })

  test('whatever order and change the messages come in, only what was sent is complete', () => {
    const stream = sent(6, (number) => number % 2 === 1 || number === 6)
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 8 }), (places) => {
        const messages = places.map((place) => stream[place] as Uint8Array)
        const isPrefix = places.every((place, at) => place === at)
        if (outcome(messages) === 'complete') assert.equal(isPrefix, true)
      }),
      { numRuns: 2000 },
    )
  })

  test('the message without its TSIG is what was signed', () => {
    const [message] = sent(1, always) as [Uint8Array]
    const tsig = findTsig(message)
    assert(tsig !== undefined)
    expect(withoutTsig(message, tsig)).toEqual(plain(1))
  })
})
