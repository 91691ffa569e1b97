import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { questionOf, World } from '../../test/answer/world.ts'
import { rcodeName, tsigErrorName } from '../dns/code.ts'
import { readMessage } from '../dns/message.ts'
import { parseName, sameName } from '../dns/name.ts'
import { type Hmac, type TsigKey, TSIG_ALGORITHMS } from '../dns/tsig.ts'
import { signRequest } from '../dns/tsig-sign.ts'
import { verify } from '../dns/tsig-verify.ts'
import { NEEDS_TSIG } from './answer.ts'
import { respondSlowly, type SlowAnswer } from './slow.ts'

const NOW = Date.UTC(2026, 0, 1)
const KEY: TsigKey = { name: parseName('key.test.'), algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(7) }
const OTHER: TsigKey = { ...KEY, name: parseName('other.test.') }

const hmac: Hmac = (algorithm, secret, parts) => {
  const hash = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret)
  for (const part of parts) hash.update(part)
  return Uint8Array.from(hash.digest())
}

function example(): World {
  const world = new World()
  world.load(
    'example.',
    `@ NS ns1\nwww A 192.0.2.2\n${Array.from({ length: 60 }, (_, n) => `big A 192.0.2.${n}`).join('\n')}`,
  )
  world.client.now = NOW
  return world
}

function signed(question: string, key: TsigKey, options: { at?: number; size?: number } = {}) {
  const asking = options.size === undefined ? {} : { size: options.size }
  return signRequest(questionOf(question, asking), key, { hmac, now: options.at ?? NOW })
}

function respond(world: World, request: Uint8Array): SlowAnswer {
  expect(world.respond(request)).toBe(NEEDS_TSIG)
  const keys = (name: Uint8Array) => (sameName(name as typeof KEY.name, KEY.name) ? KEY : undefined)
  return respondSlowly(request, { responder: world.responder, client: world.client, keys, hmac })
}

describe('a signed question', () => {
  test('is answered like any other, and the answer is signed', () => {
    const { octets, mac } = signed('www.example. A', KEY)
    const answer = respond(example(), octets)
    expect(answer.type).toBe('answered')
    const verdict = verify(answer.octets, { keys: () => KEY, hmac, now: NOW, requestMac: mac })
    expect(verdict.type).toBe('verified')
    expect(readMessage(answer.octets)).toMatchObject({ id: 0x1234, aa: true, rcode: 0, answer: [{ type: 1 }] })
  })

  test('by UDP gets an answer that fits with its signature, or a truncated one', () => {
    const world = example()
    for (const size of [512, 600, 800, 1000, 1232]) {
      const { octets, mac } = signed('big.example. A', KEY, { size })
      const answer = respond(world, octets)
      expect(answer.octets.length).toBeLessThanOrEqual(size)
      expect(verify(answer.octets, { keys: () => KEY, hmac, now: NOW, requestMac: mac }).type).toBe('verified')
      const { tc, answer: records } = readMessage(answer.octets)
      expect(tc).toBe(records.length === 0)
    }
  })

  test('whose ID a forwarder has changed is answered with the ID it came with', () => {
    const { octets } = signed('www.example. A', KEY)
    octets[0] = 0x99
    expect(readMessage(respond(example(), octets).octets).id).toBe(0x9934)
  })

  test.each([
    ['with an unknown key', OTHER, NOW, 'NOTAUTH', 'BADKEY', 0],
    ['with another secret', { ...KEY, secret: new Uint8Array(32).fill(8) }, NOW, 'NOTAUTH', 'BADSIG', 0],
    ['with another algorithm', { ...KEY, algorithm: 'hmac-sha512' as const }, NOW, 'NOTAUTH', 'BADKEY', 0],
    ['of another time', KEY, NOW - 400_000, 'NOTAUTH', 'BADTIME', 32],
  ])('%s is refused', (_, key, at, rcode, error, macOctets) => {
    const answer = respond(example(), signed('www.example. A', key, { at }).octets)
    const message = readMessage(answer.octets)
    expect(answer.type).toBe('refused')
    expect([rcodeName(message.rcode), tsigErrorName(message.tsig?.error ?? -1)]).toEqual([rcode, error])
    expect([message.tsig?.mac.length, message.answer.length, message.questions.length]).toEqual([macOctets, 0, 1])
  })

  test('whose TSIG cannot be read is FORMERR, without TSIG', () => {
    const { octets } = signed('www.example. A', KEY)
    const start = readMessage(octets).tsig?.start as number
    octets[start + KEY.name.length + 3] = 1 // class IN
    const message = readMessage(respond(example(), octets).octets)
    expect([rcodeName(message.rcode), message.tsig]).toEqual(['FORMERR', undefined])
  })
})
