/** One bad primary must not take what the others need. */

import { expect, test } from 'vitest'
import { honest } from './primary.ts'
import { useScene } from './scene.ts'
import { TYPE } from './message.ts'

const scene = useScene()

test(
  '13 500 zones of a primary that accepts and says nothing do not hold up the others',
  { timeout: 120_000 },
  async () => {
    const healthy = await scene.victim()
    // At an address of its own: what runs at once is limited per address.
    const dead = await scene.primary({ soa: () => {}, axfr: () => {}, ixfr: () => {} }, { address: '127.0.0.2' })
    const peerId = await scene.ours.addPeer({ endpoint: dead.endpoint })
    for (let batch = 0; batch < 50; batch++)
      await Promise.all(
        Array.from({ length: 10 }, () => scene.ours.addZone({ apex: scene.newApex(), peerIds: [peerId] })),
      )
    await dead.waitForQuery(TYPE.SOA, { count: 20 })
    for (const serial of [2, 3, 4]) {
      healthy.primary.script = honest(healthy.apex, () => ({ serial }))
      const started = performance.now()
      await healthy.notify(serial)
      await scene.expectSerial(healthy, serial)
      expect(performance.now() - started).toBeLessThan(3000)
    }
    const fresh = performance.now()
    await scene.victim()
    expect(performance.now() - fresh).toBeLessThan(5000)
  },
)
