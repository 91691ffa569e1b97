import { expect, test, vi } from 'vitest'
import { openWorld, START, STRANGE_ID, TOKEN, type Answer, type World } from './world.ts'

/** A zone with one record of most kinds that clients look at. */
const ZONE = `
$TTL 3600
@          SOA   ns1.example.net. hostmaster.example.net. 7 3600 600 86400 300
@          NS    ns1.example.net.
@          NS    ns2.example.net.
@          MX    10 mail
@          TXT   "v=spf1 -all"
@          CAA   0 issue "ca.example.net"
mail       A     192.0.2.25
mail       AAAA  2001:db8::25
www        CNAME @
WWW2   60  A     192.0.2.80
_acme-challenge TXT "gfj9Xq...Rg85nM"
long       TXT   "first part, " "second part"
quoted     TXT   "say \\"hello\\""
_sip._tcp  SRV   10 60 5060 sip.example.net.
*.wild     A     192.0.2.99
key        TYPE65280 \\# 3 010203
a.b.c      PTR   target.example.net.
`

async function openZone(text = ZONE, name = 'example.org') {
  const world = await openWorld()
  const zoneId = await world.zone(name)
  world.runtime.setContents(zoneId, `${name}.`, text)
  world.runtime.setFacts(zoneId, { soaSerial: 7, modifiedAt: START + 1000 })
  return { ...world, zoneId, path: `/zones/${zoneId}/dns_records` }
}

/** One zone for all questions: they change nothing. */
const listed = openZone()

const kinds = ({ body }: Answer) =>
  body.result.map(
    ({ name, type }: { name: string; type: string }) => `${name.replace(/\.?example\.org$/, '') || '@'} ${type}`,
  )

test('transferred records are listed whole, the SOA first, in the order of names', async () => {
  const { call, path } = await openZone()
  const answer = await call('GET', path)
  expect(kinds(answer)).toEqual([
    '@ SOA',
    '@ NS',
    '@ NS',
    '@ MX',
    '@ TXT',
    '@ CAA',
    '_acme-challenge TXT',
    '_sip._tcp SRV',
    'a.b.c PTR',
    'key TYPE65280',
    'long TXT',
    'mail A',
    'mail AAAA',
    'quoted TXT',
    '*.wild A',
    'www CNAME',
    'www2 A',
  ])
  expect(answer.body.result_info).toEqual({ page: 1, per_page: 100, count: 17, total_count: 17, total_pages: 1 })
})

test('clients rule 1: a record begins with id and name, and is written without spaces', async () => {
  const { call, path, zoneId } = await openZone()
  const { text, body } = await call('GET', `${path}?name=mail.example.org&type=A`)
  const members = [
    `"id":"${body.result[0].id}"`,
    '"name":"mail.example.org"',
    '"type":"A"',
    '"content":"192.0.2.25"',
    '"proxiable":false',
    '"proxied":false',
    '"ttl":3600',
    '"settings":{}',
    '"meta":{}',
    '"comment":null',
    '"tags":[]',
    '"created_on":"2026-04-05T12:00:00.000000Z"',
    '"modified_on":"2026-04-05T12:00:01.000000Z"',
    `"zone_id":"${zoneId}"`,
    '"zone_name":"example.org"',
  ]
  const info = '"result_info":{"page":1,"per_page":100,"count":1,"total_count":1,"total_pages":1}'
  expect(text).toBe(`{"result":[{${members.join(',')}}],${info},"success":true,"errors":[],"messages":[]}`)
})

test('clients rule 6: names in contents have no final dot, and types with data show it', async () => {
  const { call, path } = await openZone()
  const [mx] = (await call('GET', `${path}?type=MX`)).body.result
  expect(mx).toMatchObject({ content: 'mail.example.org', priority: 10 })
  const [srv] = (await call('GET', `${path}?type=SRV`)).body.result
  expect(srv).toMatchObject({
    content: '60 5060 sip.example.net',
    priority: 10,
    data: { priority: 10, weight: 60, port: 5060, target: 'sip.example.net' },
  })
  const [caa] = (await call('GET', `${path}?type=CAA`)).body.result
  expect(caa.data).toEqual({ flags: 0, tag: 'issue', value: 'ca.example.net' })
  const [txt] = (await call('GET', `${path}?name=long.example.org`)).body.result
  expect(txt.content).toBe('"first part, " "second part"')
  expect((await call('GET', `${path}?type=TYPE65280`)).body.result[0].content).toBe('\\# 3 010203')
})

test('an id leads to its record, and is the same as long as the record is', async () => {
  const { call, path, runtime, zoneId } = await openZone()
  const { body } = await call('GET', path)
  for (const record of body.result) expect((await call('GET', `${path}/${record.id}`)).body.result).toEqual(record)
  expect(new Set(body.result.map(({ id }: { id: string }) => id)).size).toBe(17)

  runtime.setContents(zoneId, 'example.org.', `${ZONE}\naaa A 192.0.2.1\n`.replace('WWW2   60', 'www2   90'), 2)
  const later = await call('GET', `${path}?name=www2.example.org`)
  expect(later.body.result[0]).toMatchObject({ id: body.result.at(-1).id, ttl: 90 })
  expect((await call('GET', `${path}/${later.body.result[0].id}`)).body.result.ttl).toBe(90)
})

test('records that differ in the case of a text alone have ids of their own', async () => {
  const { call, path } = await openZone('@ 60 SOA . . 1 1 1 1 1\nt 60 TXT "a"\nt 60 TXT "A"\n')
  const { body } = await call('GET', `${path}?type=TXT`)
  expect(body.result[0].id).not.toBe(body.result[1].id)
  expect((await call('GET', `${path}/${body.result[1].id}`)).body.result.content).toBe(body.result[1].content)
})

test('CF-011 and clients rule 14: a record that is not there is 404 with code 81044', async () => {
  const { call, path, zone } = await openZone()
  for (const where of [path, `/zones/${await zone('empty.example')}/dns_records`]) {
    const { status, body } = await call('GET', `${where}/${STRANGE_ID}`)
    expect([status, body.success, body.errors[0].code]).toEqual([404, false, 81_044])
  }
})

test('a zone without contents has no records', async () => {
  const { call, zone } = await openWorld()
  const { status, body } = await call('GET', `/zones/${await zone('empty.example')}/dns_records`)
  expect([status, body.result, body.result_info.total_count]).toEqual([200, [], 0])
})

test('a zone that cannot be read just now is not shown as empty', async () => {
  const { call, zone, runtime } = await openWorld()
  const id = await zone('busy.example')
  runtime.setFacts(id, { state: 'serving', recordCount: 5 })
  const { status, body } = await call('GET', `/zones/${id}/dns_records`)
  expect([status, body.errors[0].code]).toEqual([503, 12_051])
})

test.each([
  ['type=A', ['mail A', '*.wild A', 'www2 A']],
  ['type=a', ['mail A', '*.wild A', 'www2 A']],
  ['type=A,AAAA', ['mail A', 'mail AAAA', '*.wild A', 'www2 A']],
  ['type=MX&type=CNAME', ['@ MX', 'www CNAME']],
  ['type=NONSENSE', []],
  ['name=www.example.org', ['www CNAME']],
  ['name=WWW.Example.ORG.', ['www CNAME']],
  ['name.exact=mail.example.org', ['mail A', 'mail AAAA']],
  ['name=@&type=MX', ['@ MX']],
  ['name=www', ['www CNAME']],
  ['name.exact=WWW', ['www CNAME']],
  ['name=www.', []],
  ['name=example.org&type=SOA', ['@ SOA']],
  ['name=b.c.example.org', []],
  ['name=example.net', []],
  ['name=a..b', []],
  ['name=*.wild.example.org', ['*.wild A']],
  ['name.contains=WW', ['www CNAME', 'www2 A']],
  ['name.startswith=ww', ['www CNAME', 'www2 A']],
  ['name.endswith=c.example.org', ['a.b.c PTR']],
  ['content=192.0.2.25', ['mail A']],
  ['content=2001:DB8::25', ['mail AAAA']],
  ['content.exact=target.example.net', ['a.b.c PTR']],
  ['content=target.example.net.', ['a.b.c PTR']],
  ['content.contains=0.2.8', ['www2 A']],
  ['content.startswith=192.0.2.9', ['*.wild A']],
  ['content.endswith=example.net&type=NS', ['@ NS', '@ NS']],
  ['content=gfj9Xq...Rg85nM', ['_acme-challenge TXT']],
  ['content="gfj9Xq...Rg85nM"', ['_acme-challenge TXT']],
  ['content=first part, second part', ['long TXT']],
  ['content="first part, " "second part"', ['long TXT']],
  ['content=say "hello"', ['quoted TXT']],
  ['content.startswith=v=spf1', ['@ TXT']],
  ['type=TXT&name=_acme-challenge.example.org&content=gfj9Xq...Rg85nM', ['_acme-challenge TXT']],
  ['type=TXT&name=_acme-challenge.example.org&content=other', []],
  ['match=any&type=MX&name=www.example.org', ['@ MX', 'www CNAME']],
  ['match=all&type=MX&name=www.example.org', []],
  ['search=SPF1', ['@ TXT']],
  ['search=wild', ['*.wild A']],
  ['proxied=false&type=MX', ['@ MX']],
  ['proxied=true', []],
  ['comment.present=', []],
  ['comment.absent=&type=MX', ['@ MX']],
  ['tag=owner:me', []],
  ['order=type&type=A,MX,CNAME', ['mail A', '*.wild A', 'www2 A', 'www CNAME', '@ MX']],
  ['order=type&direction=desc&type=A,MX,CNAME', ['@ MX', 'www CNAME', 'www2 A', '*.wild A', 'mail A']],
  ['order=ttl&type=A', ['www2 A', 'mail A', '*.wild A']],
  ['order=content&direction=desc&type=A', ['*.wild A', 'www2 A', 'mail A']],
  ['order=name&direction=desc&per_page=2', ['www2 A', 'www CNAME']],
  ['order=type&name=mail.example.org&direction=desc', ['mail AAAA', 'mail A']],
  ['per_page=3&page=6', ['www CNAME', 'www2 A']],
  ['per_page=3&page=7', []],
  ['per_page=2&page=2&type=A', ['www2 A']],
  ['per_page=2&page=2&type=A&direction=desc', ['mail A']],
  ['per_page=5000000&type=MX', ['@ MX']],
])('records listed with "%s"', async (query, expected) => {
  const { call, path, runtime } = await listed
  const answer = await call('GET', `${path}?${encodeURI(query)}`)
  expect(kinds(answer)).toEqual(expected)
  expect(answer.body.result_info.count).toBe(expected.length)
  await vi.waitFor(() => expect(runtime.held).toBe(0))
})

test('CF-018, CF-019: pages of records count what is shown, and end with an empty one', async () => {
  const { call, path } = await openZone()
  const names: string[] = []
  for (let page = 1; ; page++) {
    const { body } = await call('GET', `${path}?per_page=4&page=${page}`)
    expect(body.result_info).toEqual({ page, per_page: 4, count: body.result.length, total_count: 17, total_pages: 5 })
    if (body.result.length === 0) break
    names.push(...body.result.map(({ id }: { id: string }) => id))
  }
  expect(new Set(names).size).toBe(17)
})

test('a page that was found once is not looked for again, until the zone has changed', async () => {
  const { call, path, runtime, zoneId } = await openZone()
  const looked = countLooks({ runtime, zoneId })
  await call('GET', `${path}?type=A&per_page=1`)
  const first = looked.count
  await call('GET', `${path}?type=A&per_page=1&page=2`)
  expect(looked.count - first).toBeLessThan(first / 2)
  runtime.setContents(zoneId, 'example.org.', `${ZONE}\naaa A 192.0.2.1\n`, 2)
  expect((await call('GET', `${path}?type=A&per_page=1`)).body.result[0].name).toBe('aaa.example.org')
})

/** Counts the records that are read from now on. */
function countLooks({ runtime, zoneId }: Pick<World, 'runtime'> & { zoneId: string }) {
  const looked = { count: 0 }
  const reader = runtime.records(zoneId)
  if (reader === undefined) throw new Error('no contents')
  reader.release()
  runtime.setReader(zoneId, {
    ...reader,
    *records(from) {
      for (const stored of reader.records(from)) {
        looked.count++
        yield stored
      }
    },
  })
  return looked
}

test('CF-149: records of a secondary zone are not changed here, comments and tags included', async () => {
  const { call, path } = await openZone()
  const { id } = (await call('GET', `${path}?type=MX`)).body.result[0]
  const record = { type: 'A', name: 'new', content: '192.0.2.1', ttl: 1 }
  const refusals = [
    call('POST', path, record),
    call('PUT', `${path}/${id}`, record),
    call('PATCH', `${path}/${id}`, { comment: 'mine', tags: ['a:b'] }),
    call('DELETE', `${path}/${id}`),
    call('POST', `${path}/batch`, { posts: [record] }),
    call('POST', `${path}/import`, undefined, {
      payload: 'no JSON',
      headers: { 'content-type': 'multipart/form-data' },
    }),
  ]
  for (const { status, body } of await Promise.all(refusals)) {
    expect([status, body.errors[0].code]).toEqual([400, 81_070])
    expect(body.errors[0].message).toContain('come from its primaries')
  }
})

test('IDN: the zone is called by its U-label, records by their A-labels, and both are found by either', async () => {
  const text = '@ 60 SOA . . 1 1 1 1 1\nwww 60 A 192.0.2.1\n'
  const { call, path } = await openZone(text, 'xn--bcher-kva.example')
  for (const name of ['www.bücher.example', 'www.xn--bcher-kva.example']) {
    const { body } = await call('GET', `${path}?name=${encodeURIComponent(name)}`)
    expect(body.result[0]).toMatchObject({ name: 'www.xn--bcher-kva.example', zone_name: 'bücher.example' })
  }
})

test('HEAD answers like GET, without the body', async () => {
  const { api, path, runtime } = await openZone()
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await api.inject({ method: 'HEAD', url: `/client/v4${path}`, headers })
  expect([answer.statusCode, answer.body]).toEqual([200, ''])
  await vi.waitFor(() => expect(runtime.held).toBe(0))
})
