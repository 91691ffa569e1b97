import { expect, test } from 'vitest'
import { openWorld, TOKEN, type World } from './world.ts'

const DEFAULTS = {
  flatten_all_cnames: false,
  foundation_dns: false,
  internal_dns: {},
  multi_provider: false,
  nameservers: { type: 'cloudflare.standard' },
  ns_ttl: 86_400,
  secondary_overrides: false,
  soa: {
    mname: null,
    rname: 'hostmaster.example.org',
    refresh: 10_000,
    retry: 2400,
    expire: 604_800,
    min_ttl: 1800,
    ttl: 3600,
  },
  zone_mode: 'standard',
}

async function scene(type: 'full' | 'secondary' = 'full') {
  const world = await openWorld()
  const id = await world.zone('example.org', type)
  const path = `/zones/${id}/dns_settings`
  const patch = (body: unknown) => world.call('PATCH', path, body)
  const get = async () => (await world.call('GET', path)).body.result
  return { ...world, id, path, patch, get }
}

const errorOf = ({ status, body }: Awaited<ReturnType<World['call']>>) => [
  status,
  body.errors[0]?.code,
  body.errors[0]?.source?.pointer,
]

test('CF-121: the settings of a zone have all nine members', async () => {
  const { get } = await scene()
  expect(await get()).toEqual(DEFAULTS)
})

test('CF-122: a change leaves what it does not name, and members of soa one by one', async () => {
  const { get, patch } = await scene()
  const first = await patch({ multi_provider: true, soa: { refresh: 20_000 } })
  expect([first.status, first.body.result]).toEqual([
    200,
    { ...DEFAULTS, multi_provider: true, soa: { ...DEFAULTS.soa, refresh: 20_000 } },
  ])
  await patch({ soa: { retry: 3000, rname: 'dns.example.net.' }, nameservers: {} })
  expect(await get()).toEqual({
    ...DEFAULTS,
    multi_provider: true,
    soa: { ...DEFAULTS.soa, refresh: 20_000, retry: 3000, rname: 'dns.example.net' },
  })
  expect((await patch({})).body.result).toEqual(await get())
})

test('CF-123: soa.mname is null unless somebody sets it, and null sets it back', async () => {
  const { get, patch } = await scene()
  expect((await patch({ soa: { mname: 'ns.example.net' } })).body.result.soa.mname).toBe('ns.example.net')
  await patch({ soa: { retry: 2500 }, multi_provider: null })
  expect((await get()).soa.mname, 'what is not named stays').toBe('ns.example.net')
  expect((await patch({ soa: { mname: null, rname: null } })).body.result.soa).toEqual({ ...DEFAULTS.soa, retry: 2500 })
})

test('CF-126: ranges are the wide ones, and what is outside is told with its place', async () => {
  const { get, patch } = await scene()
  const widest = { refresh: 86_400, retry: 86_400, expire: 2_419_200, min_ttl: 86_400, ttl: 86_400 }
  expect((await patch({ ns_ttl: 30, soa: widest })).status).toBe(200)
  const least = { refresh: 600, retry: 600, expire: 86_400, min_ttl: 60, ttl: 300 }
  expect((await patch({ ns_ttl: 86_400, soa: least })).status).toBe(200)
  const before = await get()
  for (const [body, pointer] of [
    [{ ns_ttl: 29 }, '/ns_ttl'],
    [{ ns_ttl: 86_401 }, '/ns_ttl'],
    [{ ns_ttl: 100.5 }, '/ns_ttl'],
    [{ soa: { refresh: 599 } }, '/soa/refresh'],
    [{ soa: { retry: 86_401 } }, '/soa/retry'],
    [{ soa: { expire: 86_399 } }, '/soa/expire'],
    [{ soa: { min_ttl: 59 } }, '/soa/min_ttl'],
    [{ soa: { ttl: 299 } }, '/soa/ttl'],
    [{ soa: { mname: 'a..b' } }, '/soa/mname'],
    [{ soa: { mname: '.' } }, '/soa/mname'],
    [{ soa: { rname: 'me@example.org' } }, '/soa/rname'],
    [{ nameservers: { ns_set: 6 } }, '/nameservers/ns_set'],
    [{ nameservers: { type: 'strange' } }, '/nameservers/type'],
    [{ nameservers: { type: 'cloudflare.standard.random' } }, '/nameservers/type'],
  ] as const)
    expect(errorOf(await patch(body)), JSON.stringify(body)).toEqual([400, 12_301, pointer])
  for (const body of [{ soa: { refresh: '3600' } }, { multi_provider: 'yes' }, { zone_mode: 'fast' }, { soa: 1 }])
    expect(errorOf(await patch(body)).slice(0, 2), JSON.stringify(body)).toEqual([400, 6010])
  expect(await get(), 'a refused change changes nothing').toEqual(before)
})

test('CF-108: retry is not above refresh, and expire not below it, whichever is changed', async () => {
  const { patch } = await scene()
  expect(errorOf(await patch({ soa: { retry: 10_001 } }))).toEqual([400, 12_302, '/soa/retry'])
  expect(errorOf(await patch({ soa: { refresh: 1000 } }))).toEqual([400, 12_302, '/soa/refresh'])
  await patch({ soa: { expire: 86_400 } })
  expect(errorOf(await patch({ soa: { refresh: 86_400, retry: 86_400, expire: 86_399 } }))[1]).toBe(12_301)
  expect((await patch({ soa: { refresh: 86_400, retry: 86_400 } })).status).toBe(200)
})

test('CF-127: foundation_dns and the type of nameservers are one thing, and may not contradict', async () => {
  const { call, id, patch } = await scene()
  const both = async (body: object) => {
    const { foundation_dns: foundation, nameservers } = (await patch(body)).body.result
    return [foundation, nameservers.type]
  }
  expect(await both({ foundation_dns: true })).toEqual([true, 'cloudflare.advanced'])
  expect(await both({ nameservers: { type: 'cloudflare.standard' } })).toEqual([false, 'cloudflare.standard'])
  expect(await both({ foundation_dns: true, nameservers: { type: 'cloudflare.advanced' } })).toEqual([
    true,
    'cloudflare.advanced',
  ])
  expect((await call('GET', `/zones/${id}`)).body.result.meta).toMatchObject({ foundation_dns: true })
  const contradiction = await patch({ foundation_dns: false, nameservers: { type: 'cloudflare.advanced' } })
  expect(errorOf(contradiction)).toEqual([400, 12_302, '/foundation_dns'])
  expect(errorOf(await patch({ nameservers: { type: 'custom.account' } }))).toEqual([400, 12_303, '/nameservers/type'])
  expect(errorOf(await patch({ internal_dns: { reference_zone_id: 'x' } }))[0]).toBe(400)
  expect((await patch({ internal_dns: {} })).status).toBe(200)
})

test('CF-124, CF-125: defaults of an account are where new zones begin, and change no old ones', async () => {
  const { call, accountId, zone, get, patch } = await scene()
  const path = `/accounts/${accountId}/dns_settings`
  const before = await call('GET', path)
  const accountDefaults = { ...DEFAULTS, soa: { ...DEFAULTS.soa, rname: '' } }
  expect(before.body.result).toEqual({ enforce_dns_only: false, zone_defaults: accountDefaults })
  const defaults = {
    multi_provider: true,
    ns_ttl: 300,
    soa: { refresh: 7200 },
    nameservers: { type: 'cloudflare.standard.random' },
  }
  const changed = await call('PATCH', path, { enforce_dns_only: true, zone_defaults: defaults })
  expect(changed.body.result).toMatchObject({ enforce_dns_only: true, zone_defaults: defaults })
  expect((await call('GET', path)).body).toEqual(changed.body)
  expect(await get()).toEqual(DEFAULTS)
  const young = `/zones/${await zone('young.example')}/dns_settings`
  expect((await call('GET', young)).body.result).toMatchObject({
    ...defaults,
    soa: { ...DEFAULTS.soa, refresh: 7200, rname: 'hostmaster.young.example' },
  })
  await patch({ ns_ttl: 600 })
  expect((await call('GET', young)).body.result.ns_ttl).toBe(300)
  const wrong = await call('PATCH', path, { zone_defaults: { soa: { ttl: 1 } } })
  expect(errorOf(wrong)).toEqual([400, 12_301, '/zone_defaults/soa/ttl'])
})

test('of a secondary zone settings are kept, and it is said which have no effect', async () => {
  const { patch, get } = await scene('secondary')
  const quiet = await patch({ secondary_overrides: true })
  expect([quiet.status, quiet.body.messages]).toEqual([200, []])
  const idle = await patch({ multi_provider: true, soa: { ttl: 600 } })
  expect(idle.status).toBe(200)
  expect(idle.body.messages[0].message).toContain('multi_provider, soa')
  expect(await get()).toMatchObject({ secondary_overrides: true, multi_provider: true, soa: { ttl: 600 } })
})

test('the audit log tells who changed which settings', async () => {
  const { patch, store, registry, accountId, id } = await scene()
  await patch({ soa: { mname: 'ns.example.net' } })
  const [line] = await store.listAudit({ accountId, limit: 10 })
  expect(line).toMatchObject({
    action: 'zone_dns_settings.create',
    zoneId: id,
    tokenId: registry.tokens.find(TOKEN)?.id,
    object: { after: { soa: { mname: 'ns.example.net' } } },
  })
})

test('settings go with their zone', async () => {
  const { call, patch, id, store } = await scene()
  await patch({ multi_provider: true })
  expect(await store.objects('zoneDnsSettings')).toHaveLength(1)
  await call('DELETE', `/zones/${id}`)
  expect(await store.objects('zoneDnsSettings')).toEqual([])
})

test('how serials are counted is a setting of a zone, and null leaves it to the server', async () => {
  const { call } = await scene()
  const path = '/api/v1/zones/example.org/settings'
  expect((await call('GET', path)).body.result).toEqual({ serial: null })
  expect((await call('PATCH', path, { serial: 'date' })).body.result).toEqual({ serial: 'date' })
  expect((await call('PATCH', path, {})).body.result).toEqual({ serial: 'date' })
  expect((await call('PATCH', path, { serial: 'odd' })).status).toBe(400)
  expect((await call('PATCH', path, { serial: null })).body.result).toEqual({ serial: null })
})
