/** Who may do what: every route against every kind of token. */

import { strict as assert } from 'node:assert'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Needs } from '../../src/api/needs.ts'
import { enforceRights } from '../../src/api/rights.ts'
import { groupNamed, PERMISSION_GROUPS, readOf, writeOf, type GroupName } from '../../src/engine/permission-groups.ts'
import { routesOf, type Route } from './routes.ts'
import { openWorld, START, STRANGE_ID, type World } from './world.ts'

let world: World
let routes: readonly Route[]
/** Two accounts with a zone and a peer each, and a second zone in the first. */
let ids: { a: string; b: string; zoneA: string; zoneA2: string; zoneB: string; peerA: string; user: string }

beforeAll(async () => {
  world = await openWorld()
  const { call, accountId: a } = world
  const b = (await call('POST', '/accounts', { name: 'Other' })).body.result.id as string
  const zoneIn = async (account: string, name: string) =>
    (await call('POST', '/zones', { account: { id: account }, name, type: 'secondary' })).body.result.id as string
  ids = {
    a,
    b,
    zoneA: await zoneIn(a, 'a.example'),
    zoneA2: await zoneIn(a, 'a2.example'),
    zoneB: await zoneIn(b, 'b.example'),
    peerA: await world.peer(),
    user: (await call('GET', '/user')).body.result.id as string,
  }
  routes = await routesOf(world)
})

afterAll(async () => {
  await world.api.close()
})

type Resources = Record<string, unknown>

const ZONE = 'com.cloudflare.api.account.zone.'
const ACCOUNT = 'com.cloudflare.api.account.'
const USER = 'com.cloudflare.api.user.'

interface Policy {
  readonly effect?: 'allow' | 'deny'
  readonly groups: readonly GroupName[]
  readonly resources: Resources
}

const policyOf = ({ effect = 'allow', groups, resources }: Policy) => ({
  effect,
  permission_groups: groups.map((name) => ({ id: groupNamed(name).id })),
  resources,
})

/** Makes a token of the user, and returns its secret. */
async function tokenWith(policies: readonly Policy[], more: object = {}): Promise<string> {
  const { status, body } = await world.call('POST', '/user/tokens', {
    name: 'test',
    policies: policies.map(policyOf),
    ...more,
  })
  assert.equal(status, 200, JSON.stringify(body))
  return body.result.value as string
}

/** The same for an account. */
async function accountTokenWith(account: string, policies: readonly Policy[], more: object = {}): Promise<string> {
  const { status, body } = await world.call('POST', `/accounts/${account}/tokens`, {
    name: 'test',
    policies: policies.map(policyOf),
    ...more,
  })
  assert.equal(status, 200, JSON.stringify(body))
  return body.result.value as string
}

const as = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } })

async function ask(secret: string | undefined, method: string, url: string, more: object = {}) {
  const headers = secret === undefined ? {} : as(secret).headers
  const { api } = world
  const answer = await api.inject({ method: method as 'GET', url, headers, ...more })
  return { status: answer.statusCode, body: isJson(answer) ? answer.json() : {}, text: answer.body }
}

const isJson = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): boolean =>
  String(headers['content-type']).startsWith('application/json')

/** The path of a route, with these objects in it. */
const pathOf = ({ url }: Route, { zone = ids.zoneA, account = ids.a } = {}): string =>
  url.replace(':zone_id', zone).replace(':zone', zone).replace(':account_id', account).replace(':id', STRANGE_ID)

/** A token that has these groups, and no others, in the first account or on its first zone. */
function policiesFor(names: readonly GroupName[], { zone = ids.zoneA, account = ids.a } = {}): Policy[] {
  const about = (scope: string) => names.filter((name) => groupNamed(name).scope === scope)
  const policies: Policy[] = [
    { groups: about('zone'), resources: { [`${ZONE}${zone}`]: '*' } },
    { groups: about('account'), resources: { [`${ACCOUNT}${account}`]: '*' } },
    { groups: about('user'), resources: { [`${USER}${ids.user}`]: '*' } },
  ]
  return policies.filter(({ groups }) => groups.length > 0)
}

const groupsOf = (needs: Needs): readonly GroupName[] => ('groups' in needs ? needs.groups : [])

const isRefusal = ({ status, body }: { status: number; body: { errors: { code: number }[] } }): boolean =>
  status === 403 && body.errors[0]?.code === 10_000

/** Whether a token was let through: what comes then is up to the route. */
const isLetIn = ({ status, body }: { status: number; body: { errors?: { code: number; message: string }[] } }) =>
  status !== 403 && body.errors?.[0]?.code !== 1001 && body.errors?.[0]?.code !== 1010

const names = PERMISSION_GROUPS.map(({ name }) => name)
const reading = names.filter((name) => !name.endsWith('Write'))

describe('every route', () => {
  test('wants a token', async () => {
    assert(routes.length > 60)
    for (const route of routes) {
      const { status, body } = await ask(undefined, route.method, pathOf(route))
      assert.deepEqual([route, status, body.errors[0].code], [route, 400, 9106])
    }
  })

  test('refuses an unknown, an expired, a disabled and a strayed token, with a sentence', async () => {
    const policies = policiesFor(names)
    const { clock } = world
    const tokens = [
      ['unknown', 'authentication error'],
      [
        await tokenWith(policies, { expires_on: '2026-04-05T12:10:00Z' }),
        'the token has expired on 2026-04-05T12:10:00Z',
      ],
      [
        await tokenWith(policies, { not_before: '2031-01-01T00:00:00Z' }),
        'the token is not valid before 2031-01-01T00:00:00Z',
      ],
      [await tokenWith(policies, { status: 'disabled' }), 'the token is disabled'],
      [
        await tokenWith(policies, { condition: { request_ip: { in: ['192.0.2.0/24'] } } }),
        'the token may not be used from the address 127.0.0.1',
      ],
      [
        await tokenWith(policies, { condition: { 'request.ip': { not_in: ['127.0.0.0/8'] } } }),
        'the token may not be used from the address 127.0.0.1',
      ],
    ] as const
    clock.now = START + 3_600_000
    for (const route of routes) {
      for (const [secret, sentence] of tokens) {
        const { status, body } = await ask(secret, route.method, pathOf(route))
        assert.deepEqual([route, status, body.errors], [route, 403, [{ code: 10_000, message: sentence }]])
      }
    }
    clock.now = START
  })

  test('accepts any one of the groups it names, and the group that allows to change for the one that allows to read', async () => {
    const secrets = new Map<GroupName, string>()
    for (const name of names) {
      const wide: Policy = { groups: [name], resources: { [`${ACCOUNT}${ids.a}`]: '*' } }
      const about = groupNamed(name).scope === 'user' ? policiesFor([name]) : [wide]
      secrets.set(name, await tokenWith(about))
    }
    for (const route of routes) {
      if (route.method === 'DELETE' || route.needs.on === 'nothing') continue
      for (const [name, secret] of secrets) {
        const wanted = groupsOf(route.needs)
        const read = readOf(name)
        const fits = wanted.includes(name) || (read !== undefined && wanted.includes(read))
        if (route.needs.on !== 'zone' && route.needs.on !== 'account' && route.needs.on !== 'user') continue
        if (wanted.length === 0) continue
        // Where the token sees nothing of the zone or the account it is not told that there is one.
        const answer = await ask(secret, route.method, pathOf(route))
        assert.equal(isLetIn(answer), fits, `${name} at ${route.method} ${route.url}: ${answer.text}`)
      }
    }
  })

  test('CF-153: that changes something is closed to a token with all groups that read', async () => {
    const reader = await tokenWith([
      { groups: reading.filter((name) => groupNamed(name).scope !== 'user'), resources: { [`${ACCOUNT}*`]: '*' } },
      ...policiesFor(reading.filter((name) => groupNamed(name).scope === 'user')),
    ])
    const before = JSON.stringify(await everything())
    for (const route of routes) {
      const answer = await ask(reader, route.method, pathOf(route), { payload: '{}' })
      if (route.method === 'GET') {
        if (route.needs.on !== 'server') assert(!isRefusal(answer), `${route.url}: ${answer.text}`)
      } else assert(isRefusal(answer), `${route.method} ${route.url}: ${answer.text}`)
    }
    expect(JSON.stringify(await everything())).toBe(before)
  })

  test('answers for what belongs to another account as for what does not exist', async () => {
    const all: Policy = {
      groups: names.filter((name) => groupNamed(name).scope !== 'user'),
      resources: { [`${ACCOUNT}*`]: '*' },
    }
    const tokens = [
      await accountTokenWith(ids.a, [all]),
      await tokenWith(policiesFor(names.filter((name) => groupNamed(name).scope !== 'user'))),
    ]
    for (const secret of tokens) {
      for (const route of routes) {
        if (!/:zone|:account_id/.test(route.url) || route.needs.on === 'server') continue
        const theirs = await ask(secret, route.method, pathOf(route, { zone: ids.zoneB, account: ids.b }))
        const nobodys = await ask(secret, route.method, pathOf(route, { zone: STRANGE_ID, account: STRANGE_ID }))
        assert.equal(theirs.status, 404, `${route.method} ${route.url}`)
        assert.deepEqual(
          [theirs.status, theirs.text.replaceAll(ids.zoneB, STRANGE_ID).replaceAll(ids.b, STRANGE_ID)],
          [nobodys.status, nobodys.text],
        )
      }
    }
  })

  test('about a zone is closed to a token for another zone of the same account', async () => {
    const secret = await tokenWith(policiesFor(names))
    for (const route of routes.filter(({ needs }) => needs.on === 'zone')) {
      const other = await ask(secret, route.method, pathOf(route, { zone: ids.zoneA2 }))
      assert.deepEqual([route.url, other.status, other.body.errors[0].code], [route.url, 404, 1001])
    }
  })

  test('reads no body before the rights are known', async () => {
    const secret = await tokenWith(policiesFor(['DNS Read']))
    for (const route of routes.filter(({ method, needs }) => method !== 'GET' && needs.on === 'zone')) {
      const { status } = await ask(secret, route.method, pathOf(route), { payload: '{not json' })
      assert.deepEqual([route.url, status], [route.url, 403])
    }
  })
})

async function everything() {
  const { store } = world
  const objects = await Promise.all([store.objects('zone'), store.objects('peer'), store.objects('account')])
  return objects
}

test('the sentence of a refusal names what is missing, and where', async () => {
  const secret = await tokenWith(policiesFor(['DNS Read']))
  const { status, body } = await ask(secret, 'DELETE', `/client/v4/zones/${ids.zoneA}`)
  expect([status, body.errors]).toEqual([
    403,
    [{ code: 10_000, message: 'the token may not do this: it needs "Zone Write" on the zone a.example' }],
  ])
  const incoming = await ask(secret, 'POST', `/client/v4/zones/${ids.zoneA}/secondary_dns/incoming`)
  expect(incoming.body.errors[0].message).toBe(
    'the token may not do this: it needs one of "Zone Settings Write", "Zone Write", "DNS Write" on the zone a.example',
  )
})

test('deny beats allow, and to deny reading is to deny writing', async () => {
  const allZones = { [`${ACCOUNT}${ids.a}`]: { [`${ZONE}*`]: '*' } }
  const one = { [`${ZONE}${ids.zoneA}`]: '*' }
  const denied = async (groups: readonly GroupName[]) =>
    tokenWith([
      { groups: ['DNS Write'], resources: allZones },
      { effect: 'deny', groups, resources: one },
    ])
  const records = (zone: string) => `/client/v4/zones/${zone}/dns_records`
  for (const [groups, read, write] of [
    [['DNS Write'], 404, 404],
    [['DNS Read'], 404, 404],
    [['Zone Read'], 200, 400],
  ] as const) {
    const secret = await denied(groups)
    expect((await ask(secret, 'GET', records(ids.zoneA))).status).toBe(read)
    expect((await ask(secret, 'POST', records(ids.zoneA))).status).toBe(write)
    expect((await ask(secret, 'GET', records(ids.zoneA2))).status).toBe(200)
  }
})

test('lists show only what the token may see', async () => {
  const list = async (secret: string, path: string) => {
    const { body } = await ask(secret, 'GET', path)
    return [body.result.map(({ name }: { name: string }) => name), body.result_info.total_count]
  }
  const lists = ['/client/v4/zones', '/api/v1/zones', '/client/v4/accounts'] as const
  const seen = async (secret: string) => Promise.all(lists.map((path) => list(secret, path)))
  const both = [['a.example', 'a2.example', 'b.example'], 3]
  const all = await tokenWith([{ groups: ['Zone Read'], resources: { [`${ZONE}*`]: '*' } }])
  expect(await seen(all)).toEqual([both, both, [['Default account', 'Other'], 2]])
  const one = await tokenWith(policiesFor(['DNS Write']))
  expect(await seen(one)).toEqual([
    [['a.example'], 1],
    [['a.example'], 1],
    [['Default account'], 1],
  ])
  const other = await accountTokenWith(ids.b, [{ groups: ['Zone Read'], resources: { [`${ZONE}*`]: '*' } }])
  expect(await seen(other)).toEqual([
    [['b.example'], 1],
    [['b.example'], 1],
    [['Other'], 1],
  ])
  const none = await tokenWith(policiesFor(['Account Settings Read']))
  expect(await seen(none)).toEqual([
    [[], 0],
    [[], 0],
    [['Default account'], 1],
  ])
  expect((await ask(other, 'GET', `/client/v4/zones?name=a.example`)).body.result).toEqual([])
  expect((await ask(other, 'GET', `/client/v4/zones?account.id=${ids.a}&match=any`)).body.result).toEqual([])
})

test('a zone is made in the accounts where the token may, and those of others do not exist', async () => {
  const create = (secret: string, account: object, name = 'new.example') =>
    ask(secret, 'POST', '/client/v4/zones', { payload: JSON.stringify({ name, ...account }) })
  const writer = await accountTokenWith(ids.b, [{ groups: ['Zone Write'], resources: { [`${ACCOUNT}${ids.b}`]: '*' } }])
  const made = await create(writer, {})
  expect([made.status, made.body.result.account.id]).toEqual([200, ids.b])
  const theirs = await create(writer, { account: { id: ids.a } }, 'newer.example')
  const nobodys = await create(writer, { account: { id: STRANGE_ID } }, 'newer.example')
  expect([theirs.status, theirs.body.errors[0].code]).toEqual([400, 1011])
  expect(theirs.text.replaceAll(ids.a, STRANGE_ID)).toBe(nobodys.text)
  const reader = await accountTokenWith(ids.b, [{ groups: ['Zone Read'], resources: { [`${ZONE}*`]: '*' } }])
  expect((await create(reader, {})).body.errors[0]).toEqual({
    code: 10_000,
    message: 'the token may not do this: it needs "Zone Write" on an account',
  })
  const single = await tokenWith(policiesFor(['Zone Write']))
  expect((await create(single, {})).status).toBe(403)
  await world.call('DELETE', `/zones/${made.body.result.id}`)
})

test('a route that does not say what it needs keeps the server from starting', async () => {
  const api = fastify()
  enforceRights(api, world.registry)
  expect(() => api.get('/forgotten', async () => 'ok')).toThrow('GET /forgotten does not say what it needs')
  await api.close()
})

test('every group that allows to change has one that allows to read', () => {
  expect(names.filter((name) => name.endsWith('Write') && readOf(name) === undefined)).toEqual([])
  expect(names.filter((name) => writeOf(name) !== undefined).every((name) => name.endsWith('Read'))).toBe(true)
})
