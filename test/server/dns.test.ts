import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMessage } from '../../src/dns/message.ts'
import { ask, exchange, questionMessage, readAnswer } from '../interop/ask.ts'
import { expectSameZone, pullZone } from '../interop/compare.ts'
import { freeEndpoint } from '../interop/endpoint.ts'
import type { Endpoint } from '../interop/endpoint.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { message, question, RCODE, record, soaRecord, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'
import { Signature } from '../hostile/signature.ts'
import { framed } from '../hostile/tcp.ts'
import { runProgram } from './process.ts'
import { DnsStream, extendedErrorsIn } from './stream.ts'

const APEX = 'sockets.test.'
const KEY = { name: 'sockets.key', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 4).toString('base64') }

let ours: Twinzone
let primary: ScriptedPrimary

beforeAll(async () => {
  primary = await ScriptedPrimary.start(
    honest(APEX, () => ({ serial: 7 })),
    { key: KEY },
  )
  const endpoint = await freeEndpoint()
  ours = await Twinzone.start({
    endpoint,
    environment: {
      TWINZONE_DNS: `0.0.0.0:${endpoint.port},[::]:${endpoint.port}`,
      TWINZONE_XFR_ALLOW: '127.0.0.1/32,::1/128',
    },
  })
  await ours.follow({ apex: APEX, primaries: [primary.endpoint], key: KEY })
  await ours.waitForSerial(APEX, { serial: 7 })
}, 60_000)
afterAll(async () => {
  await ours.remove()
  await primary.remove()
})

/** Every address of this host, link-local ones aside. */
const addresses = Object.values(networkInterfaces())
  .flatMap((all = []) => all.map(({ address }) => address))
  .filter((address) => !address.startsWith('fe80:'))

const at = (address: string): Endpoint => ({ address, port: ours.endpoint.port })

describe('bound to 0.0.0.0 and [::], it answers', () => {
  test.for(addresses)('by UDP from %s when asked there', async (address) => {
    // The socket that asks is connected: it hears only the address it asked.
    expect(await ask(at(address), { name: APEX, timeoutMs: 5000 })).toMatchObject({ rcode: 0, aa: true, serial: 7 })
  })

  test.for(addresses)('by TCP at %s', async (address) => {
    const stream = await DnsStream.open(at(address))
    stream.send(questionMessage({ id: 1, name: APEX, type: TYPE.SOA }))
    await stream.until('an answer', ({ messages }) => messages.length === 1)
    expect(stream.messages[0]).toMatchObject({ id: 1, rcode: 0, aa: true })
    stream.end()
  })
})

test('dig asks by UDP and TCP, on IPv4 and IPv6, and is content', async () => {
  for (const server of ['127.0.0.1', '::1'])
    for (const way of ['+notcp', '+tcp']) {
      const args = [`@${server}`, '-p', String(ours.endpoint.port), way, '+tries=1', '+norec', APEX, 'SOA']
      const { code, stdout } = await runProgram('dig', args)
      expect(code).toBe(0)
      expect(stdout).toMatch(/status: NOERROR.*\n;; flags: qr aa; QUERY: 1, ANSWER: 1,/)
      expect(stdout).not.toMatch(/^;; (WARNING|communications error|connection timed out)/m)
    }
})

describe('TR-08 questions by TCP', () => {
  test('that come all at once are all answered', async () => {
    const stream = await DnsStream.open(ours.endpoint)
    const ids = Array.from({ length: 300 }, (_, index) => index + 1)
    stream.send(...ids.map((id) => questionMessage({ id, name: `n${id}.${APEX}`, type: TYPE.A })))
    await stream.until('300 answers', ({ messages }) => messages.length === 300)
    expect(stream.messages.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids)
    expect(stream.messages.every(({ rcode, aa }) => rcode === RCODE.NXDOMAIN && aa)).toBe(true)
    stream.end()
  })

  test('that come octet by octet are answered', async () => {
    const stream = await DnsStream.open(ours.endpoint)
    const octets = framed(questionMessage({ id: 5, name: APEX, type: TYPE.SOA }))
    for (const octet of octets) {
      stream.sendOctets(Uint8Array.of(octet))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await stream.until('an answer', ({ messages }) => messages.length === 1)
    expect(stream.messages[0]).toMatchObject({ id: 5, rcode: 0 })
    stream.end()
  })
})

describe('a question signed with TSIG', () => {
  const dig = async (key: typeof KEY, ...more: readonly string[]): Promise<string> => {
    const server = [`@127.0.0.1`, '-p', String(ours.endpoint.port), '+tries=1', '+norec']
    const args = [...server, '-y', `${key.algorithm}:${key.name}:${key.secret}`, ...more, APEX, 'SOA']
    return (await runProgram('dig', args)).stdout
  }

  test.for(['+notcp', '+tcp'])('gets an answer that dig can verify, %s', async (way) => {
    const said = await dig(KEY, way)
    expect(said).toMatch(/status: NOERROR/)
    expect(said).toMatch(/^sockets\.key\.\s+0\s+ANY\s+TSIG\s+hmac-sha256\. \d+ 300 32 \S+ \d+ NOERROR 0/m)
    expect(said).not.toMatch(/Couldn't verify|TSIG error/i)
  })

  test('with a key nobody knows gets NOTAUTH and BADKEY; with a wrong secret BADSIG', async () => {
    expect(await dig({ ...KEY, name: 'other.key' })).toMatch(/status: NOTAUTH[^]*BADKEY/)
    expect(await dig({ ...KEY, secret: Buffer.alloc(32, 5).toString('base64') })).toMatch(/status: NOTAUTH[^]*BADSIG/)
  })
})

/** An OPT record that says nothing but that we speak EDNS. */
const OPT = record(Buffer.alloc(1), TYPE.OPT, Buffer.alloc(0), { dnsClass: 1232, ttl: 0 })

const axfrQuestion = (id: number): Buffer =>
  message({ id, flags: 0, question: question(APEX, TYPE.AXFR), additional: [OPT] })

describe('a transfer out', () => {
  test('is what came in, on IPv4 and IPv6', async () => {
    for (const address of ['127.0.0.1', '::1'])
      expect(await expectSameZone({ endpoint: primary.endpoint, key: KEY }, { endpoint: at(address) }, APEX)).toBe(4)
  })

  test('is refused with EDE 18 to whom TWINZONE_XFR_ALLOW does not name', async () => {
    const stream = await DnsStream.open(ours.endpoint, { from: '127.0.0.2' })
    stream.send(axfrQuestion(3))
    await stream.until('an answer', ({ messages }) => messages.length === 1)
    const [refusal] = stream.messages
    expect(refusal).toMatchObject({ id: 3, rcode: RCODE.REFUSED, answer: [] })
    expect(refusal && extendedErrorsIn(refusal)).toEqual([18])
    // The refusal is no reason to end the connection.
    stream.send(questionMessage({ id: 4, name: APEX, type: TYPE.SOA }))
    await stream.until('another answer', ({ messages }) => messages.length === 2)
    expect(stream.messages[1]).toMatchObject({ id: 4, rcode: 0 })
    stream.end()
    await expect(
      pullZone({ endpoint: at(addresses.find((one) => !/^127|:/.test(one)) ?? '127.0.0.2') }, APEX),
    ).rejects.toThrow()
  })

  test('is not to be had by UDP', async () => {
    const answer = await exchange(ours.endpoint, axfrQuestion(3), { timeoutMs: 5000 })
    expect(readAnswer(answer as Buffer)).toMatchObject({ answerCount: 0 })
    expect(readAnswer(answer as Buffer).rcode).not.toBe(0)
  })

  test('by IXFR from the same serial is one SOA, from an older one the zone', async () => {
    const stream = await DnsStream.open(ours.endpoint)
    const ixfr = (id: number, since: number): Buffer =>
      message({ id, flags: 0, question: question(APEX, TYPE.IXFR), authority: [soaRecord(APEX, since)] })
    stream.send(ixfr(1, 7))
    await stream.until('an answer', ({ messages }) => messages.length === 1)
    expect(stream.messages[0]?.answer.map(({ type }) => type)).toEqual([TYPE.SOA])
    stream.send(ixfr(2, 6))
    await stream.until('the zone', ({ messages }) => messages.length === 2)
    const types = stream.messages[1]?.answer.map(({ type }) => type) ?? []
    expect([types.length, types[0], types.at(-1)]).toEqual([5, TYPE.SOA, TYPE.SOA])
    stream.end()
  })
})

describe('CF-066, CF-067: NOTIFY', () => {
  const notify = (signature?: Signature): Buffer => {
    const octets = message({ id: 9, flags: 0x2400, question: question(APEX, TYPE.SOA) })
    return signature?.sign(octets) ?? octets
  }
  const send = async (octets: Buffer, from?: string): Promise<{ rcode: number; signed: boolean }> => {
    const answer = await exchange(ours.endpoint, octets, { timeoutMs: 5000, ...(from === undefined ? {} : { from }) })
    const { rcode, tsig } = readMessage(answer as Buffer)
    return { rcode, signed: tsig !== undefined }
  }

  test('is heard from a peer, signed with its key, and answered signed', async () => {
    const before = primary.asked(TYPE.SOA).length
    expect(await send(notify(new Signature(KEY)))).toEqual({ rcode: 0, signed: true })
    await primary.waitForQuery(TYPE.SOA, { count: before + 1 })
  })

  test('is refused unsigned where the peer has a key', async () => {
    const { rcode } = await send(notify())
    expect(rcode).toBe(RCODE.REFUSED)
  })

  test('is refused from anybody else, signed or not', async () => {
    expect((await send(notify(), '127.0.0.3')).rcode).toBe(RCODE.REFUSED)
    expect((await send(notify(new Signature(KEY)), '127.0.0.3')).rcode).toBe(RCODE.REFUSED)
  })

  test('is refused with another key or another secret', async () => {
    const other = { ...KEY, secret: Buffer.alloc(32, 5).toString('base64') }
    expect((await send(notify(new Signature(other)))).rcode).toBe(RCODE.NOTAUTH)
    expect((await send(notify(new Signature({ ...KEY, name: 'other.key' })))).rcode).toBe(RCODE.NOTAUTH)
  })

  test('by TCP is heard as well', async () => {
    const before = primary.asked(TYPE.SOA).length
    const stream = await DnsStream.open(ours.endpoint)
    stream.send(notify(new Signature(KEY)))
    await stream.until('a response', ({ messages }) => messages.length === 1)
    expect(stream.messages[0]).toMatchObject({ id: 9, rcode: 0 })
    await primary.waitForQuery(TYPE.SOA, { count: before + 1 })
    stream.end()
  })
})
