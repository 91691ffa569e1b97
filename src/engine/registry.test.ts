import { strict as assert } from 'node:assert'
import { expect, test } from 'vitest'
import { MemoryStore } from '../store/memory.ts'
import type { Change } from '../store/objects.ts'
import type { Outcome } from './problem.ts'
import { openRegistry, type RegistryOptions } from './registry.ts'
import type { RegistryEvent } from './registry-state.ts'

const NAMES = ['ns1.secondary.example.net', 'ns2.secondary.example.net']

async function open(store: MemoryStore, more: Partial<RegistryOptions> = {}) {
  const opened = await openRegistry({ store, nameServers: NAMES, tsigMd5: false, ...more })
  const events: RegistryEvent[] = []
  opened.registry.onChange((event) => void events.push(event))
  const [account] = opened.registry.accounts.all()
  return { ...opened, events, accountId: account?.id ?? '' }
}

function valueOf<T>(outcome: Outcome<T>): T {
  assert(outcome.type === 'done', JSON.stringify(outcome))
  return outcome.value
}

/** A store whose disk takes its time: changes end when the test says so. */
class SlowStore extends MemoryStore {
  readonly waiting: { finish: () => void; fail: (error: Error) => void }[] = []
  slow = false

  override async change(changes: readonly Change[]): Promise<void> {
    if (this.slow) await new Promise<void>((finish, fail) => this.waiting.push({ finish, fail }))
    await super.change(changes)
  }
}

test('the first start makes an account and a token, and tells the token once', async () => {
  const store = new MemoryStore()
  const first = await open(store)
  expect(first.madeToken?.reveal()).toMatch(/^[\w-]{40}$/)
  expect(first.registry.tokens.find(first.madeToken?.reveal() ?? '')?.accountId).toBe(first.accountId)
  expect(JSON.stringify(await store.objects('token'))).not.toContain(first.madeToken?.reveal())
  const second = await open(store)
  expect(second.madeToken).toBeUndefined()
  expect(second.accountId).toBe(first.accountId)
  expect(second.registry.tokens.find(first.madeToken?.reveal() ?? '')).toBeDefined()
  expect(second.registry.recordIdKey).toEqual(first.registry.recordIdKey)
})

test('a token that is given takes the place of the one before', async () => {
  const store = new MemoryStore()
  const { madeToken } = await open(store)
  const { registry, madeToken: none } = await open(store, { adminToken: 'given-by-the-administrator' })
  expect(none).toBeUndefined()
  expect(registry.tokens.find('given-by-the-administrator')).toBeDefined()
  expect(registry.tokens.find(madeToken?.reveal() ?? '')).toBeUndefined()
  expect(await store.objects('token')).toHaveLength(1)
  const again = await open(store)
  expect(again.registry.tokens.find('given-by-the-administrator')).toBeDefined()
})

test('everything is there after a restart', async () => {
  const store = new MemoryStore()
  const { registry, accountId } = await open(store)
  const draft = { name: 'key.', secret: 'c2VjcmV0', algo: 'hmac-sha256.' }
  const tsig = valueOf(await registry.tsigs.create(accountId, draft))
  const peer = valueOf(await registry.peers.create(accountId, { name: 'ns', ip: '192.0.2.1', tsigId: tsig.id }))
  const acl = valueOf(await registry.acls.create(accountId, { name: 'lan', ipRange: '192.0.2.0/28' }))
  const zone = valueOf(await registry.zones.create({ accountId, name: 'example.org', type: 'secondary' }))
  const incoming = { name: 'example.org', peers: [peer.id], autoRefreshSeconds: 300 }
  valueOf(await registry.incomings.create(zone.id, incoming, { mixedKeys: false }))

  const { registry: later } = await open(store)
  expect(later.zones.named('example.org')).toEqual(zone)
  expect(later.peers.get(peer.id)).toEqual(peer)
  expect(later.tsigs.get(tsig.id)?.secret.reveal()).toBe('c2VjcmV0')
  expect(later.acls.in(accountId)).toEqual([acl])
  expect(later.incomings.get(zone.id)?.peers).toEqual([peer.id])
  expect((await later.tsigs.remove(accountId, tsig.id)).type).toBe('refused')
  expect((await later.peers.remove(accountId, peer.id)).type).toBe('refused')
})

test('each change tells what it means', async () => {
  const { registry, accountId, events } = await open(new MemoryStore())
  const peer = valueOf(await registry.peers.create(accountId, { name: 'ns', ip: '192.0.2.1' }))
  const zone = valueOf(await registry.zones.create({ accountId, name: 'example.org', type: 'secondary' }))
  const draft = { name: 'example.org', peers: [peer.id] }
  const incoming = valueOf(await registry.incomings.create(zone.id, draft, { mixedKeys: false }))
  const moved = valueOf(await registry.peers.replace(accountId, peer.id, { name: 'ns', ip: '192.0.2.2' }))
  const active = valueOf(await registry.zones.activate(zone.id))
  await registry.zones.activate(zone.id)
  await registry.zones.remove(zone.id)
  expect(events).toEqual([
    { type: 'peer changed', before: undefined, after: peer },
    { type: 'zone added', zone },
    { type: 'incoming set', incoming, before: undefined },
    { type: 'peer changed', before: peer, after: moved },
    { type: 'zone changed', zone: active, before: zone },
    { type: 'incoming removed', incoming },
    { type: 'zone removed', zone: active },
  ])
})

test('many zones become active in one change; what is gone, or active before, is left alone', async () => {
  const { registry, accountId, events } = await open(new MemoryStore())
  const create = async (name: string) => valueOf(await registry.zones.create({ accountId, name, type: 'secondary' }))
  const [one, two, three] = [await create('one.test'), await create('two.test'), await create('three.test')]
  const before = valueOf(await registry.zones.activate(two.id))
  await registry.zones.remove(three.id)
  events.length = 0
  expect(valueOf(await registry.zones.activateAll([one.id, two.id, three.id]))).toBe(1)
  expect(registry.zones.get(two.id)).toEqual(before)
  expect(events).toEqual([{ type: 'zone changed', zone: registry.zones.get(one.id), before: one }])
  expect(registry.zones.get(one.id)).toMatchObject({ status: 'active', activatedOn: expect.any(String) })
})

test('a change is answered and told when the disk has it, and counts for the next one at once', async () => {
  const store = new SlowStore()
  const { registry, accountId, events } = await open(store)
  store.slow = true
  let answered = false
  const first = registry.zones.create({ accountId, name: 'example.org', type: 'secondary' })
  void first.then(() => (answered = true))
  const second = await registry.zones.create({ accountId, name: 'example.org', type: 'secondary' })
  expect(second).toMatchObject({ type: 'refused', problems: [{ code: 'zone-exists' }] })
  expect([answered, events]).toEqual([false, []])
  store.waiting[0]?.finish()
  expect((await first).type).toBe('done')
  expect(events.map(({ type }) => type)).toEqual(['zone added'])
})

test('when the disk fails, what it did not take is not there, and what it took is', async () => {
  const store = new SlowStore()
  const { registry, accountId, events } = await open(store)
  valueOf(await registry.zones.create({ accountId, name: 'kept.example', type: 'secondary' }))
  store.slow = true
  const names = ['lost.example', 'taken.example']
  const changes = names.map((name) => registry.zones.create({ accountId, name, type: 'secondary' }))
  store.waiting[0]?.fail(new Error('disk full'))
  await expect(changes[0]).rejects.toThrow('disk full')
  store.waiting[1]?.finish()
  expect((await changes[1])?.type).toBe('done')
  store.slow = false
  valueOf(await registry.zones.create({ accountId, name: 'later.example', type: 'secondary' }))
  expect(registry.zones.all().map(({ name }) => name)).toEqual(['kept.example', 'later.example', 'taken.example'])
  expect(events).toHaveLength(3)
  valueOf(await registry.zones.create({ accountId, name: 'lost.example', type: 'secondary' }))
})

test('a removed zone takes its configuration, its timers and its contents along in one transaction', async () => {
  const store = new MemoryStore()
  const { registry, accountId } = await open(store)
  const zone = valueOf(await registry.zones.create({ accountId, name: 'example.org', type: 'secondary' }))
  valueOf(await registry.incomings.create(zone.id, { name: 'example.org', peers: [] }, { mixedKeys: false }))
  await store.change([{ put: 'timers', object: { zoneId: zone.id, state: {} } }])
  const seen: (readonly Change[])[] = []
  const change = store.change.bind(store)
  store.change = async (changes) => {
    seen.push(changes)
    return change(changes)
  }
  await registry.zones.remove(zone.id)
  expect(seen).toHaveLength(1)
  expect(seen[0]).toContainEqual({ removeContents: zone.id })
  for (const kind of ['zone', 'incoming', 'timers'] as const) expect(await store.objects(kind)).toEqual([])
})
