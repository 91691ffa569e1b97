import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TSIG_ERROR } from './code.ts'
import { newMessage, readMessage } from './message.ts'
import { writeMessage } from './message-write.ts'
import { lowerName, parseName, sameName } from './name.ts'
import type { Name } from './name.ts'
import { asciiOctets, concatOctets, hexOctets, hexText } from './octets.ts'
import { findTsig, parseTsigAlgorithm, readTsig, TSIG_ALGORITHMS, tsigOctets } from './tsig.ts'
import type { Hmac, TsigAlgorithm, TsigKey } from './tsig.ts'
import { signRefusal, signRequest, signResponse } from './tsig-sign.ts'
import { verify } from './tsig-verify.ts'
import type { TsigVerdict, VerifyOptions } from './tsig-verify.ts'
import { WireError } from './wire.ts'

const hmac: Hmac = (algorithm, secret, parts) => {
  const hash = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const SECRET = asciiOctets('0123456789abcdef0123456789abcdef')
const NOW = 1_795_248_000_000
const KEY: TsigKey = { name: parseName('transfer.example.'), algorithm: 'hmac-sha256', secret: SECRET }

/** A question for the SOA of example.org, and an empty answer to it. */
const QUESTION = hexOctets('123400000001000000000000076578616d706c65036f72670000060001')
const ANSWER = hexOctets('123484000001000000000000076578616d706c65036f72670000060001')

const keysOf =
  (...keys: TsigKey[]) =>
  (name: Name): TsigKey | undefined =>
    keys.find((key) => sameName(key.name, name))

const check = (message: Uint8Array, more: Partial<VerifyOptions> = {}): TsigVerdict =>
  verify(message, { keys: keysOf(KEY), hmac, now: NOW, ...more })

/** What came of a check, in a few words. */
const words = (verdict: TsigVerdict): string =>
  verdict.type === 'refused' ? `${verdict.error}: ${verdict.detail}` : verdict.type

const signed = (key: TsigKey = KEY, now = NOW, message: Uint8Array = QUESTION, fudgeSeconds = 300): Uint8Array =>
  signRequest(message, key, { hmac, now, fudgeSeconds }).octets

const fixture = (name: string): string[][] =>
  readFileSync(new URL(`../../test/fixtures/tsig/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))

/** A TSIG built octet by octet with a MAC over what RFC 8945 §4.3.3 lists: a second opinion on our own signing. */
function byHand(
  change: Partial<{
    keyName: string
    algorithmName: string
    class: string
    ttl: string
    time: string
    fudge: string
    originalId: string
    error: string
    other: string
    secret: Uint8Array
    mac: (mac: Buffer) => Uint8Array
  }> = {},
): Uint8Array {
  const { class: recordClass = '00ff', ttl = '00000000', time = '00006b014f80', fudge = '012c' } = change
  const { originalId = '1234', error = '0000', other = '', secret = SECRET, mac = (full: Buffer) => full } = change
  const keyName = parseName(change.keyName ?? 'transfer.example.')
  const algorithmName = parseName(change.algorithmName ?? 'hmac-sha256.')
  const otherField = hexText(Uint8Array.of(other.length >> 9, other.length / 2)) + other
  const digested = createHmac('sha256', secret)
    .update(hexOctets(originalId))
    .update(QUESTION.subarray(2))
    .update(lowerName(keyName))
    .update(hexOctets(recordClass + ttl))
    .update(lowerName(algorithmName))
    .update(hexOctets(time + fudge + error + otherField))
    .digest()
  const sent = mac(digested)
  const rdata = concatOctets(
    algorithmName,
    hexOctets(time + fudge),
    Uint8Array.of(0, sent.length),
    sent,
    hexOctets(originalId + error + otherField),
  )
  const head = concatOctets(keyName, hexOctets(`00fa${recordClass}${ttl}`), Uint8Array.of(0, rdata.length))
  const message = concatOctets(QUESTION, head, rdata)
  message[11] = 1
  return message
}

describe('algorithms', () => {
  test.each([
    ['hmac-sha256', 'hmac-sha256'],
    ['HMAC-SHA256.', 'hmac-sha256'],
    ['hmac-sha512-256.', 'hmac-sha512-256'],
    ['hmac-sha1', 'hmac-sha1'],
    ['hmac-md5', undefined],
    ['hmac-md5.sig-alg.reg.int.', undefined],
    ['hmac-sha3', undefined],
    ['toString', undefined],
    ['', undefined],
  ])('TS-14 %j is %s', (text, algorithm) => {
    expect(parseTsigAlgorithm(text)).toBe(algorithm)
  })

  test.each(['hmac-md5', 'HMAC-MD5.SIG-ALG.REG.INT.', 'hmac-md5.sig-alg.reg.int'])('TS-14 %s needs leave', (text) => {
    expect(parseTsigAlgorithm(text, { md5Allowed: true })).toBe('hmac-md5.sig-alg.reg.int')
  })

  test.each(Object.keys(TSIG_ALGORITHMS) as TsigAlgorithm[])(
    'TS-14 %s signs what it verifies, as long as foreseen',
    (algorithm) => {
      const key = { ...KEY, algorithm }
      const { octets, mac } = signRequest(QUESTION, key, { hmac, now: NOW })
      const verdict = check(octets, { keys: keysOf(key) })
      expect(verdict.type === 'verified' && verdict.mac).toEqual(mac)
      expect(mac.length).toBe(TSIG_ALGORITHMS[algorithm].macOctets)
      expect(QUESTION.length + tsigOctets(key)).toBe(octets.length + 6)
    },
  )

  test('TS-13 the room a TSIG needs counts the server time of BADTIME', () => {
    const refusal = check(signed(KEY, NOW - 301_000))
    assert(refusal.type === 'refused')
    const answer = signRefusal(ANSWER, refusal, { hmac, now: NOW })
    expect(answer.length).toBe(ANSWER.length + tsigOctets(KEY))
  })
})

test('TS-13 an answer that does not fit with its TSIG is cut, and the TSIG stays', () => {
  const key: TsigKey = { ...KEY, name: parseName('long-name.'.repeat(15)), algorithm: 'hmac-sha512' }
  const question = { name: parseName('example.org.'), type: 1, class: 1 }
  const answer = Array.from({ length: 20 }, (_, at) => ({
    owner: question.name,
    type: 1,
    class: 1,
    ttl: 300,
    rdata: Uint8Array.of(192, 0, 2, at),
  }))
  const whole = newMessage({ qr: true, questions: [question], answer })
  expect(writeMessage(whole, { limit: 512 }).length).toBeLessThanOrEqual(512)
  expect(readMessage(writeMessage(whole, { limit: 512 })).tc).toBe(false)
  const bare = writeMessage(whole, { limit: 512 - tsigOctets(key) })
  const { octets } = signResponse(bare, key, { hmac, now: NOW, requestMac: SECRET })
  const cut = readMessage(octets)
  expect([octets.length <= 512, cut.tc, cut.answer.length, cut.tsig?.mac.length]).toEqual([true, true, 0, 64])
  expect(words(check(octets, { keys: keysOf(key), requestMac: SECRET }))).toBe('verified')
})

describe('what dig and BIND have signed', () => {
  test.each(fixture('dig-queries.hex'))('TS-14 a question by dig with %s is verified', (spelling, hex) => {
    const [, name = '', bits] = /^(hmac-[a-z]+\d+)(?:-(\d+))?$/.exec(spelling) ?? []
    const algorithm = parseTsigAlgorithm(name, { md5Allowed: true })
    assert(algorithm !== undefined)
    const key = { ...KEY, algorithm, ...(bits === undefined ? {} : { macOctets: Number(bits) / 8 }) }
    const message = hexOctets(hex)
    const tsig = findTsig(message)
    assert(tsig !== undefined)
    const verdict = check(message, { keys: keysOf(key), now: tsig.timeSigned * 1000 })
    assert(verdict.type === 'verified')
    // Signed again by us it is the same message, octet by octet.
    const again = signRequest(verdict.octets, key, { hmac, now: tsig.timeSigned * 1000 })
    expect(hexText(again.octets)).toBe(hex)
  })

  const answers = new Map(fixture('bind-answers.hex').map(([name, ...rest]) => [name, rest]))

  test.each([
    ['good', 'verified'],
    ['late', 'BADTIME: peer finds the clock differs by 312 s'],
    ['cut', 'BADTRUNC: peer wants a longer MAC than we sent'],
    ['badkey', 'BADKEY: peer does not know the key nobody.example., or not for this algorithm'],
    ['badalg', 'BADKEY: peer does not know the key transfer.example., or not for this algorithm'],
    ['badsig', 'BADSIG: peer finds the MAC bad: the secrets differ'],
  ])("BIND's answer to a question that is %s: %s", (name, outcome) => {
    const [now, request, answer] = answers.get(name) as [string, string, string]
    const requestMac = (findTsig(hexOctets(request)) as { mac: Uint8Array }).mac
    expect(words(check(hexOctets(answer), { now: Number(now), requestMac }))).toBe(outcome)
  })

  test.each([
    ['good', 'verified'],
    ['late', 'BADTIME: clock differs by 312 s'],
    ['cut', 'BADTRUNC: MAC cut to 16 octets, our policy wants 32'],
    ['badkey', 'BADKEY: unknown key nobody.example.'],
    ['badalg', 'BADKEY: key transfer.example. is for hmac-sha256, used with hmac-sha512'],
    ['badsig', 'BADSIG: bad MAC with key transfer.example.: the secrets differ'],
    ['short', 'FORMERR: MAC of 10 octets, 16 are the least'],
    ['error-in-request', 'FORMERR: a request with TSIG error BADTIME'],
  ])('our verdict on the question that is %s: %s', (name, outcome) => {
    const [, request] = answers.get(name) as [string, string, string]
    const now = Number(answers.get('good')?.[0])
    expect(words(check(hexOctets(request), { now }))).toBe(outcome)
  })

  test('TS-08 our BADTIME is that of BIND, octet by octet', () => {
    const [, request, answer] = answers.get('late') as [string, string, string]
    const theirs = findTsig(hexOctets(answer))
    assert(theirs !== undefined)
    const serverNow = Number(hexText(theirs.other) === '' ? 0 : BigInt(`0x${hexText(theirs.other)}`)) * 1000
    const refusal = check(hexOctets(request), { now: serverNow })
    assert(refusal.type === 'refused')
    const bare = hexOctets(answer).slice(0, theirs.start)
    bare[11] = 0
    expect(hexText(signRefusal(bare, refusal, { hmac, now: serverNow }))).toBe(answer)
  })
})

describe('where a TSIG stands', () => {
  test('a message without one is unsigned', () => {
    expect(check(QUESTION)).toEqual({ type: 'unsigned' })
  })

  const tsig = byHand().subarray(QUESTION.length)
  const opt = hexOctets('0000290200000000000000')
  const message = (counts: string, ...records: Uint8Array[]): Uint8Array =>
    concatOctets(QUESTION.subarray(0, 6), hexOctets(counts), QUESTION.subarray(12), ...records)

  test.each([
    ['two of them', message('000000000002', tsig, tsig)],
    ['one before OPT', message('000000000002', tsig, opt)],
    ['one in the answer', message('000100000000', tsig)],
    ['one in the authority section', message('000000010000', tsig)],
    ['one in the answer with OPT behind', message('000100000001', tsig, opt)],
    ['octets behind it', message('000000000001', tsig, hexOctets('00'))],
    ['a count that promises another record', message('000000000002', tsig)],
    ['a message that ends in its header', QUESTION.subarray(0, 11)],
    ['its last octet missing', byHand().slice(0, -1)],
  ])('TS-01 %s: FORMERR', (_, octets) => {
    const verdict = check(octets)
    expect(verdict.type === 'refused' && [verdict.error, verdict.reason]).toEqual(['FORMERR', 'malformed TSIG'])
  })

  test.each([
    ['class IN', { class: '0001' }],
    ['TTL 5', { ttl: '00000005' }],
    ['TTL 2³¹', { ttl: '80000000' }],
  ])('TS-02 %s: FORMERR', (_, change) => {
    expect(words(check(byHand(change)))).toMatch(/^FORMERR: TSIG (of class|with a TTL)/)
  })

  test('TS-16 lengths inside the record that overrun it are FORMERR', () => {
    const whole = byHand()
    const macLengthAt = QUESTION.length + 18 + 10 + 13 + 8
    for (const at of [macLengthAt - 9, macLengthAt, macLengthAt + 2 + 32 + 4]) {
      for (const value of [0x01, 0x7f, 0xff]) {
        assert.match(
          words(check(whole.with(at, value))),
          /^(FORMERR|BADKEY|BADSIG|BADTIME): /,
          `octet ${at} as ${value}`,
        )
      }
    }
    expect(words(check(whole.with(macLengthAt, 0xff)))).toMatch(/^FORMERR: expected 65312 octets/)
  })
})

describe('digests', () => {
  test('our signature is the one computed by hand from RFC 8945 §4.3.3', () => {
    expect(hexText(signed())).toBe(hexText(byHand()))
    expect(words(check(byHand()))).toBe('verified')
  })

  test('TS-03 names of key and algorithm match and are digested in lower case', () => {
    expect(words(check(byHand({ keyName: 'TRANSFER.Example.', algorithmName: 'HMAC-Sha256.' })))).toBe('verified')
    const key = { ...KEY, name: parseName('Transfer.EXAMPLE.') }
    expect(words(check(signed(key)))).toBe('verified')
    expect(hexText(signed(key))).toContain(hexText(asciiOctets('Transfer')))
  })

  test('TS-04 a forwarder may have changed the ID of the header', () => {
    const forwarded = signed().with(0, 0xff)
    const verdict = check(forwarded)
    assert(verdict.type === 'verified')
    expect(verdict.octets).toEqual(QUESTION)
    expect(words(check(byHand({ originalId: '4321' })))).toBe('verified')
  })

  test('what was verified is the message as it was before it was signed', () => {
    const verdict = check(signed())
    expect(verdict.type === 'verified' && hexText(verdict.octets)).toBe(hexText(QUESTION))
  })

  test('an answer is bound to its request by the MAC', () => {
    const request = check(signed())
    assert(request.type === 'verified')
    const { octets } = signResponse(ANSWER, KEY, { hmac, now: NOW, requestMac: request.mac })
    expect(words(check(octets, { requestMac: request.mac }))).toBe('verified')
    expect(words(check(octets, { requestMac: request.mac.with(0, 0) }))).toMatch(/^BADSIG: bad MAC/)
    expect(words(check(octets))).toMatch(/^BADSIG: bad MAC/)
  })
})

describe('refusals', () => {
  test('TS-05 an unknown key is BADKEY', () => {
    expect(words(check(signed(), { keys: () => undefined }))).toBe('BADKEY: unknown key transfer.example.')
  })

  test('TS-05 the right secret with another algorithm is BADKEY', () => {
    const verdict = check(signed({ ...KEY, algorithm: 'hmac-sha512' }))
    expect(words(verdict)).toBe('BADKEY: key transfer.example. is for hmac-sha256, used with hmac-sha512')
    expect(words(check(byHand({ algorithmName: 'hmac-whirlpool.' })))).toBe('BADKEY: unknown algorithm hmac-whirlpool.')
    expect(words(check(byHand({ algorithmName: '.' })))).toBe('BADKEY: unknown algorithm .')
  })

  test('TS-06 any octet changed on the way is noticed', () => {
    const message = signed()
    for (let at = 2; at < message.length; at++) {
      const verdict = check(message.with(at, (message[at] as number) ^ 1))
      const isOriginalId = at >= message.length - 6 && at < message.length - 4
      assert.notEqual(verdict.type, 'verified', `octet ${at}`)
      if (isOriginalId) assert.equal(verdict.type === 'refused' && verdict.error, 'BADSIG')
    }
  })

  test.each([
    [33, 'FORMERR: MAC of 33 octets, 32 are the most'],
    [32, 'verified'],
    [31, 'BADTRUNC: MAC cut to 31 octets, our policy wants 32'],
    [16, 'BADTRUNC: MAC cut to 16 octets, our policy wants 32'],
    [15, 'FORMERR: MAC of 15 octets, 16 are the least'],
    [10, 'FORMERR: MAC of 10 octets, 16 are the least'],
    [0, 'FORMERR: MAC of 0 octets, 16 are the least'],
  ])('TS-07 a MAC of %d octets for sha256: %s', (length, outcome) => {
    const mac = (full: Buffer): Uint8Array => concatOctets(full, Uint8Array.of(0)).subarray(0, length)
    expect(words(check(byHand({ mac })))).toBe(outcome)
  })

  test('TS-07 our policy may take cut MACs, and send them', () => {
    const key: TsigKey = { ...KEY, macOctets: 16 }
    expect(findTsig(signed(key))?.mac.length).toBe(16)
    expect(words(check(signed(key), { keys: keysOf(key) }))).toBe('verified')
    expect(words(check(signed(key), { keys: keysOf({ ...KEY, macOctetsMin: 16 }) }))).toBe('verified')
    expect(words(check(signed(key), { keys: keysOf({ ...KEY, macOctetsMin: 20 }) }))).toMatch(/^BADTRUNC/)
    const sha1: TsigKey = { ...KEY, algorithm: 'hmac-sha1', macOctets: 10 }
    expect(words(check(signed(sha1), { keys: keysOf(sha1) }))).toBe('verified')
    expect(words(check(signed({ ...sha1, macOctets: 9 }), { keys: keysOf(sha1) }))).toBe(
      'FORMERR: MAC of 9 octets, 10 are the least',
    )
  })

  test('TS-07 a cut MAC is wrong if any octet of it is', () => {
    const mac = (full: Buffer): Uint8Array => Uint8Array.from(full.subarray(0, 20)).with(19, (full[19] as number) ^ 1)
    expect(words(check(byHand({ mac })))).toMatch(/^BADSIG/)
  })

  test.each([
    [-301, 'BADTIME: clock differs by 301 s'],
    [-300, 'verified'],
    [0, 'verified'],
    [300, 'verified'],
    [301, 'BADTIME: clock differs by 301 s'],
  ])('TS-08 a message signed %d s from now: %s', (seconds, outcome) => {
    expect(words(check(signed(KEY, NOW + seconds * 1000)))).toBe(outcome)
  })

  test('TS-08 the order of the checks is key, MAC, time, length', () => {
    const late = { time: '000000000001', mac: (full: Buffer) => full.subarray(0, 16) }
    expect(words(check(byHand({ ...late, secret: asciiOctets('x') }), { keys: () => undefined }))).toMatch(/^BADKEY/)
    expect(words(check(byHand({ ...late, secret: asciiOctets('x') })))).toMatch(/^BADSIG/)
    expect(words(check(byHand(late)))).toMatch(/^BADTIME/)
    expect(words(check(byHand({ mac: late.mac })))).toMatch(/^BADTRUNC/)
  })

  test('TS-09 a sender may ask for a wide fudge, and we may grant less', () => {
    const wide = signed(KEY, NOW - 30_000_000, QUESTION, 65_535)
    expect(words(check(wide))).toBe('verified')
    expect(words(check(wide, { fudgeSecondsMax: 600 }))).toBe('BADTIME: clock differs by 30000 s')
    expect(findTsig(signRequest(QUESTION, KEY, { hmac, now: NOW }).octets)?.fudgeSeconds).toBe(300)
  })

  test('TS-17 a time signed of 0 is BADTIME', () => {
    expect(words(check(byHand({ time: '000000000000' })))).toBe('BADTIME: clock differs by 1795248000 s')
    expect(words(check(byHand({ time: 'ffffffffffff' })))).toMatch(/^BADTIME/)
  })

  test('TS-19 of two keys valid at once each is good, and a removed one is unknown', () => {
    const next: TsigKey = { ...KEY, name: parseName('next.example.'), secret: asciiOctets('another secret') }
    const both = keysOf(KEY, next)
    expect([signed(), signed(next)].map((message) => words(check(message, { keys: both })))).toEqual([
      'verified',
      'verified',
    ])
    expect(words(check(signed(), { keys: keysOf(next) }))).toBe('BADKEY: unknown key transfer.example.')
  })

  test('of several keys of one name, the one whose MAC it is counts', () => {
    const theirs: TsigKey = { ...KEY, secret: asciiOctets('the secret of somebody else') }
    const longer: TsigKey = { ...KEY, algorithm: 'hmac-sha512' }
    const all = [longer, theirs, KEY]
    for (const key of all) {
      const verdict = check(signed(key), { keys: () => all })
      assert(verdict.type === 'verified')
      assert.equal(verdict.key, key)
    }
    const stranger: TsigKey = { ...KEY, secret: asciiOctets('a guess') }
    expect(words(check(signed(stranger), { keys: () => all }))).toMatch(/^BADSIG/)
    expect(words(check(signed(), { keys: () => [] }))).toBe('BADKEY: unknown key transfer.example.')
  })
})

describe('errors in a TSIG', () => {
  test.each(['BADSIG', 'BADKEY', 'BADTIME', 'BADTRUNC'] as const)(
    'TS-16 TS-18 a request with error %s is FORMERR',
    (word) => {
      const error = `00${TSIG_ERROR[word].toString(16)}`
      expect(words(check(byHand({ error })))).toBe(`FORMERR: a request with TSIG error ${word}`)
      expect(words(check(byHand({ error, mac: () => new Uint8Array(0) })))).toMatch(/^FORMERR/)
    },
  )

  const refusedAs = (message: Uint8Array, more: Partial<VerifyOptions> = {}): Uint8Array => {
    const refusal = check(message, more)
    assert(refusal.type === 'refused')
    return signRefusal(ANSWER, refusal, { hmac, now: NOW })
  }

  test.each([
    ['an unknown key', signed(), { keys: () => undefined }, 'BADKEY'],
    ['a wrong MAC', signed({ ...KEY, secret: asciiOctets('x') }), {}, 'BADSIG'],
  ])('TS-05 TS-06 %s is answered without a MAC', (_, message, more, word) => {
    const tsig = findTsig(refusedAs(message, more))
    expect([tsig?.error, tsig?.mac.length, tsig?.other.length]).toEqual([TSIG_ERROR[word as 'BADKEY'], 0, 0])
    expect(tsig && sameName(tsig.keyName, KEY.name)).toBe(true)
  })

  test('TS-08 a wrong time is answered with a MAC, the time of the asker and our own', () => {
    const late = signRequest(QUESTION, KEY, { hmac, now: NOW - 400_000, fudgeSeconds: 200 })
    const answer = refusedAs(late.octets)
    const tsig = findTsig(answer)
    expect([tsig?.timeSigned, tsig?.fudgeSeconds, tsig && hexText(tsig.other)]).toEqual([
      NOW / 1000 - 400,
      200,
      '00006b014f80',
    ])
    const told = check(answer, { requestMac: late.mac, now: NOW - 400_000 })
    expect(words(told)).toBe('BADTIME: peer finds the clock differs by 400 s')
    expect(told.type === 'refused' && told.key).toBe(KEY)
  })

  test('TS-08 BADTIME without a MAC, as NSD sends it, tells of the clock and proves nothing', () => {
    const late = signRequest(QUESTION, KEY, { hmac, now: NOW - 400_000 })
    const answer = byHand({ error: '0012', other: '00006b014f80', mac: () => new Uint8Array(0) })
    const told = check(answer, { requestMac: late.mac, now: NOW - 400_000 })
    expect(words(told)).toMatch(/^BADTIME: peer finds the clock differs/)
    expect(told.type === 'refused' && told.key).toBeUndefined()
  })

  test('TS-07 a MAC cut too short for our policy is answered with a MAC', () => {
    const cut = signRequest(QUESTION, { ...KEY, macOctets: 16 }, { hmac, now: NOW })
    const told = check(refusedAs(cut.octets), { requestMac: cut.mac })
    expect(words(told)).toBe('BADTRUNC: peer wants a longer MAC than we sent')
    expect(told.type === 'refused' && told.key).toBe(KEY)
  })

  test('a FORMERR is answered without a TSIG', () => {
    expect(refusedAs(byHand({ class: '0001' }))).toEqual(ANSWER)
    expect(refusedAs(byHand({ mac: () => new Uint8Array(3) }))).toEqual(ANSWER)
  })

  test('TS-18 an error answer authenticates nothing, neither as an answer nor as a request', () => {
    const request = signRequest(QUESTION, KEY, { hmac, now: NOW - 400_000 })
    const answers = [
      refusedAs(request.octets),
      refusedAs(signed(), { keys: () => undefined }),
      refusedAs(signed({ ...KEY, secret: asciiOctets('x') })),
      refusedAs(signed({ ...KEY, macOctets: 16 })),
    ]
    for (const answer of answers) {
      for (const now of [NOW, NOW - 400_000]) {
        expect(check(answer, { now, requestMac: request.mac }).type).toBe('refused')
        expect(check(answer, { now }).type).toBe('refused')
      }
    }
  })

  test('an answer signed with another key, or with an odd error, is refused', () => {
    const other = { ...KEY, name: parseName('other.example.') }
    const { octets } = signResponse(ANSWER, other, { hmac, now: NOW, requestMac: SECRET })
    expect(words(check(octets, { requestMac: SECRET }))).toBe('BADKEY: other key other.example.')
    const unsigned = readTsig(signed(), QUESTION.length)
    const refusal = { type: 'refused', error: 'BADTRUNC', reason: 'bad MAC', detail: '', tsig: unsigned } as const
    const odd = signRefusal(ANSWER, refusal, { hmac, now: NOW })
    expect(words(check(odd, { requestMac: SECRET }))).toMatch(/^FORMERR: MAC of 0 octets/)
  })
})

test('TS-16 whatever comes instead of a TSIG, there is a verdict and never more than the right one verified', () => {
  const whole = signed()
  const change = fc.record({ at: fc.nat(whole.length - 1), octet: fc.nat(255) })
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.nat(whole.length),
      fc.boolean(),
      (changes, cut, cuts) => {
        let message: Uint8Array = whole.slice(0, cuts ? cut : whole.length)
        for (const { at, octet } of changes) if (at < message.length) message = message.with(at, octet)
        for (const requestMac of [undefined, SECRET]) {
          const verdict = check(message, requestMac === undefined ? {} : { requestMac })
          if (verdict.type === 'verified') assert.deepEqual(verdict.octets, QUESTION)
        }
      },
    ),
    { numRuns: 5000 },
  )
})

test('reading a TSIG throws WireError and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(90), (octets, start) => {
      for (const read of [() => readTsig(octets, start), () => findTsig(octets)]) {
        try {
          read()
        } catch (error) {
          assert.equal(error instanceof WireError, true)
        }
      }
    }),
    { numRuns: 2000 },
  )
})
