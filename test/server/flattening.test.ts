import { Resolver } from 'node:dns/promises'
import { expect, test, type TestContext } from 'vitest'
import { FakeResolver } from '../doubles/resolver.ts'
import { pullZone } from '../interop/compare.ts'
import { printEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'

const EDGE = `
  edge.example.net.   1 A    192.0.2.1
  edge.example.net.   1 AAAA 2001:db8::1
  other.example.net.  1 A    192.0.2.7
  example.net.        1 SOA  ns.example.net. h.example.net. 1 2 3 4 1
`

/** A server that asks our own resolver, and a zone on it. */
async function scene({ onTestFinished }: TestContext, flattening: object = {}) {
  const resolver = await FakeResolver.start(EDGE)
  const config = {
    resolvers: [printEndpoint(resolver.endpoint)],
    flattening: { ttlMin: 1, ttlMax: 1, ...flattening },
    limits: { lookupSeconds: 1, lookupTries: 1 },
  }
  const ours = await Twinzone.start({ config })
  onTestFinished(async () => {
    await ours.remove()
    await resolver.stop()
  })
  const dns = new Resolver({ timeout: 5000 })
  dns.setServers([printEndpoint(ours.endpoint)])
  const { id } = await ours.api<{ id: string }>('POST', '/client/v4/zones', { name: 'flat.example' })
  await ours.waitForSerial('flat.example.', { serial: 1 })
  const path = `/client/v4/zones/${id}`
  const add = (name: string, content: string, more: object = {}) =>
    ours.api<{ id: string }>('POST', `${path}/dns_records`, { type: 'CNAME', name, content, ttl: 1, ...more })
  const addresses = async (name: string) => {
    const found = await Promise.all([dns.resolve4(name), dns.resolve6(name)].map((each) => each.catch(() => [])))
    return found.flat()
  }
  const become = (name: string, wanted: readonly string[]) =>
    waitFor(`${name} at ${wanted.join()}`, async () =>
      (await addresses(name)).join() === wanted.join() ? true : undefined,
    )
  const serial = async () => (await dns.resolveSoa('flat.example')).serial
  /** What a secondary gets at a name: types and RDATA of addresses and aliases. */
  const transferred = async (name: string) =>
    (await pullZone(ours.source, 'flat.example.'))
      .filter((line) => line.startsWith(`${name} `))
      .flatMap((line) => / ((?:A|AAAA|CNAME) \S+)$/.exec(line)?.[1] ?? [])
  return { ours, resolver, dns, path, add, addresses, become, serial, transferred }
}

test('CF-099: a CNAME at the apex is answered with the addresses of its target from the first answer on', async (context) => {
  const { add, addresses, dns, serial, transferred } = await scene(context)
  await add('flat.example', 'edge.example.net')
  expect(await addresses('flat.example')).toEqual(['192.0.2.1', '2001:db8::1'])
  expect(await transferred('flat.example.')).toEqual(['A 192.0.2.1', 'AAAA 2001:db8::1'])
  expect(await serial(), 'the edit waited, so there is one version').toBe(2)
  await expect(dns.resolveCname('flat.example')).rejects.toMatchObject({ code: 'ENODATA' })
})

test('addresses that change are served, one version for each change, and none where nothing changed', async (context) => {
  const { add, become, resolver, serial } = await scene(context)
  await add('flat.example', 'edge.example.net')
  const before = resolver.count('edge.example.net. A')
  await waitFor('a second question', () => (resolver.count('edge.example.net. A') > before + 1 ? true : undefined))
  expect(await serial()).toBe(2)
  resolver.set(`edge.example.net. 1 A 192.0.2.2\nedge.example.net. 1 A 192.0.2.3`)
  await become('flat.example', ['192.0.2.2', '192.0.2.3'])
  expect(await serial()).toBe(3)
})

test('the last good addresses survive resolvers that fail, and a power cut', async (context) => {
  const { ours, add, addresses, resolver } = await scene(context)
  await add('flat.example', 'edge.example.net')
  resolver.fails = true
  const asked = resolver.asked.length
  await waitFor('questions that failed', () => (resolver.asked.length > asked + 1 ? true : undefined))
  expect(await addresses('flat.example')).toEqual(['192.0.2.1', '2001:db8::1'])
  await ours.kill()
  await ours.start()
  const later = resolver.asked.length
  expect(await addresses('flat.example')).toEqual(['192.0.2.1', '2001:db8::1'])
  await ours.waitForEvent(/flattening\.failed/)
  await waitFor('questions after the start', () => (resolver.asked.length > later ? true : undefined))
  const record = { type: 'TXT', name: 'flat.example', content: 'touched', ttl: 1 }
  const zones = await ours.api<{ id: string }[]>('GET', '/client/v4/zones')
  await ours.api('POST', `/client/v4/zones/${zones[0]?.id}/dns_records`, record)
  expect(await addresses('flat.example'), 'an edit of the same owner keeps them').toEqual(['192.0.2.1', '2001:db8::1'])
})

test('an edit waits for a new target only so long, and is served without until the answer comes', async (context) => {
  const { add, addresses, become, resolver } = await scene(context, { waitMs: 50 })
  const { mangle } = resolver
  resolver.mangle = () => undefined
  await add('flat.example', 'edge.example.net')
  expect(await addresses('flat.example')).toEqual([])
  resolver.mangle = mangle
  await become('flat.example', ['192.0.2.1', '2001:db8::1'])
})

test('CF-100, CF-101: below the apex a CNAME stays one unless it or all are to be flattened', async (context) => {
  const { ours, path, add, addresses, dns, become, transferred } = await scene(context)
  await add('plain', 'edge.example.net')
  await add('flat', 'other.example.net', { settings: { flatten_cname: true } })
  expect(await dns.resolveCname('plain.flat.example')).toEqual(['edge.example.net'])
  expect(await addresses('flat.flat.example')).toEqual(['192.0.2.7'])
  expect(await transferred('plain.flat.example.')).toEqual(['CNAME edge.example.net.'])
  expect(await transferred('flat.flat.example.'), 'one alone is handed on as the alias').toEqual([
    'CNAME other.example.net.',
  ])
  await ours.api('PATCH', `${path}/dns_settings`, { flatten_all_cnames: true })
  expect(await addresses('plain.flat.example'), 'with the answer to the change').toEqual(['192.0.2.1', '2001:db8::1'])
  expect(await transferred('plain.flat.example.')).toEqual(['A 192.0.2.1', 'AAAA 2001:db8::1'])
  expect(await transferred('flat.flat.example.')).toEqual(['A 192.0.2.7'])
  await add('later', 'other.example.net')
  await become('later.flat.example', ['192.0.2.7'])
  await ours.api('PATCH', `${path}/dns_settings`, { flatten_all_cnames: false })
  expect(await dns.resolveCname('plain.flat.example')).toEqual(['edge.example.net'])
  expect(await addresses('flat.flat.example')).toEqual(['192.0.2.7'])
})

test('CF-101: addresses that lie over a single alias change without a new version, and are there again after a start', async (context) => {
  const { ours, add, addresses, become, resolver, serial, transferred } = await scene(context)
  await add('flat', 'other.example.net', { settings: { flatten_cname: true } })
  const before = await serial()
  resolver.set('other.example.net. 1 A 192.0.2.8')
  await become('flat.flat.example', ['192.0.2.8'])
  expect(await serial(), 'what secondaries have is the same').toBe(before)
  await add('beside', 'example.net')
  expect(await addresses('flat.flat.example'), 'behind an edit of another name').toEqual(['192.0.2.8'])
  await ours.kill()
  resolver.fails = true
  await ours.start()
  await become('flat.flat.example', ['192.0.2.8'])
  expect(await transferred('flat.flat.example.')).toEqual(['CNAME other.example.net.'])
  expect(await serial()).toBe(before + 1)
})

test('nobody asks for a target that no record leads to any more', async (context) => {
  const { ours, path, add, addresses, resolver } = await scene(context)
  const { id } = await add('flat.example', 'edge.example.net')
  await ours.api('DELETE', `${path}/dns_records/${id}`)
  expect(await addresses('flat.example')).toEqual([])
  await add('flat.example', 'other.example.net')
  const asked = resolver.count('edge.example.net. A')
  const others = resolver.count('other.example.net. A')
  await waitFor('the other asked again', () => (resolver.count('other.example.net. A') > others + 1 ? true : undefined))
  expect(resolver.count('edge.example.net. A')).toBe(asked)
})
