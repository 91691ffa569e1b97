import { expect, test } from 'vitest'
import { toSerial } from '../../src/dns/serial.ts'
import { openWorld, START, STRANGE_ID, type World } from './world.ts'

const CREATED = '2026-04-05T12:00:00.000000Z'

/** A zone, a peer, and calls to the zone's outgoing configuration. */
async function openZone({ type = 'full' }: { type?: 'full' | 'secondary' } = {}) {
  const world = await openWorld()
  const zoneId = await world.zone('example.org', type)
  const peerId = await world.peer()
  const path = `/zones/${zoneId}/secondary_dns/outgoing`
  return { ...world, zoneId, peerId, path, body: { name: 'example.org', peers: [peerId] } }
}

async function keyed({ call, account, peer }: World, name: string): Promise<string> {
  const made = await call('POST', account('tsigs'), { name, secret: 'c2VjcmV0', algo: 'hmac-sha256.' })
  return peer({ tsig_id: made.body.result.id })
}

test.each(['full', 'secondary'] as const)(
  'CF-085, CF-086: the configuration of a %s zone has exactly these members',
  async (type) => {
    const { call, path, body, zoneId, peerId } = await openZone({ type })
    const { status, text } = await call('POST', path, body)
    expect(status).toBe(200)
    const members = [
      `"id":"${zoneId}"`,
      '"name":"example.org."',
      `"peers":["${peerId}"]`,
      `"primaries":["${peerId}"]`,
      '"soa_serial":0',
      `"created_time":"${CREATED}"`,
      `"checked_time":"${CREATED}"`,
      `"last_transferred_time":"${CREATED}"`,
    ]
    expect(text).toBe(`{"result":{${members.join(',')}},"success":true,"errors":[],"messages":[]}`)
    expect((await call('GET', path)).text).toBe(text)
  },
)

test('CF-087: PUT replaces the peers, with none at all if need be, and DELETE answers the id', async () => {
  const { call, path, body, peer, zoneId } = await openZone()
  await call('POST', path, body)
  await call('POST', `${path}/enable`)
  const other = await peer()
  const changed = await call('PUT', path, { name: 'EXAMPLE.org.', peers: [other, body.peers[0]] })
  expect(changed.body.result).toMatchObject({ peers: [other, body.peers[0]], name: 'example.org.' })
  expect((await call('PUT', path, { name: 'example.org', peers: [] })).body.result.peers).toEqual([])
  expect((await call('GET', `${path}/status`)).body.result, 'whether it is enabled stays').toBe('Enabled')
  expect((await call('DELETE', path)).body.result).toEqual({ id: zoneId })
  expect((await call('GET', path)).status).toBe(404)
  expect((await call('POST', `${path}/enable`)).status).toBe(404)
})

test('what is wrong is refused with the place where it stands', async () => {
  const world = await openZone()
  const { call, path, body, peerId, peer } = world
  const faultOf = async (sent: object, query = '') => {
    const { status, body: answer } = await call('POST', path + query, sent)
    return status === 200 ? 'taken' : [status, answer.errors[0].code, answer.errors[0].source?.pointer]
  }
  expect(await faultOf({ ...body, name: 'example.net' })).toEqual([400, 12_033, '/name'])
  expect(await faultOf({ name: 'example.org' })).toEqual([400, 6010, '/peers'])
  expect(await faultOf({ ...body, peers: [peerId, STRANGE_ID] })).toEqual([400, 12_036, '/peers/1'])
  expect(await faultOf({ ...body, peers: [peerId, peerId] })).toEqual([400, 12_037, '/peers/1'])
  const many = await Promise.all(Array.from({ length: 31 }, () => peer()))
  expect(await faultOf({ ...body, peers: many })).toEqual([400, 12_035, '/peers'])
  const mixed = { ...body, peers: [peerId, await keyed(world, 'k')] }
  expect(await faultOf(mixed)).toEqual([400, 12_039, '/peers'])
  expect(await faultOf(mixed, '?force=true')).toBe('taken')
  expect(await faultOf(body)).toEqual([400, 12_042, undefined])
})

test('CF-088, CF-089, CF-091: it is enabled and disabled with these words, and disabling empties the backlog', async () => {
  const { call, path, body, registry, runtime, zoneId } = await openZone()
  const status = async () => (await call('GET', `${path}/status`)).body.result
  await call('POST', path, body)
  expect(await status()).toBe('Disabled')
  const enabled = await call('POST', `${path}/enable`)
  expect(enabled.text).toBe('{"result":"Enabled","success":true,"errors":[],"messages":[]}')
  expect(await status()).toBe('Enabled')
  runtime.setFacts(zoneId, { soaSerial: 7 })
  expect((await call('POST', `${path}/disable`, {})).body.result).toBe('Disabled')
  expect(await status()).toBe('Disabled')
  expect(registry.outgoings.get(zoneId)).toMatchObject({ enabled: false, backlogFromSerial: 7 })
})

test('CF-090: force_notify empties the backlog and tells the peers, unless nothing is handed on', async () => {
  const { call, path, body, registry, runtime, zoneId } = await openZone()
  await call('POST', path, body)
  runtime.setFacts(zoneId, { soaSerial: 7 })
  const idle = await call('POST', `${path}/force_notify`)
  expect(idle.body).toMatchObject({ result: 'OK', messages: [{ message: /disabled/ }] })
  expect(runtime.notified).toEqual([])
  await call('POST', `${path}/enable`)
  runtime.setFacts(zoneId, { soaSerial: 9 })
  expect((await call('POST', `${path}/force_notify`)).text).toContain('"result":"OK"')
  expect(runtime.notified).toEqual([zoneId])
  expect(registry.outgoings.get(zoneId)?.backlogFromSerial).toBe(9)
})

test('a peer that a zone is handed on to is in use; force takes it off the list', async () => {
  const { call, path, body, account, peerId } = await openZone()
  await call('POST', path, body)
  const refused = await call('DELETE', account(`peers/${peerId}`))
  expect([refused.status, refused.body.errors[0].code]).toEqual([400, 12_014])
  expect(refused.body.errors[0].message).toContain('example.org')
  expect((await call('DELETE', account(`peers/${peerId}?force=true`))).status).toBe(200)
  expect((await call('GET', path)).body.result.peers).toEqual([])
})

test('with the zone goes its outgoing configuration, whatever its status was', async () => {
  const { call, path, body, registry, zoneId, store } = await openZone()
  await call('POST', path, body)
  expect((await call('GET', `/zones/${zoneId}`)).body.result.status).toBe('pending')
  expect((await call('POST', `${path}/enable`)).body.result).toBe('Enabled')
  await call('DELETE', `/zones/${zoneId}`)
  expect(registry.outgoings.get(zoneId)).toBeUndefined()
  expect(await store.objects('outgoing')).toEqual([])
})

test('our own API tells how each secondary stands', async () => {
  const { call, path, body, runtime, zoneId, peerId } = await openZone()
  expect((await call('GET', '/api/v1/zones/example.org/outgoing')).status).toBe(404)
  await call('POST', path, body)
  await call('POST', `${path}/enable`)
  runtime.setFacts(zoneId, { soaSerial: 9 })
  const seen = { serial: toSerial(8), at: START }
  const failure = { text: 'the NOTIFY was answered with REFUSED', mend: 'Allow it.' }
  const peers = [{ peerId, state: 'failed', notified: seen, failure, asked: undefined, pulled: seen }] as const
  runtime.setOutgoing(zoneId, { checkedAt: START, transferred: seen, peers })
  expect((await call('GET', '/api/v1/zones/example.org/outgoing')).body.result).toEqual({
    id: zoneId,
    name: 'example.org',
    enabled: true,
    soa_serial: 9,
    backlog_from_serial: null,
    last_transferred_serial: 8,
    last_transferred_time: CREATED,
    peers: [
      {
        peer_id: peerId,
        name: 'ns',
        address: '192.0.2.1:53',
        state: 'failed',
        notified_serial: 8,
        notified_time: CREATED,
        failure: failure.text,
        mend: failure.mend,
        asked_serial: null,
        asked_time: null,
        pulled_serial: 8,
        pulled_time: CREATED,
      },
    ],
  })
  expect((await call('GET', path)).body.result).toMatchObject({ soa_serial: 8, last_transferred_time: CREATED })
})
