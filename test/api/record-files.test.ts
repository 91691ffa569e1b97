/** Records as master files: export, import, and the way from one to the other. */

import assert from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openEdited, openEditedWorld, type EditedWorld } from './edited-world.ts'
import { TOKEN } from './world.ts'

/** Sends a file as a form, as browsers, curl and the SDKs do. */
async function upload({ call, path }: EditedWorld, file: string, fields: Readonly<Record<string, string>> = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob([file]), 'zone.txt')
  const sent = new Response(form)
  const headers = { 'content-type': sent.headers.get('content-type') ?? '' }
  return call('POST', `${path}/import`, undefined, { payload: await sent.text(), headers })
}

/** What of a record does not come from the server. */
const essence = ({
  name,
  type,
  content,
  data,
  priority,
  ttl,
  proxied,
  comment,
  tags,
  settings,
}: Record<string, unknown>) =>
  JSON.stringify({ name, type, content, data, priority, ttl, proxied, comment, tags, settings })

async function essences({ call, path }: EditedWorld): Promise<string[]> {
  const { body } = await call('GET', `${path}?per_page=5000`)
  return body.result.map(essence).sort()
}

test('CF-146: an export is a master file with comments, tags and automatic TTLs', async () => {
  const { call, path, made } = await openEdited()
  await made({
    type: 'A',
    name: 'www',
    content: '192.0.2.1',
    proxied: true,
    comment: 'the web; really',
    tags: ['a:b,c'],
  })
  await made({ type: 'CNAME', name: 'flat', content: 'x.example', ttl: 60, settings: { flatten_cname: true } })
  await made({ type: 'TXT', name: '@', content: 'say "hi"', ttl: 300 })
  const { text, headers } = await call('GET', `${path}/export`)
  expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(text.split('\n')).toEqual([
    ';; Domain:   example.org.',
    ';; Exported: 2026-04-05T12:00:00.000000Z',
    ';; A TTL of 1 is automatic.',
    '',
    expect.stringMatching(/^example\.org\.\t3600\tIN\tSOA\tns1\.secondary\.example\.net\. /),
    'example.org.\t86400\tIN\tNS\tns1.secondary.example.net.',
    'example.org.\t86400\tIN\tNS\tns2.secondary.example.net.',
    'example.org.\t300\tIN\tTXT\t"say \\"hi\\""',
    'flat.example.org.\t60\tIN\tCNAME\tx.example. ; cf_tags=cf-proxied:false,cf-flatten-cname',
    'www.example.org.\t1\tIN\tA\t192.0.2.1 ; the web; really cf_tags=cf-proxied:true,a:"b,c"',
    '',
  ])
})

test('CF-146: an import takes directives, and counts what it parsed and what it added', async () => {
  const world = await openEdited()
  await world.made({ type: 'A', name: 'old', content: '192.0.2.1' })
  const { status, body } = await upload(
    world,
    `$ORIGIN example.org.
$TTL 2h
@ SOA ns.old.example. host.old.example. 1 2 3 4 5
@ NS ns1.secondary.example.net.
@ NS ns.old.example.
old A 192.0.2.1 ; there already
    A 192.0.2.2 ; a comment cf_tags=owner:me
$GENERATE 1-3 h$ A 192.0.2.$
$ORIGIN sub
host 1 AAAA 2001:DB8::1
host 604800 TXT (a
  b)
outside.example.net. A 192.0.2.1
key DNSKEY 257 3 13 AQID
`,
  )
  expect([status, body.errors]).toEqual([200, []])
  expect(body.result).toMatchObject({ recs_added: 7, total_records_parsed: 11 })
  expect(body.result.timing).toEqual({
    start_time: '2026-04-05T12:00:00.000000Z',
    end_time: '2026-04-05T12:00:00.000000Z',
    process_time: 0,
  })
  expect(body.messages.map(({ message }: { message: string }) => message)).toEqual([
    '1 records were there already',
    'the TTL 604800 is out of range and becomes 86400',
    'line 13: outside.example.net. lies outside of example.org. and is ignored',
    'DNSKEY records are edited in multi-signer zones only, and this zone is none; DNSKEY records of the file are left out',
  ])
  const { result } = (await world.call('GET', `${world.path}?per_page=100`)).body
  const lines = result.map(
    ({ name, ttl, type, content }: Record<string, unknown>) => `${name} ${ttl} ${type} ${content}`,
  )
  expect(lines).toEqual(
    [
      'example.org 7200 NS ns.old.example',
      'h1.example.org 7200 A 192.0.2.1',
      'h2.example.org 7200 A 192.0.2.2',
      'h3.example.org 7200 A 192.0.2.3',
      'old.example.org 1 A 192.0.2.1',
      'old.example.org 7200 A 192.0.2.2',
      'host.sub.example.org 86400 TXT "a" "b"',
      'host.sub.example.org 1 AAAA 2001:db8::1',
    ].sort((a, b) => lines.indexOf(a) - lines.indexOf(b)),
  )
  expect(result.find(({ content }: { content: string }) => content === '192.0.2.2')).toBeDefined()
  const old = result.filter(({ name }: { name: string }) => name === 'old.example.org')
  expect(old.find(({ ttl }: { ttl: number }) => ttl === 7200)).toMatchObject({
    comment: 'a comment',
    tags: ['owner:me'],
  })
})

test('CF-146: the import-wide switch is for records that can be proxied and do not say otherwise', async () => {
  const world = await openEdited()
  const file = `a 60 A 192.0.2.1
b 60 A 192.0.2.1 ; cf_tags=cf-proxied:false
c 60 TXT x
d 60 A 10.0.0.1
e 60 CNAME a
`
  await upload(world, file, { proxied: 'true' })
  const { result } = (await world.call('GET', world.path)).body
  const shown = result.map(({ proxied, ttl }: { proxied: boolean; ttl: number }) => `${proxied} ${ttl}`)
  expect(shown).toEqual(['true 1', 'false 60', 'false 60', 'false 60', 'true 1'])
})

test('CF-146: a file of 256 KiB is taken, comments and all', async () => {
  const world = await openEdited()
  const line = (at: number) => `h${String(at).padStart(5, '0')} 300 A 192.0.2.1 ; ${'x'.repeat(91)}\n`
  const lines = Array.from({ length: 262_144 / line(0).length }, (_, at) => line(at))
  const file = lines.join('').padEnd(262_144, '\n')
  const { status, body } = await upload(world, file)
  expect([status, body.result.recs_added]).toEqual([200, lines.length])
})

test('a plain body will do, and the switch may stand in the query', async () => {
  const { call, path } = await openEdited()
  const { body } = await call('POST', `${path}/import?proxied=true`, undefined, {
    payload: 'www A 192.0.2.1\n',
    headers: { 'content-type': 'text/plain' },
  })
  expect(body.result).toMatchObject({ recs_added: 1, total_records_parsed: 1 })
  expect((await call('GET', path)).body.result[0]).toMatchObject({ proxied: true, ttl: 1 })
})

test.each([
  ['a 60 A 192.0.2.1\nb 60 A 1.2\n', 12_120, 'expected an IPv4 address, found "1.2" (zone file:2:8)'],
  ['$INCLUDE /etc/passwd\n', 12_120, 'expected records, found $INCLUDE, which is not allowed here (zone file:1:1)'],
  ['a A 192.0.2.1\na CNAME b\n', 81_053, 'An A, AAAA, or CNAME record with that host already exists. (zone file:2)'],
  ['a A 192.0.2.1 ; x cf_tags=cf-nonsense\n', 12_120, expect.stringMatching(/are reserved.*\(zone file:1\)/)],
  [`a A 192.0.2.1 ; ${'x'.repeat(501)}\n`, 12_120, 'expected at most 500 characters, found 501 (zone file:1)'],
  ['a 60 CNAME a\n', 12_120, 'expected another name than that of the record (zone file:1)'],
  ['', 12_122, expect.anything()],
])('of the file %j nothing is taken: %d', async (payload, code, message) => {
  const { call, path } = await openEdited()
  const { status, body } = await call('POST', `${path}/import`, undefined, { payload })
  expect([status, body.errors[0].code, body.errors[0].message]).toEqual([400, code, message])
  expect((await call('GET', path)).body.result).toEqual([])
})

describe('uploads that cannot be read', () => {
  test.each([
    ['multipart/form-data; boundary=x', 'no form', 400, 12_121],
    ['multipart/form-data', 'no boundary', 400, 12_121],
    [
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="other"\r\n\r\na\r\n--x--\r\n',
      400,
      12_122,
    ],
    ['text/plain', 'x'.repeat(10 * 1024 * 1024 + 70_000), 413, 6008],
    ['text/plain', ' '.repeat(10 * 1024 * 1024 + 1), 413, 6008],
  ])('%s', async (type, payload, expected, code) => {
    const { call, path } = await openEdited()
    const { status, body } = await call('POST', `${path}/import`, undefined, {
      payload,
      headers: { 'content-type': type },
    })
    expect([status, body.errors[0].code]).toEqual([expected, code])
  })

  test('what is no UTF-8', async () => {
    const { api, path } = await openEdited()
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain' }
    const payload = Buffer.from([0x61, 0xff])
    const answer = await api.inject({ method: 'POST', url: `/client/v4${path}/import`, headers, payload })
    expect([answer.statusCode, answer.json().errors[0].code]).toEqual([400, 12_121])
  })
})

test('a file of 10,000 records is one version, and one line in the audit log', async () => {
  const world = await openEditedWorld()
  const version = world.runtime.records(world.zoneId)?.version ?? 0
  const lines = Array.from({ length: 10_000 }, (_, at) => `i${at} 300 IN A 203.0.113.${at % 250}\n`)
  const { body } = await upload(world, lines.join(''))
  expect(body.result).toMatchObject({ recs_added: 10_000, total_records_parsed: 10_000 })
  expect(world.runtime.records(world.zoneId)?.version).toBe(Number(version) + 1)
  const [line, ...more] = world.runtime.edited.changes
  expect(more).toEqual([])
  expect(line).toMatchObject({ audit: { action: 'record.import', object: { recs_added: 10_000 } } })
})

const name = fc.constantFrom('@', 'a', '*', 'b.c', '_x._tcp', 'é', 'a\\.b')
/** Texts that have one way to be written. */
const plain = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
const words = fc.string({ unit: 'grapheme', maxLength: 20 })
const comment = fc
  .oneof(words, fc.constantFrom('cf_tags=', 'x cf_tags=a', '; "', '\\', 'ends with (', '$TTL 5'))
  // oxlint-disable-next-line no-control-regex -- what is refused anyway
  .map((text) => text.replaceAll(/[\u0000-\u001f\u007f]/g, '').trim())
const tags = fc.uniqueArray(
  fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), comment).map(([tag, value]) => (value === '' ? tag : `${tag}:${value}`)),
  { maxLength: 3, selector: (tag) => tag.toLowerCase() },
)
const ttl = fc.constantFrom(1, 30, 300, 86_400)
const rdata = fc.oneof(
  fc.record({ type: fc.constant('A'), content: fc.constantFrom('192.0.2.1', '192.0.2.2'), proxied: fc.boolean() }),
  fc.record({ type: fc.constant('AAAA'), content: fc.constantFrom('2001:db8::1', 'fd00::1') }),
  fc.record({ type: fc.constant('TXT'), content: plain.map((text) => JSON.stringify(text)) }),
  fc.record({ type: fc.constant('MX'), content: fc.constantFrom('m.example', '.', '@'), priority: fc.nat(65_535) }),
  fc.record({
    type: fc.constant('SRV'),
    data: fc.record({ priority: fc.nat(9), weight: fc.nat(9), port: fc.nat(9), target: fc.constant('x.example') }),
  }),
  fc.record({
    type: fc.constant('CNAME'),
    content: fc.constant('target.example'),
    settings: fc.constantFrom({}, { flatten_cname: true }),
  }),
  fc.record({
    type: fc.constant('CAA'),
    data: fc.record({ flags: fc.constantFrom(0, 128), tag: fc.constant('issue'), value: words }),
  }),
)
const record = fc.tuple(rdata, fc.record({ name, ttl, comment, tags })).map(([what, rest]) => ({ ...rest, ...what }))

test('CF-146: an export, imported into an empty zone, is the same records', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 12 }), async (records) => {
      const first = await openEdited()
      for (const each of records) await first.call('POST', first.path, each)
      const before = await essences(first)
      const { text } = await first.call('GET', `${first.path}/export`)
      const second = await openEdited()
      const { body } = await upload(second, text)
      assert.deepEqual(body.errors, [], text)
      assert.deepEqual(await essences(second), before, text)
      assert.equal(body.result.recs_added, before.length)
      // A second time there is nothing to add.
      assert.equal((await upload(second, text)).body.result.recs_added, 0)
    }),
    { numRuns: 60 },
  )
})
