/** What real clients send and read: the rules that follow from their sources, each with the client it is for. */

import { expect, test } from 'vitest'
import { openEdited } from './edited-world.ts'
import { openWorld, TOKEN } from './world.ts'

test('clients rule 1: acme.sh finds the id of a zone with a pattern', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('example.org')
  const { text } = await call('GET', '/zones?name=example.org')
  expect(text.startsWith(`{"result":[{"id":"${id}","name":"example.org",`)).toBe(true)
  expect(/\[.?"id":"([^"]*)"/.exec(text)?.[1]).toBe(id)
  expect(/"name":"([^"]*)"/.exec(text)?.[1]).toBe('example.org')
  expect(text).not.toMatch(/": |, "/)
})

test('clients rule 1: every object begins with id, and name if it has one', async () => {
  const { call, account, zone, peer } = await openWorld()
  await peer()
  await zone('example.org')
  await call('POST', account('acls'), { name: 'a', ip_range: '192.0.2.0/28' })
  await call('POST', account('tsigs'), { name: 'k.', secret: 'AAAA', algo: 'hmac-sha256.' })
  for (const path of [account('peers'), account('acls'), account('tsigs'), '/zones', '/accounts']) {
    const { body } = await call('GET', path)
    expect(Object.keys(body.result[0]).slice(0, 2)).toEqual(['id', 'name'])
  }
})

test('clients rule 3: an empty page is 200 and has all five figures', async () => {
  const { call } = await openWorld()
  const { status, text } = await call('GET', '/zones?page=2')
  expect(status).toBe(200)
  expect(text).toBe(
    '{"result":[],"result_info":{"page":2,"per_page":20,"count":0,"total_count":0,"total_pages":0},' +
      '"success":true,"errors":[],"messages":[]}',
  )
})

test('clients rule 4: page sizes of certbot, lexicon and external-dns are taken', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('example.org')
  const sizes = async (path: string, asked: number) =>
    (await call('GET', `${path}?per_page=${asked}`)).body.result_info.per_page
  expect([await sizes('/zones', 1), await sizes('/zones', 100)]).toEqual([1, 100])
  for (const asked of [1, 100, 5000, 5_000_000]) expect(await sizes(`/zones/${id}/dns_records`, asked)).toBe(asked)
  expect(await sizes(`/zones/${id}/dns_records`, 9_000_000)).toBe(5_000_000)
})

test('clients rule 5: cert-manager walks the suffixes of a name and finds nothing without an error', async () => {
  const { call, zone } = await openWorld()
  await zone('example.org')
  const found = []
  for (const name of ['_acme-challenge.www.example.org', 'www.example.org', 'example.org', 'org']) {
    const { status, body } = await call('GET', `/zones?name=${name}`)
    expect(status).toBe(200)
    found.push(body.result.length)
  }
  expect(found).toEqual([0, 0, 1, 0])
})

test('clients rule 6: names come out without a final dot, and IDN zones in Unicode, both ways', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('bücher.example.')
  expect((await call('GET', `/zones/${id}`)).body.result.name).toBe('bücher.example')
  for (const name of ['bücher.example', 'BÜCHER。example.', 'xn--bcher-kva.example'])
    expect((await call('GET', `/zones?name=${encodeURIComponent(name)}`)).body.result).toHaveLength(1)
})

test('clients rule 11: cert-manager sends no content type, curl -d a form, acme.sh an empty JSON body', async () => {
  const { call, account, peer } = await openWorld()
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const payload = '{"name":"ns"}'
  expect((await call('POST', account('peers'), undefined, { payload })).status).toBe(200)
  expect((await call('POST', account('peers'), undefined, { payload, headers: form })).status).toBe(200)
  const headers = { 'content-type': 'application/json' }
  expect((await call('DELETE', account(`peers/${await peer()}`), undefined, { headers, payload: '' })).status).toBe(200)
})

test('clients rule 11: lexicon sends {} with GET and DELETE', async () => {
  const { api, call, account, peer } = await openWorld()
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'content-length': '2' }
  const { statusCode } = await api.inject({ method: 'GET', url: '/client/v4/zones', headers, payload: '{}' })
  expect(statusCode).toBe(200)
  expect((await call('DELETE', account(`peers/${await peer()}`), {})).status).toBe(200)
})

test('clients rule 12: ddclient writes a slash before the question mark', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('example.org')
  expect((await call('GET', '/zones/?name=example.org')).body.result[0].id).toBe(id)
})

test('clients rule 13: what was written is there for the next reader', async () => {
  const { call, zone } = await openWorld()
  for (const name of ['a.example', 'b.example', 'c.example']) {
    await zone(name)
    expect((await call('GET', `/zones?name=${name}`)).body.result).toHaveLength(1)
  }
})

test('CF-021, CF-022: keys with dots, repeated keys and commas', async () => {
  const { call, zone, accountId } = await openWorld()
  await zone('example.org')
  await zone('example.net', 'full')
  const count = async (query: string) => (await call('GET', `/zones?${query}`)).body.result.length
  expect(await count(`account.id=${accountId}`)).toBe(2)
  expect(await count(`account.id=${accountId}&name=example.org`)).toBe(1)
  expect(await count('account.id=00000000000000000000000000000000')).toBe(0)
  expect(await count('type=full&type=secondary')).toBe(2)
  expect(await count('type=full,secondary')).toBe(2)
  expect(await count('type=full&type=partial,internal')).toBe(1)
})

test('CF-021, CF-022: operators stand behind a dot, and several types of records in either form', async () => {
  const { call, path, made } = await openEdited()
  for (const [type, name, content] of [
    ['A', 'www', '192.0.2.1'],
    ['AAAA', 'www', '2001:db8::1'],
    ['TXT', 'ww', 'www'],
  ])
    await made({ type, name, content, tags: ['a:b'] })
  const types = async (query: string) =>
    (await call('GET', `${path}?${query}`)).body.result.map(({ type }: { type: string }) => type).sort()
  expect(await types('name.exact=www.example.org')).toEqual(['A', 'AAAA'])
  expect(await types('name.startswith=ww&content.contains=w')).toEqual(['TXT'])
  expect(await types('tag.exact=a:b&content.endswith=1')).toEqual(['A', 'AAAA'])
  expect(await types('type=A&type=AAAA')).toEqual(['A', 'AAAA'])
  expect(await types('type=A,TXT')).toEqual(['A', 'TXT'])
})

test('CF-012: nothing answers 409, which the SDKs would try again', async () => {
  const { call, zone, account, peer } = await openWorld()
  const id = await zone('example.org')
  const body = { name: 'example.org', peers: [await peer()], auto_refresh_seconds: 300 }
  await call('POST', `/zones/${id}/secondary_dns/incoming`, body)
  const conflicts = [
    await call('POST', '/zones', { name: 'example.org' }),
    await call('POST', `/zones/${id}/secondary_dns/incoming`, body),
    await call('DELETE', account(`peers/${body.peers[0]}`)),
  ]
  expect(conflicts.map(({ status }) => status)).toEqual([400, 400, 400])
})

test('clients §9.3: what clients of the three tiers ask on the way has an answer', async () => {
  const { call, zone, accountId } = await openWorld()
  const path = `/zones/${await zone('example.org', 'full')}`
  const account = `/accounts/${accountId}`
  const asked = [
    '/user/tokens/verify',
    `${account}/tokens/verify`,
    '/user',
    '/memberships',
    `/memberships/${accountId}`,
    '/accounts',
    account,
    ...['members', 'roles', 'tokens', 'tokens/permission_groups', 'custom_ns', 'custom_ns/availability'].map(
      (each) => `${account}/${each}`,
    ),
    ...['dns_settings', 'dns_settings/views', 'dns_records/usage', 'rulesets'].map((each) => `${account}/${each}`),
    ...['peers', 'tsigs', 'acls'].map((each) => `${account}/secondary_dns/${each}`),
    path,
    ...['hold', 'dns_settings', 'available_plans', 'pagerules?status=active', 'rulesets', 'settings'].map(
      (each) => `${path}/${each}`,
    ),
    ...['custom_hostnames', 'addressing/regional_hostnames', 'workers/routes', 'ssl/universal/settings'].map(
      (each) => `${path}/${each}`,
    ),
    ...['dns_records', 'dns_records/export', 'dns_records/usage', 'dns_records/scan/review'].map(
      (each) => `${path}/${each}`,
    ),
    ...['dns_analytics/report', 'dns_analytics/report/bytime'].map((each) => `${path}/${each}`),
  ]
  const statuses = []
  for (const each of asked) statuses.push([each, (await call('GET', each)).status])
  expect(statuses).toEqual(asked.map((each) => [each, 200]))
})
