/** What of a zone is handed on, and to whom: the rules of outgoing transfers, seen by a secondary. */

import { Resolver } from 'node:dns/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMessage, type Message } from '../../src/dns/message.ts'
import { parseName } from '../../src/dns/name.ts'
import { toSerial } from '../../src/dns/serial.ts'
import { ixfrQuery } from '../../src/protocol/primary-query.ts'
import { exchange } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { freeEndpoint, printEndpoint } from '../interop/endpoint.ts'
import { PrimaryZone } from '../interop/primary-zone.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'
import { RCODE, TYPE } from '../hostile/message.ts'

const PROXIES = ['192.0.2.80', '192.0.2.81', '2001:db8::80', '2001:db8::81']

let ours: Twinzone
let zones = 0
const dns = new Resolver({ timeout: 5000 })

beforeAll(async () => {
  const nameServers = ['ns1.ours.example', 'ns2.ours.example']
  ours = await Twinzone.start({
    environment: { TWINZONE_XFR_ALLOW: '' },
    config: { primary: { proxyAddresses: PROXIES, nameServers } },
  })
  dns.setServers([printEndpoint(ours.endpoint)])
}, 60_000)
afterAll(() => ours.remove())

/** A zone that is handed on to loopback, to a peer that we would not ask for differences. */
async function scene() {
  const apex = `handed${++zones}.test.`
  const zone = await PrimaryZone.make(ours, apex)
  const peer = await ours.addPeer({ endpoint: await freeEndpoint(), ixfr: false })
  await zone.outgoing('POST', '', { name: apex, peers: [peer] })
  await zone.outgoing('POST', '/enable')
  const name = apex.replace(/\.$/, '')
  const pulled = async () => (await pullZone(ours.source, apex)).map((line) => line.replaceAll(apex, '@'))
  return { zone, apex, name, pulled }
}

/** The answer to an IXFR by UDP: its RCODE, and the types of its records in their order. */
async function differences({ apex }: PrimaryZone, since: number, from = '127.0.0.1'): Promise<(number | string)[]> {
  const query = ixfrQuery({ apex: parseName(apex), id: 7, edns: true }, toSerial(since))
  const octets = await exchange(ours.endpoint, query, { timeoutMs: 5000, from })
  const { rcode, answer }: Message = readMessage(octets ?? new Uint8Array())
  return [rcode, ...answer.map(({ type }) => type)]
}

const { SOA, A } = TYPE
const WHOLE = [RCODE.NOERROR, SOA]

test('CF-034, CF-096: a peer gets differences although we would not ask it for any, and the zone where they are unknown', async () => {
  const { zone } = await scene()
  const first = await zone.serial()
  await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
  expect(await differences(zone, first)).toEqual([RCODE.NOERROR, SOA, SOA, SOA, A, SOA])
  // By UDP one SOA says that it is more: the zone, by TCP.
  expect(await differences(zone, first - 1)).toEqual(WHOLE)
})

test('CF-089, CF-090: the backlog is empty after force_notify and after disable, and nobody gets a zone that is disabled', async () => {
  const { zone, pulled } = await scene()
  const first = await zone.serial()
  await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
  expect(await differences(zone, first)).toHaveLength(6)
  expect(await zone.outgoing('POST', '/force_notify')).toBe('OK')
  expect(await differences(zone, first)).toEqual(WHOLE)
  const second = await zone.serial()
  await zone.add({ type: 'A', name: 'two', content: '192.0.2.2' })
  expect(await differences(zone, second), 'what came later is kept').toHaveLength(6)
  expect(await zone.outgoing('POST', '/disable')).toBe('Disabled')
  expect(await differences(zone, second)).toEqual([RCODE.REFUSED])
  await expect(pulled()).rejects.toThrow('AXFR')
  expect(await zone.outgoing('POST', '/enable')).toBe('Enabled')
  expect(await differences(zone, second)).toEqual(WHOLE)
  expect(await pulled()).toContain('two.@ 300 IN A 192.0.2.2')
})

test('CF-050, CF-052: an ACL lets its network have all zones of its account, and none of another', async () => {
  const [one, two] = [await scene(), await scene()]
  const { id: account } = await ours.api<{ id: string }>('POST', '/client/v4/accounts', { name: 'Other' })
  const acls = `/client/v4/accounts/${account}/secondary_dns/acls`
  const from = '127.0.6.6'
  const zones = [one.zone, two.zone]
  const rcodes = async () =>
    (await Promise.all(zones.map((zone) => differences(zone, 0, from)))).map(([rcode]) => rcode)
  await ours.api('POST', acls, { name: 'theirs', ip_range: '127.0.6.0/24' })
  expect(await rcodes()).toEqual([RCODE.REFUSED, RCODE.REFUSED])
  const own = acls.replace(account, await ours.account())
  const { id } = await ours.api<{ id: string }>('POST', own, { name: 'ours', ip_range: '127.0.6.0/24' })
  expect(await rcodes()).toEqual([RCODE.NOERROR, RCODE.NOERROR])
  await ours.api('DELETE', `${own}/${id}`)
})

test('CF-098: a proxied record is handed on as two addresses of each family, and where it leads stays here', async () => {
  const { zone, name, pulled } = await scene()
  const records = `/client/v4/zones/${zone.id}/dns_records`
  for (const record of [
    { type: 'A', name: `www.${name}`, content: '198.51.100.1' },
    { type: 'CNAME', name: `alias.${name}`, content: 'origin.example.net' },
    { type: 'AAAA', name: `*.wild.${name}`, content: '2001:db8::dead' },
  ])
    await ours.api('POST', records, { ...record, ttl: 1, proxied: true })
  const lines = await pulled()
  for (const owner of ['www', 'alias', '*.wild'])
    expect(lines.filter((line) => line.startsWith(`${owner}.@ `))).toEqual([
      `${owner}.@ 300 IN A 192.0.2.80`,
      `${owner}.@ 300 IN A 192.0.2.81`,
      `${owner}.@ 300 IN AAAA 2001:db8::80`,
      `${owner}.@ 300 IN AAAA 2001:db8::81`,
    ])
  expect(lines.join('\n')).not.toMatch(/198\.51\.100\.1|origin|dead/)
  expect((await dns.resolve4(`www.${name}`)).sort()).toEqual(['192.0.2.80', '192.0.2.81'])
})

test('CF-124: where an account enforces DNS only, proxied records are answered as they are', async () => {
  const { id } = await ours.api<{ id: string }>('POST', '/client/v4/accounts', { name: 'DNS only' })
  const settings = `/client/v4/accounts/${id}/dns_settings`
  const body = { name: 'enforced.test', account: { id } }
  const zone = await ours.api<{ id: string }>('POST', '/client/v4/zones', body)
  await ours.waitForSerial('enforced.test.', { serial: 1 })
  const record = { type: 'A', name: 'www.enforced.test', content: '198.51.100.1', ttl: 1, proxied: true }
  await ours.api('POST', `/client/v4/zones/${zone.id}/dns_records`, record)
  const addresses = async () => (await dns.resolve4('www.enforced.test')).sort()
  expect(await addresses()).toEqual(['192.0.2.80', '192.0.2.81'])
  await ours.api('PATCH', settings, { enforce_dns_only: true })
  await waitFor('the address itself', async () => ((await addresses())[0] === '198.51.100.1' ? true : undefined))
  await ours.api('PATCH', settings, { enforce_dns_only: false })
  await waitFor('addresses of proxies', async () => ((await addresses())[0] === '192.0.2.80' ? true : undefined))
})

test('CF-103: a TXT record that somebody entered to prove a name is handed on', async () => {
  const { zone, pulled } = await scene()
  await zone.add({ type: 'TXT', name: '_acme-challenge.www', content: '"proof"' })
  expect(await pulled()).toContain('_acme-challenge.www.@ 300 IN TXT "proof"')
})

test('CF-104, CF-105: nameservers of others are left out, in answers and transfers, without multi_provider', async () => {
  const { zone, name, pulled } = await scene()
  await ours.api('POST', `/client/v4/zones/${zone.id}/dns_records`, {
    type: 'NS',
    name,
    content: 'ns.theirs.example',
    ttl: 3600,
  })
  const seen = async () => ({
    answered: (await dns.resolveNs(name)).sort(),
    transferred: (await pulled()).flatMap((line) => / NS (\S+)\.$/.exec(line)?.[1] ?? []).sort(),
  })
  const own = ['ns1.ours.example', 'ns2.ours.example']
  expect(await seen()).toEqual({ answered: own, transferred: own })
  await ours.api('PATCH', `/client/v4/zones/${zone.id}/dns_settings`, { multi_provider: true })
  const all = ['ns.theirs.example', ...own]
  expect(await seen()).toEqual({ answered: all, transferred: all })
})
