/** Scans over real sockets: what the present nameserver of a zone answers, asked by a server as it is started. */

import { Resolver } from 'node:dns/promises'
import { expect, test, type TestContext } from 'vitest'
import { FakeResolver } from '../doubles/resolver.ts'
import { printEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'

interface Found {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content: string
}

/** One server that is a resolver to us, and the nameserver of the zone. */
const ELSEWHERE = `
  ns.old.example.          300 A     127.0.0.1
  moved.example.           300 SOA   ns.old.example. host.old.example. 7 3600 600 604800 300
  moved.example.           300 NS    ns.old.example.
  moved.example.           300 A     192.0.2.1
  moved.example.           300 MX    10 mail.moved.example.
  mail.moved.example.      300 AAAA  2001:db8::25
  www.moved.example.       300 CNAME moved.example.
  _dmarc.moved.example.    300 TXT   "v=DMARC1; p=none"
  unusual.moved.example.   300 A     192.0.2.99
`

const FOUND = [
  'moved.example A 192.0.2.1',
  'moved.example MX mail.moved.example',
  'mail.moved.example AAAA 2001:db8::25',
  'www.moved.example CNAME moved.example',
  '_dmarc.moved.example TXT "v=DMARC1; p=none"',
].sort()

const shown = (records: readonly Found[]): string[] =>
  records.map(({ name, type, content }) => `${name} ${type} ${content}`).sort()

/** A server that is to take over a zone, and the nameserver that has it now. */
async function scene({ onTestFinished }: TestContext) {
  const elsewhere = await FakeResolver.start(ELSEWHERE)
  const config = {
    resolvers: [printEndpoint(elsewhere.endpoint)],
    nameServerPort: elsewhere.endpoint.port,
    limits: { lookupSeconds: 1, lookupTries: 1 },
  }
  const ours = await Twinzone.start({ config })
  onTestFinished(async () => {
    await ours.remove()
    await elsewhere.stop()
  })
  const { id } = await ours.api<{ id: string }>('POST', '/client/v4/zones', { name: 'moved.example' })
  await ours.waitForSerial('moved.example.', { serial: 1 })
  const path = `/client/v4/zones/${id}/dns_records`
  const trigger = async (): Promise<Record<string, unknown>> => {
    const before = ours.events().filter(({ msg }) => msg === 'scan.done').length
    const said = await ours.fetch('POST', `${path}/scan/trigger`)
    expect([said.status, await said.json()]).toEqual([200, { success: true, errors: [], messages: [] }])
    return waitFor('the end of a scan', () => ours.events().filter(({ msg }) => msg === 'scan.done')[before])
  }
  const review = () => ours.api<Found[]>('GET', `${path}/scan/review`)
  return { ours, elsewhere, path, trigger, review }
}

test('CF-147: what a scan finds is reviewed, and served once it is accepted', async (context) => {
  const { ours, elsewhere, path, trigger, review } = await scene(context)
  expect(await trigger()).toMatchObject({ zone: 'moved.example', outcome: 'scanned', records: FOUND.length })
  expect(elsewhere.count('_dmarc.moved.example. TXT')).toBe(1)
  expect(elsewhere.asked.filter((each) => each.endsWith('AXFR'))).toEqual([])
  const found = await review()
  expect(shown(found)).toEqual(FOUND)
  expect(await ours.api('GET', path), 'nothing is added unasked').toEqual([])

  const [rejected, ...others] = found
  const accepts = others.map(({ id }) => ({ id }))
  const decided = await ours.api<{ accepts: Found[]; rejects: string[] }>('POST', `${path}/scan/review`, {
    accepts,
    rejects: [{ id: rejected?.id }],
  })
  expect([shown(decided.accepts), decided.rejects]).toEqual([shown(others), [rejected?.id]])
  expect(await review()).toEqual([])
  expect(await ours.waitForSerial('moved.example.'), 'all of it is one version').toBe(2)
  const dns = new Resolver({ timeout: 5000 })
  dns.setServers([printEndpoint(ours.endpoint)])
  expect(await dns.resolveTxt('_dmarc.moved.example')).toEqual([['v=DMARC1; p=none']])
  expect(await dns.resolve6('mail.moved.example')).toEqual(['2001:db8::25'])
})

test('a scan that is waited for adds what has no records here yet', async (context) => {
  const { ours, path } = await scene(context)
  await ours.api('POST', path, { type: 'A', name: 'mail', content: '192.0.2.25', ttl: 1 })
  const scanned = await ours.api<object>('POST', `${path}/scan`)
  expect(scanned).toEqual({
    recs_added: FOUND.length - 1,
    total_records_parsed: FOUND.length,
    timing: { start_time: expect.any(String), end_time: expect.any(String), process_time: expect.any(Number) },
  })
  const mine = 'mail.moved.example A 192.0.2.25'
  const kept = FOUND.filter((each) => !each.startsWith('mail.'))
  expect(shown(await ours.api<Found[]>('GET', path))).toEqual([...kept, mine].sort())
  expect(await ours.waitForSerial('moved.example.')).toBe(3)
})

test('answers that fit into no packet are fetched by TCP', async (context) => {
  const { elsewhere, trigger, review } = await scene(context)
  elsewhere.cuts = true
  await trigger()
  expect(shown(await review())).toEqual(FOUND)
})

test('a zone that nobody answers for has nothing to be found, and what was found before stays', async (context) => {
  const { elsewhere, path, ours, trigger, review } = await scene(context)
  await trigger()
  const before = shown(await review())
  elsewhere.fails = true
  expect(await trigger()).toMatchObject({ outcome: 'no servers', records: 0 })
  expect(shown(await review())).toEqual(before)
  expect(await ours.api('POST', `${path}/scan`)).toMatchObject({ recs_added: 0, total_records_parsed: 0 })
})
