/** A zone that is edited here and handed on to foreign secondaries: it arrives, and every change follows by NOTIFY. */

import { describe, expect, test } from 'vitest'
import { expectSameZone, pullZone, type Source } from './compare.ts'
import { freeEndpoint } from './endpoint.ts'
import { peersToTest } from './peers/peer.ts'
import type { Peer } from './peers/peer.ts'
import { PrimaryZone } from './primary-zone.ts'
import { stageOf } from './stage.ts'
import type { Twinzone } from './twinzone.ts'
import { waitFor } from './wait.ts'

const APEX = 'outgoing.test.'
const KEY = { name: 'outgoing.interop.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 9).toString('base64') }
const WRONG = { ...KEY, secret: Buffer.alloc(32, 8).toString('base64') }

/** Nobody gets a zone but those it is handed on to. */
const STRICT = { environment: { TWINZONE_XFR_ALLOW: '' } }

const signed = ({ endpoint }: Twinzone): Source => ({ endpoint, key: KEY })

/** The secondary has what we have, and the same serial. */
async function expectFollowed(zone: PrimaryZone, secondary: Peer): Promise<void> {
  await secondary.waitForSerial(APEX, { serial: await zone.serial() })
  await expectSameZone(signed(zone.server), secondary.source, APEX, { folded: true })
}

describe.each(peersToTest())('$title', { concurrent: true }, ({ name, missing }) => {
  test.skipIf(missing !== undefined)(
    'CF-092, CF-096: as a secondary it gets a signed zone in full, and then each change by NOTIFY and IXFR',
    async (context) => {
      const stage = stageOf(context)
      const ours = await stage.twinzone(STRICT)
      const zone = await PrimaryZone.make(ours, APEX)
      await zone.addMany(300)
      const endpoint = await freeEndpoint()
      await zone.handOn([endpoint], KEY)
      const zones = [{ apex: APEX }]
      const secondary = await stage.peer(name, { endpoint, zones, key: KEY, primaries: [ours.endpoint] })
      await expectFollowed(zone, secondary)

      const mail = await zone.add({ type: 'A', name: 'mail', content: '192.0.2.25' })
      await expectFollowed(zone, secondary)
      await zone.change(mail, { content: '192.0.2.26' })
      await expectFollowed(zone, secondary)
      await zone.change(mail, { ttl: 900 }) // IX-09: a TTL alone is a record out and a record in
      await expectFollowed(zone, secondary)
      await zone.change(mail, { comment: 'nothing that is served' })
      await expectFollowed(zone, secondary)
      await zone.remove(mail)
      await expectFollowed(zone, secondary)
      await zone.addMany(50)
      await expectFollowed(zone, secondary)

      const served = await zone.serial()
      const state = await zone.waitForSecondary(
        ({ state: at, notified_serial: told }) => at === 'told' && told === served,
      )
      expect(state).toMatchObject({ failure: null, pulled_serial: served })
      const changes = (await zone.sent()).filter(({ asked, form }) => asked === 'IXFR' && form !== 'SOA')
      expect(changes.length).toBeGreaterThanOrEqual(5)
      expect(changes.map(({ form, outcome, key }) => [form, outcome, key])).toEqual(
        changes.map(() => ['IXFR', 'done', `${KEY.name}.`]),
      )
    },
  )

  test.skipIf(missing !== undefined)(
    'CF-089, CF-090: after force_notify the next transfer is full, after disable there is none',
    async (context) => {
      const stage = stageOf(context)
      const ours = await stage.twinzone(STRICT)
      const zone = await PrimaryZone.make(ours, APEX)
      await zone.addMany(50)
      const endpoint = await freeEndpoint()
      await zone.handOn([endpoint], KEY)
      const zones = [{ apex: APEX }]
      const secondary = await stage.peer(name, { endpoint, zones, key: KEY, primaries: [ours.endpoint] })
      await expectFollowed(zone, secondary)
      secondary.freeze(true)
      await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
      expect(await zone.outgoing('POST', '/force_notify')).toBe('OK')
      await zone.add({ type: 'A', name: 'two', content: '192.0.2.2' })
      secondary.freeze(false)
      expect(await zone.outgoing('POST', '/enable')).toBe('Enabled')
      await expectFollowed(zone, secondary)
      const full = (await zone.sent()).findLast(({ form, asked }) => form === 'AXFR' && asked === 'IXFR')
      expect(full).toMatchObject({ outcome: 'done', detail: 'backlog was emptied' })

      expect(await zone.outgoing('POST', '/disable')).toBe('Disabled')
      await expect(pullZone(signed(ours), APEX)).rejects.toThrow('AXFR')
    },
  )
})

test('a zone goes from one twinzone by BIND to another, and every change with it', async (context) => {
  const stage = stageOf(context)
  const first = await stage.twinzone(STRICT)
  const zone = await PrimaryZone.make(first, APEX)
  await zone.addMany(100)
  const last = await stage.twinzone()
  const endpoint = await freeEndpoint()
  await zone.handOn([endpoint], KEY)
  const between = { endpoint, zones: [{ apex: APEX }], key: KEY, primaries: [first.endpoint], notify: [last.endpoint] }
  const bind = await stage.peer('bind', between)
  await expectFollowed(zone, bind)
  await last.follow({ apex: APEX, primaries: [bind.endpoint], key: KEY })
  for (let change = 0; change < 5; change++) {
    await zone.add({ type: 'A', name: `c${change}`, content: `192.0.2.${change}` })
    await last.waitForSerial(APEX, { serial: await zone.serial() })
    await expectSameZone(signed(first), last.source, APEX)
  }
})

test('NT-14: a secondary zone is handed on to a further twinzone, which hears of every change', async (context) => {
  const stage = stageOf(context)
  const first = await stage.twinzone(STRICT)
  const middle = await stage.twinzone(STRICT)
  const last = await stage.twinzone()
  const zone = await PrimaryZone.make(first, APEX)
  await zone.handOn([middle.endpoint], KEY)
  const middleId = await middle.follow({ apex: APEX, primaries: [first.endpoint], key: KEY })
  await middle.waitForSerial(APEX)
  const passed = PrimaryZone.of(middle, APEX, middleId)
  await passed.handOn([last.endpoint], { ...KEY, name: 'second.interop.test' })
  const lastId = await last.follow({
    apex: APEX,
    primaries: [middle.endpoint],
    key: { ...KEY, name: 'second.interop.test' },
  })
  for (let change = 0; change < 5; change++) {
    await zone.add({ type: 'A', name: `c${change}`, content: `192.0.2.${change}` })
    await last.waitForSerial(APEX, { serial: await zone.serial() })
  }
  await expectSameZone(signed(first), last.source, APEX)
  await last.waitForTransfer(lastId, { asked: 'IXFR', form: 'IXFR', outcome: 'done', to_serial: await zone.serial() })
})

test('AX-13, CF-095: a wrong key and no key are refused, and the peer that tried is told of', async (context) => {
  const stage = stageOf(context)
  const ours = await stage.twinzone(STRICT)
  const zone = await PrimaryZone.make(ours, APEX)
  await zone.handOn([await freeEndpoint()], KEY)
  await expect(pullZone({ endpoint: ours.endpoint }, APEX)).rejects.toThrow('AXFR')
  await expect(pullZone({ endpoint: ours.endpoint, key: WRONG }, APEX)).rejects.toThrow('AXFR')
  expect(await pullZone(signed(ours), APEX)).not.toHaveLength(0)
  const refused = await waitFor('both refusals', async () => {
    const kept = (await zone.sent()).filter(({ outcome }) => outcome === 'failed')
    return kept.length === 2 ? kept : undefined
  })
  expect(refused.map(({ reason }) => reason)).toEqual(['not-signed', 'signature-refused'])
})
