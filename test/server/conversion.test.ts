import { Resolver } from 'node:dns/promises'
import { expect, test, type TestContext } from 'vitest'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'
import { printEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'

interface Zone {
  readonly id: string
  readonly type: string
  readonly name_servers: readonly string[]
}

interface DnsRecord {
  readonly type: string
  readonly name: string
  readonly content: string
}

/** A server with a primary, and a secondary zone that has come from it. */
async function scene({ onTestFinished }: TestContext) {
  const apex = 'moving.test.'
  const state = { serial: 7 }
  const primary = await ScriptedPrimary.start(honest(apex, () => state))
  const ours = await Twinzone.start({ config: { primary: { nameServers: ['ns1.ours.example', 'ns2.ours.example'] } } })
  onTestFinished(async () => {
    await ours.remove()
    await primary.remove()
  })
  const peerId = await ours.addPeer({ endpoint: primary.endpoint })
  const zoneId = await ours.addZone({ apex, peerIds: [peerId] })
  await ours.waitForSerial(apex, { serial: 7 })
  const path = `/client/v4/zones/${zoneId}`
  const dns = new Resolver()
  dns.setServers([printEndpoint(ours.endpoint)])
  const convert = (type: string) => ours.fetch('PATCH', path, { type })
  const unlink = () => ours.setIncoming(zoneId, { apex, peerIds: [] })
  const list = async () =>
    (await ours.api<DnsRecord[]>('GET', `${path}/dns_records`))
      .filter(({ type }) => type !== 'SOA')
      .map(({ type, name, content }) => `${name} ${type} ${content}`)
      .sort()
  const serial = async () => (await dns.resolveSoa('moving.test')).serial
  return { ours, apex, state, primary, peerId, zoneId, path, dns, convert, unlink, list, serial }
}

test('CF-132: a secondary zone that becomes full keeps its records, its SOA fields and its serial, and is edited from then on', async (context) => {
  const { ours, path, dns, convert, unlink, list, serial } = await scene(context)
  const before = await list()
  const soa = await dns.resolveSoa('moving.test')
  const linked = await convert('full')
  expect([linked.status, ((await linked.json()) as { errors: { code: number }[] }).errors[0]?.code]).toEqual([
    400, 12_308,
  ])
  await unlink()
  const converted = await convert('full')
  expect(converted.status).toBe(200)
  const { result } = (await converted.json()) as { result: Zone }
  expect([result.type, result.name_servers]).toEqual(['full', ['ns1.ours.example', 'ns2.ours.example']])
  expect(await list()).toEqual(before)
  expect(await dns.resolveSoa('moving.test')).toEqual({ ...soa, serial: 8 })
  expect(await dns.resolveNs('moving.test'), 'nameservers of others stay beside ours').toEqual(
    expect.arrayContaining(['ns1.ours.example', 'ns2.ours.example', 'ns1.moving.test']),
  )
  expect(await ours.api('GET', `${path}/dns_settings`)).toMatchObject({ multi_provider: true })
  await ours.api('POST', `${path}/dns_records`, { type: 'A', name: 'new', content: '192.0.2.9', ttl: 60 })
  expect(await dns.resolve4('new.moving.test')).toEqual(['192.0.2.9'])
  expect(await serial()).toBe(9)
  expect((await ours.fetch('GET', `${path}/secondary_dns/incoming`)).status, 'it comes from nowhere').toBe(404)
  await ours.kill()
  await ours.start()
  expect([await serial(), (await list()).length]).toEqual([9, before.length + 1])
})

test('CF-132, CF-135: a full zone that becomes secondary is served until the first transfer, over a restart, and follows its primary whatever the serial', async (context) => {
  const { ours, apex, peerId, zoneId, path, dns, convert, unlink, list, serial } = await scene(context)
  const transferred = await list()
  await unlink()
  await convert('full')
  await ours.api('POST', `${path}/dns_records`, { type: 'A', name: 'ours', content: '192.0.2.9', ttl: 60 })
  const converted = await convert('secondary')
  expect(converted.status).toBe(200)
  const { result } = (await converted.json()) as { result: Zone }
  expect(result.name_servers.every((name) => name.includes('.secondary.'))).toBe(true)
  expect(await dns.resolve4('ours.moving.test')).toEqual(['192.0.2.9'])
  expect((await ours.fetch('POST', `${path}/dns_records`, { type: 'A', name: 'x', content: '192.0.2.1' })).status).toBe(
    400,
  )
  await ours.kill()
  await ours.start()
  expect(await dns.resolve4('ours.moving.test')).toEqual(['192.0.2.9'])
  expect(await serial(), 'beyond what the primary has').toBeGreaterThan(7)
  await ours.setIncoming(zoneId, { apex, peerIds: [peerId] }, 'POST')
  await ours.waitForSerial(apex, { serial: 7 })
  expect(await list()).toEqual(transferred)
  await ours.kill()
  await ours.start()
  expect(await serial()).toBe(7)
})

test('a zone that has not come can be converted both ways', async ({ onTestFinished }) => {
  const ours = await Twinzone.start()
  onTestFinished(() => ours.remove())
  const { id } = await ours.api<Zone>('POST', '/client/v4/zones', { name: 'empty.test', type: 'secondary' })
  await ours.api('PATCH', `/client/v4/zones/${id}`, { type: 'full' })
  await ours.waitForSerial('empty.test.', { serial: 1 })
  await ours.api('PATCH', `/client/v4/zones/${id}`, { type: 'secondary' })
  await ours.api('PATCH', `/client/v4/zones/${id}`, { type: 'full' })
  const record = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 60 }
  await waitFor('a record', async () =>
    (await ours.fetch('POST', `/client/v4/zones/${id}/dns_records`, record)).ok ? true : undefined,
  )
})
