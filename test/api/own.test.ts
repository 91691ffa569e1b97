import { expect, test } from 'vitest'
import { openWorld, START, STRANGE_ID } from './world.ts'

const OWN = '/api/v1'

async function openZone() {
  const world = await openWorld()
  const zoneId = await world.zone('bücher.example')
  const peerId = await world.peer({ name: 'ns1', ip: '2001:db8::53', port: 5353 })
  const incoming = { name: 'bücher.example', peers: [peerId], auto_refresh_seconds: 0 }
  await world.call('POST', `/zones/${zoneId}/secondary_dns/incoming`, incoming)
  return { ...world, zoneId, peerId }
}

test('a zone that has not come yet is empty, and its primaries are known', async () => {
  const { call, zoneId, peerId } = await openZone()
  const { body } = await call('GET', `${OWN}/zones/${zoneId}`)
  expect(body.result).toEqual({
    id: zoneId,
    name: 'bücher.example',
    type: 'secondary',
    status: 'pending',
    state: 'empty',
    soa_serial: null,
    record_count: 0,
    auto_refresh_seconds: 0,
    created_time: '2026-04-05T12:00:00.000000Z',
    checked_time: null,
    modified_time: null,
    next_check_time: null,
    expires_time: null,
    primaries: [
      { peer_id: peerId, name: 'ns1', address: '[2001:db8::53]:5353', serial: null, checked_time: null, failure: null },
    ],
    transfer: null,
  })
})

test('a zone at work tells its serial, its times, what its primaries said and the transfer that runs', async () => {
  const { call, runtime, zoneId, peerId } = await openZone()
  runtime.setFacts(zoneId, {
    state: 'serving',
    soaSerial: 7,
    recordCount: 1000,
    checkedAt: START,
    modifiedAt: START,
    nextCheckAt: START + 60_000,
    expiresAt: START + 600_000,
    primaries: [{ peerId, serial: 8, checkedAt: START, failure: 'refused' }],
    transfer: { peerId, asked: 'IXFR', startedAt: START, messages: 1, records: 2, octets: 300 },
  })
  expect((await call('GET', `${OWN}/zones/${zoneId}`)).body.result).toMatchObject({
    state: 'serving',
    soa_serial: 7,
    record_count: 1000,
    next_check_time: '2026-04-05T12:01:00.000000Z',
    expires_time: '2026-04-05T12:10:00.000000Z',
    primaries: [{ serial: 8, checked_time: '2026-04-05T12:00:00.000000Z', failure: 'refused' }],
    transfer: { asked: 'IXFR', messages: 1, records: 2, octets: 300 },
  })
})

test('a zone is found by its id and by its name in either form', async () => {
  const { call, zoneId } = await openZone()
  for (const name of [zoneId, 'bücher.example', 'BÜCHER.example.', 'xn--bcher-kva.example'])
    expect((await call('GET', `${OWN}/zones/${encodeURIComponent(name)}`)).body.result.id).toBe(zoneId)
  for (const name of ['other.example', STRANGE_ID]) {
    const { status, body } = await call('GET', `${OWN}/zones/${name}`)
    expect([status, body.errors[0].code]).toEqual([404, 1001])
  }
})

test('a name with a slash in it is found', async () => {
  const { call, zone } = await openWorld()
  const id = await zone('0/25.2.0.192.in-addr.arpa')
  const { body } = await call('GET', `${OWN}/zones/${encodeURIComponent('0/25.2.0.192.in-addr.arpa')}`)
  expect(body.result.id).toBe(id)
})

test('zones are listed with their states, page by page', async () => {
  const { call, zone } = await openZone()
  await zone('a.example', 'full')
  const { body } = await call('GET', `${OWN}/zones?per_page=1&page=2`)
  expect(body.result.map(({ name }: { name: string }) => name)).toEqual(['bücher.example'])
  expect(body.result_info).toEqual({ page: 2, per_page: 1, count: 1, total_count: 2, total_pages: 2 })
  expect((await call('GET', `${OWN}/zones?type=full`)).body.result).toHaveLength(1)
})

test('a transfer is started, of all of the zone if wanted', async () => {
  const { call, runtime, zoneId } = await openZone()
  const started = await call('POST', `${OWN}/zones/${zoneId}/transfers`, { full: true })
  expect([started.status, started.body.result]).toEqual([
    202,
    { id: zoneId, name: 'xn--bcher-kva.example', full: true },
  ])
  await call('POST', `${OWN}/zones/${zoneId}/transfers`)
  expect(runtime.forced.map(({ full }) => full)).toEqual([true, false])
})

test('a transfer that nobody can be asked for is refused', async () => {
  const { call, zone } = await openWorld()
  const { status, body } = await call('POST', `${OWN}/zones/${await zone('a.example')}/transfers`, {})
  expect([status, body.errors[0].code]).toEqual([400, 12_040])
})

test('the log of transfers is paged from the newest on, and says what to do about failures', async () => {
  const { call, runtime, zoneId } = await openZone()
  for (let id = 1; id <= 3; id++) {
    runtime.log.push({
      id,
      zoneId,
      at: START,
      ms: 12,
      direction: 'in',
      peer: '192.0.2.1:53',
      trigger: 'timer',
      transport: 'tcp',
      asked: 'AXFR',
      outcome: 'failed',
      reason: 'refused',
      detail: 'the primary refused',
      messages: 1,
      records: 0,
      octets: 40,
    })
  }
  const first = await call('GET', `${OWN}/zones/${zoneId}/transfers?limit=2`)
  expect(first.body.result.map(({ id }: { id: number }) => id)).toEqual([3, 2])
  expect(first.body.result_info).toEqual({ count: 2, next_before: 2 })
  expect(first.body.result[0]).toMatchObject({
    zone_id: zoneId,
    started_time: '2026-04-05T12:00:00.000000Z',
    peer: '192.0.2.1:53',
    transport: 'tcp',
    key: null,
    form: null,
    reason: 'refused',
    detail: 'the primary refused',
    mend: expect.stringMatching(/./),
    to_serial: null,
  })
  const second = await call('GET', `${OWN}/zones/${zoneId}/transfers?limit=2&before=2`)
  expect(second.body.result.map(({ id }: { id: number }) => id)).toEqual([1])
  expect(second.body.result_info).toEqual({ count: 1, next_before: null })
  const none = await call('GET', `${OWN}/zones/${zoneId}/transfers?before=0`)
  expect([none.body.result, none.body.result_info]).toEqual([[], { count: 0, next_before: null }])
})

test('a zone is exported as a master file', async () => {
  const { call, runtime, zoneId } = await openZone()
  const text = '@ 60 SOA ns. . 1 1 1 1 1\n@ 60 NS ns.example.\nwww 300 A 192.0.2.1\nt 60 TXT "a;b"\n'
  runtime.setContents(zoneId, 'xn--bcher-kva.example.', text)
  const answer = await call('GET', `${OWN}/zones/${encodeURIComponent('bücher.example')}/zonefile`)
  expect(answer.headers['content-type']).toBe('text/dns; charset=utf-8')
  expect(answer.text.split('\n')).toEqual([
    '$ORIGIN xn--bcher-kva.example.',
    '@\t60\tIN\tSOA\tns. . 1 1 1 1 1',
    '@\t60\tIN\tNS\tns.example.',
    't\t60\tIN\tTXT\t"a;b"',
    'www\t300\tIN\tA\t192.0.2.1',
    '',
  ])
})

test('a zone without contents cannot be exported', async () => {
  const { call, zoneId } = await openZone()
  const { status, body } = await call('GET', `${OWN}/zones/${zoneId}/zonefile`)
  expect([status, body.errors[0].code]).toEqual([404, 12_050])
})

test('the server says how it stands', async () => {
  const { call, runtime } = await openWorld()
  runtime.waitingFor = ['listeners']
  expect((await call('GET', `${OWN}/status`)).body.result).toEqual({
    version: '1.2.3',
    started_time: '2026-04-05T12:00:00.000000Z',
    ready: false,
    waiting_for: ['listeners'],
    dns: ['127.0.0.1:5300'],
    http: ['127.0.0.1:8053'],
    https: ['127.0.0.1:8443'],
    zones: { serving: 1, empty: 0, expired: 0 },
    records: 10,
    transfers_running: 0,
  })
  expect((await call('GET', `${OWN}/version`)).body.result).toEqual({ version: '1.2.3', node: process.versions.node })
})

test('an unknown route is unknown here as well', async () => {
  const { call } = await openWorld()
  const { status, body } = await call('GET', `${OWN}/nothing`)
  expect([status, body.errors.map(({ code }: { code: number }) => code)]).toEqual([404, [7003, 7000]])
})
