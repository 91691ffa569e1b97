/** Transfers that are not what they should be: the version we have stays, and the log says what was wrong. */

import { describe, expect, test } from 'vitest'
import { ask, askSerial } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { waitFor } from '../interop/wait.ts'
import { aRecord, CLASS, message, nameRecord, question, record, soaRecord, TYPE } from './message.ts'
import { honest, smallZone } from './primary.ts'
import type { Line, Script } from './primary.ts'
import { useScene } from './scene.ts'
import { framed } from './tcp.ts'

const scene = useScene()

const refuse = (line: Line): void => line.answer({ rcode: 5 })
const text = (apex: string, octets: number): Buffer =>
  record(apex, TYPE.TXT, Buffer.concat([Buffer.from([octets]), Buffer.alloc(octets, 0x78)]))

/** A full transfer in which these records are sent in one message. */
const full =
  (records: (apex: string) => Buffer[]) =>
  (apex: string): Partial<Script> => ({ axfr: (line) => line.answer({ answer: records(apex) }) })

/** A difference in which these records are sent; a full transfer is not to be had. */
const difference =
  (records: (apex: string) => Buffer[]) =>
  (apex: string): Partial<Script> => ({ axfr: refuse, ixfr: (line) => line.answer({ answer: records(apex) }) })

describe('15 a connection that is cut inside a full transfer in answer to IXFR', () => {
  const whole = (apex: string): Buffer[][] => [
    [soaRecord(apex, 2), ...smallZone(apex, 2)],
    [text(`a.${apex}`, 200)],
    [text(`b.${apex}`, 200)],
    [soaRecord(apex, 2)],
  ]

  test.each([1, 2, 3])('15 after message %i leaves the old version', async (count) => {
    const script = (apex: string): Partial<Script> => {
      const cut = (line: Line): void => {
        for (const answer of whole(apex).slice(0, count)) line.answer({ answer })
        line.end()
      }
      return { axfr: cut, ixfr: cut }
    }
    await scene.expectRefused({ ixfr: true, script, reason: 'cut' })
  })

  test.each([1, 2, 13, 100, 260])('15 in octet %i leaves the old version', async (octets) => {
    const script = (apex: string): Partial<Script> => {
      const cut = (line: Line): void => {
        const octetsOfAll = Buffer.concat(whole(apex).map((answer) => framed(line.make({ answer }))))
        line.sendRaw(octetsOfAll.subarray(0, octets))
        line.end()
      }
      return { axfr: cut, ixfr: cut }
    }
    await scene.expectRefused({ ixfr: true, script, reason: 'cut|connection-lost' })
  })

  test('15 by a reset leaves the old version', async () => {
    const script = (apex: string): Partial<Script> => {
      const cut = (line: Line): void => {
        line.answer({ answer: whole(apex)[0] as Buffer[] })
        line.reset()
      }
      return { axfr: cut, ixfr: cut }
    }
    await scene.expectRefused({ ixfr: true, script, reason: 'cut|connection-lost' })
  })
})

test('16 a SOA of another serial inside a full transfer is not its end', async () => {
  const records = (apex: string): Buffer[] => [
    soaRecord(apex, 2),
    ...smallZone(apex, 2),
    soaRecord(apex, 99),
    aRecord(`c.${apex}`, '192.0.2.3'),
    soaRecord(apex, 2),
  ]
  await scene.expectRefused({ script: full(records), reason: 'soa-in-the-middle' })
})

describe('17 a full transfer whose last SOA is not its first', () => {
  test.each([
    ['in the serial', (apex: string) => soaRecord(apex, 3)],
    ['in another number', (apex: string) => soaRecord(apex, 2, { retry: 1 })],
    ['in a name', (apex: string) => soaRecord(apex, 2, { mname: `other.${apex}` })],
  ])('17 %s is refused', async (_, last) => {
    const script = (apex: string): Partial<Script> => ({
      axfr: (line) => {
        line.answer({ answer: [soaRecord(apex, 2), ...smallZone(apex, 2), last(apex)] })
        line.end()
      },
    })
    await scene.expectRefused({ script, reason: 'unequal-soa|soa-in-the-middle' })
  })
})

describe('18 a SOA that is not at the apex', () => {
  test('18 as the mark of a difference is refused', async () => {
    const records = (apex: string): Buffer[] => [
      soaRecord(apex, 2),
      soaRecord(apex, 1),
      soaRecord(apex, 2, { owner: `other.${apex}` }),
      aRecord(`c.${apex}`, '192.0.2.3'),
      soaRecord(apex, 2),
    ]
    await scene.expectRefused({ ixfr: true, script: difference(records), reason: 'soa-not-at-apex' })
  })

  test('18 as the first record is refused', async () => {
    const records = (apex: string): Buffer[] => [
      soaRecord(apex, 2, { owner: `other.${apex}` }),
      ...smallZone(apex, 2),
      soaRecord(apex, 2),
    ]
    await scene.expectRefused({ script: full(records), reason: 'soa-not-at-apex|first-not-soa' })
  })

  test('18 inside a full transfer is refused', async () => {
    const records = (apex: string): Buffer[] => [
      soaRecord(apex, 2),
      ...smallZone(apex, 2),
      soaRecord(apex, 2, { owner: `sub.${apex}` }),
      soaRecord(apex, 2),
    ]
    await scene.expectRefused({ script: full(records), reason: 'soa-not-at-apex' })
  })
})

describe('19 a record of another class', () => {
  test.each([
    ['CH', CLASS.CH],
    ['NONE', CLASS.NONE],
    ['ANY', CLASS.ANY],
  ])('19 %s in a full transfer is refused', async (_, dnsClass) => {
    const records = (apex: string): Buffer[] => [
      soaRecord(apex, 2),
      ...smallZone(apex, 2),
      aRecord(`c.${apex}`, '192.0.2.3', { dnsClass }),
      soaRecord(apex, 2),
    ]
    await scene.expectRefused({ script: full(records), reason: 'wrong-class' })
  })

  test('19 in a difference is refused', async () => {
    const records = (apex: string): Buffer[] => [
      soaRecord(apex, 2),
      soaRecord(apex, 1),
      soaRecord(apex, 2),
      aRecord(`c.${apex}`, '192.0.2.3', { dnsClass: CLASS.CH }),
      soaRecord(apex, 2),
    ]
    await scene.expectRefused({ ixfr: true, script: difference(records), reason: 'wrong-class' })
  })
})

test('20 records outside the zone are dropped, and the parent answers rightly before and after the child is gone', async () => {
  const parentApex = scene.newApex()
  const childApex = `child.${parentApex}`
  const ds = record(childApex, TYPE.DS, Buffer.from([0, 1, 13, 2, ...Buffer.alloc(32, 5)]))
  const cut = [nameRecord(childApex, TYPE.NS, `ns.${childApex}`), aRecord(`ns.${childApex}`, '192.0.2.7'), ds]
  await scene.victim({ apex: parentApex, first: () => ({ serial: 5, records: smallZone(parentApex, 5, cut) }) })
  const strangers = [
    aRecord(`evil.${parentApex}`, '192.0.2.66'),
    nameRecord(parentApex, TYPE.NS, 'evil.example.'),
    record(`other.${parentApex}`, TYPE.DS, Buffer.from([0, 1, 13, 2, ...Buffer.alloc(32, 6)])),
    aRecord('example.', '192.0.2.66'),
  ]
  const child = await scene.victim({
    apex: childApex,
    first: () => ({ serial: 1, records: smallZone(childApex, 1, strangers) }),
  })
  const held = await pullZone(scene.ours.source, childApex)
  expect(held).toHaveLength(4)
  const at = scene.ours.endpoint
  const expectParent = async (): Promise<void> => {
    expect((await ask(at, { name: `evil.${parentApex}`, type: TYPE.A }))?.rcode).toBe(3)
    expect(await ask(at, { name: childApex, type: TYPE.DS })).toMatchObject({ rcode: 0, aa: true, answerCount: 1 })
    expect(await ask(at, { name: `other.${parentApex}`, type: TYPE.DS })).toMatchObject({ answerCount: 0 })
  }
  await expectParent()
  expect(await ask(at, { name: childApex })).toMatchObject({ rcode: 0, aa: true, serial: 1 })
  await scene.ours.api('DELETE', `/client/v4/zones/${child.zoneId}`)
  // Taken out of service a moment after the answer.
  await waitFor('the referral of the parent', async () => {
    const answer = await ask(at, { name: `www.${childApex}`, type: TYPE.A })
    return answer?.rcode === 0 ? answer : undefined
  })
  await expectParent()
  expect(await ask(at, { name: `www.${childApex}`, type: TYPE.A })).toMatchObject({
    rcode: 0,
    aa: false,
    answerCount: 0,
  })
})

describe('21 serials inside differences', () => {
  const steps =
    (...serials: number[]) =>
    (apex: string): Buffer[] => [
      soaRecord(apex, serials.at(-1) ?? 0),
      ...serials
        .slice(1)
        .flatMap((to, at) => [
          soaRecord(apex, serials[at] ?? 0),
          soaRecord(apex, to),
          aRecord(`s${at}.${apex}`, '192.0.2.3'),
        ]),
      soaRecord(apex, serials.at(-1) ?? 0),
    ]

  test.each([
    ['that repeat are refused', steps(1, 1, 2)],
    ['that go back are refused', steps(1, 5, 3, 9)],
    ['that go back over the edge are refused', steps(1, 4_294_967_295, 2)],
    [
      'that leave a gap are refused',
      (apex: string) => {
        const [two, one, three] = [soaRecord(apex, 2), soaRecord(apex, 1), soaRecord(apex, 3)]
        return [
          soaRecord(apex, 4),
          one,
          two,
          aRecord(`a.${apex}`, '192.0.2.3'),
          three,
          soaRecord(apex, 4),
          soaRecord(apex, 4),
        ]
      },
    ],
    ['that start where we are not are refused', steps(7, 8)],
  ])('21 %s', async (_, records) => {
    await scene.expectRefused({
      ixfr: true,
      script: difference(records),
      reason: 'serial-not-newer|broken-chain|wrong-start|wrong-end|soa-in-the-middle|unequal-soa|cut|refused',
    })
  })

  test('21 that wrap are right', async () => {
    const victim = await scene.victim({ ixfr: true, first: () => ({ serial: 4_294_967_295 }) })
    const records = steps(4_294_967_295, 0, 1)(victim.apex)
    victim.primary.script = {
      ...honest(victim.apex, () => ({ serial: 1 })),
      ixfr: (line) => line.answer({ answer: records }),
    }
    await victim.notify(1)
    await scene.expectSerial(victim, 1)
    await scene.ours.waitForTransfer(victim.zoneId, { asked: 'IXFR', form: 'IXFR', outcome: 'done' })
  })
})

describe('22 a difference that takes away what a zone cannot be without', () => {
  const removing =
    (...removed: Buffer[]) =>
    (apex: string): Partial<Script> => ({
      axfr: refuse,
      ixfr: (line) =>
        line.answer({
          answer: [soaRecord(apex, 2), soaRecord(apex, 1), ...removed, soaRecord(apex, 2), soaRecord(apex, 2)],
        }),
    })

  test('22 all NS records is refused', async () => {
    const apex = scene.newApex()
    const script = removing(nameRecord(apex, TYPE.NS, `ns1.${apex}`))
    await scene.expectRefused({ apex, ixfr: true, script, reason: 'unfit-zone' })
  })

  test('22 the SOA twice is refused', async () => {
    const apex = scene.newApex()
    await scene.expectRefused({ apex, ixfr: true, script: removing(soaRecord(apex, 1)), reason: /./ })
  })

  test('22 records that are not there is refused', async () => {
    const apex = scene.newApex()
    const script = removing(aRecord(`nowhere.${apex}`, '192.0.2.3'))
    await scene.expectRefused({ apex, ixfr: true, script, reason: 'absent-record' })
  })

  test('22 NSEC3PARAM and the signature over DNSKEY leaves a zone that answers', async () => {
    const apex = scene.newApex()
    const dnskey = record(apex, TYPE.DNSKEY, Buffer.from([1, 1, 3, 13, ...Buffer.alloc(64, 1)]))
    const parameters = record(apex, TYPE.NSEC3PARAM, Buffer.from([1, 0, 0, 0, 0]))
    const signature = record(
      apex,
      TYPE.RRSIG,
      Buffer.concat([
        Buffer.from([0, TYPE.DNSKEY, 13, 2]),
        Buffer.alloc(12, 1),
        Buffer.from([0, 7]),
        Buffer.from([0]),
        Buffer.alloc(64, 2),
      ]),
    )
    const first = () => ({ serial: 1, records: smallZone(apex, 1, [dnskey, parameters, signature]) })
    const victim = await scene.victim({ apex, ixfr: true, first })
    Object.assign(
      victim.primary.script,
      honest(apex, () => ({ serial: 2 })),
      removing(parameters, signature)(apex),
    )
    await victim.notify(2)
    await scene.ours.waitForTransfer(victim.zoneId, { asked: 'IXFR' })
    expect(await askSerial(scene.ours.endpoint, apex)).toBeGreaterThan(0)
    expect((await ask(scene.ours.endpoint, { name: apex, type: TYPE.DNSKEY }))?.rcode).toBe(0)
  })
})

describe('AC-06 a fault in the header of a message ends the transfer', () => {
  const faulty =
    (at: number, fault: (line: Line, answer: readonly Buffer[]) => Buffer) =>
    (apex: string): Partial<Script> => ({
      axfr: (line) => {
        const parts = [[soaRecord(apex, 2), ...smallZone(apex, 2)], [text(`a.${apex}`, 200)], [soaRecord(apex, 2)]]
        parts.forEach((answer, index) => line.send(index === at ? fault(line, answer) : line.make({ answer })))
      },
    })

  test.each([
    [
      'another ID',
      'wrong-id|malformed',
      (line: Line, answer: readonly Buffer[]) => line.make({ answer, id: line.query.id ^ 1 }),
    ],
    ['TC=1', 'truncated', (line: Line, answer: readonly Buffer[]) => line.make({ answer, flags: 0x8600 })],
    [
      'QR=0',
      'not-a-response|malformed',
      (line: Line, answer: readonly Buffer[]) => line.make({ answer, flags: 0x0400 }),
    ],
    ['another opcode', 'wrong-opcode', (line: Line, answer: readonly Buffer[]) => line.make({ answer, flags: 0xa400 })],
    ['SERVFAIL', 'server-failure', (line: Line, answer: readonly Buffer[]) => line.make({ answer, rcode: 2 })],
    [
      'another question',
      'wrong-question',
      (line: Line, answer: readonly Buffer[]) =>
        message({ id: line.query.id, question: question('other.test.', TYPE.AXFR), answer }),
    ],
  ])('AC-06 %s', async (_, reason, fault) => {
    for (const at of [0, 1, 2]) await scene.expectRefused({ script: faulty(at, fault), reason })
  })
})
