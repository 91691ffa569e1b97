/** Tokens of users and of accounts: their life, and that nobody grants what they do not have. */

import { describe, expect, test } from 'vitest'
import { groupNamed, PERMISSION_GROUPS, type GroupName } from '../../src/engine/permission-groups.ts'
import { openWorld, START, STRANGE_ID, TOKEN, type World } from './world.ts'

const ID = /^[0-9a-f]{32}$/
const ALL_ACCOUNTS = { 'com.cloudflare.api.account.*': '*' }
const ALL_ZONES = { 'com.cloudflare.api.account.zone.*': '*' }

const groups = (...names: GroupName[]) => names.map((name) => ({ id: groupNamed(name).id }))
const allow = (names: readonly GroupName[], resources: object) => ({
  effect: 'allow',
  permission_groups: groups(...names),
  resources,
})

const as = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } })

async function issued(world: World, path: string, policies: readonly object[], more: object = {}): Promise<string> {
  const { body } = await world.call('POST', path, { name: 'test', policies, ...more })
  return body.result.value as string
}

test('a token is made, shown, listed, changed and removed; its secret is told once', async () => {
  const { call, store, clock } = await openWorld()
  const policies = [
    {
      effect: 'allow',
      permission_groups: [{ id: groupNamed('DNS Write').id, meta: { label: 'x' } }, ...groups('Zone Read')],
      resources: ALL_ZONES,
    },
    { effect: 'deny', permission_groups: groups('Zone Settings Write', 'DNS Read'), resources: ALL_ACCOUNTS },
  ]
  const made = await call('POST', '/user/tokens', {
    name: 'readonly token',
    policies,
    condition: { 'request.ip': { in: ['127.0.0.0/8', '2001:db8::/48'], not_in: ['127.0.0.9/32'] } },
    not_before: '2018-07-01T05:20:00Z',
    expires_on: '2030-01-01T00:00:00+01:00',
  })
  const { value, ...token } = made.body.result
  expect(value).toMatch(/^[\w-]{40}$/)
  expect(Object.keys(token).slice(0, 2)).toEqual(['id', 'name'])
  expect(token).toEqual({
    id: expect.stringMatching(ID),
    name: 'readonly token',
    status: 'active',
    issued_on: '2026-04-05T12:00:00.000000Z',
    modified_on: '2026-04-05T12:00:00.000000Z',
    not_before: '2018-07-01T05:20:00Z',
    expires_on: '2029-12-31T23:00:00Z',
    policies: [
      {
        id: expect.stringMatching(ID),
        effect: 'allow',
        resources: ALL_ZONES,
        permission_groups: [
          { id: groupNamed('DNS Write').id, name: 'DNS Write', meta: { label: 'x' } },
          { id: groupNamed('Zone Read').id, name: 'Zone Read' },
        ],
      },
      {
        id: expect.stringMatching(ID),
        effect: 'deny',
        resources: ALL_ACCOUNTS,
        permission_groups: [
          { id: groupNamed('Zone Settings Write').id, name: 'Zone Settings Write' },
          { id: groupNamed('DNS Read').id, name: 'DNS Read' },
        ],
      },
    ],
    condition: { request_ip: { in: ['127.0.0.0/8', '2001:db8::/48'], not_in: ['127.0.0.9/32'] } },
  })
  const path = `/user/tokens/${token.id}`
  expect((await call('GET', path)).body.result).toEqual(token)
  expect((await call('GET', '/user/tokens')).body.result).toEqual([token])
  expect(JSON.stringify(await store.objects('token'))).not.toContain(value)
  expect((await call('GET', '/user/tokens/verify', undefined, as(value))).body.result).toEqual({
    id: token.id,
    status: 'active',
    not_before: '2018-07-01T05:20:00Z',
    expires_on: '2029-12-31T23:00:00Z',
  })

  clock.now += 60_000
  const [first] = token.policies
  const changed = await call('PUT', path, { name: 'other', policies: [first], status: 'disabled' })
  expect(changed.body.result).toEqual({
    id: token.id,
    name: 'other',
    status: 'disabled',
    issued_on: token.issued_on,
    modified_on: '2026-04-05T12:01:00.000000Z',
    last_used_on: '2026-04-05T12:00:00.000000Z',
    policies: [first],
  })
  expect((await call('GET', '/zones', undefined, as(value))).body.errors[0].message).toBe('the token is disabled')
  expect((await call('DELETE', path)).body.result).toEqual({ id: token.id })
  for (const method of ['GET', 'DELETE'] as const) expect((await call(method, path)).status).toBe(404)
  expect((await call('GET', '/zones', undefined, as(value))).body.errors[0].code).toBe(10_000)
})

test('CF-152: rolling a token gives a new secret as the result, and the old one counts no more', async () => {
  const world = await openWorld()
  const { call } = world
  const before = await issued(world, '/user/tokens', [allow(['Zone Read'], ALL_ZONES)])
  const [{ id }] = (await call('GET', '/user/tokens')).body.result
  const { result: secret } = (await call('PUT', `/user/tokens/${id}/value`, {})).body
  expect(secret).toMatch(/^[\w-]{40,80}$/)
  expect((await call('GET', '/zones', undefined, as(secret))).status).toBe(200)
  expect((await call('GET', '/zones', undefined, as(before))).status).toBe(403)
})

test('CF-018, CF-019: tokens are listed in pages, in either direction, expired ones only if asked for', async () => {
  const world = await openWorld()
  const { call, clock } = world
  for (let at = 0; at < 25; at++) {
    clock.now += 1000
    const more = at === 3 ? { expires_on: new Date(clock.now + 60_000).toISOString() } : {}
    await issued(world, '/user/tokens', [allow(['Zone Read'], ALL_ZONES)], { name: `token ${at}`, ...more })
  }
  const names = async (query: string) => {
    const { body } = await call('GET', `/user/tokens?${query}`)
    return [body.result.map(({ name }: { name: string }) => Number(name.slice(6))), body.result_info]
  }
  clock.now += 3_600_000
  const info = { page: 2, per_page: 20, count: 4, total_count: 24, total_pages: 2 }
  expect(await names('page=2')).toEqual([[21, 22, 23, 24], info])
  expect((await names('per_page=3'))[0]).toEqual([0, 1, 2])
  expect((await names('per_page=6&direction=desc&page=4'))[0]).toEqual([6, 5, 4, 2, 1, 0].toSorted((a, b) => b - a))
  expect((await names('per_page=5&include_expired=true'))[0]).toEqual([0, 1, 2, 3, 4])
  expect((await names('page=3'))[0]).toEqual([])
})

test('CF-151: the permission groups have the ids that are known, and filters for name and scope', async () => {
  const { call, accountId } = await openWorld()
  const { result } = (await call('GET', '/user/tokens/permission_groups')).body
  expect(result).toContainEqual({
    id: '4755a26eedb94da69e1066d98aa820be',
    name: 'DNS Write',
    category: 'DNS',
    scopes: ['com.cloudflare.api.account.zone'],
    is_selectable: true,
  })
  const ids: Record<string, string> = {
    'DNS Read': '82e64a83756745bbbb1c9c2701bf816b',
    'DNS Write': '4755a26eedb94da69e1066d98aa820be',
    'Zone Write': 'e6d2666161e84845a636613608cee8d5',
    'Zone Settings Read': '517b21aee92c4d89936c976ba6e4be55',
    'Zone Settings Write': '3030687196b94b638145a3953da2b699',
    'Zone DNS Settings Read': '0a6cfe8cd3ed445e918579e2fb13087b',
    'Zone DNS Settings Write': 'c4df38be41c247b3b4b7702e76eadae0',
    'Zone Read': 'c8fed203ed3043cba015a93ad1616f1f',
  }
  const known = new Map(result.map((group: { name: string; id: string }) => [group.name, group.id]))
  for (const [name, id] of Object.entries(ids)) expect([name, known.get(name)]).toEqual([name, id])
  for (const subject of ['DNS', 'Zone', 'Zone Settings', 'Zone DNS Settings', 'Account Settings'])
    for (const deed of ['Read', 'Write']) expect([...known.keys()]).toContain(`${subject} ${deed}`)
  for (const subject of ['Account DNS Settings', 'API Tokens', 'Account API Tokens', 'Notifications'])
    for (const deed of ['Read', 'Write']) expect([...known.keys()]).toContain(`${subject} ${deed}`)
  expect([...known.keys()]).toContain('Analytics Read')
  expect(new Set(PERMISSION_GROUPS.map(({ id }) => id)).size).toBe(PERMISSION_GROUPS.length)
  const found = async (query: string) =>
    (await call('GET', `/user/tokens/permission_groups?${query}`)).body.result.map(({ name }: { name: string }) => name)
  expect(await found('name=DNS%20Write')).toEqual(['DNS Write'])
  expect(await found('scope=com.cloudflare.api.user')).toContain('API Tokens Write')
  expect(await found('name=nothing')).toEqual([])
  const account = (await call('GET', `/accounts/${accountId}/tokens/permission_groups`)).body.result
  expect(account.map(({ name }: { name: string }) => name)).not.toContain('API Tokens Write')
})

describe('nobody grants what they do not have', () => {
  test.each<[string, readonly GroupName[], object, readonly GroupName[], object, boolean]>([
    ['the same on the same', ['DNS Write'], ALL_ZONES, ['DNS Write'], ALL_ZONES, true],
    ['reading, of writing', ['DNS Write'], ALL_ZONES, ['DNS Read'], ALL_ZONES, true],
    ['one zone of all', ['DNS Write'], ALL_ZONES, ['DNS Write'], { zone: 'own' }, true],
    ['zones of an account with it', ['DNS Write'], ALL_ACCOUNTS, ['DNS Write'], { account: 'own', nested: true }, true],
    ['an account for all its zones', ['DNS Write'], ALL_ZONES, ['DNS Write'], { account: 'own' }, true],
    ['all accounts for all zones', ['DNS Write'], ALL_ZONES, ['DNS Write'], ALL_ACCOUNTS, true],
    ['writing, of reading', ['DNS Read'], ALL_ZONES, ['DNS Write'], ALL_ZONES, false],
    ['another group', ['DNS Write'], ALL_ZONES, ['Zone Read'], ALL_ZONES, false],
    ['all zones, of one', ['DNS Write'], { zone: 'own' }, ['DNS Write'], ALL_ZONES, false],
    [
      'all accounts, of one',
      ['Account Settings Write'],
      { account: 'own' },
      ['Account Settings Read'],
      ALL_ACCOUNTS,
      false,
    ],
    [
      'one account, of one',
      ['Account Settings Write'],
      { account: 'own' },
      ['Account Settings Read'],
      { account: 'own' },
      true,
    ],
  ])('%s', async (_, held, on, wanted, where, granted) => {
    const world = await openWorld()
    const { call, accountId } = world
    const zoneId = await world.zone('a.example')
    const user = (await call('GET', '/user')).body.result.id as string
    const resources = (given: object): object => {
      const { zone, account, nested } = given as { zone?: string; account?: string; nested?: boolean }
      if (zone !== undefined) return { [`com.cloudflare.api.account.zone.${zoneId}`]: '*' }
      if (account !== undefined)
        return { [`com.cloudflare.api.account.${accountId}`]: nested === true ? ALL_ZONES : '*' }
      return given
    }
    const granter = await issued(world, '/user/tokens', [
      allow(held, resources(on)),
      allow(['API Tokens Write'], { [`com.cloudflare.api.user.${user}`]: '*' }),
    ])
    const body = { name: 'new', policies: [allow(wanted, resources(where))] }
    const answer = await call('POST', '/user/tokens', body, as(granter))
    if (granted) expect(answer.status).toBe(200)
    else {
      expect([answer.status, answer.body.errors[0].code]).toEqual([400, 1001])
      expect(answer.body.errors[0].source.pointer).toBe('/policies/0/permission_groups/0')
    }
  })

  test('what is denied to the granter in part, nor what a stronger token would tell by a new secret', async () => {
    const world = await openWorld()
    const { call, accountId } = world
    const zoneId = await world.zone('a.example')
    const one = { [`com.cloudflare.api.account.zone.${zoneId}`]: '*' }
    const account = { [`com.cloudflare.api.account.${accountId}`]: '*' }
    const path = `/accounts/${accountId}/tokens`
    const granter = await issued(world, path, [
      allow(['DNS Write', 'Account API Tokens Write'], account),
      { effect: 'deny', permission_groups: groups('DNS Write'), resources: one },
    ])
    const grant = (policies: object[], method: 'POST' | 'PUT' = 'POST', to = path) =>
      call(method, to, { name: 'new', policies }, as(granter))
    expect((await grant([allow(['DNS Write'], ALL_ZONES)])).body.errors[0].code).toBe(1001)
    expect((await grant([allow(['DNS Write'], one)])).body.errors[0].code).toBe(12_213)
    expect((await grant([allow(['DNS Read'], ALL_ZONES)])).body.errors[0].code).toBe(1001)
    expect((await grant([allow(['Account API Tokens Read'], account)])).status).toBe(200)
    const strong = await call('POST', path, { name: 'strong', policies: [allow(['Zone Write'], account)] })
    const { id } = strong.body.result
    expect((await call('PUT', `${path}/${id}/value`, {}, as(granter))).body.errors[0].code).toBe(1001)
    expect((await grant([allow(['Zone Write'], account)], 'PUT', `${path}/${id}`)).body.errors[0].code).toBe(1001)
    expect((await call('GET', '/zones', undefined, as(strong.body.result.value))).status).toBe(200)
  })

  test('a token of an account is about that account, whoever makes it', async () => {
    const world = await openWorld()
    const { call, accountId } = world
    const zoneId = await world.zone('a.example')
    const other = (await call('POST', '/accounts', { name: 'Other' })).body.result.id as string
    const path = `/accounts/${other}/tokens`
    for (const resources of [
      { [`com.cloudflare.api.account.zone.${zoneId}`]: '*' },
      { [`com.cloudflare.api.account.${accountId}`]: ALL_ZONES },
    ]) {
      const refused = await call('POST', path, { name: 'x', policies: [allow(['DNS Read'], resources)] })
      expect([refused.status, refused.body.errors[0].code]).toEqual([400, 12_213])
    }
    const wide = await issued(world, path, [allow(['DNS Read', 'Account API Tokens Write'], ALL_ACCOUNTS)])
    expect((await call('GET', `/zones/${zoneId}`, undefined, as(wide))).status).toBe(404)
    const seen = await call('GET', '/accounts', undefined, as(wide))
    expect(seen.body.result.map(({ id }: { id: string }) => id)).toEqual([other])
    // What is not in the account does not exist, to the letter.
    const try_ = async (id: string) =>
      (
        await call(
          'POST',
          path,
          { name: 'x', policies: [allow(['DNS Read'], { [`com.cloudflare.api.account.zone.${id}`]: '*' })] },
          as(wide),
        )
      ).text
    expect((await try_(zoneId)).replaceAll(zoneId, STRANGE_ID)).toBe(await try_(STRANGE_ID))
  })

  test('the token of the administrator is in no list, and cannot be rolled, changed or removed', async () => {
    const { call } = await openWorld()
    const { id } = (await call('GET', '/user/tokens/verify')).body.result
    const policies = [allow(['DNS Read'], ALL_ZONES)]
    expect((await call('GET', '/user/tokens?include_expired=true')).body.result).toEqual([])
    expect((await call('PUT', `/user/tokens/${id}`, { name: 'x', policies })).status).toBe(404)
    expect((await call('PUT', `/user/tokens/${id}/value`)).status).toBe(404)
    expect((await call('DELETE', `/user/tokens/${id}`)).status).toBe(404)
  })
})

test('a token that calls itself the administrator gets nothing by it, after a restart either', async () => {
  const world = await openWorld()
  const secret = await issued(world, '/user/tokens', [allow(['Zone Read'], ALL_ZONES)], { name: 'Administrator' })
  const again = await openWorld({ store: world.store })
  expect((await again.call('GET', '/zones')).status).toBe(200)
  expect((await again.call('POST', '/accounts', { name: 'x' }, as(secret))).status).toBe(403)
  expect((await again.call('GET', '/zones', undefined, as(secret))).status).toBe(200)
})

test.each<[string, object, number, string]>([
  ['no name', { name: ' ' }, 12_212, '/name'],
  ['a long name', { name: 'x'.repeat(121) }, 12_212, '/name'],
  ['no policies', { policies: [] }, 12_213, '/policies'],
  ['no groups', { policies: [allow([], ALL_ZONES)] }, 12_213, '/policies/0/permission_groups'],
  ['no resources', { policies: [allow(['DNS Read'], {})] }, 12_213, '/policies/0/resources'],
  [
    'an unknown group',
    { policies: [{ effect: 'allow', permission_groups: [{ id: STRANGE_ID }], resources: ALL_ZONES }] },
    12_213,
    '/policies/0/permission_groups/0/id',
  ],
  [
    'an unknown zone',
    { policies: [allow(['DNS Read'], { [`com.cloudflare.api.account.zone.${STRANGE_ID}`]: '*' })] },
    12_213,
    '/policies/0/resources',
  ],
  ['an unknown resource', { policies: [allow(['DNS Read'], { zone: '*' })] }, 12_213, '/policies/0/resources/zone'],
  [
    'another value than *',
    { policies: [allow(['DNS Read'], { 'com.cloudflare.api.account.zone.*': 'all' })] },
    12_213,
    '/policies/0/resources/com.cloudflare.api.account.zone.*',
  ],
  [
    'accounts within zones',
    { policies: [allow(['DNS Read'], { 'com.cloudflare.api.account.zone.*': ALL_ZONES })] },
    12_213,
    '/policies/0/resources/com.cloudflare.api.account.zone.*',
  ],
  [
    'a group about accounts on zones',
    { policies: [allow(['Account Settings Read'], ALL_ZONES)] },
    12_213,
    '/policies/0/permission_groups/0/id',
  ],
  [
    'an effect of neither kind',
    { policies: [{ ...allow(['DNS Read'], ALL_ZONES), effect: 'maybe' }] },
    6010,
    '/policies/0/effect',
  ],
  ['a network that is none', { condition: { request_ip: { in: ['192.0.2'] } } }, 12_214, '/condition/request_ip/in/0'],
  ['a time that is none', { expires_on: 'tomorrow' }, 12_215, '/expires_on'],
  ['a day that is none', { expires_on: '2030-02-30' }, 12_215, '/expires_on'],
  ['a time that is past', { expires_on: '2020-01-01T00:00:00Z' }, 12_215, '/expires_on'],
  [
    'an end before the beginning',
    { not_before: '2031-01-01T00:00:00Z', expires_on: '2030-01-01T00:00:00Z' },
    12_215,
    '/expires_on',
  ],
])('%s is refused with its place', async (_, more, code, pointer) => {
  const { call } = await openWorld()
  const body = { name: 'test', policies: [allow(['DNS Read'], ALL_ZONES)], ...more }
  const answer = await call('POST', '/user/tokens', body)
  expect([answer.status, answer.body.errors[0].code, answer.body.errors[0].source.pointer]).toEqual([
    400,
    code,
    pointer,
  ])
})

test('an owner has so many tokens and no more', async () => {
  const world = await openWorld({ tokenLimits: { perUser: 2, perAccount: 1 } })
  const make = (path: string) => world.call('POST', path, { name: 'x', policies: [allow(['DNS Read'], ALL_ZONES)] })
  const statuses = []
  for (let at = 0; at < 3; at++) statuses.push((await make('/user/tokens')).status)
  expect(statuses).toEqual([200, 200, 400])
  const path = `/accounts/${world.accountId}/tokens`
  expect((await make(path)).status).toBe(200)
  expect((await make(path)).body.errors[0]).toMatchObject({
    code: 12_216,
    message: 'the account has 1 tokens already, as many as it may',
  })
})

test('the last use is told to the moment, and written down every ten minutes at most', async () => {
  const world = await openWorld()
  const { call, clock, store } = world
  const secret = await issued(world, '/user/tokens', [allow(['Zone Read'], ALL_ZONES)])
  const stored = async () => (await store.objects('token')).find(({ name }) => name === 'test')?.lastUsedOn
  const shown = async () => (await call('GET', '/user/tokens')).body.result[0].last_used_on
  expect(await shown()).toBeUndefined()
  for (const minutes of [1, 5, 9, 10]) {
    clock.now = START + minutes * 60_000
    await call('GET', '/zones', undefined, as(secret))
    expect(await shown()).toBe(new Date(clock.now).toISOString().replace('Z', '000Z'))
    expect(await stored()).toBe('2026-04-05T12:01:00.000000Z')
  }
  clock.now = START + 11 * 60_000
  await call('GET', '/zones', undefined, as(secret))
  expect(await stored()).toBe('2026-04-05T12:11:00.000000Z')
})

test('behind a proxy that is trusted, the address it tells counts; what others tell does not', async () => {
  const condition = { request_ip: { in: ['198.51.100.0/24'] } }
  for (const [trustedProxies, forwarded, status] of [
    [['127.0.0.1'], '198.51.100.7', 200],
    [['127.0.0.1'], '203.0.113.1, 198.51.100.7', 200],
    [['127.0.0.1'], '198.51.100.7, 203.0.113.1', 403],
    [['127.0.0.1', '203.0.113.0/24'], '198.51.100.7, 203.0.113.1', 200],
    [['192.0.2.1'], '198.51.100.7', 403],
    [[], '198.51.100.7', 403],
  ] as const) {
    const world = await openWorld({ trustedProxies })
    const secret = await issued(world, '/user/tokens', [allow(['Zone Read'], ALL_ZONES)], { condition })
    const headers = { ...as(secret).headers, 'x-forwarded-for': forwarded }
    expect([forwarded, (await world.call('GET', '/zones', undefined, { headers })).status]).toEqual([forwarded, status])
  }
})

test('a token found by its hash is the very one: others of any form are refused', async () => {
  const { call } = await openWorld()
  for (const secret of [TOKEN.slice(0, -1), `${TOKEN}=`, TOKEN.toUpperCase(), STRANGE_ID])
    expect((await call('GET', '/zones', undefined, as(secret))).status).toBe(403)
})
