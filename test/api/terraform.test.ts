/**
 * Terraform, request by request, as its provider for Cloudflare 5 is written: what an apply sends, what a plan reads. A
 * plan is empty if every attribute of the configuration is read back as it was written; what the server adds is computed
 * and must be there. `cf-terraforming` goes the other way, and writes the configuration down from what it reads.
 */

import { expect, test } from 'vitest'
import { groupNamed } from '../../src/engine/permission-groups.ts'
import { openWorld, type World } from './world.ts'

type Attributes = Readonly<Record<string, unknown>>

/** One resource: where it is made and read, what stands in its configuration, and what the server adds. */
interface Resource {
  readonly kind: string
  readonly create: readonly ['POST' | 'PATCH', string]
  /** Where one of it is, `:id` being its id. */
  readonly at: string
  readonly update: 'PUT' | 'PATCH'
  readonly config: Attributes
  readonly computed: readonly string[]
}

/** What there is of a resource after an apply. */
interface Made {
  readonly resource: Resource
  readonly id: string
}

const pathOf = ({ resource, id }: Made): string => resource.at.replace(':id', id)

async function applied({ call }: World, resource: Resource): Promise<Made> {
  const [method, path] = resource.create
  const { status, body } = await call(method, path, resource.config)
  expect([resource.kind, status, body.errors]).toEqual([resource.kind, 200, []])
  return { resource, id: body.result.id ?? '' }
}

/** What a plan would change: attributes that are read back as something else, and computed ones that are missing. */
async function planned({ call }: World, made: Made, config = made.resource.config): Promise<string[]> {
  const { status, body } = await call('GET', pathOf(made))
  if (status === 404) return ['all']
  const { result } = body
  const missing = made.resource.computed.filter((name) => !(name in result)).map((name) => `${name} is not there`)
  return [...missing, ...changesOf(config, result)]
}

/** Attributes of a configuration that a state does not have; of nested objects those that the configuration names. */
function changesOf(config: Attributes, state: Attributes): string[] {
  return Object.entries(config).flatMap(([name, wanted]) => {
    const there = state[name]
    if (isObject(wanted) && isObject(there)) return changesOf(wanted, there).map((change) => `${name}.${change}`)
    return JSON.stringify(there) === JSON.stringify(wanted) ? [] : [`${name}: ${JSON.stringify(there)}`]
  })
}

const isObject = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TIMES = ['created_time', 'modified_time']
const SOA = {
  mname: null,
  rname: 'admin.example.org',
  refresh: 7200,
  retry: 3600,
  expire: 86_400,
  min_ttl: 900,
  ttl: 300,
}

/** Applies a configuration of everything that zone transfers and records need, one after the other. */
async function applyAll(world: World): Promise<Made[]> {
  const { accountId } = world
  const made: Made[] = []
  const add = async (resource: Resource): Promise<string> => {
    made.push(await applied(world, resource))
    return made.at(-1)?.id ?? ''
  }
  const inAccount = (kind: string, config: Attributes, computed: readonly string[] = []) => {
    const path = `/accounts/${accountId}/secondary_dns/${kind}`
    return add({
      kind,
      create: ['POST', path],
      at: `${path}/:id`,
      update: 'PUT',
      config,
      computed: ['id', ...computed],
    })
  }
  await inAccount('acls', { name: 'my-acl', ip_range: '192.0.2.53/28' })
  const tsig = await inAccount('tsigs', { name: 'tsig.customer.cf.', secret: 'c2VjcmV0c2VjcmV0', algo: 'hmac-sha512.' })
  const peer = await inAccount('peers', {
    name: 'my-peer',
    ip: '192.0.2.53',
    port: 53,
    ixfr_enable: false,
    tsig_id: tsig,
  })
  const bare = await inAccount('peers', { name: 'my-other-peer' })

  const zone = (name: string, type: string) =>
    add({
      kind: `${type} zone`,
      create: ['POST', '/zones'],
      at: '/zones/:id',
      update: 'PATCH',
      config: { account: { id: accountId }, name, type },
      computed: (
        'activated_on cname_suffix created_on development_mode id meta modified_on name_servers original_dnshost ' +
        'original_name_servers original_registrar owner paused permissions plan status tenant tenant_unit ' +
        'vanity_name_servers verification_key'
      ).split(' '),
    })
  const secondary = await zone('secondary.example', 'secondary')
  const full = await zone('full.example', 'full')

  const inZone = (id: string, kind: string, resource: Partial<Resource> & Pick<Resource, 'config' | 'computed'>) => {
    const at = `/zones/${id}/${kind}`
    return add({ kind, create: ['POST', at], at, update: 'PUT', ...resource })
  }
  await inZone(secondary, 'secondary_dns/incoming', {
    config: { name: 'secondary.example.', peers: [bare], auto_refresh_seconds: 86_400 },
    computed: ['id', 'soa_serial', 'checked_time', ...TIMES],
  })
  await inZone(full, 'secondary_dns/outgoing', {
    config: { name: 'full.example.', peers: [peer] },
    computed: ['id', 'soa_serial', 'created_time', 'checked_time', 'last_transferred_time'],
  })
  await inZone(full, 'dns_settings', {
    create: ['PATCH', `/zones/${full}/dns_settings`],
    update: 'PATCH',
    config: {
      flatten_all_cnames: false,
      foundation_dns: false,
      multi_provider: true,
      nameservers: { type: 'cloudflare.standard' },
      ns_ttl: 3600,
      secondary_overrides: false,
      soa: SOA,
      zone_mode: 'dns_only',
    },
    computed: ['internal_dns'],
  })
  await inZone(full, 'dns_records', {
    at: `/zones/${full}/dns_records/:id`,
    config: {
      name: 'www.full.example',
      type: 'A',
      content: '192.0.2.1',
      ttl: 3600,
      proxied: false,
      comment: 'by Terraform',
      tags: ['owner:tf'],
      settings: { ipv4_only: false, ipv6_only: false },
    },
    computed: ['id', 'created_on', 'modified_on', 'comment_modified_on', 'tags_modified_on', 'proxiable', 'meta'],
  })
  await inZone(full, 'dns_records', {
    at: `/zones/${full}/dns_records/:id`,
    config: {
      name: '_sip._tcp.full.example',
      type: 'SRV',
      ttl: 300,
      data: { priority: 1, weight: 2, port: 5060, target: 'sip.example.net' },
    },
    computed: ['id', 'content', 'priority', 'proxied', 'tags', 'settings'],
  })
  return made
}

/** What an operator changes in a configuration afterwards, by the kind of the resource. */
const CHANGES: Readonly<Record<string, Attributes>> = {
  acls: { ip_range: '2001:db8::/64' },
  tsigs: { algo: 'hmac-sha256.' },
  peers: { name: 'renamed', ip: '2001:db8::53' },
  'full zone': { paused: true },
  'secondary_dns/incoming': { auto_refresh_seconds: 300, peers: [] },
  'secondary_dns/outgoing': { peers: [] },
  dns_settings: { soa: { ...SOA, mname: 'ns.example.net', ttl: 600 }, ns_ttl: 600 },
}

test('CF-175: after an apply a second plan is empty, for every resource of zone transfers, zones and records', async () => {
  const world = await openWorld()
  const made = await applyAll(world)
  for (const each of made) expect([each.resource.kind, await planned(world, each)]).toEqual([each.resource.kind, []])
})

test('CF-175: a change is applied, the plan is empty again, and all goes away in the end', async () => {
  const world = await openWorld()
  const made = await applyAll(world)
  for (const each of made) {
    const { kind, update, config } = each.resource
    const change = CHANGES[kind]
    if (change === undefined) continue
    const wanted = { ...config, ...change }
    expect([kind, (await planned(world, each, wanted)).length > 0]).toEqual([kind, true])
    // PUT sends the resource whole, PATCH what has changed.
    const { status } = await world.call(update, pathOf(each), update === 'PUT' ? wanted : change)
    expect([kind, status, await planned(world, each, wanted)]).toEqual([kind, 200, []])
  }
  for (const each of made.toReversed().filter(({ resource }) => resource.kind !== 'dns_settings')) {
    expect((await world.call('DELETE', pathOf(each))).status).toBe(200)
    expect(await planned(world, each)).toEqual(['all'])
  }
})

test('CF-175: what is gone is 404, so that it is made anew', async () => {
  const world = await openWorld()
  const made = await applyAll(world)
  const [record] = made.filter(({ resource }) => resource.kind === 'dns_records')
  if (record === undefined) throw new Error('no record')
  await world.call('DELETE', pathOf(record))
  expect(await planned(world, record)).toEqual(['all'])
  expect(await planned(world, await applied(world, record.resource))).toEqual([])
})

test('CF-175: the settings and tokens of an account are read back as they were written, lists in their order', async () => {
  const world = await openWorld()
  const { accountId } = world
  const settings = `/accounts/${accountId}/dns_settings`
  const zoneDefaults = { ns_ttl: 3600, multi_provider: true, soa: { ...SOA, rname: 'dns.example.net' } }
  const groups = (['Zone Read', 'DNS Write', 'DNS Read'] as const).map((name) => ({ id: groupNamed(name).id }))
  const resources = { [`com.cloudflare.api.account.${accountId}`]: { 'com.cloudflare.api.account.zone.*': '*' } }
  const token = {
    name: 'terraform',
    policies: [{ effect: 'allow', permission_groups: groups, resources }],
    condition: { request_ip: { in: ['192.0.2.0/24', '2001:db8::/48'], not_in: ['192.0.2.1/32'] } },
    expires_on: '2030-01-01T00:00:00Z',
  }
  const tokens = (path: string): Resource => ({
    kind: path,
    create: ['POST', path],
    at: `${path}/:id`,
    update: 'PUT',
    config: token,
    computed: ['id', 'status', 'issued_on', 'modified_on'],
  })
  const made = [
    await applied(world, {
      kind: 'account_dns_settings',
      create: ['PATCH', settings],
      at: settings,
      update: 'PATCH',
      config: { enforce_dns_only: false, zone_defaults: zoneDefaults },
      computed: [],
    }),
    await applied(world, {
      kind: 'account',
      create: ['POST', '/accounts'],
      at: '/accounts/:id',
      update: 'PUT',
      config: { name: 'Second', type: 'standard' },
      computed: ['id', 'created_on', 'settings'],
    }),
    await applied(world, tokens('/user/tokens')),
    await applied(world, tokens(`/accounts/${accountId}/tokens`)),
  ]
  for (const each of made) {
    const { config, kind } = each.resource
    // Groups come back with their names, and policies with their ids: both are computed.
    const plain = (result: string) =>
      JSON.parse(result, (key, value: unknown) =>
        key === 'permission_groups' ? (value as { id: string }[]).map(({ id }) => ({ id })) : value,
      ) as { policies?: Attributes[] }
    const state = plain(JSON.stringify((await world.call('GET', pathOf(each))).body.result))
    const policies = state.policies?.map(({ id: _id, effect, permission_groups, resources: on }) => {
      return { effect, permission_groups, resources: on }
    })
    expect([kind, changesOf(config, { ...state, ...(policies && { policies }) })]).toEqual([kind, []])
  }
})

test('CF-176: cf-terraforming finds the objects of an account in lists, those of a zone one by one, and writes down what was configured', async () => {
  const world = await openWorld()
  const made = await applyAll(world)
  const generated: { kind: string; id: string; result: Attributes }[] = []
  for (const kind of ['acls', 'peers', 'tsigs']) {
    const { body } = await world.call('GET', world.account(kind))
    expect(body).not.toHaveProperty('result_info')
    for (const result of body.result) generated.push({ kind, id: result.id, result })
  }
  for (const each of made.filter(({ resource }) => /^secondary_dns|^dns_settings/.test(resource.kind))) {
    const { body } = await world.call('GET', pathOf(each))
    generated.push({ kind: each.resource.kind, id: each.id, result: body.result })
  }
  const wanted = made.filter(({ resource }) => generated.some(({ kind }) => kind === resource.kind))
  expect(generated).toHaveLength(wanted.length)
  for (const { resource, id } of wanted) {
    const { result } = generated.find((each) => each.kind === resource.kind && each.id === id) ?? {}
    expect([resource.kind, changesOf(resource.config, result ?? {})]).toEqual([resource.kind, []])
  }
  // What it does not know of a peer it leaves out: a key that is not there, and no other member.
  const bare = generated.find(({ result: { name } }) => name === 'my-other-peer')
  expect(Object.keys(bare?.result ?? {}).sort()).toEqual(['id', 'ip', 'ixfr_enable', 'name', 'port'])
  // An import names an object by its account or its zone, and reads it alone.
  for (const { resource, id } of wanted) {
    const { body } = await world.call('GET', pathOf({ resource, id }))
    expect(body.result).toEqual(generated.find((each) => each.kind === resource.kind && each.id === id)?.result)
  }
})
