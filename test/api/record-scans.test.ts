/** Scans: what the present nameservers of a zone answer, found by names that most zones have. */

import { expect, test, vi } from 'vitest'
import { openEditedWorld } from './edited-world.ts'
import { FakeInternet } from './fake-internet.ts'
import { STRANGE_ID } from './world.ts'

const ELSEWHERE = `
example.org. SOA ns.old.example. host.old.example. 1 2 3 4 5
example.org. NS dead.old.example.
example.org. NS ns.old.example.
ns.old.example. A 192.0.2.53
dead.old.example. A 192.0.2.66
example.org. 172800 A 192.0.2.1
example.org. MX 10 mail.example.org.
example.org. TXT "v=spf1 -all"
mail.example.org. A 192.0.2.25
www.example.org. CNAME example.org.
_dmarc.example.org. TXT "v=DMARC1"
_imaps._tcp.example.org. SRV 1 2 993 mail.example.org.
unusual.example.org. A 192.0.2.99
*.example.org. A 192.0.2.7
`

const shown = ({ name, type, content }: Record<string, string>) =>
  `${name?.replace(/\.?example\.org$/, '') || '@'} ${type} ${content}`

const FOUND = [
  '* A 192.0.2.7',
  '@ A 192.0.2.1',
  '@ MX mail.example.org',
  '@ TXT "v=spf1 -all"',
  '_dmarc TXT "v=DMARC1"',
  '_imaps._tcp SRV 2 993 mail.example.org',
  'mail A 192.0.2.25',
  'www CNAME example.org',
]

test('CF-147: a scan finds what is usual and adds nothing; review accepts and rejects', async () => {
  const resolver = new FakeInternet(ELSEWHERE)
  const { call, path } = await openEditedWorld({ resolver })
  expect((await call('GET', `${path}/scan/review`)).body.result).toEqual([])
  const triggered = await call('POST', `${path}/scan/trigger`)
  expect([triggered.status, triggered.body]).toEqual([200, { success: true, errors: [], messages: [] }])
  const found = await vi.waitUntil(async () => {
    const { result } = (await call('GET', `${path}/scan/review`)).body
    return result.length > 0 ? result : undefined
  })
  expect(found.map(shown).sort()).toEqual(FOUND)
  expect(found.find(({ type }: { type: string }) => type === 'MX').priority).toBe(10)
  expect(found.find(({ name }: { name: string }) => name === 'example.org').ttl).toBe(86_400)
  expect((await call('GET', path)).body.result).toEqual([])

  const of = (text: string) => found.find((record: Record<string, string>) => shown(record) === text)
  const body = {
    accepts: [
      { ...of('www CNAME example.org'), proxied: true },
      of('@ A 192.0.2.1'),
      { id: of('mail A 192.0.2.25').id },
    ],
    rejects: [{ id: of('* A 192.0.2.7').id }, { id: STRANGE_ID }],
  }
  const reviewed = await call('POST', `${path}/scan/review`, body)
  expect(reviewed.body.errors).toEqual([])
  const { accepts, rejects } = reviewed.body.result
  expect(accepts.map(shown)).toEqual(['www CNAME example.org', '@ A 192.0.2.1', 'mail A 192.0.2.25'])
  expect(accepts[0]).toMatchObject({ proxied: true, ttl: 1 })
  expect(rejects).toEqual([of('* A 192.0.2.7').id])
  expect((await call('GET', path)).body.result.map(shown).sort()).toEqual(accepts.map(shown).sort())
  const left = (await call('GET', `${path}/scan/review`)).body.result.map(shown)
  expect(left.sort()).toEqual(FOUND.filter((each) => ![...accepts.map(shown), '* A 192.0.2.7'].includes(each)))
})

test('of an accepted record that cannot be, the place is told, and all stay to be reviewed', async () => {
  const { call, path, made } = await openEditedWorld({ resolver: new FakeInternet(ELSEWHERE) })
  await made({ type: 'A', name: 'www', content: '192.0.2.1' })
  await call('POST', `${path}/scan/trigger`)
  const found = await vi.waitUntil(async () => {
    const { result } = (await call('GET', `${path}/scan/review`)).body
    return result.length > 0 ? result : undefined
  })
  const { status, body } = await call('POST', `${path}/scan/review`, { accepts: found })
  expect([status, body.errors[0].code]).toEqual([400, 81_053])
  expect(body.errors[0].source.pointer).toMatch(/^\/accepts\/\d+$/)
  expect((await call('GET', `${path}/scan/review`)).body.result).toHaveLength(FOUND.length)
})

test('the old scan adds what it finds at once, except where there are records', async () => {
  const { call, path, made } = await openEditedWorld({ resolver: new FakeInternet(ELSEWHERE) })
  await made({ type: 'A', name: 'www', content: '192.0.2.200' })
  const { status, body } = await call('POST', `${path}/scan`)
  expect([status, body.result.recs_added, body.result.total_records_parsed]).toEqual([200, 7, 8])
  expect((await call('GET', path)).body.result.map(shown).sort()).toEqual(
    [...FOUND.filter((each) => !each.startsWith('www')), 'www A 192.0.2.200'].sort(),
  )
  expect((await call('POST', `${path}/scan`)).body.result.recs_added).toBe(0)
})

test('our own nameservers are not asked, and without others there is nothing to find', async () => {
  const resolver = new FakeInternet(
    'example.org. NS ns1.secondary.example.net.\nns1.secondary.example.net. A 192.0.2.53\n',
  )
  const { call, path } = await openEditedWorld({ resolver })
  expect((await call('POST', `${path}/scan`)).body.result).toMatchObject({ recs_added: 0, total_records_parsed: 0 })
  expect(resolver.asked).toEqual([])
})

test('without a resolver there is no scan', async () => {
  const { call, path } = await openEditedWorld()
  for (const verb of ['scan', 'scan/trigger']) {
    const { status, body } = await call('POST', `${path}/${verb}`)
    expect([status, body.errors[0].code]).toEqual([503, 12_130])
  }
})

test('a secondary zone is not scanned', async () => {
  const { call, zone } = await openEditedWorld({ resolver: new FakeInternet(ELSEWHERE) })
  const { status, body } = await call('POST', `/zones/${await zone('other.example')}/dns_records/scan/trigger`)
  expect([status, body.errors[0].code]).toEqual([400, 81_070])
})

test('what a scan finds is held to the rules of records; one that breaks them stays out alone', async () => {
  const circle = 'ftp.example.org. CNAME ftp.example.org.\n'
  const { call, path } = await openEditedWorld({ resolver: new FakeInternet(ELSEWHERE + circle) })
  const { status, body } = await call('POST', `${path}/scan`)
  expect(status).toBe(200)
  expect(body.result).toMatchObject({ recs_added: FOUND.length, total_records_parsed: FOUND.length + 1 })
  expect((await call('GET', path)).body.result.map(shown).sort()).toEqual(FOUND)
})
