/** Signatures that are wrong, forged, replayed or gone. */

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { askSerial, exchange, nameOctets, questionMessage } from '../interop/ask.ts'
import { message, question, RCODE, record, soaRecord, txtRecord, TYPE, u16 } from './message.ts'
import { honest, smallZone } from './primary.ts'
import type { Line, Script } from './primary.ts'
import { newKey, useScene } from './scene.ts'
import { Signature } from './signature.ts'
import type { Flaws } from './signature.ts'

const scene = useScene()

/** Algorithm names and lengths that nobody should trust. */
const FLAWS: readonly (readonly [string, Flaws])[] = [
  ['an unknown algorithm', { algorithmName: nameOctets('hmac-nothing.') }],
  ['the root as algorithm', { algorithmName: Buffer.from([0]) }],
  ['a pointer to nowhere as algorithm', { algorithmName: Buffer.from([0xff, 0xff]) }],
  ['a pointer to itself as algorithm', { algorithmName: Buffer.from([0xc0, 0x0c]) }],
  ['a label of a kind that does not exist', { algorithmName: Buffer.from([0x41, 0x61, 0]) }],
  ['an algorithm of 300 octets', { algorithmName: nameOctets(`${'a'.repeat(60)}.`.repeat(5)) }],
  ['a MAC length that overruns', { macLength: 0xffff }],
  ['a MAC length of nothing', { macLength: 0 }],
  ['a MAC one octet longer', { mac: (mac) => Buffer.concat([mac, Buffer.from([0])]) }],
  ['a MAC of five octets', { mac: (mac) => mac.subarray(0, 5) }],
  ['an empty MAC', { mac: () => Buffer.alloc(0) }],
  ['a wrong MAC', { mac: (mac) => Buffer.from(mac).fill(0, 0, 1) }],
  ['class IN', { dnsClass: 1 }],
  ['a TTL', { ttl: 5 }],
  ['another key', { keyName: nameOctets('other.key.test.') }],
]

describe.each(FLAWS)('35 a signature with %s', (_, flaws) => {
  test('35, CF-070: under a transfer it is refused', async () => {
    const script = (apex: string): Partial<Script> => ({
      axfr: (line) => line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2), soaRecord(apex, 2)] }, flaws),
    })
    await scene.expectRefused({ key: newKey(), script, reason: /^tsig-|^malformed$/ })
  })

  test('35 under the answer to a SOA query is refused', async () => {
    const script = (apex: string): Partial<Script> => ({
      soa: (line) => line.answer({ answer: [soaRecord(apex, 2)] }, flaws),
      axfr: (line) => line.answer({ rcode: RCODE.REFUSED }),
    })
    await scene.expectRefused({ key: newKey(), script, reason: /./ })
  })

  test('35 under a NOTIFY causes nothing', async () => {
    const key = newKey()
    const victim = await scene.victim({ key })
    const { apex, primary } = victim
    const before = primary.queries.length
    const notify = message({ id: 77, flags: 0x2400, question: question(apex, TYPE.SOA), answer: [soaRecord(apex, 2)] })
    const answer = await exchange(scene.ours.endpoint, new Signature(key).sign(notify, flaws))
    if (answer !== undefined) expect(answer.readUInt16BE(2) & 15).not.toBe(RCODE.NOERROR)
    expect(primary.queries.length).toBe(before)
  })
})

describe('36 an error about a signature proves nothing', () => {
  const BADSIG = 16
  const BADKEY = 17
  const BADTIME = 18
  const TIME = Buffer.from([0, 0, 0x68, 0, 0, 0])

  test('36 sent to us as a request it is no answer to anything', async () => {
    const key = newKey()
    const victim = await scene.victim({ key })
    const query = questionMessage({ id: 5, name: victim.apex, type: TYPE.SOA })
    for (const flags of [0x0000, 0x8000, 0x8400]) {
      for (const error of [BADSIG, BADKEY, BADTIME]) {
        const replayed = Buffer.from(query)
        replayed.writeUInt16BE(flags | RCODE.NOTAUTH, 2)
        for (const flaws of [
          { error, other: TIME },
          { error, mac: () => Buffer.alloc(0) },
        ]) {
          const answer = await exchange(scene.ours.endpoint, new Signature(key).sign(replayed, flaws), {
            timeoutMs: 100,
          })
          if (flags !== 0) expect(answer).toBeUndefined()
        }
      }
    }
    expect(await askSerial(scene.ours.endpoint, victim.apex)).toBe(1)
  })

  test.each([
    ['BADKEY', BADKEY, 'tsig-bad-key'],
    ['BADSIG', BADSIG, 'tsig-bad-mac'],
    ['BADTIME', BADTIME, 'tsig-bad-time'],
  ])('36 from a primary, unsigned, %s is the reason and no more', async (_, error, reason) => {
    const unsigned = (line: Line): void =>
      line.answer(
        { rcode: RCODE.NOTAUTH },
        { error, mac: () => Buffer.alloc(0), ...(error === BADTIME ? { other: TIME } : {}) },
      )
    const script = (): Partial<Script> => ({ soa: unsigned, axfr: unsigned })
    await scene.expectRefused({ key: newKey(), script, reason })
  })
})

describe('37 a signature that was right', () => {
  test.each([600, -600])('37 by a clock %i s away is refused, and the clock is the reason', async (aheadSeconds) => {
    const script = (apex: string): Partial<Script> => ({
      soa: (line) => line.answer({ answer: [soaRecord(apex, 2)] }, { aheadSeconds }),
      axfr: (line) =>
        line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2), soaRecord(apex, 2)] }, { aheadSeconds }),
    })
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-bad-time' })
  })

  test('37 in the middle of a transfer, by a clock that jumped, is refused', async () => {
    const script = (apex: string): Partial<Script> => ({
      axfr: (line) => {
        line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2)] })
        line.answer({ answer: [txtRecord(`a.${apex}`, 'x')] }, { aheadSeconds: 900 })
        line.answer({ answer: [soaRecord(apex, 2)] })
      },
    })
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-bad-time' })
  })

  test('37 under an answer that is truncated leads to TCP', async () => {
    const key = newKey()
    const victim = await scene.victim({ key })
    const { apex, primary } = victim
    const script = honest(apex, () => ({ serial: 2 }))
    primary.script = {
      ...script,
      soa: (line) => (line.query.over === 'udp' ? line.answer({ flags: 0x8600 }) : script.soa(line)),
    }
    await victim.notify(2)
    await scene.expectSerial(victim, 2)
  })

  test('37 of which the last octet is missing is refused', async () => {
    const script = (apex: string): Partial<Script> => ({
      axfr: (line) => {
        const whole = line.make({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2), soaRecord(apex, 2)] })
        line.send((line.signature?.sign(whole) ?? whole).subarray(0, -1))
      },
    })
    await scene.expectRefused({ key: newKey(), script, reason: /^malformed$|^tsig-/ })
  })
})

describe('38 a forged stream', () => {
  /** A transfer of so many messages, each of one record; `send` decides what becomes of each. */
  const stream =
    (count: number, send: (line: Line, octets: Buffer, at: number) => void) =>
    (apex: string): Partial<Script> => ({
      axfr: (line) => {
        for (let at = 0; at < count; at++) {
          const middle = at === 1 ? smallZone(apex, 2) : [txtRecord(`t${at}.${apex}`, 'x')]
          const answer = at === 0 || at === count - 1 ? [soaRecord(apex, 2)] : middle
          send(line, line.make({ answer }), at)
        }
      },
    })
  const signed = (line: Line, octets: Buffer): void => line.send(line.signature?.sign(octets) ?? octets)
  const unsigned = (line: Line, octets: Buffer): void => line.send(line.signature?.skip(octets) ?? octets)

  test('38 with an unsigned head is refused', async () => {
    const script = stream(5, (line, octets, at) => (at === 0 ? unsigned : signed)(line, octets))
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-unsigned' })
  })

  test('38 with an unsigned tail is refused', async () => {
    const script = stream(5, (line, octets, at) => (at === 4 ? unsigned : signed)(line, octets))
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-unsigned' })
  })

  test('38, CF-070: without any signature it is refused', async () => {
    await scene.expectRefused({ key: newKey(), script: stream(5, unsigned), reason: 'tsig-unsigned' })
  })

  test('38 with 100 unsigned messages in a row is refused', async () => {
    const script = stream(102, (line, octets, at) => (at === 0 || at === 101 ? signed : unsigned)(line, octets))
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-unsigned' })
  })

  test('38 with 99 unsigned messages in a row is right', async () => {
    const victim = await scene.victim({ key: newKey() })
    const script = stream(101, (line, octets, at) => (at === 0 || at === 100 ? signed : unsigned)(line, octets))
    victim.primary.script = { ...honest(victim.apex, () => ({ serial: 2 })), ...script(victim.apex) }
    await victim.notify(2)
    await scene.expectSerial(victim, 2)
  })

  test.each([
    ['swapped', [0, 2, 1, 3, 4]],
    ['dropped', [0, 2, 3, 4]],
    ['repeated', [0, 1, 1, 2, 3, 4]],
  ])('38 with messages %s is refused', async (_, order) => {
    const kept: Buffer[] = []
    const script = stream(5, (line, octets, at) => {
      kept.push(line.signature?.sign(octets) ?? octets)
      if (at === 4) for (const index of order) line.send(kept[index] as Buffer)
    })
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-bad-mac' })
  })

  test('38 with a message put in is refused', async () => {
    const script = stream(5, (line, octets, at) => {
      if (at === 2) line.send(octets)
      signed(line, octets)
    })
    await scene.expectRefused({ key: newKey(), script, reason: 'tsig-bad-mac' })
  })

  test('38 by another key is refused', async () => {
    const other = newKey()
    const script = stream(3, (line, octets) => line.send(new Signature(other, line.query.mac).sign(octets)))
    await scene.expectRefused({ key: newKey(), script, reason: /^tsig-/ })
  })
})

describe('39 a key that changes while a transfer runs', () => {
  /** Twenty messages over two seconds. */
  const slow = (apex: string): Partial<Script> => ({
    axfr: async (line) => {
      line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2)] })
      for (let count = 0; count < 20 && line.open; count++) {
        await pause(100)
        line.answer({ answer: [record(`t${count}.${apex}`, TYPE.TXT, Buffer.concat([u16(0x0161), Buffer.alloc(0)]))] })
      }
      line.answer({ answer: [soaRecord(apex, 2)] })
    },
  })

  test('39 its secret is replaced: the next transfer uses the new one', async () => {
    const key = newKey()
    const victim = await scene.victim({ key })
    const { apex, primary } = victim
    primary.script = { ...honest(apex, () => ({ serial: 2 })), ...slow(apex) }
    await victim.notify(2)
    await primary.waitForQuery(TYPE.AXFR, { count: 2 })
    const renewed = { ...key, secret: Buffer.alloc(32, 200).toString('base64') }
    const base = `/client/v4/accounts/${await scene.ours.account()}/secondary_dns/tsigs`
    const keys = await scene.ours.api<{ id: string; name: string }[]>('GET', base)
    const { id } = keys.find((one) => one.name === `${key.name}.`) as { id: string }
    await scene.ours.api('PUT', `${base}/${id}`, { name: `${key.name}.`, secret: renewed.secret, algo: 'hmac-sha256.' })
    primary.useKey(renewed)
    primary.script = honest(apex, () => ({ serial: 3 }))
    await primary.notify(scene.ours.endpoint, apex, { serial: 3, key: renewed })
    await scene.expectSerial(victim, 3, 20_000)
  })

  test('39 it is taken away: the transfer ends, and unsigned ones follow', async () => {
    const key = newKey()
    const victim = await scene.victim({ key })
    const { apex, primary, zoneId } = victim
    primary.script = { ...honest(apex, () => ({ serial: 2 })), ...slow(apex) }
    await victim.notify(2)
    await primary.waitForQuery(TYPE.AXFR, { count: 2 })
    const peerId = await scene.ours.addPeer({ endpoint: primary.endpoint, ixfr: false })
    await scene.ours.setIncoming(zoneId, { apex, peerIds: [peerId] })
    primary.script = honest(apex, () => ({ serial: 3 }))
    await primary.notify(scene.ours.endpoint, apex, { serial: 3 })
    await scene.expectSerial(victim, 3, 20_000)
  })
})
