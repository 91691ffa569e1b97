/**
 * What clients of Cloudflare's API send to edit records, request by request, and what they read from the answers. The
 * requests are written down from the clients' sources; Debian's clients themselves run in test/clients.
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

test('acme.sh: cuts ids out of the text, takes an identical record for success, deletes with an empty JSON body', async () => {
  const world = await openEdited()
  const { call } = world
  const zone = await walk(world, FQDN)
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
  const { call, path } = world
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
  const { call, path } = world
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
})

test('external-dns: one batch of deletes, puts and posts, whose contents come back exactly as sent', async () => {
  const world = await openEdited()
  const { call, path, made } = world
  const owner = '"heritage=external-dns,external-dns/owner=default,external-dns/resource=service/a/b"'
  const gone = await made({ type: 'A', name: 'gone', content: '192.0.2.1', ttl: 1, proxied: false })
  const kept = await made({ type: 'CNAME', name: 'kept', content: 'old.example.net', ttl: 300 })
  const full = (record: object) => ({ ttl: 300, proxied: false, comment: 'by external-dns', tags: ['a:b'], ...record })
  const { body } = await call('POST', `${path}/batch`, {
    deletes: [{ id: gone.id }],
    puts: [full({ id: kept.id, type: 'CNAME', name: 'kept.example.org', content: 'new.example.net' })],
    posts: [
      full({ type: 'A', name: 'gone.example.org', content: '192.0.2.2' }),
      full({ type: 'TXT', name: 'a-gone.example.org', content: owner }),
      full({ type: 'MX', name: 'example.org', content: 'mail.example.org', priority: 0 }),
      full({
        type: 'SRV',
        name: '_sip._tcp.example.org',
        data: { priority: 1, weight: 2, port: 3, target: 'sip.example.org' },
      }),
    ],
  })
  expect([body.success, body.errors]).toEqual([true, []])
  const listed = (await call('GET', `${path}?per_page=5000&page=1`)).body.result
  const identities = listed.map(({ name, type, content }: Record<string, string>) => `${name} ${type} ${content}`)
  expect(identities.sort()).toEqual(
    [
      `_sip._tcp.example.org SRV 2 3 sip.example.org`,
      `a-gone.example.org TXT ${owner}`,
      'example.org MX mail.example.org',
      'gone.example.org A 192.0.2.2',
      'kept.example.org CNAME new.example.net',
    ].sort(),
  )
  expect(listed.find(({ type }: { type: string }) => type === 'MX').priority).toBe(0)
})

test('octoDNS: names with final dots, SRV by service, protocol and name, DS and SSHFP by content', async () => {
  const world = await openEdited()
  const { call, path } = world
  const srv = { service: '_sip', proto: '_tcp', priority: 1, weight: 2, port: 3, target: 'sip.example.net.' }
  const records = [
    { type: 'CNAME', name: 'www.example.org', content: 'target.example.net.', ttl: 300, proxied: false },
    { type: 'MX', name: 'example.org', content: 'mail.example.net.', priority: 10, ttl: 300 },
    { type: 'NS', name: 'sub.example.org', content: 'ns.example.net.', ttl: 300 },
    { type: 'DS', name: 'sub.example.org', content: `1 13 2 ${'ab'.repeat(32)}`, ttl: 300 },
    {
      type: 'DS',
      name: 'sub.example.org',
      data: { key_tag: 2, algorithm: 13, digest_type: 2, digest: 'cd'.repeat(32) },
      ttl: 300,
    },
    { type: 'SRV', name: '_sip._tcp.example.org', data: { ...srv, name: 'example.org' }, ttl: 300 },
    { type: 'SRV', data: { ...srv, service: '_imap', name: '@' }, ttl: 300 },
    { type: 'SRV', name: 'deep.example.org', data: { ...srv, service: '_a', name: 'deep' }, ttl: 300 },
    { type: 'CAA', name: 'example.org', data: { flags: 0, tag: 'issue', value: 'ca.example' }, ttl: 300 },
    { type: 'SSHFP', name: 'h.example.org', data: { algorithm: 1, type: 1, fingerprint: 'ab'.repeat(20) }, ttl: 300 },
  ]
  for (const record of records) expect((await call('POST', path, record)).body.errors).toEqual([])
  const { body } = await call('GET', `${path}?page=1&per_page=100`)
  expect(body.result_info).toMatchObject({ count: records.length, per_page: 100 })
  expect(body.result.every((record: { zone_id: string }) => record.zone_id === world.zoneId)).toBe(true)
  const shown = body.result.map(({ name, type, content }: Record<string, string>) => `${name} ${type} ${content}`)
  expect(shown).toEqual(
    expect.arrayContaining([
      'www.example.org CNAME target.example.net',
      'example.org MX mail.example.net',
      `sub.example.org DS 1 13 2 ${'ab'.repeat(32)}`,
      '_sip._tcp.example.org SRV 2 3 sip.example.net',
      '_imap._tcp.example.org SRV 2 3 sip.example.net',
      '_a._tcp.deep.example.org SRV 2 3 sip.example.net',
      `h.example.org SSHFP 1 1 ${'ab'.repeat(20)}`,
    ]),
  )
  const caa = body.result.find(({ type }: { type: string }) => type === 'CAA')
  expect(caa.data).toEqual({ flags: 0, tag: 'issue', value: 'ca.example' })
})

test('dnscontrol: pages of records, PATCH with whole records, DELETE', async () => {
  const world = await openEdited()
  const { call, path, made } = world
  for (let at = 0; at < 5; at++) await made({ type: 'A', name: `h${at}`, content: `192.0.2.${at}`, ttl: 300 })
  const pages = await Promise.all([1, 2, 3].map((page) => call('GET', `${path}?page=${page}&per_page=2`)))
  expect(pages.map(({ body }) => [body.result.length, body.result_info.total_pages])).toEqual([
    [2, 3],
    [2, 3],
    [1, 3],
  ])
  const [{ id }] = pages[0]?.body.result ?? []
  const whole = { type: 'A', name: 'h0.example.org', content: '192.0.2.100', ttl: 1, proxied: true }
  const { body } = await call('PATCH', `${path}/${id}`, { ...whole, id, priority: null, data: null })
  expect(body.result).toMatchObject({ ...whole, id })
  expect((await call('DELETE', `${path}/${id}`)).body.result).toEqual({ id })
})

test('Terraform: every computed member is there, and what was read can be written without a change', async () => {
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
