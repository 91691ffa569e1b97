/** Records and messages that cannot be read, or only just. */

import { describe, expect, test } from 'vitest'
import { ask, askSerial, nameOctets } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { waitFor } from '../interop/wait.ts'
import { aRecord, message, question, record, soaRdata, soaRecord, TYPE, u16 } from './message.ts'
import { honest, smallZone } from './primary.ts'
import type { Script } from './primary.ts'
import { useScene } from './scene.ts'

const scene = useScene()

/** SOA RDATA that ends too early: nothing, names only, and four numbers of five. */
const SHORT_SOA: readonly (readonly [string, Buffer])[] = [
  ['empty', Buffer.alloc(0)],
  ['one name', nameOctets('ns1.example.')],
  ['two names', soaRdata({ mname: 'ns1.example.', rname: 'host.example.', numbers: [] })],
  ['four numbers', soaRdata({ mname: 'ns1.example.', rname: 'host.example.', numbers: [2, 1, 1, 1] })],
  ['three octets of the last number', soaRdata({ mname: 'a.', rname: 'b.', numbers: [2, 1, 1, 1, 1] }).subarray(0, -1)],
]

describe.each(SHORT_SOA)('23 a SOA with short RDATA, %s', (_, rdata) => {
  test('23 in a NOTIFY is no hint of anything', async () => {
    const victim = await scene.victim()
    const { apex, primary } = victim
    const before = primary.asked(TYPE.AXFR).length
    await primary.notify(scene.ours.endpoint, apex, { parts: { answer: [record(apex, TYPE.SOA, rdata)] } })
    expect(await askSerial(scene.ours.endpoint, apex)).toBe(1)
    expect(primary.asked(TYPE.AXFR).length).toBe(before)
  })

  test('23 in the answer to a SOA query leaves the zone as it is', async () => {
    const script = (apex: string): Partial<Script> => ({
      soa: (line) => line.answer({ answer: [record(apex, TYPE.SOA, rdata)] }),
      axfr: (line) => line.answer({ rcode: 5 }),
    })
    await scene.expectRefused({ script, reason: /./ })
  })

  test('23 at the head of a transfer leaves the zone as it is', async () => {
    const script = (apex: string): Partial<Script> => ({
      axfr: (line) =>
        line.answer({ answer: [record(apex, TYPE.SOA, rdata), ...smallZone(apex, 2), soaRecord(apex, 2)] }),
    })
    await scene.expectRefused({ script, reason: 'bad-rdata|malformed|first-not-soa' })
  })
})

test.each([0, 1, 2, 4, 11])('24 an answer by UDP of %i octets leaves the zone as it is', async (octets) => {
  const victim = await scene.victim()
  const { apex, primary } = victim
  primary.script = {
    ...honest(apex, () => ({ serial: 2 })),
    soa: (line) => line.send(line.make({ answer: [soaRecord(apex, 2)] }).subarray(0, octets)),
  }
  await victim.notify(2)
  await primary.waitForQuery(TYPE.SOA, { count: 2 })
  await scene.expectHolds()
  primary.script = honest(apex, () => ({ serial: 3 }))
  await victim.notify(3)
  await scene.expectSerial(victim, 3)
})

/** Every type that has a meaning today, and one that has none. */
const TYPES = Array.from({ length: 66 }, (_, at) => at + 1)
  .concat(99, 104, 105, 106, 107, 108, 109, 256, 257, 258, 259, 260, 261, 262, 263, 32_768, 32_769, 65_280)
  .filter((type) => type !== TYPE.SOA && type !== TYPE.OPT)

/** RDATA nobody should print without looking. */
const MALFORMED: readonly (readonly [string, Buffer])[] = [
  ['empty', Buffer.alloc(0)],
  ['one octet', Buffer.from([0xff])],
  ['a pointer to itself', Buffer.from([0, 1, 0xc0, 0xff])],
  ['lengths that overrun', Buffer.alloc(5, 0xfe)],
  ['zeros', Buffer.alloc(40)],
  ['noise', Buffer.from(Array.from({ length: 64 }, (_, at) => (at * 97 + 13) & 255))],
  ['a name without end', Buffer.from([0, 10, 0x3f, ...Buffer.alloc(20, 0x61)])],
]

test.each(MALFORMED)('25 RDATA of every type that is %s is refused, or handed on and listed', async (_, rdata) => {
  const zones = new Map<string, { apex: string; type: number }>()
  const scripts = new Map<string, Script>()
  const primary = await scene.primary({
    soa: (line) => scripts.get(line.query.name)?.soa(line),
    axfr: (line) => scripts.get(line.query.name)?.axfr(line),
    ixfr: (line) => scripts.get(line.query.name)?.axfr(line),
  })
  const peerId = await scene.ours.addPeer({ endpoint: primary.endpoint, ixfr: false })
  for (const type of TYPES) {
    const apex = scene.newApex()
    const records = smallZone(apex, 1, [record(`odd.${apex}`, type, rdata)])
    scripts.set(
      apex,
      honest(apex, () => ({ serial: 1, records })),
    )
    zones.set(await scene.ours.addZone({ apex, peerIds: [peerId] }), { apex, type })
  }
  for (const [zoneId, { apex, type }] of zones) {
    const entry = await scene.ours.waitForTransfer(zoneId, { asked: 'AXFR' })
    if (entry.outcome === 'failed') {
      expect(entry.reason, `type ${type}`).toMatch(/^(bad-rdata|malformed|meta-type|unfit-zone|wrong-class)$/)
      continue
    }
    expect(await scene.expectHandedOn({ apex, zoneId }), `type ${type}`).toBeGreaterThanOrEqual(4)
    expect((await ask(scene.ours.endpoint, { name: `odd.${apex}`, type }))?.rcode, `type ${type}`).toBe(0)
  }
})

test('25 a name that runs past its RDATA into the next record is refused', async () => {
  const script = (apex: string): Partial<Script> => ({
    axfr: (line) => {
      // RDLENGTH ends inside the name; the octets behind it would complete it.
      const mx = record(`m.${apex}`, TYPE.MX, Buffer.concat([u16(10), nameOctets(`mail.${apex}`)]), { rdlength: 5 })
      line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2), mx, soaRecord(apex, 2)] })
    },
  })
  await scene.expectRefused({ script, reason: 'bad-rdata|malformed' })
})

test('25 counts that promise more than the message holds are refused', async () => {
  const script = (apex: string): Partial<Script> => ({
    axfr: (line) => line.answer({ answer: [soaRecord(apex, 2)], counts: [1, 65_535, 0, 0] }),
  })
  await scene.withinMemory(50, () => scene.expectRefused({ script, reason: 'malformed' }))
})

test.each(['TYPE0', 'OPT', 'TSIG', 'AXFR', 'ANY'])(
  'AC-14b a record of type %s in the stream is refused',
  async (name) => {
    const type = { TYPE0: 0, OPT: 41, TSIG: 250, AXFR: 252, ANY: 255 }[name] ?? 0
    const script = (apex: string): Partial<Script> => ({
      axfr: (line) =>
        line.answer({
          answer: [
            soaRecord(apex, 2),
            ...smallZone(apex, 2),
            record(`x.${apex}`, type, Buffer.alloc(16)),
            soaRecord(apex, 2),
          ],
        }),
    })
    await scene.expectRefused({ script, reason: 'meta-type|malformed|tsig-error|bad-rdata' })
  },
)

test('59 a serial above 2^31 survives a restart', async () => {
  const victim = await scene.victim({ first: () => ({ serial: 4_000_000_000 }) })
  await scene.expectSerial(victim, 4_000_000_000)
  const path = `/client/v4/zones/${victim.zoneId}/secondary_dns/incoming`
  expect(await scene.ours.api('GET', path)).toMatchObject({ soa_serial: 4_000_000_000 })
  await scene.ours.kill()
  await scene.ours.start()
  expect(await askSerial(scene.ours.endpoint, victim.apex)).toBe(4_000_000_000)
  Object.assign(
    victim.primary.script,
    honest(victim.apex, () => ({ serial: 4_000_000_001 })),
  )
  await victim.notify(4_000_000_001)
  await scene.expectSerial(victim, 4_000_000_001)
})

test('59 a TTL of -1 counts as 0', async () => {
  const apex = scene.newApex()
  const records = smallZone(apex, 1, [aRecord(`minus.${apex}`, '192.0.2.3', { ttl: 0xffff_ffff })])
  await scene.victim({ apex, first: () => ({ serial: 1, records }) })
  const answer = await ask(scene.ours.endpoint, { name: `minus.${apex}`, type: TYPE.A })
  expect(answer?.answerCount).toBe(1)
  const line = (await pullZone(scene.ours.source, apex)).find((one) => one.startsWith('minus.'))
  expect(line).toContain(' 0 IN A 192.0.2.3')
})

test('23 a message of nothing but a SOA of no octets does not stop the answers to others', async () => {
  const { primary, apex } = await scene.victim()
  const octets = message({ id: 1, flags: 0x2400, question: question(apex, TYPE.SOA), answer: [Buffer.alloc(11)] })
  await primary.notify(scene.ours.endpoint, apex, { parts: { answer: [octets] } })
  await waitFor('an answer', () => askSerial(scene.ours.endpoint, apex))
})
