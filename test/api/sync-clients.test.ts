/**
 * Clients that keep whole zones in sync: they read all there is, compare it with what should be, and send the difference.
 * What they send and read is written down from their sources. A zone is in sync when a second comparison finds nothing.
 */

import { expect, test } from 'vitest'
import { openEdited, openEditedWorld, type EditedWorld } from './edited-world.ts'
import { openWorld, type World } from './world.ts'

interface Shown {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content: string
  readonly ttl: number
  readonly priority?: number
  readonly data?: Readonly<Record<string, string | number>>
}

/** Pages of a list until there is an empty one, as the official SDKs read them. */
async function allPages<Item>({ call }: World, path: string, query = ''): Promise<Item[]> {
  const items: Item[] = []
  for (let page = 1; ; page++) {
    const { body } = await call('GET', `${path}?${query}page=${page}`)
    if (body.result.length === 0) return items
    items.push(...body.result)
  }
}

// external-dns

const identity = ({ name, type, content }: Pick<Shown, 'name' | 'type' | 'content'>) => `${name} ${type} ${content}`

/** The operations of one request. */
const BATCH = 200

/** Brings a zone to what is wanted, in batches, and says how many requests that took. */
async function externalDns(world: EditedWorld, wanted: readonly Omit<Shown, 'id'>[]): Promise<number> {
  const zones = await allPages<{ id: string; name: string }>(world, '/zones')
  const path = `/zones/${zones.find(({ name }) => name === 'example.org')?.id}/dns_records`
  const there = await allPages<Shown>(world, path, 'per_page=100&')
  const known = new Set(there.map(identity))
  const kept = new Set(wanted.map(identity))
  const full = { proxied: false, comment: '', tags: [] }
  const operations = [
    ...there.filter((record) => !kept.has(identity(record))).map(({ id }) => ['deletes', { id }] as const),
    ...wanted
      .filter((record) => !known.has(identity(record)))
      .map((record) => ['posts', { ...full, ...record }] as const),
  ]
  let requests = 0
  for (let at = 0; at < operations.length; at += BATCH, requests++) {
    const some = operations.slice(at, at + BATCH)
    const of = (kind: string) => some.flatMap(([each, body]) => (each === kind ? [body] : []))
    const { body } = await world.call('POST', `${path}/batch`, { deletes: of('deletes'), puts: [], posts: of('posts') })
    expect([body.success, body.errors]).toEqual([true, []])
  }
  return requests
}

test('CF-178: external-dns: 450 hosts come in three batches, change, and go; in between there is nothing to do', async () => {
  const world = await openEditedWorld()
  const owner = '"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/web/app"'
  const wanted = Array.from({ length: 225 }, (_, at) => [
    { name: `h${at}.example.org`, type: 'A', content: `192.0.2.${at}`, ttl: 300 },
    { name: `a-h${at}.example.org`, type: 'TXT', content: owner, ttl: 300 },
  ]).flat()
  expect([await externalDns(world, wanted), await externalDns(world, wanted)]).toEqual([3, 0])
  const moved = wanted.map((record) =>
    record.name === 'h7.example.org' ? { ...record, content: '198.51.100.7' } : record,
  )
  expect([await externalDns(world, moved), await externalDns(world, moved)]).toEqual([1, 0])
  expect([await externalDns(world, []), await externalDns(world, [])]).toEqual([3, 0])
})

test('CF-178: external-dns: of a batch that is refused nothing is done, and each operation is sent by itself', async () => {
  const { call, path, made, zoneId } = await openEdited()
  const there = await made({ type: 'CNAME', name: 'app', content: 'old.example.net', ttl: 300 })
  const puts = [{ id: there.id, type: 'CNAME', name: 'app.example.org', content: 'new.example.net', ttl: 300 }]
  const posts = [
    { type: 'A', name: 'app.example.org', content: '192.0.2.1', ttl: 300 },
    { type: 'A', name: 'other.example.org', content: '192.0.2.2', ttl: 300 },
  ]
  const refused = await call('POST', `${path}/batch`, { deletes: [], puts, posts })
  expect([refused.status, refused.body.success]).toEqual([400, false])
  expect((await call('GET', path)).body.result).toEqual([there])
  const alone = [
    await call('PUT', `${path}/${there.id}`, puts[0]),
    await call('POST', path, posts[0]),
    await call('POST', path, posts[1]),
  ]
  expect(alone.map(({ status }) => status)).toEqual([200, 400, 200])
  expect((await call('DELETE', `${path}/${there.id}`)).status).toBe(200)
  // Whether a zone may have comments of more than 100 characters it asks the plan.
  expect((await call('GET', '/zones?name=example.org')).body.result[0].id).toBe(zoneId)
  expect((await call('GET', `/zones/${zoneId}`)).body.result.plan.is_subscribed).toBe(true)
  const long = { ...posts[0], comment: 'x'.repeat(200) }
  expect((await call('POST', path, long)).body.result.comment).toBe(long.comment)
})

test('CF-178: external-dns: one batch of deletes, puts and posts, whose contents come back exactly as sent', async () => {
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

// octoDNS

/** Values of a zone as octoDNS keeps them: by type and name, each with its TTL. */
type Zone = ReadonlyMap<string, ReadonlySet<string>>

/** A record as octoDNS understands it, names with their final dots. */
function valueOf({ type, content, priority, data, ttl }: Shown): string {
  const seconds = ttl === 1 ? 300 : ttl
  switch (type) {
    case 'CNAME':
    case 'NS':
      return `${seconds} ${content}.`
    case 'MX':
      return `${seconds} ${priority} ${content}.`
    case 'SRV':
      return `${seconds} ${data?.['priority']} ${data?.['weight']} ${data?.['port']} ${data?.['target']}.`
    case 'CAA':
      return `${seconds} ${data?.['flags']} ${data?.['tag']} ${data?.['value']}`
    default:
      return `${seconds} ${content}`
  }
}

/** What octoDNS sends for a value. */
function bodyOf(key: string, value: string): object {
  const [type = '', name = ''] = key.split(' ')
  const [ttl, ...words] = value.split(' ')
  const head = { name, type, ttl: Number(ttl) }
  const [first, second, third, last] = words
  switch (type) {
    case 'MX':
      return { ...head, priority: Number(first), content: second }
    case 'SRV': {
      const [service, proto, ...rest] = name.split('.')
      const numbers = { priority: Number(first), weight: Number(second), port: Number(third) }
      return { ...head, data: { service, proto, name: rest.join('.'), ...numbers, target: last } }
    }
    case 'CAA':
      return { ...head, data: { flags: Number(first), tag: second, value: third } }
    case 'A':
    case 'AAAA':
    case 'CNAME':
      return { ...head, content: words.join(' '), proxied: false }
    default:
      return { ...head, content: words.join(' ') }
  }
}

/** One run: reads the zone, makes it if it is not there, and brings it to what is wanted. Says how many requests changed something. */
async function octoDns({ call, accountId }: World, wanted: Zone): Promise<number> {
  /** Asks for one page more as long as a page is full. */
  const listed = async <Item>(path: string, perPage: number): Promise<Item[]> => {
    const items: Item[] = []
    for (let page = 1; ; page++) {
      const { body } = await call('GET', `${path}?page=${page}&per_page=${perPage}`)
      items.push(...body.result)
      const { count, per_page: full } = body.result_info
      if (count === 0 || count !== full) return items
    }
  }
  const zones = await listed<{ id: string; name: string; name_servers: string[] }>('/zones', 50)
  let zone = zones.find(({ name }) => name === 'synced.example')
  if (zone === undefined) {
    const body = { name: 'synced.example', jump_start: false, account: { id: accountId } }
    zone = (await call('POST', '/zones', body)).body.result as { id: string; name: string; name_servers: string[] }
  }
  expect(zone.name_servers).toHaveLength(2)
  const path = `/zones/${zone.id}/dns_records`
  const records = await listed<Shown>(path, 100)
  expect((await call('GET', `/zones/${zone.id}/pagerules?status=active`)).body.result).toEqual([])

  let changes = 0
  const send = async (method: 'POST' | 'PUT' | 'DELETE', at: string, body?: object) => {
    changes++
    const answer = await call(method, at, body)
    expect([method, body, answer.status, answer.body.errors]).toEqual([method, body, 200, []])
  }
  const keyOf = ({ type, name }: Shown) => `${type} ${name}`
  for (const key of new Set([...records.map(keyOf), ...wanted.keys()])) {
    const there = records.filter((record) => keyOf(record) === key)
    const values = wanted.get(key) ?? new Set()
    const stale = there.filter((record) => !values.has(valueOf(record)))
    const missing = [...values].filter((value) => !there.some((record) => valueOf(record) === value))
    for (const value of missing) {
      const old = stale.shift()
      if (old === undefined) await send('POST', path, bodyOf(key, value))
      else await send('PUT', `${path}/${old.id}`, bodyOf(key, value))
    }
    for (const { id } of stale) await send('DELETE', `${path}/${id}`)
  }
  return changes
}

const zoneOf = (values: Readonly<Record<string, readonly string[]>>): Zone =>
  new Map(Object.entries(values).map(([key, each]) => [key, new Set(each)]))

test('CF-177: octoDNS: a zone is made, filled, changed and emptied; a second run finds nothing to do', async () => {
  const world = await openWorld()
  const hosts = Object.fromEntries(
    Array.from({ length: 120 }, (_, at) => [`A h${at}.synced.example`, [`300 192.0.2.${at}`]]),
  )
  const first = {
    ...hosts,
    'A www.synced.example': ['300 192.0.2.1', '300 192.0.2.2'],
    'AAAA www.synced.example': ['300 2001:db8::1'],
    'CNAME alias.synced.example': ['600 www.synced.example.'],
    'MX synced.example': ['3600 10 mail.synced.example.', '3600 20 mail.example.net.'],
    'TXT synced.example': ['300 "v=spf1 -all"'],
    'CAA synced.example': ['300 0 issue ca.example'],
    'SRV _sip._tcp.synced.example': ['300 1 2 5060 sip.example.net.'],
    'NS sub.synced.example': ['3600 ns1.example.net.', '3600 ns2.example.net.'],
    'SSHFP h.synced.example': [`300 1 1 ${'ab'.repeat(20)}`],
  }
  expect([await octoDns(world, zoneOf(first)), await octoDns(world, zoneOf(first))]).toEqual([132, 0])
  const second = {
    ...first,
    'A www.synced.example': ['300 192.0.2.2', '300 192.0.2.3', '300 192.0.2.4'],
    'CNAME alias.synced.example': ['900 www.synced.example.'],
    'MX synced.example': ['3600 10 mail.synced.example.'],
    'TXT synced.example': ['300 "v=spf1 ~all"'],
  }
  expect([await octoDns(world, zoneOf(second)), await octoDns(world, zoneOf(second))]).toEqual([5, 0])
  expect([await octoDns(world, zoneOf({})), await octoDns(world, zoneOf({}))]).toEqual([132, 0])
})

test('CF-177: octoDNS: nameservers of another provider at the apex are kept, and answered with multi_provider', async () => {
  const world = await openWorld()
  const wanted = zoneOf({ 'NS synced.example': ['3600 ns1.theirs.example.', '3600 ns2.theirs.example.'] })
  expect([await octoDns(world, wanted), await octoDns(world, wanted)]).toEqual([2, 0])
  const [{ id }] = (await world.call('GET', '/zones?name=synced.example')).body.result
  await world.call('PATCH', `/zones/${id}/dns_settings`, { multi_provider: true })
  expect(await octoDns(world, wanted)).toBe(0)
  const views = await world.call('GET', `/accounts/${world.accountId}/dns_settings/views`)
  expect([views.status, views.body.result]).toEqual([200, []])
  const plans = (await world.call('GET', `/zones/${id}/available_plans`)).body.result
  expect((await world.call('PATCH', `/zones/${id}`, { plan: { id: plans[0].id } })).status).toBe(200)
  expect((await world.call('GET', `/zones/${id}`)).body.result.plan.legacy_id).toBe(plans[0].legacy_id)
})

test('CF-177: octoDNS: names with final dots, SRV by service, protocol and name, DS and SSHFP by content', async () => {
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

// dnscontrol

test('CF-178: dnscontrol: makes a zone, finds it among pages of zones, and pushes until nothing is left to correct', async () => {
  const world = await openWorld()
  const { call, accountId } = world
  for (let at = 0; at < 60; at++) await world.zone(`z${at}.example`, 'full')
  const body = { name: 'bücher.example', jump_start: false, type: 'full', account: { id: accountId } }
  expect((await call('POST', '/zones', body)).body.result).toMatchObject({ name: 'bücher.example', type: 'full' })
  const pageOf = (page: number) => call('GET', `/zones?page=${page}&per_page=50`)
  const { total_pages: total } = (await pageOf(1)).body.result_info
  const pages = await Promise.all(Array.from({ length: total }, (_, at) => pageOf(at + 1)))
  const zones = pages.flatMap((page) => page.body.result as { id: string; name: string }[])
  expect(zones).toHaveLength(61)
  const zone = zones.find(({ name }) => name === 'bücher.example')?.id
  expect((await call('GET', `/zones/${zone}/ssl/universal/settings`)).body.result).toEqual({ enabled: false })

  const path = `/zones/${zone}/dns_records`
  const apex = 'xn--bcher-kva.example'
  /** Compares by name, type and content, and sends whole records. */
  const push = async (wanted: readonly Omit<Shown, 'id'>[]): Promise<string[]> => {
    const there = (await call('GET', `${path}?page=1&per_page=100`)).body.result as Shown[]
    const corrections: string[] = []
    const left = new Set(there)
    for (const record of wanted) {
      const same = there.find((each) => identity(each) === identity(record))
      const old = same ?? [...left].find(({ name, type }) => name === record.name && type === record.type)
      if (old !== undefined) left.delete(old)
      if (same !== undefined && same.ttl === record.ttl) continue
      const method = old === undefined ? 'POST' : 'PATCH'
      corrections.push(method)
      const answer = await call(method, old === undefined ? path : `${path}/${old.id}`, record)
      expect([record, answer.status, answer.body.errors]).toEqual([record, 200, []])
    }
    for (const { id } of left) {
      corrections.push('DELETE')
      expect((await call('DELETE', `${path}/${id}`)).body.result).toEqual({ id })
    }
    return corrections
  }
  const wanted = [
    { name: apex, type: 'MX', content: 'mail.example.net', priority: 10, ttl: 300 },
    { name: `www.${apex}`, type: 'A', content: '192.0.2.1', ttl: 1 },
    { name: `txt.${apex}`, type: 'TXT', content: '"a b"', ttl: 300 },
    { name: apex, type: 'NS', content: 'ns.theirs.example', ttl: 300 },
  ]
  expect([await push(wanted), await push(wanted)]).toEqual([['POST', 'POST', 'POST', 'POST'], []])
  const changed = wanted
    .slice(0, 3)
    .map((record) => (record.type === 'A' ? { ...record, content: '192.0.2.2' } : record))
  expect([await push(changed), await push(changed)]).toEqual([['PATCH', 'DELETE'], []])
})

test('CF-178: dnscontrol: pages of records, PATCH with whole records, DELETE', async () => {
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
