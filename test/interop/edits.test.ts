/** A zone that is edited here by the official SDK: secondaries of every make follow, change by change. */

import Cloudflare, { toFile } from 'cloudflare'
import { describe, expect, test, type TestContext } from 'vitest'
import { expectSameZone, type Source } from './compare.ts'
import { freeEndpoint, printEndpoint, type Endpoint } from './endpoint.ts'
import { tries } from '../tries.ts'
import { peersToTest } from './peers/peer.ts'
import { stageOf } from './stage.ts'
import { ADMIN_TOKEN, type TransferEntry, type Twinzone } from './twinzone.ts'

const NAME = 'edited.test'
const APEX = `${NAME}.`
/** After so many edits all records are compared, one by one: each costs the slowest peer a second. */
const COMPARED = tries(60, 200)
/** That often NOTIFY, IXFR and two full comparisons, five servers at a time. */
const FOLLOW_MS = 900_000

const KEY = { name: 'transfer.edited.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 9).toString('base64') }

/** A zone of ours that is handed on to these secondaries, and the SDK that edits it. */
async function editedZone(ours: Twinzone, secondaries: readonly Endpoint[]) {
  const account = await ours.account()
  const { id } = await ours.api<{ id: string }>('POST', '/client/v4/zones', {
    account: { id: account },
    name: NAME,
    type: 'full',
  })
  const keyId = await ours.addKey(KEY)
  const peers: string[] = []
  for (const endpoint of secondaries) peers.push(await ours.addPeer({ endpoint, keyId }))
  await ours.api('POST', `/client/v4/zones/${id}/secondary_dns/outgoing`, { name: APEX, peers })
  await ours.api('POST', `/client/v4/zones/${id}/secondary_dns/outgoing/enable`)
  const sdk = new Cloudflare({ apiToken: ADMIN_TOKEN, baseURL: `${ours.url}/client/v4` })
  return { zone_id: id, sdk }
}

type Zone = Awaited<ReturnType<typeof editedZone>>

/** Edits of every kind, one after the other; the same for the same number. */
async function edit({ zone_id, sdk }: Zone, number: number, made: string[]): Promise<void> {
  const name = `host${number}.${NAME}`
  const old = made[(number * 7) % (made.length || 1)]
  if (number % 4 === 3 && old !== undefined) {
    await sdk.dns.records.edit(old, { zone_id, type: 'A', name, content: `198.51.100.${number % 250}`, ttl: 120 })
  } else if (number % 8 === 6 && old !== undefined) {
    made.splice(made.indexOf(old), 1)
    await sdk.dns.records.delete(old, { zone_id })
  } else {
    const record = await sdk.dns.records.create({
      zone_id,
      type: 'A',
      name,
      content: `192.0.2.${number % 250}`,
      ttl: 60,
    })
    made.push(record.id)
    if (number % 5 === 0)
      await sdk.dns.records.create({ zone_id, type: 'TXT', name, content: `"text ${number}"`, ttl: 1 })
  }
}

/** Everything a secondary has to follow, each step compared. */
async function follow(ours: Twinzone, zone: Zone, secondary: { source: Source; waitForSerial: Wait }): Promise<void> {
  const arrive = async (): Promise<void> => {
    const serial = await ours.waitForSerial(APEX)
    await secondary.waitForSerial(APEX, { serial, deadlineMs: 60_000 })
    await expectSameZone(ours.source, secondary.source, APEX, { folded: true })
  }
  const { zone_id, sdk } = zone
  await arrive()
  const made: string[] = []
  let number = 0
  for (; number < COMPARED; number++) {
    await edit(zone, number, made)
    await arrive()
  }
  for (; number < 300; number++) await edit(zone, number, made)
  await arrive()
  await sdk.dns.records.batch({
    zone_id,
    deletes: made.slice(0, 50).map((id) => ({ id })),
    posts: Array.from({ length: 150 }, (_, at) => ({
      type: 'MX' as const,
      name: `m${at}.${NAME}`,
      content: `mail${at}.example.net`,
      priority: 10,
      ttl: 300 as const,
    })),
  })
  await arrive()
  const lines = Array.from({ length: 10_000 }, (_, at) => `i${at} 300 IN A 203.0.113.${at % 250}\n`)
  const file = await toFile(Buffer.from(`$ORIGIN ${APEX}\n${lines.join('')}`), 'zone.txt')
  expect(await sdk.dns.records.import({ zone_id, file: file as unknown as string })).toMatchObject({
    recs_added: 10_000,
  })
  await arrive()
}

type Wait = (apex: string, options: { serial: number; deadlineMs: number }) => Promise<number>

/** The transfers out of a zone that ended well: by their form. */
async function formsSent(ours: Twinzone, zoneId: string): Promise<Map<string, number>> {
  const forms = new Map<string, number>()
  const sent = await ours.api<TransferEntry[]>('GET', `/api/v1/zones/${zoneId}/transfers?direction=out&limit=500`)
  for (const { form, outcome, asked } of sent) {
    // The comparison asks for the zone as a whole after each step; the secondary asks so but at first.
    if (outcome === 'done' && asked === 'IXFR') forms.set(String(form), (forms.get(String(form)) ?? 0) + 1)
  }
  return forms
}

async function stageWith(context: TestContext) {
  const stage = stageOf(context)
  // Nobody is let in but by the rules of the zone, and the test itself.
  const ours = await stage.twinzone({ environment: { TWINZONE_XFR_ALLOW: '127.0.0.0/8' } })
  return { stage, ours }
}

describe.each(peersToTest())('$title', { concurrent: true }, ({ name, missing }) => {
  test.skipIf(missing !== undefined)(
    'follows 300 edits, one by one and at once, a batch of 200 and an import of 10,000',
    { timeout: FOLLOW_MS },
    async (context) => {
      const { stage, ours } = await stageWith(context)
      const endpoint = await freeEndpoint()
      const zone = await editedZone(ours, [endpoint])
      const options = { zones: [{ apex: APEX }], primaries: [ours.endpoint], key: KEY, endpoint }
      const secondary = await stage.peer(name, options)
      await follow(ours, zone, {
        source: secondary.source,
        waitForSerial: (apex, wanted) => secondary.waitForSerial(apex, wanted),
      })
      const forms = await formsSent(ours, zone.zone_id)
      expect(
        forms.get('AXFR') ?? 0,
        `${printEndpoint(endpoint)} was sent the zone once, then differences`,
      ).toBeLessThan(5)
      expect(forms.get('IXFR') ?? 0).toBeGreaterThan(15)
    },
  )
})

test('a second twinzone follows them as well', { timeout: FOLLOW_MS }, async (context) => {
  const { stage, ours } = await stageWith(context)
  const theirs = await stage.twinzone()
  const zone = await editedZone(ours, [theirs.endpoint])
  await theirs.follow({ apex: APEX, primaries: [ours.endpoint], key: KEY })
  await follow(ours, zone, {
    source: theirs.source,
    waitForSerial: (apex, wanted) => theirs.waitForSerial(apex, wanted),
  })
})
