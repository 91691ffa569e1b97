/** Notifications in floods, from strangers, of odd classes and of odd names. */

import { createSocket } from 'node:dgram'
import { describe, expect, test } from 'vitest'
import { askSerial, exchange, nameOctets } from '../interop/ask.ts'
import { CLASS, message, question, RCODE, record, soaRecord, TYPE } from './message.ts'
import { honest, smallZone } from './primary.ts'
import type { Script } from './primary.ts'
import { rcodeOf, useScene } from './scene.ts'

const scene = useScene()

const NOTIFY = 0x2400
const UPDATE = 0x2800

test('31 20,000 notifications in two seconds cause few questions, and other zones are answered', async () => {
  const victim = await scene.victim()
  const { apex, primary } = victim
  const before = primary.queries.length
  const octets = message({ id: 1, flags: NOTIFY, question: question(apex, TYPE.SOA), answer: [soaRecord(apex, 9)] })
  const socket = createSocket('udp4')
  const { port, address } = scene.ours.endpoint
  await scene.withinMemory(150, async () => {
    for (let burst = 0; burst < 200; burst++) {
      for (let count = 0; count < 100; count++) socket.send(octets, port, address)
      await new Promise((resolve) => setTimeout(resolve, 10))
      if (burst % 50 === 25) await scene.expectHolds()
    }
  })
  socket.close()
  expect(primary.queries.length - before).toBeLessThan(40)
  primary.script = honest(apex, () => ({ serial: 9 }))
  await victim.notify(9)
  await scene.expectSerial(victim, 9)
})

describe('42 who may notify', () => {
  const STRANGER = '127.0.0.9'

  /** The same name, written differently. */
  const spellings = (apex: string): [string, string][] => [
    ['as it is', apex],
    ['in capitals', apex.toUpperCase()],
    ['in mixed case', apex.replace(/[a-z]/g, (letter, at: number) => (at % 2 === 0 ? letter.toUpperCase() : letter))],
    ['without the last dot', apex.slice(0, -1)],
    ['with escapes', apex.replace(/^v/, '\\118')],
  ]

  test('42 is decided alike however the name is spelt', async () => {
    const victim = await scene.victim()
    for (const [how, name] of spellings(victim.apex)) {
      const octets = message({ id: 3, flags: NOTIFY, question: question(name, TYPE.SOA) })
      expect(rcodeOf(await exchange(scene.ours.endpoint, octets)), how).toBe(RCODE.NOERROR)
      const before = victim.primary.queries.length
      const answer = await exchange(scene.ours.endpoint, octets, { from: STRANGER, timeoutMs: 200 })
      expect(rcodeOf(answer), `${how}, from a stranger`).not.toBe(RCODE.NOERROR)
      expect(victim.primary.queries.length).toBeLessThanOrEqual(before + 1)
    }
  })

  test('42 is decided alike for an address that is mapped into IPv6', async () => {
    const victim = await scene.victim()
    const octets = message({ id: 3, flags: NOTIFY, question: question(victim.apex, TYPE.SOA) })
    const mapped = { ...scene.ours.endpoint, address: `::ffff:${scene.ours.endpoint.address}` }
    expect(rcodeOf(await exchange(mapped, octets))).toBe(RCODE.NOERROR)
    const answer = await exchange(mapped, octets, { from: `::ffff:${STRANGER}`, timeoutMs: 200 })
    expect(rcodeOf(answer)).not.toBe(RCODE.NOERROR)
  })

  test('42 an ACL of the account lets its network in, and nobody beside it', async () => {
    const victim = await scene.victim()
    const path = `/client/v4/accounts/${await scene.ours.account()}/secondary_dns/acls`
    await scene.ours.api('POST', path, { name: 'mine', ip_range: '127.0.0.8/32' })
    const octets = message({ id: 3, flags: NOTIFY, question: question(victim.apex, TYPE.SOA) })
    expect(rcodeOf(await exchange(scene.ours.endpoint, octets, { from: '127.0.0.8' }))).toBe(RCODE.NOERROR)
    const answer = await exchange(scene.ours.endpoint, octets, { from: STRANGER, timeoutMs: 200 })
    expect(rcodeOf(answer)).not.toBe(RCODE.NOERROR)
  })
})

describe.each([
  ['NOTIFY', NOTIFY],
  ['UPDATE', UPDATE],
])('47 %s with a class that is not IN', (_, flags) => {
  test.each([CLASS.CH, CLASS.NONE, CLASS.ANY, 0, 65_535])(
    '47 class %i is refused and causes nothing',
    async (dnsClass) => {
      const victim = await scene.victim()
      const { apex, primary } = victim
      const before = primary.queries.length
      const records = [
        record(apex, TYPE.SOA, Buffer.alloc(0), { dnsClass }),
        record(apex, TYPE.ANY, Buffer.alloc(0), { dnsClass }),
      ]
      for (const answer of [[], records]) {
        const octets = message({
          id: 4,
          flags,
          question: question(apex, TYPE.SOA, dnsClass),
          answer,
          authority: answer,
        })
        expect(rcodeOf(await exchange(scene.ours.endpoint, octets, { timeoutMs: 200 }))).not.toBe(RCODE.NOERROR)
      }
      expect(primary.queries.length).toBe(before)
      expect(await askSerial(scene.ours.endpoint, apex)).toBe(1)
    },
  )
})

describe('63 names that would break a line', () => {
  const LABELS = [
    'new\\010line',
    'return\\013',
    '\\027[31mred',
    'quo\\"te',
    'back\\\\slash',
    '\\127\\128\\255',
    '{}<script>',
    '\\000',
  ]

  const controlCharacter = /[^\P{Cc}\n]/u

  test('63 are escaped in the log, in the transfer log and in metrics', async () => {
    for (const label of LABELS) {
      const script = (apex: string): Partial<Script> => ({
        axfr: (line) =>
          line.answer({
            answer: [
              soaRecord(apex, 2),
              ...smallZone(apex, 2),
              record(nameOctets(`${label}.${apex}`), TYPE.A, Buffer.from([1])),
              soaRecord(apex, 2),
            ],
          }),
      })
      const { victim, entry } = await scene.expectRefused({ script, reason: 'bad-rdata' })
      expect(entry.detail).toContain(victim.apex)
      expect(entry.detail).not.toMatch(controlCharacter)
      const octets = message({ id: 5, flags: NOTIFY, question: question(`${label}.unknown.test.`, TYPE.SOA) })
      await exchange(scene.ours.endpoint, octets, { timeoutMs: 200 })
    }
    expect(scene.ours.fullLog()).not.toMatch(controlCharacter)
    for (const line of scene.ours.fullLog().split('\n')) if (line.startsWith('{')) JSON.parse(line)
    expect(await metrics()).not.toMatch(controlCharacter)
  })

  test('63 do not become labels of metrics without end', async () => {
    const before = (await metrics()).split('\n').length
    for (let count = 0; count < 300; count++) {
      const octets = message({ id: 6, flags: NOTIFY, question: question(`n${count}.unknown.test.`, TYPE.SOA) })
      await exchange(scene.ours.endpoint, octets, { timeoutMs: 50 })
    }
    expect((await metrics()).split('\n').length - before).toBeLessThan(20)
  })

  test('63 are transferred, served and handed on as they are', async () => {
    const apex = scene.newApex()
    const records = LABELS.map((label) => record(nameOctets(`${label}.${apex}`), TYPE.A, Buffer.from([192, 0, 2, 3])))
    const victim = await scene.victim({ apex, first: () => ({ serial: 1, records: smallZone(apex, 1, records) }) })
    expect(await scene.expectHandedOn(victim)).toBe(4 + LABELS.length)
  })

  async function metrics(): Promise<string> {
    return (await scene.ours.fetch('GET', '/metrics')).text()
  }
})
