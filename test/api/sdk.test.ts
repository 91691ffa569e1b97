/** The official TypeScript SDK against a real port: the run of a secondary zone from the first key to the last delete. */

import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Cloudflare, { toFile, BadRequestError, NotFoundError, PermissionDeniedError } from 'cloudflare'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { FakeInternet } from './fake-internet.ts'
import { ask } from './questions.ts'
import { watch } from './sdk-watch.ts'
import { openWorld, TOKEN, type World } from './world.ts'

let world: World
let client: Cloudflare
let baseURL: string

/** Methods that are about DNS, zones and tokens, and that no test has called. */
const uncalled = new Set<string>()

/** What another provider answers for a zone that is to move here. */
const ELSEWHERE = `
scanned.example. NS ns.old.example.
ns.old.example. A 192.0.2.53
scanned.example. MX 10 mail.scanned.example.
www.scanned.example. A 192.0.2.80
`

beforeAll(async () => {
  world = await openWorld({ resolver: new FakeInternet(ELSEWHERE) })
  await world.api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = world.api.server.address() as AddressInfo
  baseURL = `http://127.0.0.1:${port}/client/v4`
  client = new Cloudflare({ apiToken: TOKEN, baseURL, maxRetries: 0 })
  watch(client.dns, 'dns', uncalled)
  watch(client.zones, 'zones', uncalled, { alone: true })
  watch(client.zones.holds, 'zones.holds', uncalled)
  watch(client.zones.activationCheck, 'zones.activationCheck', uncalled)
  watch(client.accounts, 'accounts', uncalled, { alone: true })
  watch(client.accounts.tokens, 'accounts.tokens', uncalled)
  watch(client.user.tokens, 'user.tokens', uncalled)
})

afterAll(async () => {
  await world.api.close()
})

test('CF-174: the SDK sets up a secondary zone, follows it, and takes everything away again', async () => {
  const { runtime } = world
  expect(await client.user.tokens.verify()).toMatchObject({ status: 'active' })
  const [account] = (await client.accounts.list()).result
  const account_id = account?.id ?? ''

  const { zoneTransfers } = client.dns
  const secret = 'caf79a7804b04337c9c66ccd7bef9190a1e1679b5dd03d8aa10f7ad45e1a9dab'
  const tsig = await zoneTransfers.tsigs.create({ account_id, name: 'tsig.customer.cf.', secret, algo: 'hmac-sha512.' })
  expect(tsig).toMatchObject({ name: 'tsig.customer.cf.', secret, algo: 'hmac-sha512.' })
  expect(await zoneTransfers.tsigs.get(tsig.id, { account_id })).toEqual(tsig)
  const rekeyed = { name: 'tsig.customer.cf.', secret: `${secret}AAAA`, algo: 'hmac-sha256.' }
  expect(await zoneTransfers.tsigs.update(tsig.id, { account_id, ...rekeyed })).toEqual({ id: tsig.id, ...rekeyed })

  const peer = await zoneTransfers.peers.create({ account_id, name: 'my-peer-1' })
  const whole = { name: 'my-peer-1', ip: '192.0.2.53', port: 53, ixfr_enable: true, tsig_id: tsig.id }
  expect(await zoneTransfers.peers.update(peer.id, { account_id, ...whole })).toEqual({ id: peer.id, ...whole })
  expect(await zoneTransfers.peers.get(peer.id, { account_id })).toEqual({ id: peer.id, ...whole })

  const acl = await zoneTransfers.acls.create({ account_id, name: 'my-acl-1', ip_range: '192.0.2.53/28' })
  expect(
    await zoneTransfers.acls.update(acl.id, { account_id, name: 'my-acl-2', ip_range: '192.0.2.53/28' }),
  ).toMatchObject({
    id: acl.id,
    name: 'my-acl-2',
  })
  expect(await zoneTransfers.acls.get(acl.id, { account_id })).toMatchObject({ id: acl.id, name: 'my-acl-2' })

  const zone = await client.zones.create({ account: { id: account_id }, name: 'www.example.com', type: 'secondary' })
  expect(zone).toMatchObject({ name: 'www.example.com', type: 'secondary', status: 'pending' })
  const zone_id = zone.id

  const config = { name: 'www.example.com.', peers: [peer.id], auto_refresh_seconds: 86_400 }
  const incoming = await zoneTransfers.incoming.create({ zone_id, ...config })
  expect(incoming).toMatchObject({ id: zone_id, ...config, soa_serial: 0 })
  expect(await zoneTransfers.incoming.get({ zone_id })).toEqual(incoming)
  const changed = await zoneTransfers.incoming.update({ zone_id, ...config, auto_refresh_seconds: 300 })
  expect(changed.auto_refresh_seconds).toBe(300)
  expect(await zoneTransfers.forceAXFR.create({ zone_id })).toBe('OK')
  expect(runtime.forced).toEqual([{ zoneId: zone_id, full: true }])

  const hosts = Array.from({ length: 250 }, (_, at) => `host${at} 60 A 192.0.2.${at}\n`).join('')
  runtime.setContents(zone_id, 'www.example.com.', `@ 60 SOA . . 1 1 1 1 1\n${hosts}`)
  const listed = []
  for await (const record of client.dns.records.list({ zone_id, per_page: 100 })) listed.push(record)
  expect(listed).toHaveLength(251)
  const found = await client.dns.records.list({ zone_id, name: { startswith: 'host24' }, type: 'A', order: 'content' })
  expect(found.result).toHaveLength(11)
  const [record] = found.result
  expect(await client.dns.records.get(record?.id ?? '', { zone_id })).toEqual(record)

  const zones = []
  for await (const each of client.zones.list({ account: { id: account_id }, type: ['secondary', 'full'] }))
    zones.push(each)
  expect(zones.map(({ id }) => id)).toEqual([zone_id])

  for (const list of [zoneTransfers.peers, zoneTransfers.tsigs, zoneTransfers.acls]) {
    const objects = []
    for await (const each of list.list({ account_id })) objects.push(each)
    expect(objects).toHaveLength(1)
  }

  expect(await zoneTransfers.incoming.delete({ zone_id })).toEqual({ id: zone_id })
  expect(await client.zones.delete({ zone_id })).toEqual({ id: zone_id })
  expect(await zoneTransfers.peers.delete(peer.id, { account_id })).toEqual({ id: peer.id })
  expect(await zoneTransfers.tsigs.delete(tsig.id, { account_id })).toEqual({ id: tsig.id })
  expect(await zoneTransfers.acls.delete(acl.id, { account_id })).toEqual({ id: acl.id })
})

test('CF-174: the SDK hands a zone on, with all seven calls, and forces a peer to look', async () => {
  const account_id = world.accountId
  const { outgoing, peers } = client.dns.zoneTransfers
  const { id: zone_id } = await client.zones.create({ account: { id: account_id }, name: 'out.example', type: 'full' })
  const [first, second] = [
    await peers.create({ account_id, name: 'secondary-1' }),
    await peers.create({ account_id, name: 'secondary-2' }),
  ]
  const made = await outgoing.create({ zone_id, name: 'out.example', peers: [first.id] })
  expect(made).toMatchObject({ id: zone_id, name: 'out.example.', peers: [first.id], soa_serial: 0 })
  expect(await outgoing.get({ zone_id })).toEqual(made)
  const both = [first.id, second.id]
  expect(await outgoing.update({ zone_id, name: 'out.example', peers: both })).toMatchObject({ peers: both })
  expect(await outgoing.status.get({ zone_id })).toBe('Disabled')
  expect(await outgoing.enable({ zone_id })).toBe('Enabled')
  expect(await outgoing.status.get({ zone_id })).toBe('Enabled')
  expect(await outgoing.forceNotify({ zone_id })).toBe('OK')
  expect(world.runtime.notified).toEqual([zone_id])
  expect(await outgoing.disable({ zone_id })).toBe('Disabled')
  expect(await outgoing.delete({ zone_id })).toEqual({ id: zone_id })
  await expect(outgoing.get({ zone_id })).rejects.toBeInstanceOf(NotFoundError)
  for (const { id } of [first, second]) await peers.delete(id, { account_id })
  await client.zones.delete({ zone_id })
})

test('CF-174: the SDK reads, changes, checks and holds a zone', async () => {
  const account = { id: world.accountId }
  const { id: zone_id } = await client.zones.create({ account, name: 'held.example', type: 'full' })
  expect(await client.zones.get({ zone_id })).toMatchObject({ id: zone_id, status: 'pending', paused: false })
  expect(await client.zones.edit({ zone_id, paused: true })).toMatchObject({ id: zone_id, paused: true })
  expect(await client.zones.activationCheck.trigger({ zone_id })).toEqual({ id: zone_id })
  const { holds } = client.zones
  expect(await holds.create({ zone_id, include_subdomains: true })).toMatchObject({ hold: true })
  expect(await holds.get({ zone_id })).toMatchObject({ hold: true, include_subdomains: true })
  expect(await holds.edit({ zone_id, include_subdomains: false })).toMatchObject({ include_subdomains: false })
  expect(await holds.delete({ zone_id })).toMatchObject({ hold: false })
  await client.zones.delete({ zone_id })
})

test('CF-174: the SDK reads and changes the settings of a zone and of an account, and finds no views', async () => {
  const account_id = world.accountId
  const zone_id = await world.zone('settings.example', 'full')
  const { account, zone } = client.dns.settings
  const before = await zone.get({ zone_id })
  expect(before).toMatchObject({ multi_provider: false, soa: { refresh: 10_000 } })
  const changed = await zone.edit({ zone_id, multi_provider: true, nameservers: { type: 'cloudflare.standard' } })
  expect(changed).toEqual({ ...before, multi_provider: true })
  const defaults = await account.get({ account_id })
  expect(defaults).toMatchObject({ enforce_dns_only: false, zone_defaults: { multi_provider: false } })
  const edited = await account.edit({ account_id, zone_defaults: { ns_ttl: 3600 } })
  expect(edited.zone_defaults).toEqual({ ...defaults.zone_defaults, ns_ttl: 3600 })
  await account.edit({ account_id, zone_defaults: { ns_ttl: 86_400 } })
  const views = []
  for await (const view of account.views.list({ account_id })) views.push(view)
  expect(views).toEqual([])
  await client.zones.delete({ zone_id })
})

test('CF-174: the SDK scans for records, looks through them, and takes what it wants', async () => {
  const { records } = client.dns
  const zone_id = await world.zone('scanned.example', 'full')
  await records.scanTrigger({ zone_id })
  const found = await vi.waitUntil(async () => {
    const listed = []
    for await (const each of records.scanList({ zone_id })) listed.push(each)
    return listed.length > 0 ? listed : undefined
  })
  const [mx, www] = ['MX', 'A'].map((wanted) => found.find(({ type }) => type === wanted))
  expect([found.length, mx?.content, www?.name]).toEqual([2, 'mail.scanned.example', 'www.scanned.example'])
  const accepts = [{ type: 'A', name: 'www.scanned.example', content: '192.0.2.80', ttl: 1 } as const]
  const wanted = accepts.map((each) => ({ ...each, id: www?.id ?? '' }))
  const reviewed = await records.scanReview({ zone_id, accepts: wanted, rejects: [{ id: mx?.id ?? '' }] })
  expect(reviewed).toMatchObject({ accepts, rejects: [mx?.id] })
  expect((await records.list({ zone_id })).result).toHaveLength(1)
  expect(await records.scan({ zone_id })).toMatchObject({ recs_added: 1, total_records_parsed: 2 })
  await client.zones.delete({ zone_id })
})

test('CF-174: the SDK reads and renames accounts, knows its user, and finds the groups and tokens of an account', async () => {
  const account_id = world.accountId
  const before = await client.accounts.get({ account_id })
  const renamed = { account_id, id: account_id, name: 'Renamed', type: 'standard' } as const
  expect(await client.accounts.update(renamed)).toMatchObject({ id: account_id, name: 'Renamed' })
  await client.accounts.update({ ...renamed, name: before.name })
  expect(await client.user.get()).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/) })

  const { tokens } = client.accounts
  const groups = await tokens.permissionGroups.get({ account_id, name: 'DNS Read' })
  const listed = []
  for await (const each of tokens.permissionGroups.list({ account_id })) listed.push(each.name)
  expect([groups.map(({ name }) => name), listed.includes('DNS Read')]).toEqual([['DNS Read'], true])
  const policies = [
    {
      effect: 'allow' as const,
      permission_groups: groups.map(({ id }) => ({ id: id ?? '' })),
      resources: { [`com.cloudflare.api.account.${account_id}`]: { 'com.cloudflare.api.account.zone.*': '*' } },
    },
  ]
  const made = await tokens.create({ account_id, name: 'reader', policies })
  const id = made.id ?? ''
  expect(await tokens.get(id, { account_id })).toMatchObject({ id, name: 'reader', status: 'active' })
  const update = { account_id, name: 'idle', policies, status: 'disabled' } as const
  expect(await tokens.update(id, update)).toMatchObject({ id, name: 'idle', status: 'disabled' })
  expect(await tokens.verify({ account_id })).toMatchObject({ status: 'active' })
  await tokens.delete(id, { account_id })
})

test('CF-150 CF-151 CF-152: the SDK makes, reads, changes, rolls, verifies and removes tokens', async () => {
  const account_id = world.accountId
  const { tokens } = client.user
  const group = async (name: string) => {
    const found = []
    for await (const each of tokens.permissionGroups.list({ name })) found.push(each)
    return { id: found[0]?.id ?? '' }
  }
  const zone_id = await world.zone('tokens.example')
  const policies = [
    {
      effect: 'allow' as const,
      permission_groups: [await group('DNS Write'), await group('Zone Read')],
      resources: { [`com.cloudflare.api.account.zone.${zone_id}`]: '*' },
    },
  ]
  const made = await tokens.create({
    name: 'readonly token',
    policies,
    condition: { request_ip: { in: ['127.0.0.0/8', '::1/128'], not_in: ['192.0.2.0/24'] } },
    expires_on: '2099-01-01T00:00:00Z',
  })
  expect(made).toMatchObject({
    name: 'readonly token',
    status: 'active',
    condition: { request_ip: { not_in: ['192.0.2.0/24'] } },
  })
  const id = made.id ?? ''
  const limited = new Cloudflare({ apiToken: made.value ?? '', baseURL, maxRetries: 0 })
  expect(await limited.user.tokens.verify()).toEqual({ id, status: 'active', expires_on: '2099-01-01T00:00:00Z' })
  expect((await limited.zones.list()).result.map(({ name }) => name)).toEqual(['tokens.example'])
  await expect(limited.zones.delete({ zone_id })).rejects.toBeInstanceOf(PermissionDeniedError)
  await expect(limited.user.tokens.list()).rejects.toBeInstanceOf(PermissionDeniedError)
  const { value: _value, ...shown } = made
  const { last_used_on: usedOn, ...got } = await tokens.get(id)
  expect([usedOn !== undefined, got]).toEqual([true, shown])
  const listed = []
  for await (const each of tokens.list({ direction: 'desc' })) listed.push(each.id)
  expect(listed).toEqual([id])
  expect(await tokens.update(id, { name: 'renamed', policies, status: 'active' })).toMatchObject({
    id,
    name: 'renamed',
  })
  const secret = await tokens.value.update(id, { body: {} })
  expect(secret).toMatch(/^[\w-]{40,80}$/)
  await expect(limited.zones.list()).rejects.toBeInstanceOf(PermissionDeniedError)
  expect(await tokens.delete(id)).toEqual({ id })

  const other = await client.accounts.create({ name: 'Second', type: 'standard' })
  const owned = { account_id: other?.id ?? '' }
  const zones = { [`com.cloudflare.api.account.${owned.account_id}`]: { 'com.cloudflare.api.account.zone.*': '*' } }
  const theirs = await client.accounts.tokens.create({
    ...owned,
    name: 'theirs',
    policies: [{ ...policies[0], effect: 'allow', permission_groups: [await group('Zone Write')], resources: zones }],
  })
  const stranger = new Cloudflare({ apiToken: theirs.value ?? '', baseURL, maxRetries: 0 })
  expect(await stranger.accounts.tokens.verify(owned)).toMatchObject({ id: theirs.id, status: 'active' })
  await expect(stranger.zones.get({ zone_id })).rejects.toBeInstanceOf(NotFoundError)
  await expect(stranger.accounts.tokens.verify({ account_id })).rejects.toBeInstanceOf(NotFoundError)
  const zone = await stranger.zones.create({ account: { id: owned.account_id }, name: 'second.example', type: 'full' })
  expect(zone.account.id).toBe(owned.account_id)
  await stranger.zones.delete({ zone_id: zone.id })
  expect(await client.accounts.tokens.value.update(theirs.id ?? '', owned)).toHaveLength(40)
  expect((await client.accounts.tokens.list(owned)).result).toHaveLength(1)
  expect(await client.accounts.tokens.delete(theirs.id ?? '', owned)).toEqual({ id: theirs.id })
  expect((await client.memberships.list()).result.map(({ account }) => account?.name)).toEqual([
    'Default account',
    'Second',
  ])
  await client.accounts.delete(owned)
  await client.zones.delete({ zone_id })
})

test('CF-174: the SDK makes, changes, lists, exports, imports and removes records', async () => {
  const { records, usage } = client.dns
  const account_id = world.accountId
  const { id: zone_id } = await client.zones.create({
    account: { id: account_id },
    name: 'edited.example',
    type: 'full',
  })
  const a = await records.create({ zone_id, type: 'A', name: 'www', content: '192.0.2.1', ttl: 120, comment: 'web' })
  expect(a).toMatchObject({ name: 'www.edited.example', content: '192.0.2.1', ttl: 120, comment: 'web', tags: [] })
  expect(await records.edit(a.id, { zone_id, type: 'A', name: 'www', ttl: 1, proxied: true })).toMatchObject({
    content: '192.0.2.1',
    proxied: true,
    comment: 'web',
  })
  const overwritten = { zone_id, type: 'A', name: 'www', content: '192.0.2.2', ttl: 60, tags: ['a:b'] } as const
  const replaced = await records.update(a.id, { ...overwritten, tags: [...overwritten.tags] })
  expect(replaced).toMatchObject({ content: '192.0.2.2', ttl: 60, tags: ['a:b'], comment: null })
  expect(await records.get(a.id, { zone_id })).toEqual(replaced)

  const batch = await records.batch({
    zone_id,
    posts: Array.from({ length: 150 }, (_, at) => ({ type: 'TXT', name: `t${at}`, content: `"${at}"`, ttl: 1 })),
    patches: [{ id: a.id, type: 'A', name: 'www', content: '192.0.2.3', ttl: 60 }],
  })
  expect([batch.posts?.length, batch.patches?.[0]?.content]).toEqual([150, '192.0.2.3'])
  const listed = []
  for await (const record of records.list({ zone_id, per_page: 50 })) listed.push(record.id)
  expect(new Set(listed).size).toBe(151)
  const found = await records.list({
    zone_id,
    tag: { exact: 'a:b' },
    comment: { absent: '' },
    content: { startswith: '192' },
  })
  expect(found.result.map(({ id }) => id)).toEqual([a.id])
  const hidden = await records.list({ zone_id, include_shadow_metadata: true, per_page: 1 })
  expect(hidden.result_info).toMatchObject({ per_page: 1, total_count: 151 })

  const text = await records.export({ zone_id })
  expect(text).toContain('www.edited.example.\t60\tIN\tA\t192.0.2.3 ; cf_tags=cf-proxied:false,a:b\n')
  expect(await records.delete(a.id, { zone_id })).toEqual({ id: a.id })
  const file = await toFile(Buffer.from(text), 'zone.txt')
  const imported = await records.import({ zone_id, file: file as unknown as string, proxied: 'false' })
  expect(imported).toMatchObject({ recs_added: 1, total_records_parsed: 154 })
  expect(await usage.zone.get({ zone_id })).toEqual({ record_quota: null, record_usage: 151 })
  expect(await usage.account.get({ account_id })).toMatchObject({ record_usage: 151, internal_record_usage: 0 })

  const reviewed = await records.scanReview({ zone_id, accepts: [], rejects: [] })
  expect(reviewed).toEqual({ accepts: [], rejects: [] })
  const identical = await records.create({ zone_id, type: 'TXT', name: 't1', content: '"1"', ttl: 1 }).catch((e) => e)
  expect(identical).toBeInstanceOf(BadRequestError)
  expect(identical.errors[0]).toMatchObject({ code: 81_058, message: 'An identical record already exists.' })
  await client.zones.delete({ zone_id })
})

test('the SDK reads what was asked of a zone, as a whole and by time', async () => {
  const zone_id = await world.zone('asked.example')
  ask(world, { question: 'www.asked.example. AAAA', times: 3 })
  ask(world, { question: 'asked.example. A', rcode: 'NXDOMAIN' })
  world.clock.now += 60_000
  const asked = { zone_id, metrics: 'queryCount,uncachedCount', dimensions: 'queryName,responseCode' }
  const since = '2026-04-05T11:59:00Z'
  const report = await client.dns.analytics.reports.get({ ...asked, since, filters: 'queryType==AAAA', limit: 5 })
  expect(report.data).toEqual([{ dimensions: ['www.asked.example', 'NOERROR'], metrics: [3, 3] }])
  expect(report).toMatchObject({ rows: 1, totals: { queryCount: 3 }, query: { filters: 'queryType==AAAA', limit: 5 } })
  const { bytimes } = client.dns.analytics.reports
  const byTime = await bytimes.get({ ...asked, since, sort: '+responseCode,-queryCount', time_delta: 'minute' })
  expect(byTime.data.map(({ metrics }) => metrics[0])).toEqual([
    [0, 3],
    [0, 1],
  ])
  expect(byTime).toMatchObject({
    query: { sort: ['+responseCode', '-queryCount'], time_delta: 'minute' },
    time_intervals: [
      [since, '2026-04-05T12:00:00Z'],
      ['2026-04-05T12:00:00Z', '2026-04-05T12:01:00Z'],
    ],
  })
  await client.zones.delete({ zone_id })
})

test('the SDK tells errors apart by status, and has our codes', async () => {
  const account_id = world.accountId
  const failed = async (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error)
  const missing = await failed(client.zones.get({ zone_id: '0123456789abcdef0123456789abcdef' }))
  expect(missing).toBeInstanceOf(NotFoundError)
  const wrong = await failed(client.dns.zoneTransfers.acls.create({ account_id, name: 'a', ip_range: '0.0.0.0/0' }))
  expect(wrong).toBeInstanceOf(BadRequestError)
  expect(wrong).toMatchObject({ errors: [{ code: 12_003 }] })
  const stranger = new Cloudflare({ apiToken: 'nothing-we-know-of-0123456789', baseURL, maxRetries: 0 })
  expect(await failed(stranger.zones.list())).toBeInstanceOf(PermissionDeniedError)
})

test('CF-174: no method about DNS, zones and tokens was left out, but for signing and for views of internal zones', async (context) => {
  const others = context.task.file.tasks.filter(({ name }) => name !== context.task.name)
  context.skip(
    others.some(({ mode }) => mode === 'skip'),
    'not all tests of this file run',
  )
  expect([...uncalled].sort()).toEqual([
    'dns.dnssec.delete',
    'dns.dnssec.edit',
    'dns.dnssec.get',
    'dns.dnssec.zsk.list',
    'dns.settings.account.views.create',
    'dns.settings.account.views.delete',
    'dns.settings.account.views.edit',
    'dns.settings.account.views.get',
  ])
})

test('CF-014: a base address with a slash at its end works as well', async () => {
  const slashed = new Cloudflare({ apiToken: TOKEN, baseURL: `${baseURL}/`, maxRetries: 0 })
  expect((await slashed.zones.list()).result).toEqual([])
})

test('contents are let go when the client goes away in the middle of a list', async () => {
  const { runtime } = world
  const id = await world.zone('long.example')
  const hosts = Array.from({ length: 20_000 }, (_, at) => `host${at} 60 A 192.0.2.1\n`).join('')
  runtime.setContents(id, 'long.example.', `@ 60 SOA . . 1 1 1 1 1\n${hosts}`)
  const going = new AbortController()
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await fetch(`${baseURL}/zones/${id}/dns_records?per_page=5000000`, { headers, signal: going.signal })
  await answer.body?.getReader().read()
  expect(runtime.held).toBe(1)
  going.abort()
  await expect.poll(() => runtime.held).toBe(0)
})

test('the server stops although a client holds a connection on which it never asked anything', async () => {
  const { api } = await openWorld()
  await api.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((api.server.address() as AddressInfo).port, '127.0.0.1')
  await once(api.server, 'connection')
  const closed = once(socket, 'close')
  socket.resume()
  await api.close()
  await closed
})

async function gathered<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of list) all.push(each)
  return all
}

test('the SDK goes through members, roles and memberships page by page', async () => {
  const [account] = (await client.accounts.list()).result
  const account_id = account?.id ?? ''
  const members = await gathered(client.accounts.members.list({ account_id, per_page: 5 }))
  const roles = await gathered(client.accounts.roles.list({ account_id }))
  const [membership] = await gathered(client.memberships.list())
  expect(members.map(({ user }) => user?.email)).toEqual(['admin@twinzone.invalid'])
  expect(members[0]?.roles?.[0]).toEqual(roles[0])
  expect(membership).toMatchObject({ status: 'accepted', account: { id: account_id }, roles: [roles[0]?.name] })
  expect(await client.accounts.members.get(members[0]?.id ?? '', { account_id })).toEqual(members[0])
})
