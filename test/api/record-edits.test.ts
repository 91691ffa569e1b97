/** Records of zones that are edited here: made, changed and removed by the Cloudflare API. */

import { describe, expect, test } from 'vitest'
import { openEdited, openEditedWorld } from './edited-world.ts'
import { PRIMARY_DEFAULTS } from '../../src/engine/settings.ts'
import { readEdited, storeEdited } from '../../src/zone/edited-record.ts'
import { START, STRANGE_ID } from './world.ts'

const A = { type: 'A', name: 'www.example.org', content: '192.0.2.1' }

test('clients rule 1: a new record comes back whole, id and name first, without spaces', async () => {
  const { call, path, zoneId } = await openEdited()
  const { text, body } = await call('POST', path, { ...A, ttl: 120, comment: 'the web', tags: ['owner:me', 'Prod'] })
  const members = [
    `"id":"${body.result.id}"`,
    '"name":"www.example.org"',
    '"type":"A"',
    '"content":"192.0.2.1"',
    '"proxiable":true',
    '"proxied":false',
    '"ttl":120',
    '"settings":{}',
    '"meta":{}',
    '"comment":"the web"',
    '"tags":["owner:me","Prod"]',
    '"created_on":"2026-04-05T12:00:00.000000Z"',
    '"modified_on":"2026-04-05T12:00:00.000000Z"',
    '"comment_modified_on":"2026-04-05T12:00:00.000000Z"',
    '"tags_modified_on":"2026-04-05T12:00:00.000000Z"',
    `"zone_id":"${zoneId}"`,
    '"zone_name":"example.org"',
  ]
  expect(text).toBe(`{"result":{${members.join(',')}},"success":true,"errors":[],"messages":[]}`)
  expect((await call('GET', `${path}/${body.result.id}`)).body.result).toEqual(body.result)
  expect((await call('GET', path)).body.result).toEqual([body.result])
})

test('CF-023: ids of records are 32 lower-case hex digits, and stay when all else changes', async () => {
  const { call, path, made } = await openEdited()
  const { id } = await made(A)
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  const { body } = await call('PATCH', `${path}/${id}`, { type: 'TXT', name: 'other', content: 'text' })
  expect(body.result).toMatchObject({ id, name: 'other.example.org', type: 'TXT', content: 'text' })
})

describe('CF-137: every type of Cloudflare', () => {
  test.each([
    [{ type: 'A', content: '192.0.2.1' }, {}],
    [{ type: 'AAAA', content: '2001:db8::1' }, {}],
    [{ type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example' } }, { content: '0 issue "ca.example"' }],
    [{ type: 'CERT', data: { type: 9, key_tag: 1, algorithm: 2, certificate: 'AQID' } }, { content: '9 1 2 AQID' }],
    [{ type: 'CNAME', content: 'target.example.net' }, {}],
    [{ type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn="h2"' } }, { content: '1 . alpn="h2"' }],
    [
      { type: 'SVCB', data: { priority: 0, target: 'svc.example.net' } },
      { content: '0 svc.example.net', data: { priority: 0, target: 'svc.example.net', value: '' } },
    ],
    [
      {
        type: 'LOC',
        data: { lat_degrees: 52, lat_direction: 'N', long_degrees: 4, long_direction: 'E', altitude: 10.5 },
      },
      { content: '52 0 0.000 N 4 0 0.000 E 10.50m 0.00m 0.00m 0.00m' },
    ],
    [{ type: 'MX', content: 'mail.example.net', priority: 10 }, {}],
    [
      {
        type: 'NAPTR',
        data: {
          order: 1,
          preference: 2,
          flags: 'S',
          service: 'SIP+D2U',
          regex: '',
          replacement: '_sip._udp.example.net',
        },
      },
      { content: '1 2 "S" "SIP+D2U" "" _sip._udp.example.net' },
    ],
    [{ type: 'NS', content: 'ns.example.net' }, {}],
    [{ type: 'OPENPGPKEY', content: 'AQIDBA==' }, {}],
    [{ type: 'PTR', content: 'host.example.net' }, {}],
    [
      { type: 'SMIMEA', data: { usage: 3, selector: 1, matching_type: 1, certificate: 'aabb' } },
      { content: '3 1 1 aabb' },
    ],
    [
      { type: 'SRV', data: { priority: 1, weight: 2, port: 3, target: 'host.example.net' } },
      { content: '2 3 host.example.net', priority: 1 },
    ],
    [{ type: 'SSHFP', data: { algorithm: 4, type: 2, fingerprint: 'aabb' } }, { content: '4 2 aabb' }],
    [
      { type: 'TLSA', data: { usage: 3, selector: 1, matching_type: 1, certificate: 'aabb' } },
      { content: '3 1 1 aabb' },
    ],
    [{ type: 'TXT', content: '"some text"' }, {}],
    [
      { type: 'URI', priority: 10, data: { weight: 1, target: 'https://example.net/ä' } },
      { content: '1 "https://example.net/\\195\\164"', data: { weight: 1, target: 'https://example.net/\\195\\164' } },
    ],
  ])('%j', async (record, shown) => {
    const { call, path, made } = await openEdited()
    const result = await made({ name: 'host.example.org', ...record })
    expect(result).toMatchObject({ name: 'host.example.org', ttl: 1, ...record, ...shown })
    // What is shown can be sent back, whole or by its content alone, and is the same record.
    const { name, type, content, data, priority } = result
    for (const again of [
      { name, type, content, data, priority },
      { name, type, content, priority },
    ])
      expect((await call('POST', path, again)).body.errors[0]?.code).toBe(81_058)

    const own = `${path}/${result.id}`
    expect((await call('GET', own)).body.result).toEqual(result)
    const replaced = await call('PUT', own, { ...record, name: 'other', ttl: 600 })
    expect(replaced.body.result).toMatchObject({ id: result.id, name: 'other.example.org', content, ttl: 600 })
    const noted = await call('PATCH', own, { comment: 'noted' })
    expect(noted.body.result).toMatchObject({ name: 'other.example.org', content, ttl: 600, comment: 'noted' })
    expect((await call('DELETE', own)).body.result).toEqual({ id: result.id })
    expect((await call('GET', path)).body.result).toEqual([])
  })

  test('DS stands beside the NS records of its name', async () => {
    const { call, path, made } = await openEdited()
    const ds = { type: 'DS', name: 'sub', data: { key_tag: 1, algorithm: 13, digest_type: 2, digest: 'aa'.repeat(32) } }
    expect((await call('POST', path, ds)).body.errors[0].code).toBe(12_110)
    const ns = await made({ type: 'NS', name: 'sub', content: 'ns.example.net' })
    expect(await made(ds)).toMatchObject({ content: `1 13 2 ${'aa'.repeat(32)}` })
    expect((await call('DELETE', `${path}/${ns.id}`)).body.errors[0]).toMatchObject({
      code: 12_110,
      message: 'DS records stand at this name, and would be left without NS records',
    })
  })

  test('other types go by their content', async () => {
    const { made } = await openEdited()
    const rp = await made({ type: 'RP', name: 'x', content: 'a.example. b.example.' })
    expect(rp).toMatchObject({ type: 'RP', content: 'a.example. b.example.' })
    expect(await made({ type: 'TYPE65280', name: 'x', content: '\\# 2 abcd' })).toMatchObject({ type: 'TYPE65280' })
  })
})

test.each([
  ['@', 'example.org'],
  ['example.org', 'example.org'],
  ['example.org.', 'example.org'],
  ['www', 'www.example.org'],
  ['WWW.Example.ORG', 'www.example.org'],
  ['www.example.org.', 'www.example.org'],
  ['*', '*.example.org'],
  ['*.a.example.org', '*.a.example.org'],
  ['_acme-challenge.a', '_acme-challenge.a.example.org'],
  ['bücher', 'xn--bcher-kva.example.org'],
  ['xn--bcher-kva.example.org', 'xn--bcher-kva.example.org'],
  ['a\\.b', 'a\\.b.example.org'],
])('clients rule 6: a record sent with the name "%s" is called %s', async (name, shown) => {
  const { made } = await openEdited()
  expect((await made({ type: 'TXT', name, content: 'x' })).name).toBe(shown)
})

test.each([
  ['CNAME', 'target.example.net.', 'target.example.net'],
  ['CNAME', '@', 'example.org'],
  ['CNAME', 'bücher.example', 'xn--bcher-kva.example'],
  ['MX', ' mail.example.net. ', 'mail.example.net'],
  ['AAAA', '2001:DB8:0:0::0001', '2001:db8::1'],
  ['TXT', 'unquoted text', 'unquoted text'],
  ['TXT', '"quoted text"', '"quoted text"'],
  ['TXT', '"two" "parts"', '"two" "parts"'],
  ['TXT', '"a"   "b"', '"a"   "b"'],
  ['TXT', 'v=DKIM1; p="x"', 'v=DKIM1; p="x"'],
  ['TXT', 'grüße', 'grüße'],
  ['TXT', 'a'.repeat(300), 'a'.repeat(300)],
])('CF-143, clients rule 2: the content of %s %s comes back as %s', async (type, content, shown) => {
  const { call, path, made } = await openEdited()
  const { id } = await made({ type, name: 'x', content, priority: 10 })
  expect((await call('GET', `${path}/${id}`)).body.result.content).toBe(shown)
})

test('CF-144: long texts are split, whether they are quoted or not, and one text is one record', async () => {
  const { call, path, made, runtime, zoneId } = await openEdited()
  await made({ type: 'TXT', name: 'x', content: 'a'.repeat(300) })
  const served = Array.from(runtime.served(zoneId)?.records(0) ?? [], ({ octets, at, end }) => octets.slice(at, end))
  const longest = served.find((octets) => octets.length > 300)
  expect([longest?.at(-302), longest?.at(-46)]).toEqual([255, 45])
  for (const content of [`"${'a'.repeat(300)}"`, `"${'a'.repeat(255)}" "${'a'.repeat(45)}"`])
    expect((await call('POST', path, { type: 'TXT', name: 'x', content })).body.errors[0].code).toBe(81_058)
})

test.each([
  [{ ttl: undefined }, { ttl: 1 }],
  [{ ttl: 1 }, { ttl: 1 }],
  [{ ttl: null, priority: null, data: null }, { ttl: 1 }],
  [{ ttl: 30 }, { ttl: 30 }],
  [{ ttl: 86_400 }, { ttl: 86_400 }],
  [
    { ttl: 300, proxied: true },
    { ttl: 1, proxied: true },
  ],
  [{ proxied: true, settings: { ipv4_only: true } }, { settings: { ipv4_only: true } }],
  [{ comment: '' }, { comment: null }],
  [{ tags: [] }, { tags: [] }],
  [{ id: STRANGE_ID, nonsense: { a: 1 }, data: {} }, { proxied: false }],
  [{ content: '10.0.0.1' }, { proxiable: false }],
])('CF-138, CF-139, clients rule 8: a record with %j has %j', async (given, shown) => {
  const { made } = await openEdited()
  expect(await made({ ...A, ...given })).toMatchObject(shown)
})

test('CF-138: the least TTL is a setting, and automatic is always allowed', async () => {
  const { call, path, made } = await openEditedWorld({ primary: { ...PRIMARY_DEFAULTS, ttlMin: 60 } })
  const { body } = await call('POST', path, { ...A, ttl: 59 })
  const [reason] = body.errors[0].error_chain
  expect([reason.code, reason.message]).toEqual([9021, 'expected 60 to 86400 seconds, or 1 for automatic, found 59'])
  expect((await made({ ...A, ttl: 60 })).ttl).toBe(60)
  expect((await made({ ...A, name: 'other', ttl: 1 })).ttl).toBe(1)
})

test.each([
  [{ ttl: 29 }, 9021, '/ttl', 'expected 30 to 86400 seconds, or 1 for automatic, found 29'],
  [{ ttl: 0 }, 9021, '/ttl'],
  [{ ttl: 86_401 }, 9021, '/ttl'],
  [{ ttl: '120' }, 9022, '/ttl', 'expected a whole number of seconds, found "120"'],
  [{ ttl: 60.5 }, 9022, '/ttl'],
  [{ content: '192.0.2' }, 9005, '/content', 'expected an IPv4 address, found "192.0.2"'],
  [{ content: '010.0.0.1' }, 9005, '/content'],
  [{ type: 'AAAA' }, 9006, '/content'],
  [{ type: 'CNAME', content: 'a..b' }, 9007, '/content'],
  [{ type: 'CNAME', content: 'WWW.example.org.' }, 9039, '/content'],
  [{ type: 'MX', content: 'mail.example.org' }, 12_103, '/priority', 'expected a value, found none'],
  [{ type: 'CAA', data: { flags: 256, tag: 'issue', value: '' } }, 12_103, '/data/flags'],
  [{ type: 'SRV', data: [] }, 12_103, '/data', 'expected an object, found a list'],
  [{ content: 5 }, 12_103, '/content', 'expected a text, found number'],
  [{ type: 'TXT', content: 'a'.repeat(5000) }, 12_108, '/content'],
  [{ type: undefined }, 12_101, '/type', 'type is required'],
  [{ type: 'NONSENSE' }, 12_101, '/type', 'expected a type as A or TYPE65280, found "NONSENSE"'],
  [{ type: 'ANY' }, 12_101, '/type'],
  [{ type: 'SOA', content: '. . 1 1 1 1 1' }, 12_102, '/type', 'the SOA record is made from the settings of the zone'],
  [{ type: 'SPF', content: 'x' }, 12_102, '/type'],
  [
    { type: 'DNSKEY', data: { flags: 257, protocol: 3, algorithm: 13, public_key: 'AQID' } },
    12_102,
    '/type',
    'DNSKEY records are edited in multi-signer zones only, and this zone is none',
  ],
  [{ name: undefined }, 9000, '/name'],
  [{ name: '' }, 9000, '/name'],
  [{ name: 'a..b' }, 9000, '/name'],
  [{ name: 'two words' }, 9000, '/name'],
  [{ name: 'a'.repeat(64) }, 9000, '/name', undefined],
  [{ name: 'a.*.example.org' }, 9000, '/name'],
  [{ name: 'w*' }, 9000, '/name'],
  [{ type: 'NS', name: '*', content: 'ns.example.net' }, 9000, '/name'],
  [{ name: 'www.example.net.' }, 12_104, '/name', 'expected a name in the zone, found "www.example.net."'],
  [{ type: 'TXT', content: 'x', proxied: true }, 9004, '/proxied'],
  [{ content: '10.0.0.1', proxied: true }, 9003, '/content'],
  [{ proxied: 'yes' }, 6010, '/proxied'],
  [{ comment: 'two\nlines' }, 12_105, '/comment'],
  [{ comment: 'x'.repeat(501) }, 12_105, '/comment', 'expected at most 500 characters, found 501'],
  [{ comment: 5 }, 12_105, '/comment'],
  [{ tags: 'a:b' }, 12_106, '/tags'],
  [{ tags: ['a:b', 'no blanks:x'] }, 12_106, '/tags/1'],
  [{ tags: ['a:b', 'A:b'] }, 12_106, '/tags/1', '"A:b" is there twice'],
  [{ tags: ['cf-proxied:true'] }, 12_106, '/tags/0'],
  [{ settings: { ipv4_only: true, ipv6_only: true } }, 12_107, '/settings'],
  [{ settings: { flatten_cname: true } }, 12_107, '/settings/flatten_cname'],
  [
    { type: 'CNAME', content: 'a.example', proxied: true, settings: { flatten_cname: true } },
    12_107,
    '/settings/flatten_cname',
  ],
  [{ private_routing: true }, 12_107, '/private_routing'],
  [
    { type: 'NS', name: '@', content: 'NS1.secondary.example.net.' },
    12_113,
    '/content',
    'expected a nameserver of another provider',
  ],
])('a record with %j is refused with %d at %s', async (given, code, pointer, message?: string) => {
  const { call, path, made } = await openEdited()
  const { status, body } = await call('POST', path, { ...A, ...given })
  expect([status, body.success, body.errors[0].code, body.errors[0].message]).toEqual([
    400,
    false,
    1004,
    'DNS Validation Error',
  ])
  const [reason] = body.errors[0].error_chain
  expect([reason.code, reason.source.pointer]).toEqual([code, pointer])
  if (message !== undefined) expect(reason.message).toBe(message)

  // Of a record that is there, the same is told directly.
  const { id } = await made({ ...A, name: 'there' })
  const change = await call('PATCH', `${path}/${id}`, Object.fromEntries(Object.entries({ ...A, ...given })))
  const leftOut = Object.values(given).includes(undefined)
  if (leftOut) return
  expect(change.status).toBe(400)
  expect(change.body.errors[0].code).toBe(code)
})

describe('CF-140: proxied are addresses and aliases only', () => {
  test.each([
    { type: 'A', content: '192.0.2.1' },
    { type: 'AAAA', content: '2001:db8::1' },
    { type: 'CNAME', content: 'target.example.net' },
  ])('%j can be', async (record) => {
    const { made } = await openEdited()
    expect(await made({ name: 'x', ...record, proxied: true })).toMatchObject({ proxiable: true, proxied: true })
  })

  test.each([
    { type: 'MX', content: 'mail.example.net', priority: 1 },
    { type: 'TXT', content: 'x' },
    { type: 'NS', content: 'ns.example.net' },
    { type: 'PTR', content: 'host.example.net' },
    { type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example' } },
    { type: 'SRV', data: { priority: 1, weight: 2, port: 3, target: 'host.example.net' } },
    { type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn="h2"' } },
    { type: 'RP', content: 'a.example. b.example.' },
  ])('%j cannot be', async (record) => {
    const { call, path, made } = await openEdited()
    const { body } = await call('POST', path, { name: 'x', ...record, proxied: true })
    expect(body.errors[0].error_chain[0]).toMatchObject({ code: 9004, source: { pointer: '/proxied' } })
    const { id } = await made({ name: 'x', ...record })
    expect((await call('PATCH', `${path}/${id}`, { proxied: true })).body.errors[0].code).toBe(9004)
  })
})

test('all that is wrong with a record is told at once', async () => {
  const { call, path } = await openEdited()
  const { body } = await call('POST', path, { type: 'A', name: 'a..b', content: 'x', ttl: 5, comment: '\n', tags: 1 })
  expect(body.errors[0].error_chain.map(({ code }: { code: number }) => code)).toEqual([9000, 9021, 9005, 12_106])
})

describe('CF-141, CF-142: what cannot stand beside what is there', () => {
  const CNAME = { type: 'CNAME', content: 'target.example.net' }
  const NS = { type: 'NS', content: 'ns.example.net' }
  const AAAA = { type: 'AAAA', content: '2001:db8::1' }
  test.each([
    [A, { ...CNAME }, 81_053, 'An A, AAAA, or CNAME record with that host already exists.'],
    [CNAME, A, 81_054, 'A CNAME record with that host already exists.'],
    [CNAME, AAAA, 81_054],
    [CNAME, { ...CNAME, content: 'other.example.net' }, 81_054],
    [NS, A, 81_056, 'NS records with that host already exist.'],
    [NS, CNAME, 81_056],
    [A, NS, 81_053],
    [A, A, 81_058, 'An identical record already exists.'],
    [A, { ...A, ttl: 300, comment: 'another' }, 81_058],
  ])('%j and %j', async (first, second, code, message?: string) => {
    const { call, path, made } = await openEdited()
    const there = await made({ ...first, name: 'host' })
    const { status, body } = await call('POST', path, { ...second, name: 'host' })
    expect([status, body.errors[0].code]).toEqual([400, code])
    if (message !== undefined) expect(body.errors[0].message).toBe(message)
    const other = await made({ type: 'TXT', name: 'elsewhere', content: 'x' })
    expect((await call('PATCH', `${path}/${other.id}`, { ...second, name: 'host' })).body.errors[0].code).toBe(code)
    // Once it has gone, nothing stands in the way.
    await call('DELETE', `${path}/${there.id}`)
    await made({ ...second, name: 'host' })
  })

  test('a name is delegated to ten nameservers, and not to more', async () => {
    const { call, path, made } = await openEdited()
    for (let at = 0; at < 10; at++) await made({ type: 'NS', name: 'sub', content: `ns${at}.example.net` })
    const { status, body } = await call('POST', path, { type: 'NS', name: 'sub', content: 'ns10.example.net' })
    expect([status, body.errors[0].code]).toEqual([400, 12_111])
  })
})

test('D15: PUT gives back its default to what is not named, PATCH leaves it', async () => {
  const { call, path, made, clock } = await openEdited()
  const given = { ...A, ttl: 120, comment: 'mine', tags: ['a:b'], settings: { ipv4_only: false } }
  const first = await made(given)
  clock.now += 1000
  const merged = (await call('PATCH', `${path}/${first.id}`, { content: '192.0.2.2' })).body.result
  expect(merged).toEqual({ ...first, content: '192.0.2.2', modified_on: '2026-04-05T12:00:01.000000Z' })
  const noted = (await call('PATCH', `${path}/${first.id}`, { comment: 'yours' })).body.result
  expect(noted).toMatchObject({ comment: 'yours', comment_modified_on: '2026-04-05T12:00:01.001000Z' })
  expect(noted.tags_modified_on).toBe(first.tags_modified_on)
  const bare = (await call('PUT', `${path}/${first.id}`, { ...A, content: '192.0.2.3' })).body.result
  expect(bare).toMatchObject({ content: '192.0.2.3', ttl: 1, comment: null, tags: [], settings: {} })
  expect(bare.created_on).toBe(first.created_on)
  expect(bare).not.toHaveProperty('comment_modified_on')
})

test('clients rule 10: PUT with only some members takes type, name and content from the record', async () => {
  const { call, path, made } = await openEdited()
  const { id } = await made({ type: 'MX', name: 'x', content: 'mail.example.net', priority: 5, ttl: 120 })
  const { body } = await call('PUT', `${path}/${id}`, { comment: 'only this' })
  expect(body.result).toMatchObject({ type: 'MX', name: 'x.example.org', content: 'mail.example.net', priority: 5 })
  expect(body.result).toMatchObject({ comment: 'only this', ttl: 1 })
})

test.each([
  [
    { type: 'MX', content: 'mail.example.net', priority: 5 },
    { priority: 6 },
    { content: 'mail.example.net', priority: 6 },
  ],
  [{ type: 'MX', content: 'mail.example.net', priority: 5 }, { content: '@' }, { content: 'example.org', priority: 5 }],
  [
    { type: 'SRV', data: { priority: 1, weight: 2, port: 3, target: 'a.example' } },
    { data: { port: 4 } },
    { data: { priority: 1, weight: 2, port: 4, target: 'a.example' }, content: '2 4 a.example', priority: 1 },
  ],
  [
    { type: 'SRV', data: { priority: 1, weight: 2, port: 3, target: 'a.example' } },
    { priority: 9 },
    { data: { priority: 9, weight: 2, port: 3, target: 'a.example' }, priority: 9 },
  ],
  [
    { type: 'SRV', data: { priority: 1, weight: 2, port: 3, target: 'a.example' } },
    { content: '5 6 b.example' },
    { data: { priority: 1, weight: 5, port: 6, target: 'b.example' } },
  ],
  [
    { type: 'URI', priority: 1, data: { weight: 2, target: 'a:b' } },
    { priority: 3 },
    { priority: 3, data: { weight: 2, target: 'a:b' } },
  ],
  [{ type: 'TXT', content: 'plain' }, { ttl: 60 }, { content: 'plain', ttl: 60 }],
  [
    { type: 'A', content: '192.0.2.1', proxied: true },
    { type: 'TXT', content: 'x' },
    { type: 'TXT', proxied: false },
  ],
  [{ type: 'A', content: '192.0.2.1', proxied: true }, { proxied: false }, { proxied: false, ttl: 1 }],
  [{ type: 'A', content: '192.0.2.1', comment: 'x' }, { comment: '' }, { comment: null }],
  [
    { type: 'CNAME', content: 'a.example', settings: { flatten_cname: true } },
    { settings: { ipv4_only: false } },
    { settings: { flatten_cname: true, ipv4_only: false } },
  ],
])('PATCH merges: %j and %j', async (before, change, after) => {
  const { call, path, made } = await openEdited()
  const { id } = await made({ name: 'x', ...before })
  const { status, body } = await call('PATCH', `${path}/${id}`, change)
  expect([status, body.errors]).toEqual([200, []])
  expect(body.result).toMatchObject(after)
})

test('a change that changes nothing makes no new version', async () => {
  const { call, path, made, runtime, zoneId } = await openEdited()
  const { id, ...record } = await made({ ...A, comment: 'x', tags: ['a:b'] })
  const version = runtime.records(zoneId)?.version
  for (const method of ['PATCH', 'PUT'] as const)
    expect((await call(method, `${path}/${id}`, record)).body.result).toEqual({ id, ...record })
  expect(runtime.records(zoneId)?.version).toBe(version)
})

test('CF-011 and clients rule 14: a record that is not there is 404 with code 81044, whatever is wanted of it', async () => {
  const { call, path } = await openEdited()
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
    const { status, body } = await call(method, `${path}/${STRANGE_ID}`, method === 'GET' ? undefined : A)
    expect([status, body.errors[0].code]).toEqual([404, 81_044])
  }
})

test('DELETE answers with the id, and the record is gone', async () => {
  const { call, path, made } = await openEdited()
  const { id } = await made(A)
  expect((await call('DELETE', `${path}/${id}`)).body.result).toEqual({ id })
  expect((await call('GET', path)).body.result).toEqual([])
  expect((await call('GET', `${path}/${id}`)).status).toBe(404)
})

describe('many at once', () => {
  test('changes of different members of one record: none is lost', async () => {
    const { call, path, made } = await openEdited()
    const { id } = await made(A)
    const changes = [{ content: '192.0.2.9' }, { ttl: 600 }, { comment: 'x' }, { tags: ['a:b'] }, { name: 'other' }]
    await Promise.all(changes.map((change) => call('PATCH', `${path}/${id}`, change)))
    const { body } = await call('GET', `${path}/${id}`)
    expect(body.result).toMatchObject({ content: '192.0.2.9', ttl: 600, comment: 'x', name: 'other.example.org' })
    expect(body.result.tags).toEqual(['a:b'])
  })

  test('writers elsewhere, who do not wait for us, lose nothing and take nothing from us', async () => {
    const { call, path, made, runtime, zoneId } = await openEditedWorld()
    const { id } = await made(A)
    const edit = runtime.edit.bind(runtime)
    let others = 0
    /** Somebody else changes the TTL just before each of the first ten tries. */
    runtime.edit = async (...given) => {
      const reader = runtime.records(zoneId)
      const stored = reader?.byId(id)
      if (reader === undefined || stored === undefined || others === 10) return edit(...given)
      const remove = stored.octets.slice(stored.at, stored.end)
      const record = readEdited(remove, 0, reader.apex)
      const add = storeEdited({ ...record, ttl: 60 + others++, modifiedAt: record.modifiedAt + 1 }, reader.apex)
      await edit(zoneId, { steps: [{ remove, add }] })
      return edit(...given)
    }
    const { status, body } = await call('PATCH', `${path}/${id}`, { comment: 'survives' })
    expect([status, body.result?.comment, body.result?.ttl]).toEqual([200, 'survives', 69])
  })

  test('whoever is overtaken without end is told to come back', async () => {
    const { call, path, made, runtime } = await openEditedWorld()
    const { id } = await made(A)
    let tries = 0
    runtime.edit = async () => {
      tries++
      return { type: 'stale', step: 0 }
    }
    const { status, body } = await call('PATCH', `${path}/${id}`, { ttl: 60 })
    expect([status, body.errors[0].code, tries]).toEqual([503, 12_115, 20])
  })

  test('a hundred new records and a hundred changes are all there', async () => {
    const { call, path } = await openEdited()
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, at) => call('POST', path, { ...A, content: `192.0.2.${at}` })),
    )
    await Promise.all(made.map(({ body }, at) => call('PATCH', `${path}/${body.result.id}`, { ttl: 100 + at })))
    const { body } = await call('GET', `${path}?per_page=200`)
    expect(body.result_info.total_count).toBe(100)
    const ttls = body.result.map(({ ttl }: { ttl: number }) => ttl).sort((a: number, b: number) => a - b)
    expect(ttls).toEqual(Array.from({ length: 100 }, (_, at) => 100 + at))
  })
})

describe('filters of edited records', () => {
  const world = (async () => {
    const edited = await openEditedWorld()
    const records = [
      { type: 'A', name: 'a', content: '192.0.2.1', proxied: true, comment: 'Hello World', tags: ['owner:Anna', 'x'] },
      { type: 'A', name: 'b', content: '192.0.2.2', ttl: 60, tags: ['owner:Bert', 'env:prod'] },
      { type: 'TXT', name: 'c', content: 'unquoted', ttl: 120, comment: 'hello' },
      { type: 'TXT', name: 'd', content: '"quoted"', ttl: 90 },
      { type: 'MX', name: '@', content: 'mail.example.net', priority: 1 },
      { type: 'CNAME', name: 'e', content: 'Target.example.net', ttl: 3600, tags: ['env:test', 'env:prod'] },
    ]
    for (const record of records) await edited.made(record)
    return edited
  })()

  test.each([
    ['', '@abcde'],
    ['type=A', 'ab'],
    ['name=a.example.org', 'a'],
    ['name=A.example.org.', 'a'],
    ['name.startswith=c', 'c'],
    ['content=unquoted', 'c'],
    ['content="unquoted"', 'c'],
    ['content=quoted', 'd'],
    ['content="quoted"', 'd'],
    ['content.contains=quoted', 'cd'],
    ['content.exact=target.example.net.', 'e'],
    ['proxied=true', 'a'],
    ['proxied=false', '@bcde'],
    ['comment=hello', 'c'],
    ['comment.exact=HELLO WORLD', 'a'],
    ['comment.contains=world', 'a'],
    ['comment.startswith=hello', 'ac'],
    ['comment.endswith=hello', 'c'],
    ['comment.present=', 'ac'],
    ['comment.present', 'ac'],
    ['comment.absent=true', '@bde'],
    ['tag.present=owner', 'ab'],
    ['tag.absent=owner', '@cde'],
    ['tag=owner:anna', 'a'],
    ['tag.exact=ENV:prod', 'be'],
    ['tag.exact=x', 'a'],
    ['tag.contains=owner:er', 'b'],
    ['tag.startswith=env:t', 'e'],
    ['tag.endswith=owner:t', 'b'],
    ['tag.exact=env:prod&tag.exact=env:test', 'e'],
    ['tag.exact=owner:anna&tag.exact=env:test&tag_match=any', 'ae'],
    ['tag.present=owner&tag.present=env', 'b'],
    ['match=any&type=MX&comment.present=', '@ac'],
    ['match=any&type=MX&tag.present=owner&tag.present=env&tag_match=all', '@b'],
    ['search=HELLO', 'ac'],
    ['search=prod', 'be'],
    ['order=ttl&type=TXT', 'dc'],
    ['order=proxied', '@bcdea'],
    ['order=proxied&direction=desc&type=A', 'ab'],
    ['order=type', 'abe@cd'],
    ['order=content&type=TXT', 'dc'],
    ['order=name&direction=desc', 'edcba@'],
    ['per_page=2&page=2', 'bc'],
    ['per_page=2&page=4', ''],
    ['nonsense=1', '@abcde'],
  ])('"%s" shows %s', async (query, expected) => {
    const { call, path } = await world
    const { status, body } = await call('GET', `${path}?${encodeURI(query)}`)
    expect(status).toBe(200)
    const names = body.result.map(({ name }: { name: string }) => name.replace(/\.?example\.org$/, '') || '@')
    expect(names.join('')).toBe(expected)
  })
})

describe('CF-145, clients rule 7: batch', () => {
  test('deletes, patches, puts and posts are one version, in this order', async () => {
    const { call, path, made, runtime, zoneId } = await openEdited()
    const [gone, patched, put] = [
      await made({ ...A, name: 'gone' }),
      await made({ ...A, name: 'patched', comment: 'stays' }),
      await made({ ...A, name: 'put', comment: 'goes' }),
    ]
    const version = runtime.records(zoneId)?.version ?? 0
    const { status, body } = await call('POST', `${path}/batch`, {
      posts: [
        { ...A, name: 'gone' },
        { type: 'TXT', name: 'new', content: 'x' },
      ],
      puts: [{ ...A, id: put.id, name: 'put', content: '192.0.2.7' }],
      patches: [{ id: patched.id, ttl: 60 }],
      deletes: [{ id: gone.id }],
    })
    expect([status, body.errors]).toEqual([200, []])
    const { deletes, patches, puts, posts } = body.result
    expect(deletes).toEqual([gone])
    expect(patches).toMatchObject([{ id: patched.id, ttl: 60, comment: 'stays' }])
    expect(puts).toMatchObject([{ id: put.id, content: '192.0.2.7', comment: null }])
    expect(posts).toMatchObject([{ name: 'gone.example.org' }, { content: 'x' }])
    expect(runtime.records(zoneId)?.version).toBe(Number(version) + 1)
    expect((await call('GET', path)).body.result).toHaveLength(4)
  })

  test('one record may be changed twice', async () => {
    const { call, path, made } = await openEdited()
    const { id } = await made(A)
    const { body } = await call('POST', `${path}/batch`, {
      patches: [
        { id, comment: 'a' },
        { id, ttl: 60 },
      ],
      puts: [{ id, ...A, tags: ['x'] }],
    })
    expect(body.errors).toEqual([])
    expect((await call('GET', `${path}/${id}`)).body.result).toMatchObject({ comment: null, ttl: 1, tags: ['x'] })
  })

  test.each([
    [{ posts: [A, { ...A, content: 'x' }] }, 1004, '/posts/1'],
    [{ posts: [{ ...A, name: 'b' }, A, A] }, 81_058, '/posts/2'],
    [{ posts: [A, { type: 'CNAME', name: 'www', content: 'a.example' }] }, 81_053, '/posts/1'],
    [{ patches: [{ id: STRANGE_ID, ttl: 60 }] }, 81_044, '/patches/0/id'],
    [{ deletes: [{}] }, 6010, '/deletes/0/id'],
    [{ deletes: [{ id: 'nonsense' }] }, 81_044, '/deletes/0/id'],
    [{ patches: [{ id: 'there', ttl: 5 }] }, 9021, '/patches/0/ttl'],
    [{ deletes: [{ id: 'there' }], patches: [{ id: 'there', ttl: 60 }] }, 81_044, '/patches/0/id'],
    [{ deletes: [{ id: 'there' }, { id: 'there' }] }, 81_044, '/deletes/1/id'],
    [{ posts: 'x' }, 6010, '/posts'],
  ])('of %j nothing happens, for there is %d at %s', async (batch, code, pointer) => {
    const { call, path, made } = await openEdited()
    const there = await made({ type: 'TXT', name: 'there', content: 'x' })
    const sent = JSON.parse(JSON.stringify(batch).replaceAll('"there"', `"${there.id}"`))
    const { body } = await call('POST', `${path}/batch`, sent)
    expect([body.success, body.errors[0].code, body.errors[0].source.pointer]).toEqual([false, code, pointer])
    expect((await call('GET', path)).body.result).toEqual([there])
  })

  test('an empty batch is done at once', async () => {
    const { call, path } = await openEdited()
    const { body } = await call('POST', `${path}/batch`, {})
    expect(body.result).toEqual({ deletes: [], patches: [], puts: [], posts: [] })
  })

  test('a batch has as many operations as the setting says', async () => {
    const { call, path } = await openEdited()
    const post = (at: number) => ({ type: 'TXT', name: `h${at}`, content: `${at}`, comment: 'x'.repeat(500) })
    const posts = Array.from({ length: 3501 }, (_, at) => post(at))
    const refused = await call('POST', `${path}/batch`, { posts })
    expect([refused.status, refused.body.errors[0].code]).toEqual([400, 12_114])
    const { status } = await call('POST', `${path}/batch`, { posts: posts.slice(1) })
    expect(status).toBe(200)
    expect((await call('GET', path)).body.result_info.total_count).toBe(3500)
  })
})

test('each edit has its line in the audit log, with the record before and after and who did it', async () => {
  const { call, path, made, runtime, zoneId, accountId } = await openEditedWorld()
  const first = await made(A)
  const { id } = first
  const second = (await call('PATCH', `${path}/${id}`, { ttl: 60 })).body.result
  await call('DELETE', `${path}/${id}`)
  const lines = runtime.edited.changes.map((change) => ('audit' in change ? change.audit : undefined))
  expect(lines.map((line) => [line?.action, line?.object])).toEqual([
    ['record.create', { after: first }],
    ['record.update', { before: first, after: second }],
    ['record.delete', { before: second }],
  ])
  for (const line of lines) expect(line).toMatchObject({ at: START, accountId, zoneId })
  expect(lines[0]?.tokenId).toMatch(/^[0-9a-f]{32}$/)
})

test('a zone that is edited cannot be edited before it is there', async () => {
  const { call, path, runtime } = await openEditedWorld()
  runtime.edit = async () => undefined
  const { status, body } = await call('POST', path, A)
  expect([status, body.errors[0].code]).toEqual([503, 12_051])
})
