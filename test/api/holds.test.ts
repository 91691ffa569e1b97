import { expect, test } from 'vitest'
import { MemoryStore } from '../../src/store/memory.ts'
import { newId } from '../../src/engine/object-id.ts'
import { openWorld, START } from './world.ts'

/** A server with two accounts, and a zone of the first. */
async function scene() {
  const store = new MemoryStore()
  const ours = { id: newId(), name: 'ours', createdOn: '2020-01-01T00:00:00.000000Z' }
  const theirs = { id: newId(), name: 'theirs', createdOn: '2021-01-01T00:00:00.000000Z' }
  await store.change([
    { put: 'account', object: ours },
    { put: 'account', object: theirs },
  ])
  const world = await openWorld({ store })
  const path = `/zones/${await world.zone('example.org')}/hold`
  const create = async (name: string, account = theirs) => {
    const { status, body } = await world.call('POST', '/zones', { name, account: { id: account.id } })
    return status === 200 ? 'made' : body.errors[0].code
  }
  return { ...world, path, create, ours }
}

test('a zone is not held unless somebody holds it', async () => {
  const { call, path, create } = await scene()
  expect((await call('GET', path)).body.result).toEqual({ hold: false, hold_after: null, include_subdomains: false })
  expect(await create('example.org')).toBe(1061)
  expect(await create('sub.example.org')).toBe('made')
  expect((await call('PATCH', path, { include_subdomains: true })).status).toBe(404)
})

test('a hold keeps other accounts from the name, and from names below it if it includes them', async () => {
  const { call, path, create, ours } = await scene()
  expect((await call('POST', path)).body.result).toEqual({ hold: true, hold_after: null, include_subdomains: false })
  expect(await create('example.org')).toBe(12_307)
  expect(await create('a.example.org')).toBe('made')
  expect((await call('POST', `${path}?include_subdomains=true`)).body.result.include_subdomains).toBe(true)
  expect(await create('b.example.org')).toBe(12_307)
  expect(await create('deep.b.example.org')).toBe(12_307)
  expect(await create('notexample.org')).toBe('made')
  expect(await create('c.example.org', ours), 'the account itself is free').toBe('made')
})

test('a hold can be put off, holds again by itself, and can be lifted for good', async () => {
  const { call, path, create, clock } = await scene()
  await call('POST', `${path}?include_subdomains=true`)
  const later = new Date(START + 60_000).toISOString()
  const lifted = await call('DELETE', `${path}?hold_after=${later}`)
  const text = later.replace('Z', '000Z')
  expect(lifted.body.result).toEqual({ hold: false, hold_after: text, include_subdomains: true })
  expect(await create('a.example.org')).toBe('made')
  clock.now += 60_000
  expect((await call('GET', path)).body.result.hold).toBe(true)
  expect(await create('b.example.org')).toBe(12_307)
  const moved = await call('PATCH', path, { hold_after: new Date(START + 120_000).toISOString() })
  expect(moved.body.result.hold).toBe(false)
  expect((await call('PATCH', path, { hold_after: null })).body.result.hold).toBe(true)
  expect((await call('PATCH', path, { hold_after: 'soon' })).body.errors[0]).toMatchObject({
    code: 12_306,
    source: { pointer: '/hold_after' },
  })
  const gone = await call('DELETE', path)
  expect(gone.body.result).toEqual({ hold: false, hold_after: null, include_subdomains: false })
  expect(await create('b.example.org')).toBe('made')
})

test.each(['192.0.2.1', '2001:db8::1', 'https://example.org', 'me@example.org', '*.example.org'])(
  'CF-128: %s is no name of a zone, and it is said what it is',
  async (name) => {
    const { create } = await scene()
    expect(await create(name)).toBe(1099)
  },
)
