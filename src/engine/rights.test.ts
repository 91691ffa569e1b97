import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TokenPolicy } from '../store/objects.ts'
import { groupNamed, PERMISSION_GROUPS, readOf, writeOf, type GroupName } from './permission-groups.ts'
import { Rights, type Reach } from './rights.ts'
import { concerns, encloses, parseResource, resourcesOf, type Resource } from './token-resources.ts'

const id = (letter: string): string => letter.repeat(32)
const [A, B, A1, A2, B1, USER] = ['a', 'b', '1', '2', '3', 'e'].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const ACCOUNT_OF = new Map([
  [A1, A],
  [A2, A],
  [B1, B],
])
const accountOf = (zoneId: string) => ACCOUNT_OF.get(zoneId)

const ZONE = 'com.cloudflare.api.account.zone.'
const ACCOUNT = 'com.cloudflare.api.account.'
const zone = (zoneId: string): Resource => ({ type: 'zone', id: zoneId, accountId: undefined })

/** Every single thing there is. */
const PLACES: readonly Resource[] = [
  ...[A1, A2, B1].map(zone),
  ...[A, B].map((accountId): Resource => ({ type: 'account', id: accountId })),
  { type: 'user', id: USER },
]

const NAMES = PERMISSION_GROUPS.map(({ name }) => name)
const EVERYWHERE: Reach = { userId: USER, accountIds: 'all' }

const resources = fc.constantFrom<TokenPolicy['resources']>(
  { [`${ZONE}${A1}`]: '*' },
  { [`${ZONE}${A1}`]: '*', [`${ZONE}${B1}`]: '*' },
  { [`${ZONE}*`]: '*' },
  { [`${ACCOUNT}${A}`]: '*' },
  { [`${ACCOUNT}${A}`]: { [`${ZONE}*`]: '*' } },
  { [`${ACCOUNT}${A}`]: { [`${ZONE}${A2}`]: '*' } },
  { [`${ACCOUNT}${B}`]: { [`${ZONE}${A1}`]: '*' } },
  { [`${ACCOUNT}*`]: '*' },
  { [`${ACCOUNT}*`]: { [`${ZONE}*`]: '*' }, [`${ACCOUNT}${B}`]: '*' },
  { [`com.cloudflare.api.user.${USER}`]: '*' },
)

const policyOf = (
  names: readonly GroupName[],
  effect: 'allow' | 'deny',
  on: TokenPolicy['resources'],
): TokenPolicy => ({
  id: id('f'),
  effect,
  permissionGroups: names.map((name) => ({ id: groupNamed(name).id })),
  resources: on,
})

const policy = fc
  .record({ names: fc.subarray(NAMES, { minLength: 1 }), effect: fc.constantFrom('allow', 'deny'), on: resources })
  .map(({ names, effect, on }) => policyOf(names, effect as 'allow' | 'deny', on))
const policies = fc.array(policy, { maxLength: 5 })
const reach = fc.constantFrom<Reach>(
  EVERYWHERE,
  { userId: USER, accountIds: [A] },
  { userId: undefined, accountIds: [A] },
)

const rights = (given: readonly TokenPolicy[] | undefined, where: Reach = EVERYWHERE) =>
  new Rights(given === undefined ? {} : { policies: given }, where, accountOf)

/** What the rules say, one thing at a time and without any cleverness. */
function isGrantedPlainly(
  name: GroupName,
  place: Resource,
  given: readonly TokenPolicy[],
  { accountIds, userId }: Reach,
) {
  const account = place.type === 'zone' ? accountOf(place.id) : place.type === 'account' ? place.id : undefined
  if (place.type === 'user' ? userId !== place.id : accountIds !== 'all' && !accountIds.includes(account ?? ''))
    return false
  const covers = (each: TokenPolicy, group: GroupName): boolean =>
    each.permissionGroups.some((one) => one.id === groupNamed(group).id) &&
    Object.entries(each.resources).some(([key, value]) => {
      const isAccount = key === `${ACCOUNT}*` || key === `${ACCOUNT}${account}`
      if (typeof value !== 'string') {
        return place.type === 'zone' && isAccount && (`${ZONE}*` in value || `${ZONE}${place.id}` in value)
      }
      if (place.type === 'user') return key === `com.cloudflare.api.user.${place.id}`
      if (isAccount) return true
      return place.type === 'zone' && (key === `${ZONE}*` || key === `${ZONE}${place.id}`)
    })
  const { scope } = groupNamed(name)
  if (place.type === 'account' ? scope === 'user' : scope !== place.type) return false
  const isGranted = (group: GroupName): boolean => {
    const read = readOf(group)
    return (
      given.some((each) => each.effect === 'allow' && covers(each, group)) &&
      !given.some(
        (each) => each.effect === 'deny' && (covers(each, group) || (read !== undefined && covers(each, read))),
      )
    )
  }
  const write = writeOf(name)
  return isGranted(name) || (write !== undefined && isGranted(write))
}

test('what is granted is what the rules say, one thing at a time', () => {
  fc.assert(
    fc.property(policies, reach, (given, where) => {
      const all = rights(given, where)
      for (const name of NAMES)
        for (const place of PLACES)
          assert.equal(
            all.has([name], place),
            isGrantedPlainly(name, place, given, where),
            `${name} on ${JSON.stringify(place)}`,
          )
    }),
  )
})

test('CF-153: groups that read let nobody write, whatever they are granted on', () => {
  const reading = NAMES.filter((name) => name.endsWith('Read'))
  const writing = NAMES.filter((name) => name.endsWith('Write'))
  const readPolicy = fc
    .record({ names: fc.subarray(reading, { minLength: 1 }), on: resources })
    .map(({ names, on }) => policyOf(names, 'allow', on))
  fc.assert(
    fc.property(fc.array(readPolicy), (given) => {
      for (const place of PLACES) assert.equal(rights(given).has(writing, place), false)
    }),
  )
})

test('to deny takes away, and never gives', () => {
  fc.assert(
    fc.property(policies, policy, (given, more) => {
      const before = rights(given)
      const after = rights([...given, { ...more, effect: 'deny' }])
      for (const name of NAMES)
        for (const place of PLACES) assert(before.has([name], place) || !after.has([name], place))
    }),
  )
})

test('whoever hands on what they may has not handed on more than they have', () => {
  let granted = 0
  fc.assert(
    fc.property(policies, policy, reach, (given, wanted, where) => {
      const granter = rights(given, where)
      const parts = resourcesOf(wanted)
      const ok = wanted.permissionGroups.every((group) => {
        const { name, scope } = PERMISSION_GROUPS.find(
          ({ id: each }) => each === group.id,
        ) as (typeof PERMISSION_GROUPS)[number]
        return parts.filter((part) => concerns(part, scope)).every((part) => granter.mayGrant(name, part))
      })
      if (!ok) return
      granted++
      const grantee = rights([{ ...wanted, effect: 'allow' }], where)
      for (const { name, scope } of PERMISSION_GROUPS)
        for (const place of PLACES.filter(({ type }) => type === scope))
          assert(!grantee.has([name], place) || granter.has([name], place), `${name} on ${JSON.stringify(place)}`)
    }),
    { numRuns: 3000 },
  )
  expect(granted).toBeGreaterThan(50)
})

test('who sees a zone may do something with it, and sees its account', () => {
  fc.assert(
    fc.property(policies, reach, (given, where) => {
      const all = rights(given, where)
      const aboutZones = NAMES.filter((name) => groupNamed(name).scope === 'zone')
      for (const zoneId of [A1, A2, B1]) {
        assert.equal(all.seesZone(zoneId), all.has(aboutZones, zone(zoneId)))
        if (all.seesZone(zoneId)) assert(all.seesAccount(accountOf(zoneId) as string))
      }
    }),
  )
})

test('without policies there is everything the owner has, and the administrator has everything', () => {
  expect(rights(undefined).isAdministrator).toBe(true)
  const some = rights(undefined, { userId: USER, accountIds: [A] })
  expect(some.isAdministrator).toBe(false)
  expect([A1, B1].map((zoneId) => some.seesZone(zoneId))).toEqual([true, false])
  expect([A, B].map((accountId) => some.seesAccount(accountId))).toEqual([true, false])
  expect(rights([]).isAdministrator).toBe(false)
  expect(PLACES.some((place) => rights([]).has(NAMES, place))).toBe(false)
})

describe('names of resources', () => {
  test.each([
    [`${ZONE}${A1}`, { type: 'zone', id: A1, accountId: undefined }],
    [`${ZONE}*`, { type: 'zones', accountId: undefined }],
    [`${ACCOUNT}${A}`, { type: 'account', id: A }],
    [`${ACCOUNT}*`, { type: 'account', id: undefined }],
    [`com.cloudflare.api.user.${USER}`, { type: 'user', id: USER }],
    [`${ZONE}${A1}x`, undefined],
    [`com.cloudflare.edge.r2.bucket.${A}`, undefined],
    [A, undefined],
    ['', undefined],
  ])('%s', (name, resource) => {
    expect(parseResource(name)).toEqual(resource)
  })

  test('one encloses another, or they have nothing in common', () => {
    const all: readonly Resource[] = [
      ...PLACES,
      { type: 'zones', accountId: A },
      { type: 'zones', accountId: undefined },
      { type: 'account', id: undefined },
    ]
    for (const a of all) {
      expect(encloses(a, a, accountOf)).toBe(true)
      for (const b of all)
        for (const c of all)
          if (encloses(a, b, accountOf) && encloses(b, c, accountOf)) expect(encloses(a, c, accountOf)).toBe(true)
    }
  })
})
