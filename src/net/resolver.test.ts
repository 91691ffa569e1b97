import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeResolver } from '../../test/doubles/resolver.ts'
import { parseName, printName } from '../dns/name.ts'
import type { Message } from '../dns/message.ts'
import { Resolver } from './resolver.ts'

const A = 1
const AAAA = 28

let server: FakeResolver

beforeEach(async () => {
  server = await FakeResolver.start(`
    www.example.org.      300 CNAME  host.example.net.
    host.example.net.     60  CNAME  edge.example.net.
    edge.example.net.     120 A      192.0.2.1
    edge.example.net.     120 A      192.0.2.2
    loop.example.org.     300 CNAME  loop2.example.org.
    loop2.example.org.    300 CNAME  loop.example.org.
    example.net.          900 SOA    ns.example.net. h.example.net. 1 2 3 4 30
  `)
})
afterEach(() => server.stop())

const resolver = (servers = [server.endpoint]) => new Resolver({ servers, timeoutMs: 500, tries: 2 })
const lookUp = (name: string, type = A, own = resolver()) => own.resolve({ name: parseName(name), type })

test('addresses are found at the end of a chain of aliases, and may be kept as long as its shortest TTL says', async () => {
  const found = await lookUp('WWW.example.org.')
  expect(found).toMatchObject({ type: 'found', ttl: 60 })
  if (found.type !== 'found') return
  expect(printName(found.name)).toBe('edge.example.net.')
  expect(found.rdatas.map((rdata) => rdata.join('.')).sort()).toEqual(['192.0.2.1', '192.0.2.2'])
})

test('a name without such records is told from one that does not exist, each for as long as the SOA says', async () => {
  expect(await lookUp('edge.example.net.', AAAA)).toEqual({ type: 'no data', ttl: 30 })
  expect(await lookUp('nothing.example.org.')).toEqual({ type: 'no such name', ttl: 30 })
})

test('an answer that was cut is asked for by TCP', async () => {
  server.cuts = true
  expect(await lookUp('edge.example.net.')).toMatchObject({ type: 'found', ttl: 120 })
})

test('a resolver that gives only the alias is asked where it leads', async () => {
  server.mangle = (answer) => ({ ...answer, rcode: 0, answer: answer.answer.slice(0, 1), authority: [] })
  expect(await lookUp('www.example.org.')).toMatchObject({ type: 'found', ttl: 60 })
  expect(server.asked).toEqual(['www.example.org. A', 'host.example.net. A', 'edge.example.net. A'])
})

test('a circle of aliases ends', async () => {
  expect(await lookUp('loop.example.org.')).toMatchObject({ type: 'failed' })
  server.mangle = (answer) => ({ ...answer, rcode: 0, answer: answer.answer.slice(0, 1), authority: [] })
  expect(await lookUp('loop.example.org.')).toMatchObject({ type: 'failed' })
})

test('where one resolver fails the next one is asked, and where all do the reason is told', async () => {
  const other = await FakeResolver.start('edge.example.net. 10 A 192.0.2.9')
  server.fails = true
  const both = resolver([server.endpoint, other.endpoint])
  expect(await lookUp('edge.example.net.', A, both)).toMatchObject({ type: 'found', ttl: 10 })
  await other.stop()
  const why = expect.stringContaining('SERVFAIL') as string
  expect(await lookUp('edge.example.net.')).toEqual({ type: 'failed', why })
})

test('a server that is asked what it knows by itself is asked without recursion', async () => {
  let asked: Message | undefined
  server.mangle = (answer, query) => {
    asked = query
    return answer
  }
  const answer = await resolver().askServer(server.endpoint, { name: parseName('edge.example.net.'), type: A })
  expect(answer).toMatchObject({ answer: [{ ttl: 120 }, { ttl: 120 }] })
  expect(asked).toMatchObject({ rd: false, edns: { udpSize: 1232 } })
})
