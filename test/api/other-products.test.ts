import { expect, test } from 'vitest'
import { openWorld, STRANGE_ID } from './world.ts'

test.each([
  'pagerules?status=active',
  'rulesets',
  'settings',
  'custom_hostnames?page=1&per_page=100',
  'addressing/regional_hostnames',
])('zones have no %s, and that is an answer', async (path) => {
  const { call, zone } = await openWorld()
  const { status, body } = await call('GET', `/zones/${await zone('example.org')}/${path}`)
  expect([status, body.result, body.success]).toEqual([200, [], true])
  expect(body.result_info).toMatchObject({ page: 1, count: 0, total_count: 0, total_pages: 0 })
  expect((await call('GET', `/zones/${STRANGE_ID}/${path}`)).status).toBe(404)
})

test.each(['custom_ns', 'custom_ns/availability', 'rulesets', 'dns_settings/views'])(
  'accounts have no %s, and that is an answer',
  async (path) => {
    const { call, accountId } = await openWorld()
    expect((await call('GET', `/accounts/${accountId}/${path}`)).body).toMatchObject({ result: [], success: true })
  },
)

test('every zone has the one plan there is, and no certificates are made', async () => {
  const { call, zone } = await openWorld()
  const path = `/zones/${await zone('example.org')}`
  const { plan } = (await call('GET', path)).body.result
  expect((await call('GET', `${path}/available_plans`)).body.result).toEqual([plan])
  expect((await call('GET', `${path}/ssl/universal/settings`)).body.result).toEqual({ enabled: false })
})

test('what belongs to other products is not changed, and the refusal says so', async () => {
  const { call, zone, accountId } = await openWorld()
  const path = `/zones/${await zone('example.org')}`
  for (const [method, url] of [
    ['POST', `${path}/pagerules`],
    ['DELETE', `${path}/pagerules/${STRANGE_ID}`],
    ['PATCH', `${path}/settings/tls_1_3`],
    ['PATCH', `${path}/ssl/universal/settings`],
    ['POST', `/accounts/${accountId}/custom_ns`],
  ] as const) {
    const { status, body } = await call(method, url, {})
    expect([status, body.errors[0].code, body.errors[0].message], url).toEqual([
      400,
      12_310,
      expect.stringContaining('this server does DNS'),
    ])
  }
})
