import { expect, test } from 'vitest'
import { NAME_SERVERS, openWorld, STRANGE_ID } from './world.ts'

const names = ({ body }: { body: { result: { name: string }[] } }) => body.result.map(({ name }) => name)

test('CF-128, CF-129, CF-135: a secondary zone is made, is pending, and has two nameservers for secondaries', async () => {
  const { call, accountId } = await openWorld()
  const account = { id: accountId }
  const { status, body } = await call('POST', '/zones', { account, name: 'Example.ORG.', type: 'secondary' })
  expect(status).toBe(200)
  expect(body.result).toMatchObject({
    name: 'example.org',
    type: 'secondary',
    status: 'pending',
    name_servers: NAME_SERVERS,
    account: { id: accountId, name: 'Default account' },
    activated_on: null,
  })
  expect(body.result.name_servers.every((name: string) => name.includes('.secondary.'))).toBe(true)
  expect((await call('GET', `/zones/${body.result.id}`)).body.result).toEqual(body.result)
})

test('a zone is full unless it is said to be secondary, and belongs to the account of the token', async () => {
  const { call, accountId } = await openWorld()
  const { body } = await call('POST', '/zones', { name: 'example.org', jump_start: false })
  expect(body.result).toMatchObject({ type: 'full', account: { id: accountId } })
})

test('every member of a zone that clients read is there', async () => {
  const { call, zone } = await openWorld()
  const { body } = await call('GET', `/zones/${await zone('example.org')}`)
  expect(Object.keys(body.result)).toEqual(
    (
      'id name status paused type development_mode name_servers original_name_servers original_registrar ' +
      'original_dnshost modified_on created_on activated_on vanity_name_servers vanity_name_servers_ips ' +
      'cname_suffix verification_key meta owner account tenant tenant_unit permissions plan'
    ).split(' '),
  )
  expect(body.result.plan).toMatchObject({ is_subscribed: true, legacy_id: 'enterprise' })
})

test('CF-134: a zone that exists is refused with code 1061, in any spelling', async () => {
  const { call, zone } = await openWorld()
  await zone('example.org')
  for (const name of ['example.org', 'EXAMPLE.ORG.']) {
    const { status, body } = await call('POST', '/zones', { name, type: 'secondary' })
    expect([status, body.errors[0].code]).toEqual([400, 1061])
  }
})

test('two requests for one name at the same time make one zone', async () => {
  const { call } = await openWorld()
  const both = await Promise.all([1, 2].map(() => call('POST', '/zones', { name: 'example.org', type: 'secondary' })))
  expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 400]))
})

test.each([
  [{ type: 'secondary' }, 6010],
  [{ name: '', type: 'secondary' }, 1002],
  [{ name: '.', type: 'secondary' }, 1002],
  [{ name: 'a..b', type: 'secondary' }, 1002],
  [{ name: `${'x'.repeat(64)}.org`, type: 'secondary' }, 1002],
  [{ name: 'b\u0000ü.example', type: 'secondary' }, 1002],
  [{ name: 'example.org', type: 'partial' }, 1003],
  [{ name: 'example.org', type: 'internal' }, 1003],
  [{ name: 'example.org', account: { id: STRANGE_ID } }, 1011],
  [{ name: 'example.org', account: 'x' }, 6010],
])('the zone %j is refused', async (body, code) => {
  const { call } = await listed
  const answer = await call('POST', '/zones', body)
  expect([answer.status, answer.body.errors[0].code]).toEqual([400, code])
})

test('a zone for classless delegation, a service or a top-level domain is a zone like others', async () => {
  const { zone } = await openWorld()
  for (const name of ['0/25.2.0.192.in-addr.arpa', '_tcp.example.org', 'test'])
    expect(await zone(name)).toMatch(/^[0-9a-f]{32}$/)
})

test('deleting a zone answers with its id, and its name is free again', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('example.org')
  expect((await call('DELETE', `/zones/${id}`)).body.result).toEqual({ id })
  expect((await call('GET', `/zones/${id}`)).status).toBe(404)
  expect(await zone('example.org')).not.toBe(id)
})

test('CF-131: a zone is changed in one member at a time', async () => {
  const { call, zone, clock } = await openWorld()
  const id = await zone('example.org')
  clock.now += 1000
  const paused = await call('PATCH', `/zones/${id}`, { paused: true })
  expect([paused.status, paused.body.result.paused]).toEqual([200, true])
  expect(paused.body.result.modified_on).toBe('2026-04-05T12:00:01.000000Z')
  expect((await call('GET', `/zones/${id}`)).body.result).toEqual(paused.body.result)
  for (const body of [{}, { paused: false, type: 'full' }, { colour: 'green' }]) {
    const { status, body: answer } = await call('PATCH', `/zones/${id}`, body)
    expect([status, answer.errors[0].code]).toEqual([400, 1006])
  }
})

test('a zone keeps its nameservers, has every plan, and becomes nothing there is not', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('example.org')
  const change = async (body: object) => {
    const { status, body: answer } = await call('PATCH', `/zones/${id}`, body)
    return [status, answer.errors[0]?.code]
  }
  expect(await change({ type: 'secondary' })).toEqual([200, undefined])
  expect(await change({ type: 'partial' })).toEqual([400, 1007])
  expect(await change({ vanity_name_servers: ['ns1.example.org'] })).toEqual([400, 1007])
  expect(await change({ plan: { id: 'free' } })).toEqual([200, undefined])
})

test('CF-133: the activation check answers with the id, and finds a zone active once it is served', async () => {
  const { call, zone, runtime } = await openWorld()
  const id = await zone('example.org')
  const check = async () => {
    expect((await call('PUT', `/zones/${id}/activation_check`)).body.result).toEqual({ id })
    return (await call('GET', `/zones/${id}`)).body.result
  }
  expect(await check()).toMatchObject({ status: 'pending', activated_on: null })
  runtime.setFacts(id, { state: 'serving' })
  expect(await check()).toMatchObject({ status: 'active', activated_on: '2026-04-05T12:00:00.000000Z' })
})

async function openZones() {
  const world = await openWorld()
  for (const name of ['b.example', 'a.example', 'c.test', 'Shop.example']) await world.zone(name)
  await world.zone('full.example', 'full')
  const id = world.registry.zones.named('c.test')?.id ?? ''
  await world.registry.zones.activate(id)
  return world
}

/** The same zones for all questions: they change nothing. */
const listed = openZones()

test.each([
  ['', ['a.example', 'b.example', 'c.test', 'full.example', 'shop.example']],
  ['name=b.example', ['b.example']],
  ['name=B.Example.', ['b.example']],
  ['name=equal:b.example', ['b.example']],
  ['name=nowhere.example', []],
  ['name=not_equal:b.example', ['a.example', 'c.test', 'full.example', 'shop.example']],
  ['name=starts_with:S', ['shop.example']],
  ['name=starts_with_case_sensitive:S', []],
  ['name=ends_with:.test', ['c.test']],
  ['name=contains:HOP', ['shop.example']],
  ['name=contains_case_sensitive:hop', ['shop.example']],
  ['status=active', ['c.test']],
  ['status=active,pending&name=contains:test', ['c.test']],
  ['status=moved', []],
  ['type=full', ['full.example']],
  ['type=full&type=secondary', ['a.example', 'b.example', 'c.test', 'full.example', 'shop.example']],
  ['type=full,partial', ['full.example']],
  ['type=internal', []],
  ['account.name=default%20account&type=full', ['full.example']],
  ['account.name=contains:fault&type=full', ['full.example']],
  ['account.name=other', []],
  ['account.id=0123456789abcdef0123456789abcdef', []],
  ['match=any&name=b.example&status=active', ['b.example', 'c.test']],
  ['match=all&name=b.example&status=active', []],
  ['order=name&direction=desc', ['shop.example', 'full.example', 'c.test', 'b.example', 'a.example']],
  ['order=status', ['c.test', 'a.example', 'b.example', 'full.example', 'shop.example']],
  ['order=status&direction=desc', ['shop.example', 'full.example', 'b.example', 'a.example', 'c.test']],
  ['order=account.name', ['a.example', 'b.example', 'c.test', 'full.example', 'shop.example']],
  ['order=account.id', ['a.example', 'b.example', 'c.test', 'full.example', 'shop.example']],
  ['order=plan.id&direction=desc', ['shop.example', 'full.example', 'c.test', 'b.example', 'a.example']],
  ['per_page=2', ['a.example', 'b.example']],
  ['per_page=2&page=3', ['shop.example']],
  ['per_page=2&page=2&direction=desc', ['c.test', 'b.example']],
  ['page=9', []],
])('CF-130: zones listed with "%s"', async (query, expected) => {
  const { call } = await listed
  expect(names(await call('GET', `/zones?${query}`))).toEqual(expected)
})

test('CF-018, CF-019: a list says which page it is, and behind the end it is empty', async () => {
  const { call } = await openZones()
  const info = async (query: string) => (await call('GET', `/zones?${query}`)).body.result_info
  expect(await info('')).toEqual({ page: 1, per_page: 20, count: 5, total_count: 5, total_pages: 1 })
  expect(await info('page=2&per_page=3')).toEqual({ page: 2, per_page: 3, count: 2, total_count: 5, total_pages: 2 })
  expect(await info('page=7&per_page=3')).toEqual({ page: 7, per_page: 3, count: 0, total_count: 5, total_pages: 2 })
  expect(await info('name=x')).toEqual({ page: 1, per_page: 20, count: 0, total_count: 0, total_pages: 0 })
})

test('CF-130: a page size out of bounds is brought into them, a page that is no number is refused', async () => {
  const { call } = await openZones()
  const perPage = async (value: string) => (await call('GET', `/zones?per_page=${value}`)).body.result_info?.per_page
  expect([await perPage('0'), await perPage('-5'), await perPage('1'), await perPage('100')]).toEqual([1, 1, 1, 100])
  expect(await perPage('5000000')).toBe(1000)
  const { status, body } = await call('GET', '/zones?page=two')
  expect([status, body.errors[0].code]).toEqual([400, 6011])
})
