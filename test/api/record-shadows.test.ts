import { expect, test } from 'vitest'
import { openEdited, openEditedWorld } from './edited-world.ts'

/** Two delegations, one below the other; with glue of both, and records that nobody is answered with. */
const world = (async () => {
  const edited = await openEditedWorld()
  const ids = new Map<string, string>()
  for (const [key, type, name, content] of [
    ['deep-ns', 'NS', 'deep.sub', 'ns.deep.sub.example.org'],
    ['hidden', 'A', 'www.sub', '192.0.2.1'],
    ['hidden-deeper', 'TXT', 'x.y.deep.sub', 'x'],
    ['glue', 'A', 'ns.sub', '192.0.2.53'],
    ['glue6', 'AAAA', 'ns.sub', '2001:db8::53'],
    ['not-glue', 'TXT', 'ns.sub', 'no address'],
    ['dead-glue', 'A', 'ns.deep.sub', '192.0.2.54'],
    ['ns1', 'NS', 'sub', 'ns.sub.example.org'],
    ['ns2', 'NS', 'sub', 'ns.example.net'],
    ['beside', 'A', 'sub2', '192.0.2.2'],
    ['apex', 'MX', '@', 'sub.example.org'],
  ] as const) {
    ids.set(key, (await edited.made({ type, name, content, priority: 1 })).id)
  }
  const ds = { key_tag: 1, algorithm: 13, digest_type: 2, digest: 'aa'.repeat(32) }
  ids.set('ds', (await edited.made({ type: 'DS', name: 'sub', data: ds })).id)
  const keyOf = new Map([...ids].map(([key, id]) => [id, key]))
  return { ...edited, ids, keyOf }
})()

test('CF-148: what a delegation hides is told only when it is asked for', async () => {
  const { call, path, ids, keyOf } = await world
  const plain = (await call('GET', path)).body.result
  expect(plain.every(({ meta }: { meta: object }) => Object.keys(meta).length === 0)).toBe(true)
  const { result } = (await call('GET', `${path}?include_shadow_metadata=true`)).body
  const metas = Object.fromEntries(result.map(({ id, meta }: { id: string; meta: object }) => [keyOf.get(id), meta]))
  const ours = [ids.get('ns1'), ids.get('ns2')]
  const by = {
    shadowed_by: expect.toSatisfy((seen: string[]) => seen.length === 2 && seen.every((id) => ours.includes(id))),
  }
  expect(metas).toEqual({
    hidden: by,
    'hidden-deeper': by,
    'not-glue': by,
    glue: { is_glue: true },
    glue6: { is_glue: true },
    'dead-glue': { is_glue: true, dead_glue: true, ...by },
    ns1: { shadowed_records_count: 5 },
    ns2: { shadowed_records_count: 5 },
    'deep-ns': { ...by, shadowed_records_count: 1 },
    ds: {},
    beside: {},
    apex: {},
  })
  const one = await call('GET', `${path}/${ids.get('glue')}?include_shadow_metadata=true`)
  expect(one.body.result.meta).toEqual({ is_glue: true })
})

test.each([
  [
    'include_shadow_metadata=true&shadowed_by_name=sub.example.org',
    ['dead-glue', 'deep-ns', 'ds', 'glue', 'glue6', 'hidden', 'hidden-deeper', 'not-glue'],
  ],
  ['include_shadow_metadata=true&shadowed_by_name=deep.sub.example.org.&type=TXT', ['hidden-deeper']],
  ['shadowing_name=a.deep.sub.example.org', ['deep-ns', 'ns1', 'ns2']],
  ['shadowing_name=sub.example.org', ['ns1', 'ns2']],
  ['shadowing_name=SUB', ['ns1', 'ns2']],
  ['include_shadow_metadata=true&shadowed_by_name=deep.sub&type=TXT', ['hidden-deeper']],
  ['shadowing_name=sub.example.net', []],
  ['shadowing_name=sub2.example.org', []],
  ['shadowing_name=sub.example.org&match=any&type=A', []],
  ['search=example.net&match=any&type=A&type=NS', ['ns2']],
])('CF-148: "%s" shows %j', async (query, expected) => {
  const { call, path, keyOf } = await world
  const { body } = await call('GET', `${path}?${query}`)
  expect(body.result.map(({ id }: { id: string }) => keyOf.get(id)).sort()).toEqual(expected)
})

test.each([
  ['shadowed_by_name=sub.example.org', 'shadowed_by_name expects include_shadow_metadata=true'],
  [
    'include_shadow_metadata=true&shadowed_by_name=example.org',
    'shadowed_by_name expects a name below example.org, found "example.org"',
  ],
  ['shadowing_name=example.org', 'shadowing_name expects a name below example.org, found "example.org"'],
  ['shadowing_name=@', 'shadowing_name expects a name below example.org, found "@"'],
  ['shadowing_name=sub.example.net.', 'shadowing_name expects a name below example.org, found "sub.example.net."'],
])('CF-148: "%s" is refused', async (query, message) => {
  const { call, path } = await world
  const { status, body } = await call('GET', `${path}?${query}`)
  expect([status, body.errors[0].code, body.errors[0].message]).toEqual([400, 6011, message])
})

test('CF-148: a page with it has a thousand records at most', async () => {
  const { call, path } = await world
  const { body } = await call('GET', `${path}?include_shadow_metadata=true&per_page=5000`)
  expect(body.result_info.per_page).toBe(1000)
})

test('CF-148: of 1,001 hidden records a page tells a thousand, and the next one the last', async () => {
  const { call, path, made } = await openEdited()
  await made({ type: 'NS', name: 'sub', content: 'ns.example.net' })
  const posts = Array.from({ length: 1001 }, (_, at) => ({ type: 'A', name: `h${at}.sub`, content: '192.0.2.1' }))
  expect((await call('POST', `${path}/batch`, { posts })).status).toBe(200)
  const page = async (number: number) => {
    const query = `include_shadow_metadata=true&shadowed_by_name=sub.example.org&per_page=5000&page=${number}`
    const { body } = await call('GET', `${path}?${query}`)
    return body.result.map(({ meta }: { meta: { shadowed_by?: string[] } }) => meta.shadowed_by?.length)
  }
  const first = await page(1)
  expect([first.length, new Set(first)]).toEqual([1000, new Set([1])])
  expect([await page(2), await page(3)]).toEqual([[1], []])
})
