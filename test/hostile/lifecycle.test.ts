/** Crashes, removals and rivals in the middle of things. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ask, askSerial } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { waitFor } from '../interop/wait.ts'
import { batches, RCODE, soaRecord, txtRecord, TYPE } from './message.ts'
import { honest, smallZone } from './primary.ts'
import type { Line, Script } from './primary.ts'
import { useScene } from './scene.ts'

const scene = useScene()

const TAGGED = 500

/** A zone of which every version can be told from every other at 500 places. */
const tagged = (apex: string, tag: string): Buffer[] =>
  Array.from({ length: TAGGED }, (_, at) => txtRecord(`t${at}.${apex}`, tag))

/** All tags a zone carries, as it is handed on by us, and its serial. */
async function tagsOf(apex: string): Promise<{ serial: number; tags: string[]; count: number }> {
  const records = await pullZone(scene.ours.source, apex)
  const tags = records.filter((line) => /^t\d+\./.test(line)).map((line) => /"(.*)"$/.exec(line)?.[1] ?? '')
  const soa = records.find((line) => line.includes(' IN SOA ')) ?? ''
  return { serial: Number(soa.split(' ')[6]), tags: [...new Set(tags)], count: tags.length }
}

/** Answers an IXFR with the difference from where we are. */
function differences(apex: string, serial: () => number): (line: Line) => void {
  return (line) => {
    const to = serial()
    const from = line.query.since ?? 0
    if (from >= to) return line.answer({ answer: [soaRecord(apex, to)] })
    const [last, first] = [soaRecord(apex, to), soaRecord(apex, from)]
    const records = [last, first, ...tagged(apex, `v${from}`), last, ...tagged(apex, `v${to}`), last]
    for (const answer of batches(records, 4000)) line.answer({ answer })
  }
}

test.each([
  ['full transfers', false],
  ['differences', true],
])('60 kill -9 at any moment of %s leaves a whole version with its serial', { timeout: 120_000 }, async (_, ixfr) => {
  const apex = scene.newApex()
  let serial = 1
  const records = (): Buffer[] => [...smallZone(apex, 0), ...tagged(apex, `v${serial}`)]
  const victim = await scene.victim({ apex, ixfr, first: () => ({ serial, records: records() }) })
  victim.primary.script = {
    ...honest(apex, () => ({ serial, records: records() })),
    ...(ixfr ? { ixfr: differences(apex, () => serial) } : {}),
  }
  for (const delayMs of [0, 3, 8, 14, 20, 35, 60, 120]) {
    serial++
    await victim.notify(serial)
    await pause(delayMs)
    const seen = (await askSerial(scene.ours.endpoint, apex)) ?? 0
    await scene.ours.kill()
    await scene.ours.start()
    const now = await tagsOf(apex)
    expect(now.serial).toBeGreaterThanOrEqual(seen)
    expect(now).toEqual({ serial: now.serial, tags: [`v${now.serial}`], count: TAGGED })
    await victim.notify(serial)
    await scene.expectSerial(victim, serial)
  }
})

/** The zone is not answered for any more. */
async function expectGone(apex: string): Promise<void> {
  const probe = async (): Promise<true | undefined> =>
    (await ask(scene.ours.endpoint, { name: apex }))?.rcode === RCODE.REFUSED ? true : undefined
  await waitFor(`${apex} to be gone`, probe, { deadlineMs: 3000 })
}

/** A full transfer that takes three seconds. */
const slow = (apex: string, serial: number): Partial<Script> => ({
  axfr: async (line) => {
    line.answer({ answer: [soaRecord(apex, serial), ...smallZone(apex, serial)] })
    for (let count = 0; count < 30 && line.open; count++) {
      await pause(100)
      line.answer({ answer: [txtRecord(`s${count}.${apex}`, 'x')] })
    }
    line.answer({ answer: [soaRecord(apex, serial)] })
  },
})

test('61 a zone removed during a transfer is gone, and can be made again', async () => {
  const { apex, primary, zoneId, notify } = await scene.victim()
  primary.script = { ...honest(apex, () => ({ serial: 2 })), ...slow(apex, 2) }
  await notify(2)
  await primary.waitForQuery(TYPE.AXFR, { count: 2 })
  await scene.ours.api('DELETE', `/client/v4/zones/${zoneId}`)
  await expectGone(apex)
  primary.script = honest(apex, () => ({ serial: 3 }))
  const peerId = await scene.ours.addPeer({ endpoint: primary.endpoint, ixfr: false })
  await scene.ours.addZone({ apex, peerIds: [peerId] })
  await scene.ours.waitForSerial(apex, { serial: 3 })
  await pause(3000)
  expect(await askSerial(scene.ours.endpoint, apex)).toBe(3)
})

test('61 a zone that loses its primary during a transfer follows the next one', async () => {
  const { apex, primary, zoneId, notify } = await scene.victim()
  primary.script = { ...honest(apex, () => ({ serial: 2 })), ...slow(apex, 2) }
  await notify(2)
  await primary.waitForQuery(TYPE.AXFR, { count: 2 })
  const other = await scene.primary(honest(apex, () => ({ serial: 5 })))
  const peerId = await scene.ours.addPeer({ endpoint: other.endpoint, ixfr: false })
  await scene.ours.setIncoming(zoneId, { apex, peerIds: [peerId] })
  await scene.ours.waitForSerial(apex, { serial: 5 })
})

test('61 zones that come and go under notifications leave nothing behind', async () => {
  const primary = await scene.primary({ soa: () => {}, axfr: () => {}, ixfr: () => {} })
  const peerId = await scene.ours.addPeer({ endpoint: primary.endpoint, ixfr: false })
  for (let round = 0; round < 20; round++) {
    const apex = scene.newApex()
    primary.script = honest(apex, () => ({ serial: 1 }))
    const zoneId = await scene.ours.addZone({ apex, peerIds: [peerId] })
    for (let count = 0; count < 5; count++) void primary.notify(scene.ours.endpoint, apex, { serial: count })
    await pause(round * 3)
    await scene.ours.api('DELETE', `/client/v4/zones/${zoneId}`)
    await expectGone(apex)
  }
})

test('64 two primaries that send at once do not mix', { timeout: 120_000 }, async () => {
  const apex = scene.newApex()
  let serial = 1
  const rival = (name: string): Script => {
    const records = (): Buffer[] => [...smallZone(apex, serial), ...tagged(apex, `${name}${serial}`)]
    return {
      ...honest(apex, () => ({ serial, records: records() })),
      axfr: async (line) => {
        const soa = soaRecord(apex, serial)
        for (const answer of batches([soa, ...records(), soa], 2000)) {
          line.answer({ answer })
          await pause(2)
        }
      },
    }
  }
  const primaries = [await scene.primary(rival('a')), await scene.primary(rival('b'))]
  await scene.ours.follow({ apex, primaries: primaries.map((one) => one.endpoint), ixfr: false })
  await scene.ours.waitForSerial(apex, { serial: 1 })
  for (serial = 2; serial < 10; serial++) {
    await Promise.all(primaries.map((one) => one.notify(scene.ours.endpoint, apex, { serial })))
    await scene.ours.waitForSerial(apex, { serial })
    const now = await waitFor('tags', () => tagsOf(apex))
    expect(now.tags).toHaveLength(1)
    expect(now.tags[0]).toMatch(new RegExp(`^[ab]${now.serial}$`))
  }
})
