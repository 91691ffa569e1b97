/**
 * The foreign servers among themselves: what the harness claims about them must be true before ours is judged by it.
 */

import { describe, expect, test } from 'vitest'
import { compareRecords, expectSameZone, pullZone } from './compare.ts'
import { freeEndpoint } from './endpoint.ts'
import { PEER_NAMES, peerMissing, peersToTest } from './peers/peer.ts'
import type { PeerName } from './peers/peer.ts'
import { stageOf } from './stage.ts'
import { TestZone } from './zones.ts'

const KEY = { name: 'transfer.interop.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 7).toString('base64') }
const APEX = 'interop.test.'

function nextOf(name: PeerName): PeerName {
  return PEER_NAMES[(PEER_NAMES.indexOf(name) + 1) % PEER_NAMES.length] as PeerName
}

describe.each(peersToTest())('$title', { concurrent: true }, ({ name, missing }) => {
  const next = nextOf(name)
  const both = missing ?? peerMissing(next)
  test.skipIf(both !== undefined)(`is followed by ${next} through three versions`, async (context) => {
    const stage = stageOf(context)
    const { zone, file } = await stage.zone({ apex: APEX, records: 2000 })
    const endpoint = await freeEndpoint()
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY, notify: [endpoint] })
    const zones = [{ apex: APEX }]
    const secondary = await stage.peer(next, { endpoint, zones, key: KEY, primaries: [primary.endpoint] })
    await secondary.waitForSerial(APEX, { serial: 1 })
    expect(await expectSameZone(primary.source, secondary.source, APEX, { folded: true })).toBe(2000)
    for (const serial of [2, 3]) {
      zone.mutate()
      await zone.writeTo(file)
      await primary.load(APEX, file)
      await secondary.waitForSerial(APEX, { serial })
      await expectSameZone(primary.source, secondary.source, APEX, { folded: true })
    }
  })

  test.skipIf(missing !== undefined)('refuses a transfer without its key', async (context) => {
    const stage = stageOf(context)
    const { file } = await stage.zone({ apex: APEX, records: 20 })
    const primary = await stage.peer(name, { zones: [{ apex: APEX, file }], key: KEY })
    await expect(pullZone({ endpoint: primary.endpoint }, APEX)).rejects.toThrow('AXFR')
    expect(await pullZone(primary.source, APEX)).toHaveLength(20)
  })
})

test('the comparison names what differs', () => {
  const { same, onlyLeft, onlyRight } = compareRecords(['a', 'b', 'c'], ['a', 'c', 'c', 'd'])
  expect({ same, onlyLeft, onlyRight }).toEqual({ same: false, onlyLeft: ['b'], onlyRight: ['c', 'd'] })
})

test('a zone is the same on every run, and as long as asked for', () => {
  const lines = [...new TestZone({ apex: APEX, records: 5000 }).lines()]
  expect(lines).toHaveLength(5000)
  expect(new Set(lines.map((line) => line.toLowerCase()))).toHaveLength(5000)
  expect([...new TestZone({ apex: APEX, records: 5000 }).lines()]).toEqual(lines)
})
