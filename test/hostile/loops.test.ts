/** Work that would never end. */

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ask, questionMessage, readAnswer } from '../interop/ask.ts'
import { aRecord, nameRecord, record, soaRecord, TYPE, u16 } from './message.ts'
import { honest, smallZone } from './primary.ts'
import { useScene } from './scene.ts'
import { framed, talkTcp } from './tcp.ts'
import { nameOctets } from '../interop/ask.ts'

const scene = useScene()

test('4 an answer that names 1,000 hosts costs no 1,000 lookups', async () => {
  const apex = scene.newApex()
  const names = Array.from({ length: 1000 }, (_, at) => `mx${at}.${apex}`)
  const records = smallZone(apex, 1, [
    ...names.map((name) => record(`many.${apex}`, TYPE.MX, Buffer.concat([u16(10), nameOctets(name)]))),
    ...names.map((name, at) => aRecord(name, `10.0.${at >> 8}.${at & 255}`)),
  ])
  await scene.victim({ apex, first: () => ({ serial: 1, records }) })
  const query = framed(questionMessage({ name: `many.${apex}`, type: TYPE.MX }))
  const started = performance.now()
  const { messages } = await talkTcp(scene.ours.endpoint, Buffer.concat(Array.from({ length: 100 }, () => query)), {
    messagesMax: 100,
    patienceMs: 10_000,
  })
  expect(messages).toHaveLength(100)
  expect(performance.now() - started).toBeLessThan(5000)
  const [first] = messages as [Buffer]
  expect(readAnswer(first).answerCount).toBe(1000)
  expect(first.readUInt16BE(10), 'additional records').toBeLessThan(30)
})

test('28 content that cannot be used is not fetched again at once', async () => {
  const victim = await scene.victim()
  const { apex, primary } = victim
  primary.script = {
    ...honest(apex, () => ({ serial: 2 })),
    axfr: (line) =>
      line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2), soaRecord(apex, 9), soaRecord(apex, 2)] }),
  }
  const before = primary.asked(TYPE.AXFR).length
  await victim.notify(2)
  await scene.ours.waitForTransfer(victim.zoneId, { outcome: 'failed' })
  await pause(3000)
  expect(primary.asked(TYPE.AXFR).length - before).toBeLessThanOrEqual(2)
})

test('28 a first transfer that fails is not tried again at once', async () => {
  const apex = scene.newApex()
  const primary = await scene.primary({
    ...honest(apex, () => ({ serial: 1 })),
    axfr: (line) => line.answer({ answer: [soaRecord(apex, 1), soaRecord(apex, 2)] }),
  })
  await scene.ours.follow({ apex, primaries: [primary.endpoint], ixfr: false })
  await primary.waitForQuery(TYPE.AXFR)
  await pause(2000)
  expect(primary.asked(TYPE.AXFR).length).toBeLessThanOrEqual(2)
})

test('29 a NOTIFY ahead of the real serial causes one round of questions, and no more', async () => {
  const victim = await scene.victim()
  const { primary } = victim
  const before = primary.queries.length
  await victim.notify(1000)
  await pause(4000)
  expect(primary.queries.length - before).toBeLessThanOrEqual(4)
  expect(primary.queries.length - before).toBeGreaterThan(0)
})

describe('30 names that lead to each other', () => {
  const CHAIN = 10_000

  test('30 in loops and long chains are answered in time', async () => {
    const apex = scene.newApex()
    const links = Array.from({ length: CHAIN }, (_, at) =>
      nameRecord(`l${at}.${apex}`, TYPE.CNAME, `l${at + 1}.${apex}`),
    )
    const records = smallZone(apex, 1, [
      nameRecord(`self.${apex}`, TYPE.CNAME, `self.${apex}`),
      nameRecord(`a.${apex}`, TYPE.CNAME, `b.${apex}`),
      nameRecord(`b.${apex}`, TYPE.CNAME, `a.${apex}`),
      nameRecord(`*.w.${apex}`, TYPE.CNAME, `*.w.${apex}`),
      nameRecord(`*.v.${apex}`, TYPE.CNAME, `x.y.v.${apex}`),
      nameRecord(`d.${apex}`, TYPE.DNAME, `d.${apex}`),
      nameRecord(`e.${apex}`, TYPE.DNAME, `f.${apex}`),
      nameRecord(`f.${apex}`, TYPE.DNAME, `e.${apex}`),
      nameRecord(`deeper.${apex}`, TYPE.DNAME, `x.deeper.${apex}`),
      nameRecord(`*.wd.${apex}`, TYPE.DNAME, `wd.${apex}`),
      ...links,
    ])
    await scene.victim({ apex, first: () => ({ serial: 1, records }) })
    const names = ['self', 'a', 'q.w', '*.w', 'q.v', 'x.d', 'x.e', 'x.deeper', 'x.y.wd', 'l0', `l${CHAIN - 5}`]
    for (const name of names) {
      const started = performance.now()
      const answer = await ask(scene.ours.endpoint, { name: `${name}.${apex}`, type: TYPE.A, timeoutMs: 2000 })
      expect(answer, name).toBeDefined()
      expect(performance.now() - started, name).toBeLessThan(1000)
      const whole = await talkTcp(
        scene.ours.endpoint,
        framed(questionMessage({ name: `${name}.${apex}`, type: TYPE.A })),
        { messagesMax: 1 },
      )
      expect(whole.messages, name).toHaveLength(1)
    }
    const long = await ask(scene.ours.endpoint, { name: `l0.${apex}`, type: TYPE.A, timeoutMs: 2000 })
    expect(long?.answerCount).toBeLessThan(100)
  })
})
