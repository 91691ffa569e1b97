import { expect, test } from 'vitest'
import { openWorld, STRANGE_ID, TOKEN } from './world.ts'

test('CF-001: every answer has result, success, errors and messages, and a failure has no result', async () => {
  const { call } = await openWorld()
  const good = await call('GET', '/accounts')
  expect(Object.keys(good.body)).toEqual(['result', 'result_info', 'success', 'errors', 'messages'])
  expect(good.body).toMatchObject({ success: true, errors: [], messages: [] })
  const bad = await call('GET', `/zones/${STRANGE_ID}`)
  expect(Object.keys(bad.body)).toEqual(['success', 'errors', 'messages', 'result'])
  expect(bad.body).toMatchObject({ success: false, messages: [], result: null })
})

test('CF-002: an error has a code of 1000 or more, a message, and points to the member that is wrong', async () => {
  const { call, account } = await openWorld()
  const { body } = await call('POST', account('peers'), { name: 'ns', ip: 'ns1.example.org' })
  expect(body.errors).toEqual([
    { code: 12_012, message: 'expected an IPv4 or IPv6 address, found "ns1.example.org"', source: { pointer: '/ip' } },
  ])
})

test('CF-002: every member that is wrong is named', async () => {
  const { call, account } = await openWorld()
  const { status, body } = await call('POST', account('tsigs'), { name: 5, secret: 'c2VjcmV0' })
  expect(status).toBe(400)
  const pointers = body.errors.map((error: { source: { pointer: string } }) => error.source.pointer)
  expect(pointers.sort()).toEqual(['/algo', '/name'])
  expect(body.errors.map(({ code }: { code: number }) => code)).toEqual([6010, 6010])
})

test('CF-003: creating answers 200, not 201', async () => {
  const { call, account, zone } = await openWorld()
  const [secondary, full] = [await zone('example.org'), await zone('example.net', 'full')]
  const statuses = await Promise.all([
    call('POST', account('peers'), { name: 'ns' }),
    call('POST', account('acls'), { name: 'lan', ip_range: '192.0.2.0/28' }),
    call('POST', account('tsigs'), { name: 'key.', secret: 'c2VjcmV0', algo: 'hmac-sha256.' }),
    call('POST', `/zones/${secondary}/secondary_dns/incoming`, { name: 'example.org', peers: [] }),
    call('POST', `/zones/${full}/secondary_dns/outgoing`, { name: 'example.net', peers: [] }),
  ])
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
})

test('CF-010: an unknown route is 7003 and 7000 in the envelope', async () => {
  const { call } = await openWorld()
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['POST', '/nothing/at/all?x=1'],
    ['PUT', '/user/tokens'],
  ] as const) {
    const { status, body } = await call(method, path)
    expect(status).toBe(404)
    expect(body.errors.map(({ code }: { code: number }) => code)).toEqual([7003, 7000])
    expect(body.errors[0].message).toContain(`/client/v4${path.replace(/\?.*/, '')}`)
  }
})

test('CF-011: what does not exist is 404, and so is what cannot be an id', async () => {
  const { call, account } = await openWorld()
  const zone = `/zones/${STRANGE_ID}`
  const paths: readonly (readonly [string, number])[] = [
    [zone, 1001],
    [`${zone}/secondary_dns/incoming`, 1001],
    [`${zone}/dns_records`, 1001],
    [account(`peers/${STRANGE_ID}`), 12_011],
    [account(`tsigs/${STRANGE_ID}`), 12_021],
    [account(`acls/${STRANGE_ID}`), 12_001],
    [`/accounts/${STRANGE_ID}`, 1010],
    [`/accounts/${STRANGE_ID}/secondary_dns/peers`, 1010],
    ['/zones/example.org', 7003],
    [account('peers/1'), 7003],
  ]
  for (const [path, code] of paths) {
    const { status, body } = await call('GET', path)
    expect([path, status, body.errors[0].code]).toEqual([path, 404, code])
  }
})

test('CF-013, CF-014: the API lives under /client/v4, with or without a slash at the end', async () => {
  const { call } = await openWorld()
  for (const path of ['/client/v4/zones', '/client/v4/zones/', '/client/v4//zones'])
    expect((await call('GET', path)).status).toBe(200)
})

test('CF-015: a rate limit answers 429 and says when to come back', async () => {
  const { call, clock } = await openWorld({ rateLimit: { requests: 2, seconds: 300 } })
  const first = await call('GET', '/zones')
  expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' })
  await call('GET', '/zones')
  clock.now += 60_000
  const refused = await call('GET', '/zones')
  expect(refused.status).toBe(429)
  expect(refused.body.errors[0].code).toBe(10_100)
  expect(refused.headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'retry-after': '240' })
  clock.now += 240_000
  expect((await call('GET', '/zones')).status).toBe(200)
})

test('CF-015: twelve hundred requests in five minutes are answered where that is the limit, and one more is not', async () => {
  const { call, clock } = await openWorld({ rateLimit: { requests: 1200, seconds: 300 } })
  for (let at = 0; at < 1199; at++) await call('GET', '/user')
  expect((await call('GET', '/user')).headers).toMatchObject({
    'x-ratelimit-limit': '1200',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': 'Sun, 05 Apr 2026 12:05:00 GMT',
  })
  clock.now += 299_000
  const refused = await call('GET', '/user')
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
  clock.now += 1000
  expect((await call('GET', '/user')).status).toBe(200)
})

test('CF-015: without a limit there are no such headers', async () => {
  const { call } = await openWorld()
  expect((await call('GET', '/zones')).headers).not.toHaveProperty('x-ratelimit-limit')
})

test('CF-016: actions and deletes take no body, an empty body with a JSON type, and {}', async () => {
  const json = { 'content-type': 'application/json' }
  for (const sent of [{}, { headers: json, payload: '' }, { headers: json, payload: '{}' }, { payload: ' \n' }]) {
    const { call, account, peer, zone } = await openWorld()
    const made = async (path: string, body: object) => (await call('POST', path, body)).body.result.id as string
    const [secondary, full] = [await zone('example.org'), await zone('example.net', 'full')]
    const peers = [await peer()]
    const [incoming, outgoing] = [`/zones/${secondary}/secondary_dns`, `/zones/${full}/secondary_dns/outgoing`]
    await made(`${incoming}/incoming`, { name: 'example.org', peers, auto_refresh_seconds: 300 })
    await made(outgoing, { name: 'example.net', peers })
    const tsig = await made(account('tsigs'), { name: 'key.', secret: 'c2VjcmV0', algo: 'hmac-sha256.' })
    const acl = await made(account('acls'), { name: 'lan', ip_range: '192.0.2.0/28' })
    const record = await made(`/zones/${full}/dns_records`, { type: 'A', name: 'www', content: '192.0.2.1' })
    const seen = []
    for (const [method, path] of [
      ['POST', `${incoming}/force_axfr`],
      ['POST', `${outgoing}/enable`],
      ['POST', `${outgoing}/force_notify`],
      ['POST', `${outgoing}/disable`],
      ['PUT', `/zones/${full}/activation_check`],
      ['DELETE', `${incoming}/incoming`],
      ['DELETE', outgoing],
      ['DELETE', account(`peers/${peers[0]}`)],
      ['DELETE', account(`tsigs/${tsig}`)],
      ['DELETE', account(`acls/${acl}`)],
      ['DELETE', `/zones/${full}/dns_records/${record}`],
      ['DELETE', `/zones/${full}`],
    ] as const) {
      const { status, body } = await call(method, path, undefined, sent)
      seen.push([status, body.result.id ?? body.result])
    }
    expect(seen.map(([status]) => status)).toEqual(seen.map(() => 200))
    expect(seen.map(([, result]) => result)).toEqual([
      'OK',
      'Enabled',
      'OK',
      'Disabled',
      full,
      secondary,
      full,
      peers[0],
      tsig,
      acl,
      record,
      full,
    ])
  }
})

test('CF-017: an id in the body and members nobody knows are ignored', async () => {
  const { call, account } = await openWorld()
  const { status, body } = await call('POST', account('peers'), { id: STRANGE_ID, name: 'ns', colour: 'green' })
  expect(status).toBe(200)
  expect(body.result.id).not.toBe(STRANGE_ID)
  expect(body.result).not.toHaveProperty('colour')
})

test('CF-020: lists of transfer objects are whole and have no result_info', async () => {
  const { call, account } = await openWorld()
  for (const [kind, members] of [
    ['peers', { name: 'ns' }],
    ['tsigs', { name: 'key.', secret: 'c2VjcmV0', algo: 'hmac-sha256.' }],
    ['acls', { name: 'lan', ip_range: '192.0.2.0/28' }],
  ] as const) {
    for (let count = 0; count < 60; count++) await call('POST', account(kind), members)
    const { body } = await call('GET', account(`${kind}?page=3&per_page=5`))
    expect(body.result).toHaveLength(60)
    expect(body).not.toHaveProperty('result_info')
  }
})

test('CF-023, CF-024: ids are UUIDs of version 4 without dashes', async () => {
  const { call, account, zone, peer, accountId } = await openWorld()
  const full = await zone('example.net', 'full')
  const made = [
    await call('POST', account('acls'), { name: 'lan', ip_range: '192.0.2.0/28' }),
    await call('POST', account('tsigs'), { name: 'key.', secret: 'c2VjcmV0', algo: 'hmac-sha256.' }),
    await call('POST', '/accounts', { name: 'Other' }),
    await call('POST', `/zones/${full}/dns_records`, { type: 'A', name: 'www', content: '192.0.2.1' }),
  ].map(({ body }) => body.result.id)
  for (const id of [...made, full, await peer(), accountId])
    expect(id).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
})

test('CF-025: times are RFC 3339 in UTC with six digits of a second', async () => {
  const { call, account, zone, clock } = await openWorld()
  clock.now += 7
  const full = await zone('example.net', 'full')
  const made = [
    (await call('POST', account('acls'), { name: 'lan', ip_range: '192.0.2.0/28' })).body,
    (await call('POST', `/zones/${full}/dns_records`, { type: 'A', name: 'www', content: '192.0.2.1' })).body,
    (await call('POST', `/zones/${full}/secondary_dns/outgoing`, { name: 'example.net', peers: [] })).body,
    (await call('GET', `/zones/${full}`)).body,
    (await call('GET', '/accounts')).body,
  ]
  const times = made.flatMap((body) => JSON.stringify(body).match(/\d{4}-\d\d-\d\dT[^"]*/g) ?? [])
  expect(times.length).toBeGreaterThan(8)
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  expect(made[0].result.created_time).toBe('2026-04-05T12:00:00.007000Z')
})

test('a body of any type, or of none, is JSON', async () => {
  const { call, account } = await openWorld()
  const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'nonsense', 'a/b; charset=x']
  for (const type of types) {
    const { status } = await call('POST', account('peers'), undefined, {
      headers: { 'content-type': type },
      payload: '{"name":"ns"}',
    })
    expect([type, status]).toEqual([type, 200])
  }
  const bare = await call('POST', account('peers'), undefined, { payload: '{"name":"ns"}' })
  expect(bare.status).toBe(200)
})

test('null counts as absent', async () => {
  const { call, account } = await openWorld()
  const { body } = await call('POST', account('peers'), { name: 'ns', ip: null, tsig_id: null, data: null })
  expect(body.result).toMatchObject({ ip: '', port: 0 })
})

test('a body that is no JSON, not UTF-8, too deep or too large is refused in the envelope', async () => {
  const { api, call, account } = await openWorld()
  const refusals: readonly (readonly [string | Buffer, number, number])[] = [
    ['{"name":', 400, 6007],
    [Buffer.from([0x22, 0xff, 0x22]), 400, 6007],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 400, 6009],
    [`{"name":"${'x'.repeat(1024 * 1024)}"}`, 413, 6008],
  ]
  for (const [payload, status, code] of refusals) {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const answer = await api.inject({ method: 'POST', url: `/client/v4${account('peers')}`, headers, payload })
    expect([answer.statusCode, answer.json().errors[0].code]).toEqual([status, code])
  }
  const brackets = JSON.stringify({ name: '"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\"' })
  expect((await call('POST', account('peers'), undefined, { payload: brackets })).status).toBe(200)
})

test('a member called __proto__ changes nothing', async () => {
  const { call, account } = await openWorld()
  const payload = '{"name":"ns","__proto__":{"ip":"192.0.2.66"}}'
  expect((await call('POST', account('peers'), undefined, { payload })).body.result.ip).toBe('')
})

test('a path that cannot be decoded is refused in the envelope', async () => {
  const { call } = await openWorld()
  const { status, body } = await call('GET', '/zones/%zz')
  expect([status, body.errors[0].code]).toEqual([400, 6012])
})

test('a failure of ours is 500 in the envelope and tells nothing of the inside', async () => {
  const { api, call, store, account } = await openWorld()
  store.change = () => Promise.reject(new Error('disk full at /var/lib/secret'))
  const { status, body, text } = await call('POST', account('peers'), { name: 'ns' })
  expect([status, body.errors]).toEqual([500, [{ code: 1500, message: 'internal error' }]])
  expect(text).not.toContain('secret')
  await api.close()
})
