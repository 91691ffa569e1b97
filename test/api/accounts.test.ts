/** Accounts, users and their keys, the audit log: what the administrator keeps. */

import { describe, expect, test } from 'vitest'
import { groupNamed } from '../../src/engine/permission-groups.ts'
import { openWorld, START, STRANGE_ID, TOKEN, type World } from './world.ts'

const as = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } })

async function accountToken(world: World, account: string, names: readonly Parameters<typeof groupNamed>[0][]) {
  const { body } = await world.call('POST', `/accounts/${account}/tokens`, {
    name: 'test',
    policies: [
      {
        effect: 'allow',
        permission_groups: names.map((name) => ({ id: groupNamed(name).id })),
        resources: { [`com.cloudflare.api.account.${account}`]: '*' },
      },
    ],
  })
  return { id: body.result.id as string, secret: body.result.value as string }
}

describe('accounts', () => {
  test('are made, renamed and removed by the administrator', async () => {
    const { call, clock } = await openWorld()
    clock.now += 1000
    const { id } = (await call('POST', '/accounts', { name: 'Other', type: 'standard' })).body.result
    expect((await call('PUT', `/accounts/${id}`, { id, name: 'Another' })).body.result).toMatchObject({
      id,
      name: 'Another',
    })
    const names = async () => (await call('GET', '/accounts')).body.result.map(({ name }: { name: string }) => name)
    expect(await names()).toEqual(['Default account', 'Another'])
    expect((await call('DELETE', `/accounts/${id}`)).body.result).toEqual({ id })
    expect(await names()).toEqual(['Default account'])
    expect((await call('DELETE', `/accounts/${id}`)).body.errors[0].code).toBe(1010)
    expect((await call('POST', '/accounts', { name: '' })).body.errors[0].code).toBe(12_004)
  })

  test('are not removed while they have zones, and with them go tokens, peers, keys and ACLs', async () => {
    const world = await openWorld()
    const { call, store, accountId } = world
    const { id } = (await call('POST', '/accounts', { name: 'Other' })).body.result
    const { secret } = await accountToken(world, id, ['Account Settings Write', 'Zone Write'])
    const path = `/accounts/${id}/secondary_dns`
    await call('POST', `${path}/peers`, { name: 'ns' }, as(secret))
    await call('POST', `${path}/acls`, { name: 'net', ip_range: '192.0.2.0/24' }, as(secret))
    await call('POST', `${path}/tsigs`, { name: 'k.', secret: 'c2VjcmV0', algo: 'hmac-sha256.' }, as(secret))
    const zone = (await call('POST', '/zones', { name: 'b.example' }, as(secret))).body.result.id as string
    expect((await call('DELETE', `/accounts/${id}`)).body.errors[0]).toEqual({
      code: 12_201,
      message: 'the account has the zones b.example',
    })
    await call('DELETE', `/zones/${zone}`)
    expect((await call('DELETE', `/accounts/${id}`)).status).toBe(200)
    for (const kind of ['peer', 'acl', 'tsig'] as const) expect(await store.objects(kind)).toEqual([])
    expect((await call('GET', '/zones', undefined, as(secret))).status).toBe(403)
    expect((await call('DELETE', `/accounts/${accountId}`)).body.errors[0].code).toBe(12_201)
  })

  test('have nothing in common but the names of zones, which there are once', async () => {
    const world = await openWorld()
    const { call } = world
    const { id } = (await call('POST', '/accounts', { name: 'Other' })).body.result
    const { secret } = await accountToken(world, id, ['Account Settings Write', 'Zone Write'])
    const theirs = await world.peer()
    const path = `/accounts/${id}/secondary_dns/peers`
    expect((await call('GET', path, undefined, as(secret))).body.result).toEqual([])
    expect((await call('GET', `${path}/${theirs}`, undefined, as(secret))).status).toBe(404)
    expect((await call('DELETE', `${path}/${theirs}`, undefined, as(secret))).status).toBe(404)
    const zone = (await call('POST', '/zones', { name: 'b.example', type: 'secondary' }, as(secret))).body.result.id
    const incoming = { name: 'b.example.', peers: [theirs] }
    const linked = await call('POST', `/zones/${zone}/secondary_dns/incoming`, incoming, as(secret))
    expect([linked.status, linked.body.errors[0].code]).toEqual([400, 12_036])
  })
})

describe('users', () => {
  test('CF-006: come with a key if that is switched on, and have the accounts they were given', async () => {
    const world = await openWorld({ authKeys: true })
    const { call, api, accountId } = world
    const { id: other } = (await call('POST', '/accounts', { name: 'Other' })).body.result
    const made = await call('POST', '/api/v1/users', { email: 'someone@example.org', accounts: [other] })
    const { id } = made.body.result
    expect(made.body.result).toMatchObject({ email: 'someone@example.org', administrator: false, has_api_key: false })
    const key = async () => (await call('POST', `/api/v1/users/${id}/api_key`)).body.result.api_key as string
    const ask = async (
      auth: Record<string, string>,
      path: string,
      method: 'GET' | 'POST' = 'GET',
      payload?: string,
    ) => {
      const answer = await api.inject({
        method,
        url: path,
        headers: auth,
        ...(payload === undefined ? {} : { payload }),
      })
      return { status: answer.statusCode, body: answer.json() }
    }
    const first = await key()
    expect(first).toMatch(/^[0-9a-f]{37}$/)
    const auth = { 'x-auth-email': 'Someone@Example.org', 'x-auth-key': first }
    expect((await ask(auth, '/client/v4/user')).body.result).toMatchObject({
      id,
      email: 'someone@example.org',
      organizations: [{ id: other }],
    })
    expect((await ask(auth, '/client/v4/memberships')).body.result).toEqual([
      {
        id: other,
        status: 'accepted',
        account: { id: other, name: 'Other', type: 'standard' },
        roles: ['Administrator'],
      },
    ])
    const zone = await ask(auth, '/client/v4/zones', 'POST', '{"name":"b.example"}')
    expect(zone.body.result.account.id).toBe(other)
    expect((await ask(auth, `/client/v4/accounts/${accountId}`)).status).toBe(404)
    expect((await ask(auth, '/client/v4/accounts', 'POST', '{"name":"x"}')).status).toBe(403)
    expect((await ask(auth, '/api/v1/users')).status).toBe(403)
    const token = {
      name: 't',
      policies: [
        {
          effect: 'allow',
          permission_groups: [{ id: groupNamed('DNS Write').id }],
          resources: { 'com.cloudflare.api.account.zone.*': '*' },
        },
      ],
    }
    const issued = await ask(auth, '/client/v4/user/tokens', 'POST', JSON.stringify(token))
    const lists = await call('GET', '/zones', undefined, as(issued.body.result.value))
    expect(lists.body.result.map(({ name }: { name: string }) => name)).toEqual(['b.example'])
    const own = await ask(auth, '/api/v1/user/api_key', 'POST')
    expect((await ask(auth, '/client/v4/user')).status).toBe(403)
    const renewed = { ...auth, 'x-auth-key': own.body.result.api_key as string }
    expect((await ask(renewed, '/client/v4/user')).status).toBe(200)
    await call('DELETE', `/api/v1/users/${id}`)
    expect((await ask(renewed, '/client/v4/user')).body.errors[0].code).toBe(9103)
    expect((await call('GET', '/zones', undefined, as(issued.body.result.value))).status).toBe(403)
  })

  test('have addresses of their own, and the administrator stays', async () => {
    const { call, accountId } = await openWorld()
    const [admin] = (await call('GET', '/api/v1/users')).body.result
    expect(admin).toMatchObject({ email: 'admin@twinzone.invalid', administrator: true, accounts: [accountId] })
    const make = (email: string, accounts = [accountId]) => call('POST', '/api/v1/users', { email, accounts })
    expect((await make('a@example.org')).status).toBe(200)
    expect((await make('A@example.org')).body.errors[0].code).toBe(12_223)
    expect((await make('nobody')).body.errors[0].code).toBe(12_222)
    expect((await make('b@example.org', [STRANGE_ID])).body.errors[0]).toMatchObject({
      code: 1011,
      source: { pointer: '/accounts/0' },
    })
    expect((await make('b@example.org', [])).body.errors[0].code).toBe(1011)
    expect((await call('DELETE', `/api/v1/users/${admin.id}`)).body.errors[0].code).toBe(12_224)
    const changed = await call('PATCH', `/api/v1/users/${admin.id}`, {
      email: 'root@example.org',
      accounts: [accountId],
    })
    expect(changed.body.result).toMatchObject({ email: 'root@example.org', administrator: true })
    expect((await call('GET', '/user')).body.result).toMatchObject({ email: 'root@example.org', username: 'root' })
    expect((await call('GET', `/api/v1/users/${STRANGE_ID}`)).body.errors[0].code).toBe(12_221)
  })

  test('are the members of their accounts, each with the role of who may do everything there', async () => {
    const { call, accountId } = await openWorld()
    const { id: other } = (await call('POST', '/accounts', { name: 'Other' })).body.result
    const someone = { email: 'someone@example.org', accounts: [other] }
    const { id } = (await call('POST', '/api/v1/users', someone)).body.result
    const { id: admin } = (await call('GET', '/user')).body.result
    const { result: roles, result_info } = (await call('GET', `/accounts/${other}/roles`)).body
    expect(roles.map(({ name }: { name: string }) => name)).toEqual([
      'Super Administrator - All Privileges',
      'Administrator',
    ])
    expect(result_info).toEqual({ page: 1, per_page: 20, count: 2, total_count: 2, total_pages: 1 })
    expect(roles[1]).toEqual({
      id: '05784afa30c1afe1440e79d9351c7430',
      name: 'Administrator',
      description: expect.any(String),
      permissions: expect.objectContaining({ dns_records: { read: true, edit: true } }),
    })
    expect((await call('GET', `/accounts/${other}/roles/${roles[1].id}`)).body.result).toEqual(roles[1])
    expect((await call('GET', `/accounts/${other}/roles/${STRANGE_ID}`)).body.errors[0].code).toBe(12_225)

    const members = async (account: string, query = '') =>
      (await call('GET', `/accounts/${account}/members${query}`)).body.result
    const member = {
      id,
      email: 'someone@example.org',
      status: 'accepted',
      user: {
        id,
        email: 'someone@example.org',
        first_name: null,
        last_name: null,
        two_factor_authentication_enabled: false,
      },
      roles: [roles[1]],
    }
    expect(await members(other)).toEqual([expect.objectContaining({ id: admin, roles: [roles[0]] }), member])
    expect(await members(accountId)).toEqual([expect.objectContaining({ id: admin })])
    expect(await members(other, '?order=user.email&direction=desc&per_page=1')).toEqual([member])
    expect(await members(other, '?status=pending')).toEqual([])
    expect((await call('GET', `/accounts/${other}/members/${id}`)).body.result).toEqual(member)
    const strayed = await call('GET', `/accounts/${accountId}/members/${id}`)
    expect([strayed.status, strayed.body.errors[0].code]).toEqual([404, 12_221])
    expect((await call('GET', '/memberships')).body.result[0].roles).toEqual([roles[0].name])
    const shown = await call('GET', `/memberships/${other}`)
    expect(shown.body.result).toMatchObject({ id: other, account: { name: 'Other' } })
    expect((await call('GET', `/memberships/${STRANGE_ID}`)).body.errors[0].code).toBe(1010)
  })

  test('become members and cease to be by our own API only, and the refusal says so', async () => {
    const { call, accountId } = await openWorld()
    const { id } = (await call('GET', '/user')).body.result
    const path = `/accounts/${accountId}/members`
    for (const [method, url] of [
      ['POST', path],
      ['PUT', `${path}/${id}`],
      ['DELETE', `${path}/${id}`],
    ] as const) {
      const { status, body } = await call(method, url, {})
      expect([status, body.errors]).toEqual([
        400,
        [{ code: 12_226, message: expect.stringContaining('/api/v1/users') }],
      ])
    }
  })

  test('a token of an account has no user', async () => {
    const world = await openWorld()
    const { secret } = await accountToken(world, world.accountId, ['Zone Read', 'Account API Tokens Write'])
    for (const path of ['/user', '/memberships', '/user/tokens'])
      expect((await world.call('GET', path, undefined, as(secret))).body.errors[0].code).toBe(10_000)
    expect((await world.call('GET', '/user/tokens/verify', undefined, as(secret))).status).toBe(200)
  })
})

describe('the audit log', () => {
  const lines = async ({ call }: World, query = '') => (await call('GET', `/api/v1/audit?${query}`)).body.result

  test('has a line for every change, with who made it, before and after, and no secrets', async () => {
    const world = await openWorld()
    const { call, accountId, clock } = world
    const { id: token_id, secret } = await accountToken(world, accountId, ['Account Settings Write'])
    clock.now = START + 1000
    const path = `/accounts/${accountId}/secondary_dns`
    const key = { name: 'k.', secret: 'c2VjcmV0IG9mIGtleQ==', algo: 'hmac-sha256.' }
    const { id } = (await call('POST', `${path}/tsigs`, key, as(secret))).body.result
    await call('PUT', `${path}/tsigs/${id}`, { ...key, secret: 'YW5vdGhlcg==' }, as(secret))
    await call('PUT', `${path}/tsigs/${id}`, { ...key, secret: 'YW5vdGhlcg==' }, as(secret))
    await call('DELETE', `${path}/tsigs/${id}`, undefined, as(secret))
    const shown = { id, account_id: accountId, name: 'k.', algo: 'hmac-sha256.' }
    const common = {
      account_id: accountId,
      zone_id: null,
      token_id,
      user_id: null,
      time: '2026-04-05T12:00:01.000000Z',
    }
    const all = await lines(world)
    expect(all.slice(0, 3)).toEqual([
      { id: expect.any(Number), ...common, action: 'tsig.delete', object: { before: shown } },
      { id: expect.any(Number), ...common, action: 'tsig.update', object: { before: shown, after: shown } },
      { id: expect.any(Number), ...common, action: 'tsig.create', object: { after: shown } },
    ])
    const text = JSON.stringify(all)
    for (const hidden of [key.secret, 'YW5vdGhlcg', secret, TOKEN]) expect(text).not.toContain(hidden)
    expect(text).not.toMatch(/"(hash|key_hash|secret)"/)
    expect(all.map(({ action }: { action: string }) => action)).toEqual([
      'tsig.delete',
      'tsig.update',
      'tsig.create',
      'token.create',
      'token.create',
      'user.create',
      'account.create',
    ])
  })

  test('can be asked for one zone, also when it is gone, and page by page', async () => {
    const world = await openWorld()
    const { call } = world
    const id = await world.zone('a.example')
    await call('PATCH', `/zones/${id}`, { paused: true })
    const byName = await lines(world, 'zone=a.example')
    await call('DELETE', `/zones/${id}`)
    expect(byName.map(({ action }: { action: string }) => action)).toEqual(['zone.update', 'zone.create'])
    const { id: user } = (await call('GET', '/user')).body.result
    expect(byName[0]).toMatchObject({
      zone_id: id,
      user_id: user,
      object: { before: { paused: false }, after: { paused: true } },
    })
    const page = await call('GET', `/api/v1/audit?zone=${id}&limit=2`)
    expect(page.body.result.map(({ action }: { action: string }) => action)).toEqual(['zone.delete', 'zone.update'])
    expect(page.body.result_info).toEqual({ count: 2, next_before: page.body.result[1].id })
    const rest = await call('GET', `/api/v1/audit?zone=${id}&limit=2&before=${page.body.result_info.next_before}`)
    expect(rest.body.result.map(({ action }: { action: string }) => action)).toEqual(['zone.create'])
    expect(rest.body.result_info).toEqual({ count: 1, next_before: null })
  })

  test('is that of an account, and closed to others', async () => {
    const world = await openWorld()
    const { call, accountId } = world
    const { id } = (await call('POST', '/accounts', { name: 'Other' })).body.result
    const { secret } = await accountToken(world, id, ['Account Settings Read'])
    const zone = await world.zone('a.example')
    const ask = async (query: string) => (await call('GET', `/api/v1/audit?${query}`, undefined, as(secret))).body
    expect((await ask('')).result.map(({ action }: { action: string }) => action)).toEqual([
      'token.create',
      'account.create',
    ])
    expect((await ask(`zone=${zone}`)).result).toEqual([])
    expect((await ask('zone=a.example')).result).toEqual([])
    expect((await ask(`account=${accountId}`)).errors).toEqual([
      { code: 1011, message: `there is no account "${accountId}"` },
    ])
    const { secret: none } = await accountToken(world, id, ['Zone Read'])
    expect((await call('GET', '/api/v1/audit', undefined, as(none))).body.errors[0].code).toBe(10_000)
  })

  test('knows what the server did by itself, and leaves out what it notes in passing', async () => {
    const world = await openWorld()
    const id = await world.zone('a.example')
    await world.registry.zones.activate(id)
    await world.registry.zones.activate(id)
    const { secret } = await accountToken(world, world.accountId, ['Zone Read'])
    await world.call('GET', '/zones', undefined, as(secret))
    const [made, activated, ...more] = await lines(world)
    expect([made.action, activated.action, activated.token_id, activated.user_id]).toEqual([
      'token.create',
      'zone.update',
      null,
      null,
    ])
    expect(more.filter(({ action }: { action: string }) => action === 'token.update')).toEqual([])
  })

  test('is written with the change, or neither is', async () => {
    const world = await openWorld()
    const before = (await lines(world)).length
    const { store } = world
    store.change = async () => Promise.reject(new Error('the disk is full'))
    expect((await world.call('POST', world.account('peers'), { name: 'ns' })).status).toBe(500)
    Reflect.deleteProperty(store, 'change')
    await world.call('POST', world.account('peers'), { name: 'another' })
    const { result: peers } = (await world.call('GET', world.account('peers'))).body
    expect(peers.map(({ name }: { name: string }) => name)).toEqual(['another'])
    expect((await lines(world)).length).toBe(before + 1)
  })
})

test('CF-015: the limit counts the tokens of a user as one, and those of an account one by one', async () => {
  const world = await openWorld({ rateLimit: { requests: 5, seconds: 300 } })
  const { call, accountId } = world
  const { secret } = await accountToken(world, accountId, ['Zone Read'])
  const left = async (token: string) =>
    (await call('GET', '/zones', undefined, as(token))).headers['x-ratelimit-remaining']
  expect(await left(TOKEN)).toBe('3')
  expect(await left(secret)).toBe('4')
  expect((await call('GET', '/api/v1/version')).headers['x-ratelimit-remaining']).toBe('2')
  for (let at = 0; at < 2; at++) await left(TOKEN)
  const refused = await call('GET', '/api/v1/version')
  expect([refused.status, refused.headers['retry-after'], refused.body.errors[0].message]).toEqual([
    429,
    '300',
    'more than 5 requests in 300 seconds; please wait',
  ])
  expect(await left(secret)).toBe('3')
})
