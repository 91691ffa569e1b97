/** What goes wrong between a secondary and a primary of real make, and how the secondary takes it. */

import { describe, expect, test } from 'vitest'
import { ask, askSerial } from './ask.ts'
import { expectSameZone } from './compare.ts'
import { peersToTest } from './peers/peer.ts'
import { stageOf } from './stage.ts'

const APEX = 'interop.test.'
const KEY = { name: 'transfer.interop.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 7).toString('base64') }
const WRONG_KEY = { ...KEY, secret: Buffer.alloc(32, 8).toString('base64') }
const SERVFAIL = 2

describe.each(peersToTest())('$title', { concurrent: true }, ({ name, missing }) => {
  test.skipIf(missing !== undefined)('a primary that was down is followed again when it is up', async (context) => {
    const stage = stageOf(context)
    const { zone, file } = await stage.zone({ apex: APEX, records: 500, refreshSeconds: 2, retrySeconds: 1 })
    const ours = await stage.twinzone({ config: { secondary: { refreshMin: 1, retryMin: 1 } } })
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY, notify: [ours.endpoint] })
    const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
    await ours.waitForSerial(APEX, { serial: 1 })
    await primary.kill()
    await ours.forceTransfer(zoneId)
    await ours.waitForTransfer(zoneId, { outcome: 'failed' })
    expect(await askSerial(ours.endpoint, APEX)).toBe(1)
    await primary.start()
    zone.mutate()
    await zone.writeTo(file)
    await primary.load(APEX, file)
    await ours.waitForSerial(APEX, { serial: 2, deadlineMs: 40_000 })
    await expectSameZone(primary.source, ours.source, APEX)
  })

  test.skipIf(missing !== undefined)(
    'a key with another secret gets nothing, and the log says why',
    async (context) => {
      const stage = stageOf(context)
      const { file } = await stage.zone({ apex: APEX, records: 100 })
      const ours = await stage.twinzone()
      const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY })
      const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: WRONG_KEY })
      const failed = await ours.waitForTransfer(zoneId, { outcome: 'failed' })
      expect(failed.reason).toMatch(/^tsig-|^refused|^not-authoritative/)
      expect((await ask(ours.endpoint, { name: APEX }))?.rcode).toBe(SERVFAIL)
    },
  )

  test.skipIf(missing !== undefined)('a clock that is off by ten minutes is named as the reason', async (context) => {
    const stage = stageOf(context)
    const { file } = await stage.zone({ apex: APEX, records: 100 })
    const ours = await stage.twinzone({ clockAheadSeconds: 600 })
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY })
    const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
    const failed = await ours.waitForTransfer(zoneId, { outcome: 'failed' })
    // PowerDNS says NOTAUTH and no more.
    expect(failed.reason).toBe(name === 'pdns' ? 'not-authoritative' : 'tsig-bad-time')
    expect((await ask(ours.endpoint, { name: APEX }))?.rcode).toBe(SERVFAIL)
  })

  test.skipIf(missing !== undefined)('after kill -9 the zone is served at once, and followed on', async (context) => {
    const stage = stageOf(context)
    const { zone, file } = await stage.zone({ apex: APEX, records: 2000 })
    const ours = await stage.twinzone()
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY, notify: [ours.endpoint] })
    await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
    await ours.waitForSerial(APEX, { serial: 1 })
    await ours.kill()
    await primary.stop()
    await ours.start()
    // No primary to ask: what is answered was stored.
    expect(await askSerial(ours.endpoint, APEX)).toBe(1)
    await primary.start()
    zone.mutate()
    await zone.writeTo(file)
    await primary.load(APEX, file)
    await ours.waitForSerial(APEX, { serial: 2 })
    await expectSameZone(primary.source, ours.source, APEX)
  })
})
