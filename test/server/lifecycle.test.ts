import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { ask } from '../interop/ask.ts'
import { waitFor } from '../interop/wait.ts'
import { RCODE } from '../hostile/message.ts'
import { Served } from './process.ts'

const ENDED_WELL = { code: 0, signal: null }
const ENDED_ILL = { code: 1, signal: null }

test('the token is printed once, works, and is nowhere on the disk; neither is a TSIG secret', async (context) => {
  const one = await Served.begin(context)
  const { token } = one
  expect(token).toMatch(/^[\w-]{40}$/)
  const account = await one.account()
  const secret = Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')
  const made = await one.post(`/client/v4/accounts/${account}/secondary_dns/tsigs`, {
    name: 'key.example.',
    algo: 'hmac-sha256.',
    secret,
  })
  expect(made.status).toBe(200)

  const lookFor = [token, secret, Buffer.from(secret, 'base64'), Buffer.from(secret, 'base64').toString('hex')]
  const expectSecretsHidden = (): void => {
    for (const name of readdirSync(one.data)) {
      const octets = readFileSync(join(one.data, name))
      for (const text of lookFor) expect(octets.includes(text), `${name} holds ${String(text)}`).toBe(false)
    }
    expect(one.log(1000).match(new RegExp(token, 'g'))?.length ?? 0, 'how often the token was written').toBe(1)
    expect(one.log(1000)).not.toContain(secret)
  }
  expectSecretsHidden()
  expect(await one.stop()).toEqual(ENDED_WELL)
  expectSecretsHidden()
  await one.start()
  expect(one.token, 'the token of the second start').toBe('')
  expectSecretsHidden()
  expect((await one.fetch('/client/v4/user/tokens/verify', { token })).status).toBe(200)
})

test('the token is told even if the first start fails later', async (context) => {
  const one = await Served.prepare(context)
  const rival = createServer().listen(one.dns.port, one.dns.address)
  await once(rival, 'listening')
  expect(await one.startOrEnd()).toEqual(ENDED_ILL)
  rival.close()
  const { token } = one
  await one.start()
  expect((await one.fetch('/client/v4/user/tokens/verify', { token })).status).toBe(200)
})

test('one line says that it is ready; then it answers /livez, /readyz and /metrics without a token', async (context) => {
  const one = await Served.begin(context)
  expect(one.lines.filter((line) => !line.includes('API token'))).toEqual([one.readyLine])
  for (const path of ['/livez', '/readyz']) {
    const answer = await fetch(one.url + path)
    expect([answer.status, await answer.text()]).toEqual([200, 'ok\n'])
  }
  await ask(one.dns, { name: 'example.org.' })
  const metrics = await (await fetch(`${one.url}/metrics`)).text()
  expect(metrics).toMatch(/^twinzone_zones\{state="serving"\} 0$/m)
  expect(metrics).toMatch(/^twinzone_udp_queries_total 1$/m)
  expect(metrics).toMatch(/^twinzone_answers_refused_total 1$/m)
  expect((await one.fetch('/client/v4/zones', { token: 'x' })).status).not.toBe(200)
})

test.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s ends it with 0, and nothing runs on',
  async (signal, context) => {
    const one = await Served.begin(context)
    one.signal(signal)
    expect(await one.ended()).toEqual(ENDED_WELL)
    expect(one.log()).toContain('"msg":"stopped"')
    expect(await ask(one.dns, { name: 'example.org.' })).toBeUndefined()
  },
)

test('Ctrl-C in a terminal, which npm passes on as well, is one order to end', async (context) => {
  const one = await Served.begin(context)
  for (let at = 0; at < 2; at++) one.signal('SIGINT')
  expect(await one.ended()).toEqual(ENDED_WELL)
  expect(one.log()).toContain('"msg":"stopped"')
})

test('SIGTERM while it starts ends it with 0', async (context) => {
  const one = await Served.prepare(context)
  const starting = one.startOrEnd()
  await waitFor('a lock', () => (one.log().includes('API token') ? true : undefined))
  one.signal('SIGTERM')
  await starting
  expect(await one.ended()).toEqual(ENDED_WELL)
})

test('a second instance on the same data is refused, and the first one does not notice', async (context) => {
  const one = await Served.begin(context)
  const second = await Served.prepare(context)
  second.environment = { ...second.environment, TWINZONE_DATA: one.data }
  expect(await second.startOrEnd()).toEqual(ENDED_ILL)
  expect(second.log()).toBe(
    `twinzone: the data directory ${one.data} is in use by another twinzone, process ${one.processId}`,
  )
  expect((await fetch(`${one.url}/readyz`)).status).toBe(200)
  await one.kill()
  expect(await second.startOrEnd(), 'after kill -9 of the first').toBeUndefined()
})

test.for([
  ['DNS by TCP', 'dns', 'tcp'],
  ['DNS by UDP', 'dns', 'udp'],
  ['HTTP', 'http', 'tcp'],
] as const)('an address that is taken for %s is told in a sentence', async ([what, which, protocol], context) => {
  const one = await Served.prepare(context)
  const { address, port } = one[which]
  const rival = protocol === 'tcp' ? createServer().listen(port, address) : createSocket('udp4').bind(port, address)
  await once(rival, 'listening')
  try {
    expect(await one.startOrEnd()).toEqual(ENDED_ILL)
    const complaint = one.log().split('\n').at(-1)
    expect(complaint).toBe(
      `twinzone: cannot answer ${what} on ${address}:${port}: another program uses this address and port`,
    )
  } finally {
    rival.close()
  }
  expect(await one.startOrEnd(), 'once it is free').toBeUndefined()
})

test('an address that no interface has is told in a sentence', async (context) => {
  const one = await Served.prepare(context, { TWINZONE_DNS: '192.0.2.77:15353' })
  expect(await one.startOrEnd()).toEqual(ENDED_ILL)
  expect(one.log()).toMatch(/cannot answer DNS by (UDP|TCP) on 192.0.2.77:15353: no interface of this host has this/)
})

const openAsOurs = (path: string): DatabaseSync => new DatabaseSync(path)

test.for<[string, string, (path: string) => void]>([
  [
    'of a newer twinzone',
    'it was written by a newer twinzone',
    (path: string) => {
      const database = openAsOurs(path)
      database.exec('PRAGMA user_version = 999')
      database.close()
    },
  ],
  [
    'that is damaged',
    'is damaged, restore it from a backup',
    (path: string) => {
      const octets = readFileSync(path)
      octets.fill(0xa5, 0, 4096)
      writeFileSync(path, octets)
    },
  ],
  [
    'of another program',
    'is not a database of twinzone',
    (path: string) => {
      writeFileSync(path, '')
      const database = openAsOurs(path)
      database.exec('CREATE TABLE theirs (x)')
      database.close()
    },
  ],
])('a database %s is refused and left as it is', async ([, complaint, spoil], context) => {
  const one = await Served.begin(context)
  expect(await one.stop()).toEqual(ENDED_WELL)
  const path = join(one.data, 'twinzone.db')
  copyFileSync(path, `${path}.good`)
  spoil(path)
  const before = readFileSync(path)
  expect(await one.startOrEnd()).toEqual(ENDED_ILL)
  expect(one.log()).toContain(`twinzone: ${path}`)
  expect(one.log()).toContain(complaint)
  expect(readFileSync(path).equals(before), 'the database is untouched').toBe(true)
  copyFileSync(`${path}.good`, path)
  expect(await one.startOrEnd(), 'with the good one again').toBeUndefined()
})

test('secrets sealed with another key stop the start, rather than be lost', async (context) => {
  const one = await Served.begin(context, { TWINZONE_KEY: Buffer.alloc(32, 1).toString('base64') })
  const account = await one.account()
  await one.post(`/client/v4/accounts/${account}/secondary_dns/tsigs`, {
    name: 'key.example.',
    algo: 'hmac-sha256.',
    secret: 'c2VjcmV0',
  })
  await one.stop()
  one.environment = { ...one.environment, TWINZONE_KEY: Buffer.alloc(32, 2).toString('base64') }
  expect(await one.startOrEnd()).toEqual(ENDED_ILL)
  expect(one.log()).toMatch(/^twinzone: .*(sealed|key)/m)
  expect(one.log()).not.toContain('    at ')
})

const THREADS = ['store', 'contents', 'answer-0', 'stream']

const deathOf = (death: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${new URL('thread-death.ts', import.meta.url).href}`,
  TWINZONE_TEST_DEATH: death,
})

test.for(THREADS)('without its thread "%s" it does not start, and says so', async (thread, context) => {
  const one = await Served.prepare(context, deathOf(thread))
  expect(await one.startOrEnd()).toEqual(ENDED_ILL)
  expect(one.log()).toContain('this thread was told to die')
})

test.for(THREADS)('when its thread "%s" dies it ends, rather than be half there', async (thread, context) => {
  const one = await Served.prepare(context)
  const file = join(one.folder, 'die')
  one.environment = { ...one.environment, ...deathOf(`${thread}:${file}`) }
  await one.start()
  writeFileSync(file, '')
  expect(await one.ended()).toEqual(ENDED_ILL)
  expect(one.log()).toContain('this thread was told to die')
  one.environment = { ...one.environment, TWINZONE_TEST_DEATH: '' }
  await one.start()
})

test('whoever reads the lines may go away', async (context) => {
  const one = await Served.prepare(context)
  await one.startInto('head -n 1 >/dev/null')
  expect((await ask(one.dns, { name: 'example.org.', timeoutMs: 3000 }))?.rcode).toBe(RCODE.REFUSED)
  for (let count = 0; count < 20; count++) await one.fetch('/client/v4/zones', { method: 'POST', body: '{}' })
  expect((await fetch(`${one.url}/readyz`)).status).toBe(200)
})
