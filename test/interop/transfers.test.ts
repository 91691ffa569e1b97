/** A zone that lives on a foreign primary: it arrives, it is followed change by change, and it is the same afterwards. */

import { describe, expect, test } from 'vitest'
import { expectSameZone } from './compare.ts'
import type { Peer } from './peers/peer.ts'
import { peersToTest } from './peers/peer.ts'
import { stageOf } from './stage.ts'
import type { Twinzone } from './twinzone.ts'
import type { TestZone } from './zones.ts'

const APEX = 'interop.test.'
const ALGORITHMS = ['hmac-sha1', 'hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512']
const KEY = { name: 'transfer.interop.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 7).toString('base64') }

describe.each(peersToTest())('$title', { concurrent: true }, ({ name, missing }) => {
  test.skipIf(missing !== undefined)(
    'CF-068, CF-069, CF-070: a zone of 100,000 records arrives signed and follows five changes',
    async (context) => {
      const stage = stageOf(context)
      const { zone, file } = await stage.zone({ apex: APEX, records: 100_000 })
      const ours = await stage.twinzone()
      const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY, notify: [ours.endpoint] })
      const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
      await ours.waitForSerial(APEX, { serial: 1 })
      expect(await expectSameZone(primary.source, ours.source, APEX)).toBe(100_000)
      for (let change = 0; change < 5; change++) await changed({ zone, file, primary, ours })
      await expectSameZone(primary.source, ours.source, APEX)
      await expectForms({ ours, zoneId, primary, changes: 5 })
    },
  )

  test.skipIf(missing !== undefined)('fifty changes arrive one by one, each exactly', async (context) => {
    const stage = stageOf(context)
    const { zone, file } = await stage.zone({ apex: APEX, records: 2000, seed: 2 })
    const ours = await stage.twinzone()
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY, notify: [ours.endpoint] })
    const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
    await ours.waitForSerial(APEX, { serial: 1 })
    for (let change = 0; change < 50; change++) {
      await changed({ zone, file, primary, ours })
      await expectSameZone(primary.source, ours.source, APEX)
    }
    await expectForms({ ours, zoneId, primary, changes: 50 })
  })

  test.skipIf(missing !== undefined)('every HMAC the servers share signs a transfer', async (context) => {
    const stage = stageOf(context)
    const { file } = await stage.zone({ apex: APEX, records: 50 })
    const ours = await stage.twinzone()
    for (const algorithm of ALGORITHMS) {
      const key = { ...KEY, name: `${algorithm}.interop.test`, algorithm }
      const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key })
      const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key })
      await ours.waitForSerial(APEX, { serial: 1 })
      await expectSameZone(primary.source, ours.source, APEX)
      await ours.api('DELETE', `/client/v4/zones/${zoneId}`)
      await primary.remove()
    }
  })

  test.skipIf(missing !== undefined)(
    'CF-069: a primary that keeps no differences is followed by full transfers',
    async (context) => {
      const stage = stageOf(context)
      const { zone, file } = await stage.zone({ apex: APEX, records: 500, seed: 3 })
      const ours = await stage.twinzone()
      const options = { zones: [{ apex: APEX, file }], key: KEY, notify: [ours.endpoint], ixfr: false }
      const primary = await stage.peer(name, options)
      const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
      await ours.waitForSerial(APEX, { serial: 1 })
      for (let change = 0; change < 3; change++) await changed({ zone, file, primary, ours })
      await expectSameZone(primary.source, ours.source, APEX)
      await expectForms({ ours, zoneId, primary, changes: 3 })
    },
  )

  test.skipIf(missing !== undefined)('a serial that wraps is followed', async (context) => {
    const stage = stageOf(context)
    const { zone, file } = await stage.zone({ apex: APEX, records: 100, serial: 4_294_967_294 })
    const ours = await stage.twinzone()
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], notify: [ours.endpoint] })
    await ours.follow({ apex: APEX, primaries: [primary.endpoint] })
    await ours.waitForSerial(APEX, { serial: 4_294_967_294 })
    for (const serial of [4_294_967_295, 1, 2]) await changed({ zone, file, primary, ours, serial })
    await expectSameZone(primary.source, ours.source, APEX)
  })
})

interface Pair {
  readonly zone: TestZone
  readonly file: string
  readonly primary: Peer
  readonly ours: Twinzone
}

/** The primary gets a new version and notifies; we have it in time. */
async function changed({ zone, file, primary, ours, serial }: Pair & { serial?: number }): Promise<void> {
  zone.mutate(serial === undefined ? {} : { serial })
  await zone.writeTo(file)
  await primary.load(APEX, file)
  await ours.waitForSerial(APEX, { serial: zone.serial, deadlineMs: 20_000 })
}

/** One full transfer first, then one transfer per change, each asked for as IXFR and as long as the peer can make it. */
async function expectForms({
  ours,
  zoneId,
  primary,
  changes,
}: {
  ours: Twinzone
  zoneId: string
  primary: Peer
  changes: number
}): Promise<void> {
  const moved = (await ours.transfers(zoneId)).filter((entry) => entry.form === 'AXFR' || entry.form === 'IXFR')
  const form = primary.offersIxfr ? 'IXFR' : 'AXFR'
  expect(moved.map((entry) => `${entry.asked} ${entry.form} ${entry.outcome}`)).toEqual([
    'AXFR AXFR done',
    ...Array.from({ length: changes }, () => `IXFR ${form} done`),
  ])
}
