import { Resolver } from 'node:dns/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMessage } from '../../src/dns/message.ts'
import { TYPE } from '../hostile/message.ts'
import { exchange, questionMessage } from '../interop/ask.ts'
import { printEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'

let ours: Twinzone
const dns = new Resolver({ timeout: 5000 })

beforeAll(async () => {
  const nameServers = ['ns1.primary.example', 'ns2.primary.example']
  ours = await Twinzone.start({ config: { primary: { nameServers } } })
  dns.setServers([printEndpoint(ours.endpoint)])
}, 60_000)
afterAll(() => ours.remove())

interface Zone {
  readonly id: string
  readonly name_servers: readonly string[]
}

/** A zone that is edited here, once it is served. */
async function scene(name: string) {
  const zone = await ours.api<Zone>('POST', '/client/v4/zones', { name, account: { id: await ours.account() } })
  await ours.waitForSerial(`${name}.`, { serial: 1 })
  const path = `/client/v4/zones/${zone.id}/dns_settings`
  const patch = (body: object) => ours.api<object>('PATCH', path, body)
  const serial = async () => (await dns.resolveSoa(name)).serial
  /** TTLs of an RRset at the apex. */
  const ttls = async (type: number) => {
    const query = questionMessage({ name: `${name}.`, type })
    const octets = await exchange(ours.endpoint, query, { timeoutMs: 5000 })
    return readMessage(octets ?? new Uint8Array()).answer.map(({ ttl }) => ttl)
  }
  return { zone, patch, serial, ttls, path }
}

test('CF-107: the SOA record says what the settings say, from the answer to the change on', async () => {
  const { patch } = await scene('soa.example')
  expect(await dns.resolveSoa('soa.example')).toEqual({
    nsname: 'ns1.primary.example',
    hostmaster: 'hostmaster.soa.example',
    serial: 1,
    refresh: 10_000,
    retry: 2400,
    expire: 604_800,
    minttl: 1800,
  })
  const soa = {
    mname: 'ns.hidden.example',
    rname: 'dns.example',
    refresh: 7200,
    retry: 900,
    expire: 700_000,
    min_ttl: 60,
  }
  await patch({ soa })
  expect(await dns.resolveSoa('soa.example')).toEqual({
    nsname: 'ns.hidden.example',
    hostmaster: 'dns.example',
    serial: 2,
    refresh: 7200,
    retry: 900,
    expire: 700_000,
    minttl: 60,
  })
  await patch({ soa: { mname: null } })
  expect((await dns.resolveSoa('soa.example')).nsname).toBe('ns1.primary.example')
})

test('CF-107: so do the TTLs of the SOA record and of our NS records', async () => {
  const { patch, ttls } = await scene('ttl.example')
  expect([await ttls(TYPE.SOA), await ttls(TYPE.NS)]).toEqual([[3600], [86_400, 86_400]])
  await patch({ soa: { ttl: 900 }, ns_ttl: 1200 })
  expect([await ttls(TYPE.SOA), await ttls(TYPE.NS)]).toEqual([[900], [1200, 1200]])
})

test('a change of settings is one version, and none if it changes nothing that is served', async () => {
  const { patch, serial } = await scene('once.example')
  await patch({ multi_provider: true, secondary_overrides: true, foundation_dns: true })
  expect(await serial(), 'nothing of it shows').toBe(1)
  await patch({ ns_ttl: 3600, soa: { refresh: 3600, retry: 1800 } })
  expect(await serial()).toBe(2)
  await patch({ ns_ttl: 3600 })
  expect(await serial()).toBe(2)
  await patch({ flatten_all_cnames: true, zone_mode: 'dns_only' })
  expect(await serial()).toBe(2)
})

test('CF-106: serials follow the policy of the zone from its next version on, and never go back', async () => {
  const { patch, serial } = await scene('serial.example')
  await ours.api('PATCH', '/api/v1/zones/serial.example/settings', { serial: 'unixtime' })
  expect(await serial()).toBe(1)
  await patch({ ns_ttl: 3600 })
  const byClock = await serial()
  expect(byClock).toBeGreaterThan(1_700_000_000)
  await ours.api('PATCH', '/api/v1/zones/serial.example/settings', { serial: 'counter' })
  await patch({ ns_ttl: 3601 })
  expect(await serial()).toBe(byClock + 1)
})

test('settings and what is served of them are there again after a power cut', async (context) => {
  const server = await Twinzone.start()
  context.onTestFinished(() => server.remove())
  const own = new Resolver()
  own.setServers([printEndpoint(server.endpoint)])
  const { id } = await server.api<Zone>('POST', '/client/v4/zones', { name: 'kept.example' })
  await server.waitForSerial('kept.example.', { serial: 1 })
  await server.api('PATCH', `/client/v4/zones/${id}/dns_settings`, { soa: { ttl: 333, min_ttl: 99 } })
  await server.kill()
  await server.start()
  expect(await own.resolveSoa('kept.example')).toMatchObject({ serial: 2, minttl: 99 })
  const kept = await server.api<{ soa: { ttl: number } }>('GET', `/client/v4/zones/${id}/dns_settings`)
  expect(kept.soa.ttl).toBe(333)
})

test('names of nameservers of zones edited here are a setting of their own', async () => {
  const { zone } = await scene('names.example')
  expect(zone.name_servers).toEqual(['ns1.primary.example', 'ns2.primary.example'])
  expect((await dns.resolveNs('names.example')).sort()).toEqual(zone.name_servers)
  const account = { id: await ours.account() }
  const secondary = await ours.api<Zone>('POST', '/client/v4/zones', {
    name: 'second.example',
    type: 'secondary',
    account,
  })
  expect(secondary.name_servers.every((name) => name.includes('.secondary.'))).toBe(true)
})
