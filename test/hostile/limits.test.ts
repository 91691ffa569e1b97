/** Primaries that want our memory and our time. */

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { nameOctets } from '../interop/ask.ts'
import { aRecord, batches, message, nameRecord, question, record, soaRecord, txtRecord, TYPE, u16 } from './message.ts'
import { honest, smallZone } from './primary.ts'
import type { Line } from './primary.ts'
import { sendForever, useScene } from './scene.ts'
import { framed, talkTcp } from './tcp.ts'

const scene = useScene()

const address = (count: number): string => `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`

/** A message of 200 hosts nobody has seen before. */
const hosts = (apex: string, count: number): Buffer[] =>
  Array.from({ length: 200 }, (_, at) => aRecord(`h${count}-${at}.${apex}`, address(200 * count + at)))

/** 16,000 octets of TXT. */
const longText = (owner: string): Buffer =>
  record(
    owner,
    TYPE.TXT,
    Buffer.concat(Array.from({ length: 62 }, () => Buffer.concat([Buffer.from([255]), Buffer.alloc(255, 0x61)]))),
  )

const refuse = (line: Line): void => line.answer({ rcode: 5 })

describe('1 a stream without end', () => {
  test('1 of small records is cut at the limit of records', async () => {
    const script = (apex: string) => ({
      axfr: (line: Line) =>
        sendForever(line, (count) => [...(count === 0 ? [soaRecord(apex, 2)] : []), ...hosts(apex, count)]),
    })
    await scene.withinMemory(300, () => scene.expectRefused({ script, reason: 'limit' }))
  })

  test('1 of large records is cut at the limit of octets', async () => {
    const script = (apex: string) => ({
      axfr: (line: Line) =>
        sendForever(line, (count) => [...(count === 0 ? [soaRecord(apex, 2)] : []), longText(`t${count}.${apex}`)]),
    })
    await scene.withinMemory(300, () => scene.expectRefused({ script, reason: 'too-many-octets|limit' }))
  })

  test('1 of additions in a difference is cut', async () => {
    const script = (apex: string) => ({
      axfr: refuse,
      ixfr: (line: Line) =>
        sendForever(line, (count) => [
          ...(count === 0 ? [soaRecord(apex, 2), soaRecord(apex, 1), soaRecord(apex, 2)] : []),
          ...hosts(apex, count),
        ]),
    })
    await scene.withinMemory(300, () => scene.expectRefused({ ixfr: true, script, reason: 'too-many-octets|limit' }))
  })

  test('1 of differences is cut', async () => {
    const script = (apex: string) => ({
      axfr: refuse,
      ixfr: (line: Line) =>
        sendForever(line, (count) => [
          ...(count === 0 ? [soaRecord(apex, 1_000_000)] : []),
          soaRecord(apex, count + 1),
          soaRecord(apex, count + 2),
        ]),
    })
    await scene.expectRefused({ ixfr: true, script, reason: 'too-many-steps' })
  })

  test('1 of messages without records is cut', async () => {
    const script = (apex: string) => ({
      axfr: (line: Line) => sendForever(line, (count) => (count === 0 ? [soaRecord(apex, 2)] : [])),
    })
    await scene.expectRefused({ script, reason: 'empty-messages|too-many-messages' })
  })
})

test('2 an RRset of 1,000,000 records is refused, and the log names owner and type', async () => {
  const many = function* (apex: string): Generator<Buffer> {
    for (let count = 0; count < 1_000_000; count++) yield aRecord(`set.${apex}`, address(count))
  }
  const script = (apex: string) => ({
    axfr: async (line: Line) => {
      const answers = batches(many(apex))
      line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2)] })
      await sendForever(line, () => answers.next().value ?? [soaRecord(apex, 2)])
    },
  })
  const { victim, entry } = await scene.withinMemory(200, () => scene.expectRefused({ script, reason: 'limit' }))
  expect(entry.detail).toContain(`set.${victim.apex}`)
  expect(entry.detail).toMatch(/\bA\b/)
})

test('2 an RRset that a difference makes too large is refused', async () => {
  const script = (apex: string) => ({
    axfr: refuse,
    ixfr: (line: Line) => {
      const additions = Array.from({ length: 2000 }, (_, count) => aRecord(`set.${apex}`, address(count)))
      const [two, one] = [soaRecord(apex, 2), soaRecord(apex, 1)]
      for (const answer of batches([two, one, two, ...additions, two])) line.answer({ answer })
    },
  })
  const { victim, entry } = await scene.expectRefused({ ixfr: true, script, reason: 'limit' })
  expect(entry.detail).toContain(`set.${victim.apex}`)
})

test('3 a name with 60,000 types is refused, and the log names it', async () => {
  const script = (apex: string) => ({
    axfr: (line: Line) => {
      const types = Array.from({ length: 60_000 }, (_, at) => record(`types.${apex}`, 1000 + at, Buffer.from([1])))
      const soa = soaRecord(apex, 2)
      for (const answer of batches([soa, ...smallZone(apex, 2), ...types, soa])) line.answer({ answer })
    },
  })
  const { victim, entry } = await scene.expectRefused({ script, reason: 'limit' })
  expect(entry.detail).toContain(`types.${victim.apex}`)
})

test('5 messages with thousands of names, each a pointer to the one before, cost no more than their size', async () => {
  // One question (12 octets of header before it), then names of which each puts a label before the last.
  const nested = (line: Line, round: number): Buffer => {
    const start = 12 + line.query.question.length
    const records: Buffer[] = []
    let at = start
    let previous = 12
    for (let count = 0; at < 16_000; count++) {
      const label =
        count % 90 === 0
          ? Buffer.from(`\x06${round.toString(36).padStart(3, '0')}${count.toString(36).padStart(3, '0')}`)
          : Buffer.from('\x01n')
      if (count % 90 === 0) previous = 12
      const owner = Buffer.concat([label, u16(0xc000 | previous)])
      records.push(record(owner, TYPE.A, Buffer.from([10, 0, 0, 1])))
      previous = at
      at += records.at(-1)?.length ?? 0
    }
    return line.make({ answer: records })
  }
  const victim = await scene.victim()
  victim.primary.script = {
    ...honest(victim.apex, () => ({ serial: 2 })),
    axfr: (line) => {
      line.answer({ answer: [soaRecord(victim.apex, 2), ...smallZone(victim.apex, 2)] })
      for (let round = 0; round < 100; round++) line.send(nested(line, round))
      line.answer({ answer: [soaRecord(victim.apex, 2)] })
    },
  }
  const started = performance.now()
  await scene.withinMemory(300, async () => {
    await victim.notify(2)
    await scene.expectSerial(victim, 2)
  })
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('5 queries with thousands of names are answered or refused without delay', async () => {
  const names = Array.from({ length: 3000 }, (_, at) => record(`n${at}.`, TYPE.A, Buffer.alloc(4)))
  const query = message({ id: 1, flags: 0, question: question('witness.test.', TYPE.SOA), additional: names })
  const started = performance.now()
  const many = Buffer.concat(Array.from({ length: 50 }, () => framed(query)))
  const { messages } = await talkTcp(scene.ours.endpoint, many, { messagesMax: 50, patienceMs: 5000 })
  expect(messages.length).toBeGreaterThan(0)
  expect(performance.now() - started).toBeLessThan(4000)
})

describe('11 frames of nothing', () => {
  test.each([
    ['of no octets', Buffer.from([0, 0])],
    ['of one octet', Buffer.from([0, 1, 0])],
    ['of eleven octets', framed(Buffer.alloc(11))],
  ])('11 without end from a primary, %s, end the transfer', async (_, frame) => {
    const script = () => ({
      axfr: async (line: Line) => {
        const many = Buffer.concat(Array.from({ length: 1000 }, () => frame))
        while (line.open) {
          line.sendRaw(many)
          await pause(5)
        }
      },
    })
    await scene.withinMemory(100, () => scene.expectRefused({ script, reason: 'short-message|malformed|wrong-id' }))
  })

  test.each([
    ['of no octets', Buffer.from([0, 0])],
    ['of one octet', Buffer.from([0, 1, 0])],
  ])('11 from a client, %s, are not answered', async (_, frame) => {
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => frame))
    const { messages } = await talkTcp(scene.ours.endpoint, many, { patienceMs: 1000 })
    expect(messages).toEqual([])
  })
})

test('14 a primary that sends an octet now and then is ended by the least rate', async () => {
  const script = (apex: string) => ({
    axfr: async (line: Line) => {
      line.answer({ answer: [soaRecord(apex, 2)] })
      const next = framed(line.make({ answer: smallZone(apex, 2) }))
      for (let at = 0; line.open; at = (at + 1) % next.length) {
        line.sendRaw(next.subarray(at, at + 1))
        await pause(300)
      }
    },
  })
  await scene.expectRefused({ script, reason: 'too-slow' })
})

test('14 a primary that falls silent is ended by the idle limit', async () => {
  const script = (apex: string) => ({
    axfr: (line: Line) => line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2)] }),
  })
  await scene.expectRefused({ script, reason: 'stalled|too-slow' })
})

test('14 a primary that always has more is ended by the limit of time', async () => {
  const script = (apex: string) => ({
    axfr: async (line: Line) => {
      for (let count = 0; line.open; count++) {
        line.answer({ answer: count === 0 ? [soaRecord(apex, 2)] : [longText(`t${count}.${apex}`)] })
        await pause(200)
      }
    },
  })
  await scene.expectRefused({ script, reason: 'too-long' })
})

test('26 records that are far longer in print than on the wire are handed on', async () => {
  const label = '\\000'.repeat(63)
  const victim = await scene.victim()
  const long = `${label}.${label}.${label}.${'\\000'.repeat(61 - victim.apex.length)}.${victim.apex}`
  const zeros = Buffer.concat(Array.from({ length: 240 }, () => Buffer.concat([Buffer.from([255]), Buffer.alloc(255)])))
  const more = [
    record(`zeros.${victim.apex}`, TYPE.TXT, zeros),
    record(`unknown.${victim.apex}`, 65_280, Buffer.alloc(60_000, 0xff)),
    aRecord(long, '192.0.2.9'),
    nameRecord(`alias.${victim.apex}`, TYPE.CNAME, long),
  ]
  Object.assign(
    victim.primary.script,
    honest(victim.apex, () => ({ serial: 2, records: smallZone(victim.apex, 2, more) })),
  )
  await victim.notify(2)
  await scene.expectSerial(victim, 2)
  expect(await scene.expectHandedOn(victim)).toBe(8)
})

test('27 a record that fills a whole message ends a transfer out, one way or the other', async () => {
  const victim = await scene.victim()
  const { apex } = victim
  // Without a question there is room for a record that no message with the question can hold.
  const largest = 65_535 - 12 - nameOctets(apex).length - 10
  victim.primary.script = {
    ...honest(apex, () => ({ serial: 2 })),
    axfr: (line) => {
      line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2)] })
      line.answer({ question: null, answer: [record(apex, 65_280, Buffer.alloc(largest, 7))] })
      line.answer({ answer: [txtRecord(`last.${apex}`, 'x'), soaRecord(apex, 2)] })
    },
  }
  await victim.notify(2)
  await scene.ours.waitForTransfer(victim.zoneId, { asked: 'AXFR', to_serial: 2 })
  for (const type of [TYPE.AXFR, TYPE.IXFR]) {
    const query = Buffer.concat([
      Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      nameOctets(apex),
      u16(type),
      u16(1),
    ])
    const { messages } = await talkTcp(scene.ours.endpoint, framed(query), { patienceMs: 3000, messagesMax: 100 })
    expect(messages.length).toBeLessThan(100)
  }
})
