/** A zone that is handed on, seen by those who ask for it: by UDP and TCP, allowed and not. */

import { createSocket } from 'node:dgram'
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import { OPTION, optionOf, readExpire } from '../../src/dns/edns.ts'
import { readMessage, type Message } from '../../src/dns/message.ts'
import { nameFromWire, parseName } from '../../src/dns/name.ts'
import { toSerial } from '../../src/dns/serial.ts'
import type { TsigKey } from '../../src/dns/tsig.ts'
import { verify } from '../../src/dns/tsig-verify.ts'
import { hmac } from '../../src/engine/keys.ts'
import { axfrQuery, ixfrQuery, soaQuery } from '../../src/protocol/primary-query.ts'
import { ask, exchange } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { freeEndpoint, type Endpoint } from '../interop/endpoint.ts'
import { PrimaryZone } from '../interop/primary-zone.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'
import { message, question, RCODE, TYPE } from '../hostile/message.ts'
import { DnsStream } from './stream.ts'

const CAA = 257
const EXPIRE_OF_OURS = 604_800
const STRICT = { environment: { TWINZONE_XFR_ALLOW: '' } }

let ours: Twinzone
let zones = 0

beforeAll(async () => {
  ours = await Twinzone.start(STRICT)
}, 60_000)
afterAll(() => ours.remove())

/** A zone that is handed on to loopback. */
async function zoneHandedOn(server = ours): Promise<PrimaryZone> {
  const zone = await PrimaryZone.make(server, `zone${++zones}.test.`)
  await zone.handOn([await freeEndpoint()])
  return zone
}

const ixfr = ({ apex }: PrimaryZone, since: number, id = 7) =>
  ixfrQuery({ apex: parseName(apex), id, edns: true }, toSerial(since))

async function byUdp(octets: Uint8Array, from?: string): Promise<Message> {
  const answer = await exchange(ours.endpoint, octets, { timeoutMs: 5000, ...(from === undefined ? {} : { from }) })
  return readMessage(answer ?? new Uint8Array())
}

/** The one answer that fits into one message. */
async function byTcp(octets: Uint8Array, endpoint: Endpoint = ours.endpoint): Promise<Message> {
  const stream = await DnsStream.open(endpoint)
  stream.send(octets)
  await stream.until('an answer', ({ messages }) => messages.length > 0)
  stream.end()
  return stream.messages[0] as Message
}

const typesIn = ({ answer }: Message): number[] => answer.map(({ type }) => type)
const soaSerials = ({ answer }: Message): number[] =>
  answer.filter(({ type }) => type === TYPE.SOA).map(({ rdata }) => Buffer.from(rdata).readUInt32BE(rdata.length - 20))

test('IX-06, CF-096: by UDP the differences come if they fit, else one SOA, and then TCP has them', async () => {
  const zone = await zoneHandedOn()
  const first = await zone.serial()
  await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
  const second = await zone.serial()
  const small = await byUdp(ixfr(zone, first))
  expect(typesIn(small)).toEqual([TYPE.SOA, TYPE.SOA, TYPE.SOA, TYPE.A, TYPE.SOA])
  expect(soaSerials(small)).toEqual([second, first, second, second])
  await zone.addMany(50)
  const third = await zone.serial()
  const tooMuch = await byUdp(ixfr(zone, first))
  expect([typesIn(tooMuch), soaSerials(tooMuch)]).toEqual([[TYPE.SOA], [third]])
  expect(soaSerials(await byTcp(ixfr(zone, first)))).toEqual([third, first, second, second, third, third])
})

test('IX-12: twenty requests for differences on one connection are answered, each under its ID', async () => {
  const zone = await zoneHandedOn()
  const first = await zone.serial()
  for (let change = 1; change <= 3; change++) await zone.add({ type: 'A', name: `c${change}`, content: '192.0.2.1' })
  const stream = await DnsStream.open(ours.endpoint)
  for (let id = 1; id <= 10; id++) stream.send(ixfr(zone, first + (id % 2), id), ixfr(zone, first, id + 10))
  await stream.until('all answers', ({ messages }) => messages.length === 20)
  stream.end()
  expect(stream.messages.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
  for (const answer of stream.messages)
    expect(soaSerials(answer)).toHaveLength(answer.id > 10 || answer.id % 2 === 0 ? 8 : 6)
})

test('AX-16: 200 transfers that strangers ask for keep no place from those who may have the zone', async (context) => {
  const server = await Twinzone.start({ ...STRICT, config: { limits: { transfersOut: 1 } } })
  context.onTestFinished(() => server.remove())
  const zone = await zoneHandedOn(server)
  await zone.addMany(20)
  const strangers = await Promise.all(
    Array.from({ length: 4 }, () => DnsStream.open(server.endpoint, { from: '127.0.0.9' })),
  )
  const requests = Array.from({ length: 50 }, (_, id) =>
    message({ id: id + 1, flags: 0, question: question(zone.apex, TYPE.AXFR) }),
  )
  for (const stream of strangers) stream.send(...requests)
  expect(await pullZone({ endpoint: server.endpoint }, zone.apex)).not.toHaveLength(0)
  for (const stream of strangers) {
    await stream.until('all refusals', ({ messages }) => messages.length === 50)
    expect(new Set(stream.messages.map(({ rcode }) => rcode))).toEqual(new Set([RCODE.REFUSED]))
    stream.end()
  }
  expect(
    (await zone.sent()).every(({ outcome }) => outcome === 'done'),
    'strangers leave nothing in the store',
  ).toBe(true)
})

test('CF-050, CF-052, CF-094, CF-097: an ACL of the account lets a network in; anybody is answered the SOA', async () => {
  const zone = await zoneHandedOn()
  const first = await zone.serial()
  await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
  const from = '127.0.7.7'
  expect((await byUdp(ixfr(zone, first), from)).rcode).toBe(RCODE.REFUSED)
  const acls = `/client/v4/accounts/${await ours.account()}/secondary_dns/acls`
  const { id } = await ours.api<{ id: string }>('POST', acls, { name: 'net', ip_range: '127.0.7.0/24' })
  expect(typesIn(await byUdp(ixfr(zone, first), from))).toContain(TYPE.A)
  await ours.api('DELETE', `${acls}/${id}`)
  expect((await byUdp(ixfr(zone, first), from)).rcode).toBe(RCODE.REFUSED)
  expect((await byUdp(soaQuery({ apex: parseName(zone.apex), id: 3, edns: false }), from)).rcode).toBe(RCODE.NOERROR)
})

test('EX-01, EX-04: whoever asks how long the zone is good is told, in every kind of answer', async (context) => {
  const zone = await zoneHandedOn()
  const first = await zone.serial()
  await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
  const apex = parseName(zone.apex)
  const secondsIn = ({ edns }: Message) => readExpire(optionOf(edns, OPTION.EXPIRE) ?? new Uint8Array())
  const query = { apex, id: 5, edns: true }
  expect(secondsIn(await byUdp(soaQuery(query)))).toBe(EXPIRE_OF_OURS)
  expect(secondsIn(await byTcp(axfrQuery(query)))).toBe(EXPIRE_OF_OURS)
  expect(secondsIn(await byUdp(ixfr(zone, first)))).toBe(EXPIRE_OF_OURS)
  const odd = Buffer.concat([
    soaQuery({ ...query, edns: false }),
    Buffer.from('0000290500000000000007000900030000 00'.replaceAll(' ', ''), 'hex'),
  ])
  odd[11] = 1
  expect(secondsIn(await byUdp(odd))).toBeUndefined()
  const secondary = await Twinzone.start()
  context.onTestFinished(() => secondary.remove())
  await secondary.follow({ apex: zone.apex, primaries: [ours.endpoint] })
  await secondary.waitForSerial(zone.apex)
  const left = secondsIn(await byTcp(soaQuery(query), secondary.endpoint)) ?? 0
  expect(left).toBeLessThanOrEqual(EXPIRE_OF_OURS)
  expect(left).toBeGreaterThan(EXPIRE_OF_OURS - 600)
})

test('CF-102: CAA records are answered and not handed on, unless that is wanted', async (context) => {
  const generous = await Twinzone.start({ ...STRICT, config: { primary: { transferCaa: true } } })
  context.onTestFinished(() => generous.remove())
  for (const server of [ours, generous]) {
    const zone = await zoneHandedOn(server)
    const first = await zone.serial()
    await zone.add({ type: 'CAA', name: 'www', data: { flags: 0, tag: 'issue', value: 'ca.example' } })
    await zone.add({ type: 'A', name: 'www', content: '192.0.2.1' })
    const name = `www.${zone.apex}`
    expect((await ask(server.endpoint, { name, type: CAA }))?.answerCount).toBe(1)
    const wanted = server === generous ? 1 : 0
    const lines = await pullZone({ endpoint: server.endpoint }, zone.apex)
    expect(lines.filter((line) => line.includes(' CAA '))).toHaveLength(wanted)
    const differences = await byTcp(ixfr(zone, first), server.endpoint)
    expect(typesIn(differences).filter((type) => type === CAA)).toHaveLength(wanted)
    expect(typesIn(differences)).toContain(TYPE.A)
  }
})

test.for([
  ['is a peer of it', STRICT, zoneHandedOn],
  ['may have any zone', {}, (server: Twinzone) => PrimaryZone.make(server, `zone${++zones}.test.`)],
] as const)(
  'CF-102: whoever %s learns of a change of what is handed on, by a new serial and a full transfer',
  async ([, options, make], context) => {
    const primary = (transferCaa: boolean) => ({ primary: { transferCaa, serial: 'unixtime' } })
    const server = await Twinzone.start({ ...options, config: primary(false) })
    context.onTestFinished(() => server.remove())
    const zone = await make(server)
    const plain = await make(server)
    await zone.add({ type: 'CAA', name: 'www', data: { flags: 0, tag: 'issue', value: 'ca.example' } })
    const unchanged = await plain.serial()
    const seen: string[][] = []
    for (const transferCaa of [true, false]) {
      const before = await zone.serial()
      await server.stop()
      server.configure(primary(transferCaa))
      await server.start()
      await waitFor('a new serial', async () => ((await zone.serial()) === before + 1 ? true : undefined))
      const differences = await byTcp(ixfr(zone, before), server.endpoint)
      seen.push(typesIn(differences).map((type) => (type === CAA ? 'CAA' : type === TYPE.SOA ? 'SOA' : 'other')))
      await zone.add({ type: 'A', name: 'later', content: `192.0.2.${transferCaa ? 1 : 2}` })
      expect(soaSerials(await byTcp(ixfr(zone, before + 1), server.endpoint)), 'differences from then on').toHaveLength(
        4,
      )
    }
    expect(seen.map((types) => [types.filter((type) => type === 'SOA').length, types.includes('CAA')])).toEqual([
      [2, true],
      [2, false],
    ])
    expect(await plain.serial()).toBe(unchanged)
    const last = await zone.serial()
    await server.stop()
    await server.start()
    await zone.add({ type: 'A', name: 'last', content: '192.0.2.9' })
    expect(typesIn(await byTcp(ixfr(zone, last), server.endpoint)), 'nothing was renewed').toEqual([
      TYPE.SOA,
      TYPE.SOA,
      TYPE.SOA,
      TYPE.A,
      TYPE.SOA,
    ])
  },
)

test('CF-102, CF-132: whoever has a zone that changes hands gets it whole, with the CAA records that go with its type', async (context) => {
  const server = await Twinzone.start()
  context.onTestFinished(() => server.remove())
  const zone = await PrimaryZone.make(server, `zone${++zones}.test.`)
  await zone.add({ type: 'CAA', name: 'www', data: { flags: 0, tag: 'issue', value: 'ca.example' } })
  await zone.add({ type: 'A', name: 'www', content: '192.0.2.1' })
  const seen: unknown[] = []
  for (const type of ['secondary', 'full']) {
    const before = await zone.serial()
    await server.api('PATCH', `/client/v4/zones/${zone.id}`, { type })
    const answers = [
      axfrQuery({ apex: parseName(zone.apex), id: 9, edns: true }),
      ixfr(zone, before),
      ixfr(zone, before - 1),
    ]
    for (const query of answers) {
      const answer = await byTcp(query, server.endpoint)
      seen.push([type, soaSerials(answer).map((serial) => serial - before), typesIn(answer).includes(CAA)])
    }
  }
  expect(seen).toEqual([
    ...Array.from({ length: 3 }, () => ['secondary', [1, 1], true]),
    ...Array.from({ length: 3 }, () => ['full', [1, 1], false]),
  ])
  const converted = await zone.serial()
  await zone.add({ type: 'CAA', name: 'other', data: { flags: 0, tag: 'issue', value: 'ca.example' } })
  await zone.add({ type: 'A', name: 'other', content: '192.0.2.2' })
  const differences = await byTcp(ixfr(zone, converted), server.endpoint)
  expect([soaSerials(differences).length, typesIn(differences).filter((type) => type !== TYPE.SOA)]).toEqual([
    6,
    [TYPE.A],
  ])
})

/** A secondary that notes each NOTIFY and answers as the test says. */
async function listener({ onTestFinished }: TestContext, answer: (request: Buffer) => Buffer | undefined) {
  const socket = createSocket('udp4')
  const heard: Buffer[] = []
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  socket.on('message', (request, from) => {
    heard.push(request)
    const response = answer(request)
    if (response !== undefined) socket.send(response, from.port, from.address)
  })
  const { address, port } = socket.address()
  return { endpoint: { address, port }, heard }
}

/** The request as an answer, without a signature. */
function answerTo(request: Buffer): Buffer {
  const end = 12 + nameFromWire(request, 12).length + 4
  const answer = Buffer.from(request.subarray(0, end))
  answer[2] = (answer[2] as number) | 0x80
  answer.fill(0, 6, 12)
  return answer
}

test('NT-01, NT-15, CF-088: a NOTIFY has the form of the RFC, and what it announces is served when it comes', async (context) => {
  const zone = await PrimaryZone.make(ours, `zone${++zones}.test.`)
  const served: Promise<number | undefined>[] = []
  const { endpoint, heard } = await listener(context, (request) => {
    served.push(ask(ours.endpoint, { name: zone.apex }).then((answer) => answer?.serial))
    return answerTo(request)
  })
  await zone.handOn([endpoint])
  await zone.waitForSecondary(({ state }) => state === 'told')
  await zone.add({ type: 'A', name: 'one', content: '192.0.2.1' })
  const last = await zone.serial()
  await zone.waitForSecondary(({ notified_serial: told }) => told === last)
  expect(heard.map((octets) => readMessage(octets))).toMatchObject(
    [last - 1, last].map(() => ({
      opcode: 4,
      aa: true,
      qr: false,
      rd: false,
      questions: [{ type: TYPE.SOA }],
      authority: [],
    })),
  )
  expect(heard.map((octets) => soaSerials(readMessage(octets))[0])).toEqual([last - 1, last])
  expect(await Promise.all(served)).toEqual([last - 1, last])
})

test('CF-093: a NOTIFY is signed with the key of its peer, and so must be its answer', async (context) => {
  const key = { name: 'notify.test', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 3).toString('base64') }
  const zone = await PrimaryZone.make(ours, `zone${++zones}.test.`)
  const { endpoint, heard } = await listener(context, answerTo)
  await zone.handOn([endpoint], key)
  await waitFor('a second NOTIFY, for the first answer was not believed', () => (heard.length > 1 ? true : undefined))
  const [request] = heard as [Buffer]
  const secret = Buffer.from(key.secret, 'base64')
  const known: TsigKey = { name: parseName(`${key.name}.`), algorithm: 'hmac-sha256', secret }
  expect(verify(request, { keys: () => known, hmac, now: Date.now() })).toMatchObject({ type: 'verified' })
  expect(await zone.secondaries()).toMatchObject([{ state: 'telling', notified_serial: null }])
})

test('what a secondary that is gone costs is told in the log and by the API, with what to do', async () => {
  const server = await Twinzone.start({ ...STRICT, config: { primary: { notifyTries: 2, notifyTimeoutSeconds: 1 } } })
  try {
    const zone = await zoneHandedOn(server)
    const state = await zone.waitForSecondary(({ state: at }) => at === 'failed')
    expect(state.failure).toMatch(/^the NOTIFY could not be delivered: connection refused$/)
    const event = await server.waitForEvent(/"msg":"notify.failed"/)
    expect(event).toMatchObject({ reason: 'notify-unreachable', tries: 2 })
  } finally {
    await server.remove()
  }
})
