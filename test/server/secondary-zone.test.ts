/** A secondary zone as its owner sees it: what comes from the primary is what is served, and nothing else. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { readMessage } from '../../src/dns/message.ts'
import { askSerial, exchange, questionMessage } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { freeEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'
import { aRecord, nameRecord, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'

const HASTY = { limits: { checkSeconds: 1, checkTries: 1, connectSeconds: 1 } }

let ours: Twinzone
let count = 0

beforeAll(async () => {
  ours = await Twinzone.start({ config: HASTY })
}, 60_000)
afterAll(() => ours.remove())

interface Incoming {
  readonly soa_serial: number
  readonly created_time: string
  readonly checked_time: string
  readonly modified_time: string
}

interface DnsRecord {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content: string
}

/** A zone that follows one primary, and perhaps one that is dead. */
async function scene({ onTestFinished }: TestContext, { server = ours, dead = false } = {}) {
  const apex = `secondary${++count}.test.`
  const state = { serial: 7 }
  const script = honest(apex, () => ({
    ...state,
    soa: { refresh: 3600, retry: 600, expire: 86_400, mname: `hidden.${apex}` },
    records: [
      nameRecord(apex, TYPE.NS, `ns1.${apex}`),
      nameRecord(apex, TYPE.NS, 'ns.elsewhere.example.'),
      aRecord(`ns1.${apex}`, '192.0.2.1', { ttl: 77 }),
    ],
  }))
  const primary = await ScriptedPrimary.start(script)
  onTestFinished(() => primary.remove())
  const primaries = [...(dead ? [await freeEndpoint()] : []), primary.endpoint]
  const zoneId = await server.follow({ apex, primaries })
  await server.waitForSerial(apex, { serial: 7 })
  const path = `/client/v4/zones/${zoneId}`
  const incoming = () => server.api<Incoming>('GET', `${path}/secondary_dns/incoming`)
  return { apex, state, primary, zoneId, path, incoming }
}

/** The answer to a question, in the words of a master file. */
async function answered(name: string, type: number): Promise<string[]> {
  const octets = await exchange(ours.endpoint, questionMessage({ name, type }), { timeoutMs: 5000 })
  const { answer } = readMessage(octets ?? new Uint8Array())
  return answer.map(({ ttl, rdata }) => `${ttl} ${Buffer.from(rdata).toString('latin1')}`).sort()
}

test('CF-071, CF-072: a check that finds our serial fetches nothing and is noted; a change is noted as one', async (context) => {
  const { apex, state, primary, incoming } = await scene(context)
  const first = await waitFor('the first version', async () => {
    const shown = await incoming()
    return shown.soa_serial === 7 ? shown : undefined
  })
  const fetched = primary.asked(TYPE.AXFR).length + primary.asked(TYPE.IXFR).length
  await primary.notify(ours.endpoint, apex)
  const checked = await waitFor('a later check', async () => {
    const shown = await incoming()
    return shown.checked_time > first.checked_time ? shown : undefined
  })
  expect(checked).toEqual({ ...first, checked_time: checked.checked_time })
  expect(primary.asked(TYPE.AXFR).length + primary.asked(TYPE.IXFR).length).toBe(fetched)
  state.serial = 8
  await primary.notify(ours.endpoint, apex)
  const changed = await waitFor('serial 8', async () => {
    const shown = await incoming()
    return shown.soa_serial === 8 ? shown : undefined
  })
  expect(changed.modified_time > first.modified_time).toBe(true)
  expect(changed.checked_time >= changed.modified_time).toBe(true)
  expect(changed.created_time).toBe(first.created_time)
})

test('CF-064: a forced transfer fetches all of a zone whose serial is the same', async (context) => {
  const { primary, zoneId, path } = await scene(context)
  const before = primary.asked(TYPE.AXFR).length
  expect(await ours.api('POST', `${path}/secondary_dns/force_axfr`)).toBe('OK')
  await primary.waitForQuery(TYPE.AXFR, { count: before + 1 })
  await waitFor('two full transfers', async () => {
    const full = (await ours.transfers(zoneId)).filter(({ form, outcome }) => form === 'AXFR' && outcome === 'done')
    return full.length === 2 ? true : undefined
  })
})

test('CF-073: a dead primary keeps no zone from one that works, at first and later', async (context) => {
  const { apex, state, primary } = await scene(context, { dead: true })
  state.serial = 8
  await primary.notify(ours.endpoint, apex)
  await ours.waitForSerial(apex, { serial: 8 })
})

test('CF-074, CF-075: nameservers, SOA and TTLs are those of the primary, whatever the settings say', async (context) => {
  const { apex, path } = await scene(context)
  const shown = async () => ({
    soa: await answered(apex, TYPE.SOA),
    ns: await answered(apex, TYPE.NS),
    a: await answered(`ns1.${apex}`, TYPE.A),
    transferred: await pullZone(ours.source, apex),
  })
  const before = await shown()
  expect(before.soa[0]).toContain('hidden')
  expect([before.ns.length, before.a]).toEqual([2, ['77 À\0\x02\x01']])
  expect(before.transferred.filter((line) => line.includes(' NS '))).toEqual([
    `${apex} 300 IN NS ns.elsewhere.example.`,
    `${apex} 300 IN NS ns1.${apex}`,
  ])
  const soa = { mname: 'ns.settings.example', rname: 'host.settings.example', refresh: 7200, ttl: 900 }
  await ours.api('PATCH', `${path}/dns_settings`, { ns_ttl: 600, soa, multi_provider: false })
  expect(await shown()).toEqual(before)
})

test('CF-058: a zone without peers keeps its data, over a restart too, and nobody edits it', async (context) => {
  const server = await Twinzone.start({ config: HASTY })
  context.onTestFinished(() => server.remove())
  const { apex, state, primary, zoneId, path } = await scene(context, { server })
  const list = () => server.api<DnsRecord[]>('GET', `${path}/dns_records`)
  const shown = async () => (await list()).map(({ id, name, type, content }) => `${id} ${name} ${type} ${content}`)
  await server.setIncoming(zoneId, { apex, peerIds: [] })
  state.serial = 8
  await primary.notify(server.endpoint, apex)
  expect(await askSerial(server.endpoint, apex)).toBe(7)
  const before = await shown()
  const host = (await list()).find(({ type }) => type === 'A')
  for (const [method, at, body] of [
    ['POST', '', { type: 'A', name: 'new', content: '192.0.2.9', ttl: 60 }],
    ['PATCH', `/${host?.id}`, { content: '192.0.2.9' }],
    ['DELETE', `/${host?.id}`, undefined],
  ] as const)
    expect((await server.fetch(method, `${path}/dns_records${at}`, body)).status).toBe(400)
  await server.stop()
  await server.start()
  expect(await askSerial(server.endpoint, apex)).toBe(7)
  expect([before.length, await shown()]).toEqual([4, before])
})
