import { expect, test, type TestContext } from 'vitest'
import { FakeResolver } from '../doubles/resolver.ts'
import { pullZone } from '../interop/compare.ts'
import { printEndpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'

interface Zone {
  readonly id: string
  readonly status: string
  readonly activated_on: string | null
}

/** A server, and a zone on it that is edited here. */
async function scene({ onTestFinished }: TestContext, activation: object) {
  const resolver = await FakeResolver.start('elsewhere.example. 300 A 192.0.2.1')
  const config = {
    resolvers: [printEndpoint(resolver.endpoint)],
    limits: { lookupSeconds: 1, lookupTries: 1 },
    primary: { nameServers: ['ns1.ours.example', 'ns2.ours.example'] },
    activation,
  }
  const ours = await Twinzone.start({ config })
  onTestFinished(async () => {
    await ours.remove()
    await resolver.stop()
  })
  const { id, status } = await ours.api<Zone>('POST', '/client/v4/zones', { name: 'new.example' })
  expect(status).toBe('pending')
  await ours.waitForSerial('new.example.', { serial: 1 })
  const path = `/client/v4/zones/${id}`
  const get = () => ours.api<Zone>('GET', path)
  const check = async () => {
    expect(await ours.api('PUT', `${path}/activation_check`)).toEqual({ id })
    return (await get()).status
  }
  const delegate = (...names: string[]) => resolver.set(names.map((name) => `new.example. 300 NS ${name}`).join('\n'))
  return { ours, path, get, check, delegate }
}

test('CF-136: by default a zone is active once it is served', async (context) => {
  const { get } = await scene(context, {})
  const active = await waitFor('an active zone', async () => {
    const zone = await get()
    return zone.status === 'active' ? zone : undefined
  })
  expect(active.activated_on).not.toBeNull()
})

test('CF-133, CF-136: where delegations are checked a zone is active when it is delegated to us, and to us alone', async (context) => {
  const { check, delegate } = await scene(context, { mode: 'check', movedChecks: 2 })
  expect(await check()).toBe('pending')
  delegate('ns1.ours.example.', 'ns.theirs.example.')
  expect(await check()).toBe('pending')
  delegate('NS1.ours.example.', 'ns2.ours.example.')
  expect(await check()).toBe('active')
  delegate('ns.theirs.example.')
  expect([await check(), await check()]).toEqual(['active', 'moved'])
  delegate('ns1.ours.example.')
  expect(await check()).toBe('active')
})

test('CF-109: a zone that is not active yet is handed on', async (context) => {
  const { ours, path, check } = await scene(context, { mode: 'check' })
  await ours.api('POST', `${path}/secondary_dns/outgoing`, { name: 'new.example', peers: [] })
  expect(await ours.api('POST', `${path}/secondary_dns/outgoing/enable`)).toBe('Enabled')
  expect(await pullZone(ours.source, 'new.example.')).toHaveLength(3)
  expect(await check()).toBe('pending')
})

test('CF-105: a zone with several providers is active beside nameservers of others', async (context) => {
  const { ours, path, check, delegate } = await scene(context, { mode: 'check' })
  delegate('ns1.ours.example.', 'ns.theirs.example.')
  expect(await check()).toBe('pending')
  await ours.api('PATCH', `${path}/dns_settings`, { multi_provider: true })
  expect(await check()).toBe('active')
})
