import { expect, test } from 'vitest'
import { openWorld, START, STRANGE_ID, type World } from './world.ts'

const CREATED = '2026-04-05T12:00:00.000000Z'

/** A secondary zone, a peer, and calls to the zone's incoming configuration. */
async function openZone(name = 'example.org') {
  const world = await openWorld()
  const zoneId = await world.zone(name)
  const peerId = await world.peer()
  const path = `/zones/${zoneId}/secondary_dns/incoming`
  const body = { name, peers: [peerId], auto_refresh_seconds: 86_400 }
  return { ...world, zoneId, peerId, path, body }
}

async function keyed({ call, account, peer }: World, name: string): Promise<string> {
  const made = await call('POST', account('tsigs'), { name, secret: 'c2VjcmV0', algo: 'hmac-sha256.' })
  return peer({ tsig_id: made.body.result.id })
}

test('CF-053, CF-054, CF-055, CF-060: a new configuration has the id of its zone, serial 0, and the same three times', async () => {
  const { call, path, body, zoneId, peerId } = await openZone()
  const { status, text } = await call('POST', path, body)
  expect(status).toBe(200)
  const members = [
    `"id":"${zoneId}"`,
    '"name":"example.org."',
    `"peers":["${peerId}"]`,
    `"primaries":["${peerId}"]`,
    '"auto_refresh_seconds":86400',
    '"soa_serial":0',
    `"created_time":"${CREATED}"`,
    `"checked_time":"${CREATED}"`,
    `"modified_time":"${CREATED}"`,
  ]
  expect(text).toBe(`{"result":{${members.join(',')}},"success":true,"errors":[],"messages":[]}`)
  expect((await call('GET', path)).text).toBe(text)
})

test('CF-056: an interval is 300 seconds or more, or 0 for the timers of the zone', async () => {
  const { call, path, body } = await openZone()
  for (const seconds of [299, 1, -1, 300.5, 2 ** 31, '86400']) {
    const { status, body: answer } = await call('POST', path, { ...body, auto_refresh_seconds: seconds })
    expect([seconds, status, answer.errors[0].source.pointer]).toEqual([seconds, 400, '/auto_refresh_seconds'])
  }
  expect((await call('POST', path, { ...body, auto_refresh_seconds: 300 })).status).toBe(200)
  const zero = await call('PUT', path, { ...body, auto_refresh_seconds: 0 })
  expect(zero.body.result.auto_refresh_seconds).toBe(0)
  const unset = await call('PUT', path, { name: body.name, peers: body.peers })
  expect(unset.body.result.auto_refresh_seconds).toBe(0)
})

test('CF-057, CF-058: PUT replaces all of it, and no peers are peers enough', async () => {
  const { call, path, body, clock, peer } = await openZone()
  await call('POST', path, body)
  clock.now += 5000
  const other = await peer()
  const changed = await call('PUT', path, { ...body, peers: [other, body.peers[0]], auto_refresh_seconds: 600 })
  expect(changed.body.result).toMatchObject({
    peers: [other, body.peers[0]],
    primaries: [other, body.peers[0]],
    auto_refresh_seconds: 600,
    created_time: CREATED,
  })
  expect((await call('PUT', path, { ...body, peers: [] })).body.result.peers).toEqual([])
})

test('CF-059: deleting answers with the id of the zone, and the zone stays', async () => {
  const { call, path, body, zoneId } = await openZone()
  await call('POST', path, body)
  expect((await call('DELETE', path)).body.result).toEqual({ id: zoneId })
  expect((await call('GET', path)).status).toBe(404)
  expect((await call('DELETE', path)).status).toBe(404)
  expect((await call('GET', `/zones/${zoneId}`)).status).toBe(200)
})

test('CF-060: peers may come in as primaries, or as masters', async () => {
  const { call, path, body, peerId } = await openZone()
  const { peers, ...rest } = body
  const made = await call('POST', path, { ...rest, primaries: peers })
  expect(made.body.result).toMatchObject({ peers: [peerId], primaries: [peerId] })
  expect((await call('PUT', path, { ...rest, masters: [] })).body.result.peers).toEqual([])
  const none = await call('PUT', path, rest)
  expect([none.status, none.body.errors[0].source.pointer]).toEqual([400, '/peers'])
})

test('CF-061: the old path of the configuration is another name for it', async () => {
  const { call, path, body, zoneId } = await openZone()
  const old = `/zones/${zoneId}/secondary_dns`
  const made = await call('POST', old, { ...body, primaries: body.peers, peers: undefined })
  expect((await call('GET', path)).body).toEqual(made.body)
  expect((await call('GET', `${old}/`)).body).toEqual(made.body)
  expect((await call('PUT', old, { ...body, auto_refresh_seconds: 30 })).status).toBe(400)
  expect((await call('DELETE', old)).status).toBe(200)
})

test('CF-062: a 31st peer is refused', async () => {
  const { call, path, body, peer } = await openZone()
  const peers = await Promise.all(Array.from({ length: 31 }, () => peer()))
  const { status, body: answer } = await call('POST', path, { ...body, peers })
  expect([status, answer.errors[0].code, answer.errors[0].source.pointer]).toEqual([400, 12_035, '/peers'])
  expect((await call('POST', path, { ...body, peers: peers.slice(1) })).status).toBe(200)
})

test('CF-063: the name is that of the zone, in any case, with or without its dot', async () => {
  const { call, path, body } = await openZone()
  for (const name of ['example.net', 'www.example.org', '', 'example.org..']) {
    const { status, body: answer } = await call('POST', path, { ...body, name })
    expect([name, status, answer.errors[0].code]).toEqual([name, 400, 12_033])
  }
  expect((await call('POST', path, { ...body, name: 'EXAMPLE.org.' })).body.result.name).toBe('example.org.')
  expect((await call('PUT', path, { ...body, name: 'example.org' })).body.result.name).toBe('example.org.')
})

test('the name of an IDN zone may come in either form', async () => {
  const { call, path, body } = await openZone('bücher.example')
  expect((await call('POST', path, { ...body, name: 'BÜCHER.example.' })).body.result.name).toBe('bücher.example.')
  expect((await call('PUT', path, { ...body, name: 'xn--bcher-kva.example' })).status).toBe(200)
})

test('CF-064: forcing a transfer answers OK at once and asks for all of the zone', async () => {
  const { call, path, body, zoneId, runtime } = await openZone()
  await call('POST', path, body)
  const { text } = await call('POST', `/zones/${zoneId}/secondary_dns/force_axfr`)
  expect(text).toBe('{"result":"OK","success":true,"errors":[],"messages":[]}')
  expect(runtime.forced).toEqual([{ zoneId, full: true }])
})

test('a transfer cannot be forced without peers, nor for a zone that is edited here', async () => {
  const { call, path, body, zoneId, zone, runtime } = await openZone()
  const force = async (id: string) => (await call('POST', `/zones/${id}/secondary_dns/force_axfr`)).body.errors[0]?.code
  expect(await force(zoneId)).toBe(12_040)
  await call('POST', path, { ...body, peers: [] })
  expect(await force(zoneId)).toBe(12_040)
  expect(await force(await zone('example.net', 'full'))).toBe(12_034)
  await call('PUT', path, body)
  runtime.forceOutcome = { type: 'no primaries' }
  expect(await force(zoneId)).toBe(12_040)
})

test('CF-072: serial and times come from the running zone', async () => {
  const { call, path, body, zoneId, runtime } = await openZone()
  await call('POST', path, body)
  runtime.setFacts(zoneId, { soaSerial: 2_026_040_501, checkedAt: START + 60_000, modifiedAt: START + 30_000 })
  expect((await call('GET', path)).body.result).toMatchObject({
    soa_serial: 2_026_040_501,
    created_time: CREATED,
    checked_time: '2026-04-05T12:01:00.000000Z',
    modified_time: '2026-04-05T12:00:30.000000Z',
  })
})

test('a peer that is not there is named by its place', async () => {
  const { call, path, body, peerId } = await openZone()
  const { status, body: answer } = await call('POST', path, { ...body, peers: [peerId, STRANGE_ID] })
  expect([status, answer.errors]).toEqual([
    400,
    [{ code: 12_036, message: `the account has no peer "${STRANGE_ID}"`, source: { pointer: '/peers/1' } }],
  ])
})

test('a peer is listed once', async () => {
  const { call, path, body, peerId } = await openZone()
  const { body: answer } = await call('POST', path, { ...body, peers: [peerId, peerId] })
  expect(answer.errors[0]).toMatchObject({ code: 12_037, source: { pointer: '/peers/1' } })
})

test('a second configuration is refused, and so is one for a zone that is edited here', async () => {
  const { call, path, body, zone } = await openZone()
  await call('POST', path, body)
  expect((await call('POST', path, body)).body.errors[0].code).toBe(12_032)
  const full = await zone('example.net', 'full')
  const made = await call('POST', `/zones/${full}/secondary_dns/incoming`, { ...body, name: 'example.net' })
  expect([made.status, made.body.errors[0].code]).toEqual([400, 12_034])
})

test('a configuration that is not there cannot be replaced', async () => {
  const { call, path, body } = await openZone()
  const { status, body: answer } = await call('PUT', path, body)
  expect([status, answer.errors[0].code]).toEqual([404, 12_031])
})

test('the peers of a zone all use one key, or none, unless that is forced', async () => {
  const world = await openZone()
  const { call, path, body, peerId } = world
  const [one, two] = [await keyed(world, 'one.'), await keyed(world, 'two.')]
  for (const peers of [
    [one, two],
    [one, peerId],
  ]) {
    const { status, body: answer } = await call('POST', path, { ...body, peers })
    expect([status, answer.errors[0].code]).toEqual([400, 12_039])
  }
  expect((await call('POST', `${path}?force=true`, { ...body, peers: [one, two] })).status).toBe(200)
})

test('a peer that gets another key than its neighbours is changed with a warning', async () => {
  const world = await openZone()
  const { call, account, path, body } = world
  const [one, other] = [await keyed(world, 'one.'), await keyed(world, 'other.')]
  const otherKey = (await call('GET', account(`peers/${other}`))).body.result.tsig_id
  const oneKey = (await call('GET', account(`peers/${one}`))).body.result.tsig_id
  await call('PUT', account(`peers/${other}`), { name: 'ns', tsig_id: oneKey })
  await call('POST', path, { ...body, peers: [one, other] })
  const changed = await call('PUT', account(`peers/${one}`), { name: 'ns', tsig_id: otherKey })
  expect(changed.status).toBe(200)
  expect(changed.body.messages[0].message).toBe('the peers of example.org do not all use the same TSIG')
  expect((await call('PUT', account(`peers/${other}`), { name: 'ns', tsig_id: otherKey })).body.messages).toEqual([])
})

test('deleting a zone frees its peers', async () => {
  const { call, account, path, body, zoneId, peerId } = await openZone()
  await call('POST', path, body)
  await call('DELETE', `/zones/${zoneId}`)
  expect((await call('DELETE', account(`peers/${peerId}`))).status).toBe(200)
})
