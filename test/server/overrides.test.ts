/** Overrides: records that people make in a secondary zone, answered in place of what its primary says. */

import { Resolver } from 'node:dns/promises'
import { expect, test, type TestContext } from 'vitest'
import { FakeResolver } from '../doubles/resolver.ts'
import { batches, record as wireRecord, soaRecord } from '../hostile/message.ts'
import { honest, ScriptedPrimary, smallZone } from '../hostile/primary.ts'
import { pullZone } from '../interop/compare.ts'
import { printEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'

const APEX = 'over.test.'
const EDGE4 = ['198.51.100.10', '198.51.100.11']
const EDGE6 = ['2001:db8:ed::1', '2001:db8:ed::2']
const EDGE = [...EDGE4, ...EDGE6]
const TARGETS = `
  edge.example.net.   1 A    192.0.2.201
  edge.example.net.   1 AAAA 2001:db8::201
  example.net.        1 SOA  ns.example.net. h.example.net. 1 2 3 4 1
`

interface DnsRecord {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly content: string
  readonly proxied: boolean
  readonly proxiable: boolean
  readonly ttl: number
  readonly meta: object
}

interface Refused {
  readonly errors: readonly { readonly code: number; readonly message: string }[]
}

/** A primary that is edited, and a secondary of it with proxies and a resolver. */
async function scene({ onTestFinished }: TestContext, { on = true }: { on?: boolean } = {}) {
  const resolver = await FakeResolver.start(TARGETS)
  const config = {
    primary: { proxyAddresses: EDGE },
    resolvers: [printEndpoint(resolver.endpoint)],
    flattening: { ttlMin: 1, ttlMax: 1 },
    limits: { overridesPerZone: 20 },
  }
  const [primary, ours] = await Promise.all([Twinzone.start(), Twinzone.start({ config })])
  onTestFinished(async () => {
    await Promise.all([primary.remove(), ours.remove()])
    await resolver.stop()
  })
  const made = await primary.api<{ id: string }>('POST', '/client/v4/zones', { name: 'over.test', type: 'full' })
  const source = `/client/v4/zones/${made.id}`
  const add = (type: string, name: string, content: string, more: object = {}) =>
    primary.api<DnsRecord>('POST', `${source}/dns_records`, { type, name, content, ttl: 60, ...more })
  await add('A', 'www', '192.0.2.1')
  await add('A', 'www', '192.0.2.2')
  await add('TXT', 'www', 'beside')
  await add('CNAME', 'alias', 'www.over.test')
  await add('A', 'over.test', '192.0.2.5')
  await add('A', 'plain', '192.0.2.9')
  await add('MX', 'over.test', 'www.over.test', { priority: 10 })
  const told = [await primary.addPeer({ endpoint: ours.endpoint })]
  await primary.api('POST', `${source}/secondary_dns/outgoing`, { name: APEX, peers: told })
  await primary.api('POST', `${source}/secondary_dns/outgoing/enable`)
  const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint] })
  await ours.waitForSerial(APEX)
  const path = `/client/v4/zones/${zoneId}`
  if (on) await ours.api('PATCH', `${path}/dns_settings`, { secondary_overrides: true })
  const dns = new Resolver({ timeout: 5000 })
  dns.setServers([printEndpoint(ours.endpoint)])
  const addresses = async (name: string) => {
    const found = await Promise.all([dns.resolve4(name), dns.resolve6(name)].map((each) => each.catch(() => [])))
    return found.flat().sort()
  }
  return {
    primary,
    ours,
    resolver,
    source,
    zoneId,
    path,
    dns,
    addresses,
    addAtPrimary: add,
    become: (name: string, wanted: readonly string[]) =>
      waitFor(`${name} at ${wanted.join()}`, async () =>
        (await addresses(name)).join() === [...wanted].sort().join() ? true : undefined,
      ),
    create: (body: object) => ours.api<DnsRecord>('POST', `${path}/dns_records`, body),
    refused: async (method: string, more: string, body?: object) => {
      const response = await ours.fetch(method, `${path}/dns_records${more}`, body)
      const { errors } = (await response.json()) as Refused
      return [response.status, ...errors.map(({ code }) => code)]
    },
    list: (query = '') => ours.api<DnsRecord[]>('GET', `${path}/dns_records${query}`),
    serial: async () => (await dns.resolveSoa('over.test')).serial,
  }
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex')

const proxiedHost = (name: string, more: object = {}) => ({
  type: 'A',
  name,
  content: '10.0.0.1',
  proxied: true,
  ...more,
})

test('CF-079: overrides are off until dns_settings turns them on, and go to rest when it turns them off', async (context) => {
  const { ours, path, create, refused, addresses, list } = await scene(context, { on: false })
  expect(await ours.api('GET', `${path}/dns_settings`)).toMatchObject({ secondary_overrides: false })
  expect(await refused('POST', '', proxiedHost('www'))).toEqual([400, 81_070])
  await ours.api('PATCH', `${path}/dns_settings`, { secondary_overrides: true })
  const before = await list()
  const made = await create(proxiedHost('www'))
  expect(await addresses('www.over.test')).toEqual(EDGE)
  await ours.api('PATCH', `${path}/dns_settings`, { secondary_overrides: false })
  expect(await addresses('www.over.test')).toEqual(['192.0.2.1', '192.0.2.2'])
  expect((await list()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  expect(await refused('DELETE', `/${made.id}`)).toEqual([400, 81_070])
  await ours.api('PATCH', `${path}/dns_settings`, { secondary_overrides: true })
  expect(await addresses('www.over.test')).toEqual(EDGE)
})

test('CF-080: a record with the name of a transferred one and proxied true overrides it, whatever its content', async (context) => {
  const { create, addresses, dns, list, serial, ours, primary, path } = await scene(context)
  const [before, wasServed] = [await serial(), await pullZone(ours.source, APEX)]
  const made = await create(proxiedHost('www.over.test'))
  expect(made).toMatchObject({
    type: 'A',
    name: 'www.over.test',
    content: '10.0.0.1',
    proxied: true,
    proxiable: true,
    ttl: 1,
  })
  expect(await addresses('www.over.test')).toEqual(EDGE)
  expect(await dns.resolveTxt('www.over.test'), 'what else the host has').toEqual([['beside']])
  expect(await addresses('alias.over.test'), 'by the alias too').toEqual(EDGE)
  expect(await addresses('plain.over.test')).toEqual(['192.0.2.9'])
  const listed = await list('?name=www.over.test')
  expect(listed.map(({ id, type, content, proxied }) => [id === made.id, type, content, proxied])).toEqual([
    [true, 'A', '10.0.0.1', true],
    [false, 'A', '192.0.2.1', true],
    [false, 'A', '192.0.2.2', true],
    [false, 'TXT', '"beside"', false],
  ])
  expect((await list('?proxied=true')).length).toBe(3)
  expect(await ours.api('GET', `${path}/dns_records/${made.id}`)).toMatchObject({ id: made.id })
  expect(await ours.api('GET', `${path}/dns_records/${listed[1]?.id}`)).toMatchObject({ content: '192.0.2.1' })
  expect(await serial(), 'what the primary said is as it was').toBe(before)
  expect(await pullZone(ours.source, APEX), 'and so it is handed on').toEqual(wasServed)
  expect(wasServed).toEqual(await pullZone(primary.source, APEX))
  await ours.api('DELETE', `${path}/dns_records/${made.id}`)
  expect(await addresses('www.over.test')).toEqual(['192.0.2.1', '192.0.2.2'])
  expect((await list('?proxied=true')).length).toBe(0)
})

test('CF-080: an override of a CNAME record, of one family only, changed and replaced', async (context) => {
  const { ours, create, addresses, dns, path } = await scene(context)
  const made = await create({ ...proxiedHost('alias'), settings: { ipv4_only: true } })
  expect(await addresses('alias.over.test')).toEqual(EDGE4)
  await expect(dns.resolveCname('alias.over.test')).rejects.toMatchObject({ code: 'ENODATA' })
  await ours.api('PATCH', `${path}/dns_records/${made.id}`, { settings: { ipv4_only: false, ipv6_only: true } })
  expect(await addresses('alias.over.test')).toEqual(EDGE6)
  await ours.api('PUT', `${path}/dns_records/${made.id}`, proxiedHost('plain'))
  expect(await addresses('alias.over.test')).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(await addresses('plain.over.test')).toEqual(EDGE)
})

test('CF-081: all addresses of the host are overridden, those that arrive later too, over a restart', async (context) => {
  const { ours, primary, source, create, addresses, become, addAtPrimary, list } = await scene(context)
  await create(proxiedHost('www'))
  await create(proxiedHost('later'))
  expect(await addresses('later.over.test'), 'there is no such host yet').toEqual([])
  const more = await addAtPrimary('AAAA', 'www', '2001:db8::7')
  await addAtPrimary('A', 'later', '192.0.2.7')
  await become('later.over.test', EDGE)
  expect(await addresses('www.over.test')).toEqual(EDGE)
  expect((await list('?name=www.over.test&type=AAAA')).map(({ proxied }) => proxied)).toEqual([true])
  await ours.kill()
  await ours.start()
  expect(await addresses('www.over.test')).toEqual(EDGE)
  await primary.api('DELETE', `${source}/dns_records/${more.id}`)
  const [gone] = await primary.api<DnsRecord[]>('GET', `${source}/dns_records?name=later.over.test`)
  await primary.api('DELETE', `${source}/dns_records/${gone?.id}`)
  await become('later.over.test', [])
  expect(await addresses('www.over.test')).toEqual(EDGE)
})

test('CF-082: a CNAME at the apex takes the place of transferred addresses until it is deleted', async (context) => {
  const { ours, path, create, addresses, become, resolver, dns, list, addAtPrimary } = await scene(context)
  const made = await create({ type: 'CNAME', name: 'over.test', content: 'edge.example.net' })
  expect(await addresses('over.test')).toEqual(['192.0.2.201', '2001:db8::201'])
  expect(await dns.resolveMx('over.test')).toMatchObject([{ exchange: 'www.over.test', priority: 10 }])
  const [address] = await list('?name=over.test&type=A')
  expect(address).toMatchObject({ content: '192.0.2.5', meta: { inactive: true } })
  resolver.set('edge.example.net. 1 A 192.0.2.202')
  await become('over.test', ['192.0.2.202'])
  const nowhere = await ours.api<DnsRecord>('PATCH', `${path}/dns_records/${made.id}`, { content: 'none.example.net' })
  expect([nowhere.id, await addresses('over.test')], 'no address is an answer').toEqual([made.id, []])
  await ours.api('PATCH', `${path}/dns_records/${made.id}`, { content: 'edge.example.net' })
  await become('over.test', ['192.0.2.202'])
  await addAtPrimary('A', 'over.test', '192.0.2.6')
  await waitFor('the new record', async () => ((await list('?content=192.0.2.6')).length > 0 ? true : undefined))
  expect(await addresses('over.test')).toEqual(['192.0.2.202'])
  await ours.kill()
  resolver.fails = true
  await ours.start()
  expect(await addresses('over.test'), 'the last good answer').toEqual(['192.0.2.202'])
  await ours.api('PATCH', `${path}/dns_records/${made.id}`, { proxied: true })
  expect(await addresses('over.test')).toEqual(EDGE)
  await ours.api('DELETE', `${path}/dns_records/${made.id}`)
  expect(await addresses('over.test')).toEqual(['192.0.2.5', '192.0.2.6'])
})

test('CF-083: in a zone that came signed everything is answered as it came', async (context) => {
  const { onTestFinished } = context
  const signature = Buffer.from(
    `00010d020000003c7fffffff00000001303904${hexOf('over')}04${hexOf('test')}00${'ab'.repeat(64)}`,
    'hex',
  )
  const state = { signed: true, serial: 1 }
  const primary = await ScriptedPrimary.start({
    ...honest(APEX, () => state),
    axfr: (line) => {
      const soa = soaRecord(APEX, state.serial)
      const more = state.signed ? [wireRecord(`ns1.${APEX}`, 46, signature)] : []
      for (const answer of batches([soa, ...smallZone(APEX, state.serial, more), soa])) line.answer({ answer })
    },
  })
  const ours = await Twinzone.start({ config: { primary: { proxyAddresses: EDGE } } })
  onTestFinished(async () => {
    await Promise.all([ours.remove(), primary.remove()])
  })
  const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], ixfr: false })
  await ours.waitForSerial(APEX)
  const path = `/client/v4/zones/${zoneId}`
  await ours.api('PATCH', `${path}/dns_settings`, { secondary_overrides: true })
  await ours.api('POST', `${path}/dns_records`, proxiedHost('ns1'))
  const dns = new Resolver({ timeout: 5000 })
  dns.setServers([printEndpoint(ours.endpoint)])
  expect(await dns.resolve4('ns1.over.test')).toEqual(['192.0.2.1'])
  const [listed] = await ours.api<DnsRecord[]>('GET', `${path}/dns_records?name=ns1.over.test&content=192.0.2.1`)
  expect(listed).toMatchObject({ proxied: false })
  Object.assign(state, { signed: false, serial: 2 })
  await ours.forceTransfer(zoneId)
  await ours.waitForSerial(APEX, { serial: 2 })
  expect((await dns.resolve4('ns1.over.test')).sort(), 'once no signature comes').toEqual(EDGE4)
})

test('CF-084, CF-149: only A, AAAA and CNAME records can be overrides, proxied or at the apex, without notes', async (context) => {
  const { refused, create, list } = await scene(context)
  const wrapped = [400, 1004]
  expect(await refused('POST', '', { type: 'TXT', name: 'www', content: 'x', proxied: true })).toEqual(wrapped)
  expect(await refused('POST', '', { type: 'A', name: 'www', content: '192.0.2.1' })).toEqual(wrapped)
  expect(await refused('POST', '', { type: 'CNAME', name: 'www', content: 'x.example' })).toEqual(wrapped)
  expect(await refused('POST', '', { type: 'A', name: 'over.test', content: '192.0.2.1' })).toEqual(wrapped)
  expect(await refused('POST', '', { ...proxiedHost('www'), comment: 'a word' })).toEqual(wrapped)
  expect(await refused('POST', '', { ...proxiedHost('www'), tags: ['a:b'] })).toEqual(wrapped)
  const made = await create(proxiedHost('www'))
  expect(await refused('POST', '', proxiedHost('www'))).toEqual([400, 81_058, 81_057])
  expect(await refused('PATCH', `/${made.id}`, { proxied: false })).toEqual([400, 12_109])
  const [transferred] = await list('?content=192.0.2.1')
  expect(await refused('DELETE', `/${transferred?.id}`), 'what came stays').toEqual([400, 81_070])
  expect(await refused('DELETE', `/${'0'.repeat(32)}`)).toEqual([404, 81_044])
  expect(await refused('POST', '/import')).toEqual([400, 81_070])
  const posts = Array.from({ length: 20 }, (_, at) => proxiedHost(`h${at}`))
  expect(await refused('POST', '/batch', { posts }), 'more than the limit').toEqual([400, 12_117])
  expect((await list()).filter(({ proxied }) => proxied).length, 'all or nothing').toBe(3)
})

test('CF-132: a zone that changes hands keeps what is proxied and its alias', async (context) => {
  const { ours, path, zoneId, create, addresses, become, list } = await scene(context)
  await create(proxiedHost('www', { settings: { ipv4_only: true } }))
  await create({ type: 'CNAME', name: 'over.test', content: 'edge.example.net' })
  await ours.setIncoming(zoneId, { apex: APEX, peerIds: [] })
  await ours.api('PATCH', path, { type: 'full' })
  const kinds = async () =>
    (await list())
      .filter(({ type }) => type === 'A' || type === 'CNAME')
      .map(({ name, type, content, proxied }) => `${name} ${type} ${content} ${proxied}`)
      .sort()
  expect(await kinds()).toEqual([
    'alias.over.test CNAME www.over.test false',
    'over.test CNAME edge.example.net false',
    'plain.over.test A 192.0.2.9 false',
    'www.over.test A 192.0.2.1 true',
    'www.over.test A 192.0.2.2 true',
  ])
  expect(await addresses('www.over.test')).toEqual(EDGE4)
  expect(await addresses('over.test')).toEqual(['192.0.2.201', '2001:db8::201'])
  await ours.api('PATCH', path, { type: 'secondary' })
  expect(await addresses('www.over.test')).toEqual(EDGE4)
  expect(await addresses('over.test')).toEqual(['192.0.2.201', '2001:db8::201'])
  const overrides = (await list()).filter(({ type, content }) => content.startsWith('192.0.2.1') || type === 'CNAME')
  expect(overrides.map(({ name, proxied }) => `${name} ${proxied}`)).toContain('over.test false')
  const { ok } = await ours.fetch('DELETE', path)
  expect(ok).toBe(true)
  await become('www.over.test', [])
})
