import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeResolver } from '../../test/doubles/resolver.ts'
import { parseName } from '../dns/name.ts'
import { Resolver } from '../net/resolver.ts'
import { Delegations } from './delegation.ts'

let resolver: FakeResolver
let parent: FakeResolver

beforeEach(async () => {
  parent = await FakeResolver.start()
  resolver = await FakeResolver.start(`
    example.              300 NS ns.registry.example.
    ns.registry.example.  300 A  127.0.0.1
    zone.example.         300 NS what.the.zone.says.example.
  `)
})
afterEach(() => Promise.all([resolver.stop(), parent.stop()]))

const find = (port = parent.endpoint.port, name = 'zone.example.') => {
  const asked = new Resolver({ servers: [resolver.endpoint], timeoutMs: 300, tries: 1 })
  return new Delegations(asked, { port }).find(parseName(name))
}

test('the nameservers of the parent say who a zone is delegated to', async () => {
  parent.set('zone.example. 300 NS NS2.ours.example.\nzone.example. 300 NS ns1.ours.example.')
  const nameServers = ['ns1.ours.example', 'ns2.ours.example']
  expect(await find()).toEqual({ type: 'delegated', nameServers })
  parent.mangle = (answer) => ({ ...answer, answer: [], authority: answer.answer })
  expect(await find(), 'a referral says the same').toEqual({ type: 'delegated', nameServers })
})

test('the parent is the closest zone above, however many labels that is', async () => {
  parent.set('deep.down.zone.example. 300 NS ns1.ours.example.')
  resolver.set('example. 300 NS ns.registry.example.\nns.registry.example. 300 A 127.0.0.1')
  expect(await find(undefined, 'deep.down.zone.example.')).toMatchObject({ type: 'delegated' })
})

test('a parent that knows no such zone says so', async () => {
  parent.set('other.example. 300 A 192.0.2.1')
  parent.mangle = (answer) => ({ ...answer, aa: true })
  expect(await find()).toEqual({ type: 'not delegated' })
})

test('where the parent cannot be reached the word of the resolver has to do', async () => {
  await parent.stop()
  const { port } = resolver.endpoint
  parent = await FakeResolver.start()
  parent.mangle = () => undefined
  expect(await find()).toEqual({ type: 'delegated', nameServers: ['what.the.zone.says.example'] })
  expect(port).not.toBe(parent.endpoint.port)
})

test('without an answer of anybody nothing is known', async () => {
  resolver.fails = true
  expect(await find()).toMatchObject({ type: 'unclear' })
})
