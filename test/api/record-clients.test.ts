/**
 * What clients of Cloudflare's API send to edit single records, request by request, and what they read from the answers:
 * those that prove names and those that follow an address. The requests are written down from the clients' sources;
 * Debian's clients themselves run in test/clients, and those that keep whole zones in sync are in sync-clients.test.ts.
 */

import { expect, test } from 'vitest'
import { openEdited, type EditedWorld } from './edited-world.ts'

const FQDN = '_acme-challenge.www.example.org'
const TOKEN_TEXT = 'gfj9Xq-Rg85nM_x'

/** The id of the zone as clients find it: by the suffixes of a name, longest first. */
async function walk({ call }: EditedWorld, name: string, query = ''): Promise<string> {
  const labels = name.split('.')
  for (let at = 0; at < labels.length - 1; at++) {
    const { status, body } = await call('GET', `/zones?name=${labels.slice(at).join('.')}${query}`)
    expect([status, body.success]).toEqual([200, true])
    if (body.result.length > 0) return body.result[0].id
  }
  throw new Error('no zone')
}

test('cert-manager: unquoted TXT without a content type, found again byte for byte', async () => {
  const world = await openEdited()
  const { call } = world
  const zone = await walk(world, FQDN)
  const list = `/zones/${zone}/dns_records?per_page=100&type=TXT&name=${FQDN}`
  expect((await call('GET', list)).body.result).toEqual([])
  const payload = JSON.stringify({ name: FQDN, type: 'TXT', content: TOKEN_TEXT, ttl: 60 })
  expect((await call('POST', `/zones/${zone}/dns_records`, undefined, { payload })).body.success).toBe(true)
  const [found] = (await call('GET', list)).body.result
  expect(found).toMatchObject({ name: FQDN, type: 'TXT', content: TOKEN_TEXT })
  expect((await call('DELETE', `/zones/${zone}/dns_records/${found.id}`)).body.success).toBe(true)
})

test('lego: quoted TXT, deleted by the id from the answer', async () => {
  const world = await openEdited()
  const { call } = world
  const zone = await walk(world, FQDN, '&per_page=50')
  const record = { name: FQDN, type: 'TXT', content: `"${TOKEN_TEXT}"`, ttl: 120 }
  const { body } = await call('POST', `/zones/${zone}/dns_records`, record)
  expect(body.result).toMatchObject(record)
  expect((await call('DELETE', `/zones/${zone}/dns_records/${body.result.id}`)).body).toMatchObject({ success: true })
})

test.each([
  ['of Debian', 'name', 'content'],
  ['of today', 'name.exact', 'content.exact'],
])('certbot %s: looks for its record by name and content', async (_, name, content) => {
  const world = await openEdited()
  const { call } = world
  const zone = await walk(world, FQDN, '&per_page=1')
  const path = `/zones/${zone}/dns_records`
  for (const text of [TOKEN_TEXT, 'another']) {
    await call('POST', path, { type: 'TXT', name: FQDN, content: text, ttl: 120 })
  }
  const list = `${path}?type=TXT&${name}=${FQDN}&${content}=${TOKEN_TEXT}&per_page=1`
  const { body } = await call('GET', list)
  expect(body.result).toHaveLength(1)
  expect((await call('GET', `${list}&page=2`)).body.result).toEqual([])
  await call('DELETE', `${path}/${body.result[0].id}`)
  expect((await call('GET', path)).body.result).toMatchObject([{ content: 'another' }])
})

test('clients rule 9: acme.sh: cuts ids out of the text, takes an identical record for success, deletes with an empty JSON body', async () => {
  const world = await openEdited()
  const { call } = world
  const { text: zones } = await call('GET', `/zones?name=example.org&account.id=${world.accountId}`)
  const zone = /\[.?"id": *"([^"]*)"/.exec(zones)?.[1] ?? ''
  expect(zone).toBe(await walk(world, FQDN))
  expect(/"name": *"([^"]*)"/.exec((await call('GET', `/zones/${zone}`)).text)?.[1]).toBe('example.org')
  const path = `/zones/${zone}/dns_records`
  const record = { type: 'TXT', name: FQDN, content: TOKEN_TEXT, ttl: 120 }
  expect((await call('GET', `${path}?type=TXT&name=${FQDN}`)).text).toContain('"success":true')
  expect((await call('POST', path, record)).text).toContain(TOKEN_TEXT)
  const again = await call('POST', path, record)
  expect(again.status).toBe(400)
  expect(again.text).toContain('An identical record already exists.')
  expect(again.text).toContain('"code":81058')
  const { text } = await call('GET', `${path}?type=TXT&name=${FQDN}&content=${TOKEN_TEXT}`)
  expect(/"count": *([^,}]*)/.exec(text)?.[1]).toBe('1')
  const id = /"id": *"([^"]*)"/.exec(text)?.[1]
  const headers = { 'content-type': 'application/json' }
  const removed = await call('DELETE', `${path}/${id}`, undefined, { headers, payload: '' })
  expect(removed.text.replaceAll(' ', '')).toContain('"success":true')
})

test('lexicon: data and priority are null or empty, PUT has three members, DELETE a body', async () => {
  const world = await openEdited()
  const { call, path, zoneId } = world
  for (const query of ['name=example.org&status=active', 'page=1&per_page=100']) {
    const { body } = await call('GET', `/zones?${query}`)
    expect([query, body.result_info.total_pages, body.result_info.page]).toEqual([query, expect.any(Number), 1])
  }
  const all = (await call('GET', '/zones?page=1&per_page=100')).body.result
  expect(all.find(({ name }: { name: string }) => name === 'example.org').id).toBe(zoneId)
  expect((await call('GET', `/zones/${zoneId}`)).body.result.name).toBe('example.org')
  const record = { type: 'TXT', name: `x.example.org`, content: 'challenge', ttl: 3600, priority: null }
  expect((await call('POST', path, { ...record, data: null })).body.success).toBe(true)
  expect((await call('POST', path, { ...record, data: {} })).body.errors[0].code).toBe(81_058)
  const listed = await call('GET', `${path}?per_page=100&type=TXT&name=x.example.org&content=challenge`)
  expect(listed.body.result_info).toMatchObject({ page: 1, total_pages: 1 })
  const [{ id }] = listed.body.result
  const update = await call('PUT', `${path}/${id}`, { type: 'TXT', name: 'x.example.org', content: 'changed' })
  expect(update.body.result).toMatchObject({ id, content: 'changed' })
  expect((await call('PUT', `${path}/${id}`, { content: 'again' })).body.result.name).toBe('x.example.org')
  expect((await call('DELETE', `${path}/${id}`, {})).status).toBe(200)
})

test('ddclient: finds the zone with a slash before the question mark, and sends the content alone', async () => {
  const world = await openEdited()
  const { call, path, made } = world
  const { id } = await made({ type: 'A', name: 'home', content: '198.51.100.1', ttl: 60, comment: 'mine' })
  expect((await call('GET', '/zones/?name=example.org')).body.result[0].id).toBe(world.zoneId)
  expect((await call('GET', `${path}?type=A&name=home.example.org`)).body.result[0].id).toBe(id)
  const { body } = await call('PATCH', `${path}/${id}`, { content: '192.0.2.77' })
  expect(body.result).toMatchObject({ content: '192.0.2.77', ttl: 60, comment: 'mine' })
})

test('libdns (Caddy): TXT is sought quoted, then unquoted; any errors member that is not empty fails', async () => {
  const world = await openEdited()
  const { call, path, zoneId } = world
  for (const query of ['', '?name=example.org']) {
    const { body } = await call('GET', `/zones${query}`)
    expect([body.errors, body.result.map(({ id }: { id: string }) => id)]).toEqual([[], [zoneId]])
  }
  const sent = { type: 'TXT', name: FQDN, content: `"${TOKEN_TEXT}"`, ttl: 1 }
  const { body } = await call('POST', path, sent)
  expect([body.errors, body.result.content]).toEqual([[], sent.content])
  for (const content of [
    `content.exact="${TOKEN_TEXT}"`,
    `content.exact=${TOKEN_TEXT}`,
    `content.contains=${TOKEN_TEXT}`,
  ]) {
    const found = await call('GET', `${path}?type=TXT&name=${FQDN}&${encodeURI(content)}`)
    expect([found.body.errors, found.body.result.length]).toEqual([[], 1])
  }
  const patched = await call('PATCH', `${path}/${body.result.id}`, { ...sent, content: '"other"' })
  expect(patched.body.result).toMatchObject({ id: body.result.id, content: '"other"' })
  const removed = await call('DELETE', `${path}/${body.result.id}`)
  expect([removed.status, removed.body.errors]).toEqual([200, []])
})

test('CF-175: Terraform: every computed member is there, and what was read can be written without a change', async () => {
  const world = await openEdited()
  const { call, path } = world
  const wanted = {
    name: 'tf.example.org',
    type: 'A',
    content: '192.0.2.1',
    ttl: 1,
    proxied: true,
    comment: 'by Terraform',
    tags: ['owner:tf'],
    settings: { ipv4_only: true, ipv6_only: false },
  }
  const created = (await call('POST', path, wanted)).body.result
  expect(created).toMatchObject(wanted)
  for (const member of [
    'id',
    'created_on',
    'modified_on',
    'comment_modified_on',
    'tags_modified_on',
    'proxiable',
    'meta',
  ])
    expect(created).toHaveProperty(member)
  expect((await call('GET', `${path}/${created.id}`)).body.result).toEqual(created)
  expect((await call('PUT', `${path}/${created.id}`, wanted)).body.result).toEqual(created)
  await call('DELETE', `${path}/${created.id}`)
  expect((await call('GET', `${path}/${created.id}`)).status).toBe(404)
})
