import { expect, test } from 'vitest'
import { openWorld, STRANGE_ID } from './world.ts'

/** For questions that leave nothing behind that others see. */
const shared = openWorld()

const SECRET = 'kZ0mqG9vVJ8dWg5vOQ2wTg=='

test('CF-026: peers are listed as an array, in an order that lasts', async () => {
  const { call, account, peer } = await openWorld()
  await peer({ name: 'b' })
  await peer({ name: 'a' })
  const { body } = await call('GET', account('peers'))
  expect(body.result.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
})

test('CF-027, CF-029: a peer needs a name only, and has no tsig_id then', async () => {
  const { call, account } = await openWorld()
  const { text, body } = await call('POST', account('peers'), { name: 'my-primary-1' })
  const { id } = body.result
  const peer = `{"id":"${id}","name":"my-primary-1","ip":"","port":0,"ixfr_enable":false}`
  expect(text).toBe(`{"result":${peer},"success":true,"errors":[],"messages":[]}`)
  expect((await call('GET', account(`peers/${id}`))).text).toBe(text)
})

test('CF-028: a peer is made whole in one go', async () => {
  const { call, account } = await openWorld()
  const tsig = { name: 'key.example', secret: SECRET, algo: 'hmac-sha256' }
  const tsigId = (await call('POST', account('tsigs'), tsig)).body.result.id
  const members = { name: 'ns', ip: '2001:DB8::1', port: 5353, ixfr_enable: true, tsig_id: tsigId }
  const { body } = await call('POST', account('peers'), members)
  expect(body.result).toEqual({ id: body.result.id, ...members })
})

test('CF-030: changing a peer needs its name, and what is left out goes back to its default', async () => {
  const { call, account, peer } = await openWorld()
  const id = await peer({ ip: '192.0.2.1', port: 5353, ixfr_enable: true })
  expect((await call('PUT', account(`peers/${id}`), { ip: '192.0.2.2' })).status).toBe(400)
  const { body } = await call('PUT', account(`peers/${id}`), { name: 'new', ip: '192.0.2.2' })
  expect(body.result).toEqual({ id, name: 'new', ip: '192.0.2.2', port: 0, ixfr_enable: false })
})

test('CF-031: peers may share a name', async () => {
  const { peer } = await openWorld()
  expect(await peer({ name: 'same' })).not.toBe(await peer({ name: 'same' }))
})

test.each([
  ['ns1.example.org', 12_012],
  ['192.0.2', 12_012],
  ['192.0.2.1:53', 12_012],
  ['192.0.2.1/32', 12_012],
  ['fe80::1%eth0', 12_012],
  ['[2001:db8::1]', 12_012],
])('CF-032: %s is no address of a peer', async (ip, code) => {
  const { call, account } = await shared
  const { status, body } = await call('POST', account('peers'), { name: 'ns', ip })
  expect([status, body.errors[0].code, body.errors[0].source.pointer]).toEqual([400, code, '/ip'])
})

test('a port is a whole number from 0 to 65535', async () => {
  const { call, account } = await openWorld()
  for (const port of [-1, 65_536, 53.5, '53'])
    expect([port, (await call('POST', account('peers'), { name: 'ns', port })).status]).toEqual([port, 400])
})

test('CF-035: deleting a peer answers with its id, and it is gone', async () => {
  const { call, account, peer } = await openWorld()
  const id = await peer()
  expect((await call('DELETE', account(`peers/${id}`))).body.result).toEqual({ id })
  expect((await call('GET', account(`peers/${id}`))).status).toBe(404)
  expect((await call('DELETE', account(`peers/${id}`))).status).toBe(404)
})

test('CF-036: a peer in use is not deleted, and the zones are named, unless forced', async () => {
  const { call, account, peer, zone } = await openWorld()
  const [used, other] = [await peer(), await peer()]
  const id = await zone('example.org')
  const body = { name: 'example.org', peers: [used, other], auto_refresh_seconds: 300 }
  await call('POST', `/zones/${id}/secondary_dns/incoming`, body)
  const refused = await call('DELETE', account(`peers/${used}`))
  expect([refused.status, refused.body.errors[0].code]).toEqual([400, 12_014])
  expect(refused.body.errors[0].message).toContain('example.org')
  expect((await call('DELETE', account(`peers/${used}?force=true`))).status).toBe(200)
  const after = await call('GET', `/zones/${id}/secondary_dns/incoming`)
  expect(after.body.result.peers).toEqual([other])
})

test('CF-037: a peer signs with one key, which must be there', async () => {
  const { call, account } = await openWorld()
  const { status, body } = await call('POST', account('peers'), { name: 'ns', tsig_id: STRANGE_ID })
  expect([status, body.errors[0].code, body.errors[0].source]).toEqual([400, 12_027, { pointer: '/tsig_id' }])
  expect((await call('POST', account('peers'), { name: 'ns', tsig_id: [STRANGE_ID] })).status).toBe(400)
})

test('CF-038: one peer serves many zones', async () => {
  const { call, peer, zone } = await openWorld()
  const peers = [await peer()]
  for (const name of ['example.org', 'example.net']) {
    const body = { name, peers, auto_refresh_seconds: 300 }
    expect((await call('POST', `/zones/${await zone(name)}/secondary_dns/incoming`, body)).status).toBe(200)
  }
  for (const name of ['full.example.org', 'full.example.net']) {
    const path = `/zones/${await zone(name, 'full')}/secondary_dns/outgoing`
    expect((await call('POST', path, { name, peers })).body.result.peers).toEqual(peers)
  }
})

test('CF-039, CF-040, CF-042: a key is kept with dots at the end and shown in clear', async () => {
  const { call, account } = await openWorld()
  const { text, body } = await call('POST', account('tsigs'), {
    name: 'TSIG.customer.cf',
    secret: SECRET,
    algo: 'HMAC-SHA512',
  })
  const { id } = body.result
  const tsig = `{"id":"${id}","name":"tsig.customer.cf.","secret":"${SECRET}","algo":"hmac-sha512."}`
  expect(text).toBe(`{"result":${tsig},"success":true,"errors":[],"messages":[]}`)
  expect((await call('GET', account('tsigs'))).text).toBe(
    `{"result":[${tsig}],"success":true,"errors":[],"messages":[]}`,
  )
  expect((await call('GET', account(`tsigs/${id}`))).body.result.secret).toBe(SECRET)
})

test('CF-040: name, secret and algo are all required', async () => {
  const { call, account } = await openWorld()
  for (const missing of ['name', 'secret', 'algo']) {
    const members = { name: 'key.', secret: SECRET, algo: 'hmac-sha256.', [missing]: undefined }
    const { status, body } = await call('POST', account('tsigs'), members)
    expect([status, body.errors[0].source.pointer]).toEqual([400, `/${missing}`])
  }
})

test('CF-043: five algorithms are supported, sha1 with a warning, md5 when switched on', async () => {
  const { call, account } = await openWorld()
  const make = (algo: string) => call('POST', account('tsigs'), { name: 'key.', secret: SECRET, algo })
  for (const algo of ['hmac-sha256.', 'hmac-sha512.', 'hmac-sha384.', 'hmac-sha224.']) {
    const { status, body } = await make(algo)
    expect([algo, status, body.messages]).toEqual([algo, 200, []])
  }
  const weak = await make('hmac-sha1.')
  expect([weak.status, weak.body.messages.length]).toEqual([200, 1])
  const off = await make('hmac-md5.sig-alg.reg.int.')
  expect([off.status, off.body.errors[0].code]).toEqual([400, 12_024])
  const unknown = await make('hmac-sha3-256.')
  expect([unknown.status, unknown.body.errors[0].code]).toEqual([400, 12_023])
  const other = await openWorld({ tsigMd5: true })
  const body = { name: 'key.', secret: SECRET, algo: 'hmac-md5' }
  const md5 = await other.call('POST', other.account('tsigs'), body)
  expect(md5.body.result.algo).toBe('hmac-md5.sig-alg.reg.int.')
})

test('CF-044: a secret is base64, hex digits included, and is never repeated in an error', async () => {
  const { call, account } = await openWorld()
  const make = (secret: string) => call('POST', account('tsigs'), { name: 'key.', secret, algo: 'hmac-sha256.' })
  const digits = 'caf79a7804b04337c9c66ccd7bef9190a1e1679b5dd03d8aa10f7ad45e1a9dab'.repeat(2)
  expect((await make(digits)).body.result.secret).toBe(digits)
  for (const secret of ['not base64!', 'abc', '']) {
    const { status, body, text } = await make(secret)
    expect([status, body.errors[0].code]).toEqual([400, 12_025])
    if (secret !== '') expect(text).not.toContain(secret)
  }
})

test('CF-045: a key is replaced whole', async () => {
  const { call, account } = await openWorld()
  const made = await call('POST', account('tsigs'), { name: 'key.', secret: SECRET, algo: 'hmac-sha256.' })
  const { id } = made.body.result
  const next = { name: 'other.', secret: 'AAAA', algo: 'hmac-sha512.' }
  expect((await call('PUT', account(`tsigs/${id}`), next)).body.result).toEqual({ id, ...next })
})

test('CF-046: a key is deleted unless peers use it', async () => {
  const { call, account, peer } = await openWorld()
  const made = await call('POST', account('tsigs'), { name: 'key.', secret: SECRET, algo: 'hmac-sha256.' })
  const { id } = made.body.result
  const user = await peer({ name: 'my-primary', tsig_id: id })
  const refused = await call('DELETE', account(`tsigs/${id}`))
  expect([refused.status, refused.body.errors[0].code]).toEqual([400, 12_026])
  expect(refused.body.errors[0].message).toContain('my-primary')
  await call('PUT', account(`peers/${user}`), { name: 'my-primary' })
  expect((await call('DELETE', account(`tsigs/${id}`))).body.result).toEqual({ id })
})

test('CF-047: an ACL has a name, a network and its times', async () => {
  const { call, account, clock } = await openWorld()
  const { body, text } = await call('POST', account('acls'), { name: 'my-acl', ip_range: '192.0.2.53/28' })
  const { id } = body.result
  const times = '"created_time":"2026-04-05T12:00:00.000000Z","modified_time":"2026-04-05T12:00:00.000000Z"'
  const acl = `{"id":"${id}","name":"my-acl","ip_range":"192.0.2.53/28",${times}}`
  expect(text).toBe(`{"result":${acl},"success":true,"errors":[],"messages":[]}`)
  clock.now += 1500
  const changed = await call('PUT', account(`acls/${id}`), { name: 'renamed', ip_range: '2001:db8::/64' })
  expect(changed.body.result).toEqual({
    id,
    name: 'renamed',
    ip_range: '2001:db8::/64',
    created_time: '2026-04-05T12:00:00.000000Z',
    modified_time: '2026-04-05T12:00:01.500000Z',
  })
  expect((await call('GET', account('acls'))).body.result).toEqual([changed.body.result])
  expect((await call('DELETE', account(`acls/${id}`))).body.result).toEqual({ id })
  expect((await call('GET', account(`acls/${id}`))).status).toBe(404)
})

test.each([
  ['192.0.2.0/23', 12_003],
  ['0.0.0.0/0', 12_003],
  ['2001:db8::/63', 12_003],
  ['::/0', 12_003],
  ['::ffff:192.0.2.0/119', 12_003],
  ['::/64', 12_003],
  ['192.0.2.0/33', 12_002],
  ['2001:db8::/129', 12_002],
  ['192.0.2.0', 12_002],
  ['192.0.2/24', 12_002],
  ['example.org/24', 12_002],
  ['', 12_002],
])('CF-048: the network %s is refused', async (range, code) => {
  const { call, account } = await shared
  const { status, body } = await call('POST', account('acls'), { name: 'acl', ip_range: range })
  expect([status, body.errors[0].code, body.errors[0].source.pointer]).toEqual([400, code, '/ip_range'])
})

test.each([
  '192.0.2.0/24',
  '192.0.2.53/28',
  '192.0.2.1/32',
  '2001:db8::1/64',
  '2001:DB8::/128',
  '::ffff:192.0.2.0/120',
])('CF-049: the network %s is accepted and comes back as it was given', async (range) => {
  const { call, account } = await shared
  const { body } = await call('POST', account('acls'), { name: 'acl', ip_range: range })
  expect(body.result.ip_range).toBe(range)
})

test('CF-061: the old path of peers is another name for the same objects', async () => {
  const { call, account, peer } = await openWorld()
  const id = await peer()
  expect((await call('GET', account('primaries'))).body.result).toHaveLength(1)
  const changed = await call('PUT', account(`primaries/${id}`), { name: 'my-primary-1', ip: '192.0.2.9' })
  expect((await call('GET', account(`peers/${id}`))).body.result).toEqual(changed.body.result)
  const made = await call('POST', account('primaries'), { name: 'my-primary-2' })
  expect((await call('DELETE', account(`primaries/${made.body.result.id}`))).status).toBe(200)
})
