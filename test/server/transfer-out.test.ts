import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import type { Message } from '../../src/dns/message.ts'
import { ask, questionMessage } from '../interop/ask.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'
import { batches, message, question, RCODE, record, soaRecord, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary, smallZone } from '../hostile/primary.ts'
import { DnsStream } from './stream.ts'

/** 12 MB: more than the buffers on the way hold (the kernel's for sending grow to 4), so that a reader can stop us. */
const RECORDS = 2400
const PADDING = Buffer.concat(Array.from({ length: 20 }, () => Buffer.alloc(250, 249)))

const LIMITS = { limits: { transfersOutPerClient: 3 } }

let ours: Twinzone
let zones = 0

beforeAll(async () => {
  ours = await Twinzone.start({ config: LIMITS })
}, 60_000)
afterAll(() => ours.remove())

/** A large zone on a server, and its primary. Every record tells its version. */
async function largeZone({ onTestFinished }: TestContext, server = ours) {
  const apex = `large${++zones}.test.`
  const state = { serial: 1 }
  const primary = await ScriptedPrimary.start({
    ...honest(apex, () => state),
    axfr: (line) => {
      const { serial } = state
      const soa = soaRecord(apex, serial)
      const rdata = Buffer.concat([Buffer.from(`\u0004v${serial} `.padEnd(5)), PADDING])
      const records = Array.from({ length: RECORDS }, (_, at) => record(`t${at}.${apex}`, TYPE.TXT, rdata))
      for (const answer of batches([soa, ...smallZone(apex, serial), ...records, soa], 60_000)) line.answer({ answer })
    },
  })
  onTestFinished(() => primary.remove())
  const zoneId = await server.follow({ apex, primaries: [primary.endpoint], ixfr: false })
  await server.waitForSerial(apex, { serial: 1 })
  return { apex, state, primary, zoneId }
}

const axfr = (apex: string, id: number): Buffer => message({ id, flags: 0, question: question(apex, TYPE.AXFR) })

/** A transfer that began, and whose reader has stopped after the first message. */
async function begunTransfer(apex: string, { server = ours, from }: { server?: Twinzone; from?: string } = {}) {
  const stream = DnsStream.openNarrow(server.endpoint, from === undefined ? {} : { from })
  stream.send(axfr(apex, 1))
  await stream.until('the first message', ({ messages }) => messages.length > 0)
  stream.pause()
  return stream
}

const ofTransfer = ({ messages }: DnsStream): Message[] => messages.filter(({ id }) => id === 1)
const recordsOf = (stream: DnsStream) => ofTransfer(stream).flatMap(({ answer }) => answer)

/** Whether the last record is the SOA again, and not for the first time. */
function isWhole(stream: DnsStream): boolean {
  const messages = ofTransfer(stream)
  const last = messages.at(-1)?.answer.at(-1)
  return last?.type === TYPE.SOA && (messages.length > 1 || (messages[0]?.answer.length ?? 0) > 1)
}

const serialOf = (rdata: Uint8Array): number => Buffer.from(rdata).readUInt32BE(rdata.length - 20)

/** Which versions the records of a transfer are of. */
function versionsIn(stream: DnsStream): { serials: number[]; tags: string[]; count: number } {
  const records = recordsOf(stream)
  const soas = records.filter(({ type }) => type === TYPE.SOA)
  const texts = records.filter(({ type, rdata }) => type === TYPE.TXT && rdata.length > 1000)
  const tags = new Set(texts.map(({ rdata }) => Buffer.from(rdata).toString('latin1', 1).split(' ')[0] ?? ''))
  return { serials: soas.map(({ rdata }) => serialOf(rdata)), tags: [...tags], count: texts.length }
}

test('a transfer keeps its version while the zone moves on, and other questions on its connection are answered', async (context) => {
  const { apex, state, primary } = await largeZone(context)
  const stream = await begunTransfer(apex)
  for (state.serial = 2; state.serial <= 3; state.serial++) {
    await primary.notify(ours.endpoint, apex, { serial: state.serial })
    await ours.waitForSerial(apex, { serial: state.serial })
  }
  stream.send(questionMessage({ id: 2, name: apex, type: TYPE.SOA }))
  stream.resume()
  await stream.until('the end of the transfer', isWhole)
  expect(versionsIn(stream)).toEqual({ serials: [1, 1], tags: ['v1'], count: RECORDS })
  await stream.until('the other answer', ({ messages }) => messages.some(({ id }) => id === 2))
  const other = stream.messages.findIndex(({ id }) => id === 2)
  expect(serialOf(stream.messages[other]?.answer[0]?.rdata ?? new Uint8Array(20))).toBe(3)
  expect(other, 'the other answer came in between').toBeLessThan(stream.messages.length - 1)
  stream.end()
})

test('a zone that is removed while it is sent ends the transfer at once, short of its last record', async (context) => {
  const { apex, zoneId } = await largeZone(context)
  const stream = await begunTransfer(apex)
  await ours.api('DELETE', `/client/v4/zones/${zoneId}`)
  await waitFor('the end of the zone', async () => (await ask(ours.endpoint, { name: apex }))?.rcode === 5 || undefined)
  stream.resume()
  await stream.until('the end of the transfer', ({ messages }) => messages.at(-1)?.rcode === RCODE.SERVFAIL)
  expect(isWhole(stream)).toBe(false)
  expect(versionsIn(stream)).toMatchObject({ serials: [1], tags: ['v1'] })
  const event = await ours.waitForEvent(new RegExp(`"zone":"${apex}".*"msg":"transfer.out"`))
  expect(event).toMatchObject({ outcome: 'zone gone', asked: 'AXFR' })
})

test('one client gets so many transfers at once and no more; one that is broken off makes room', async (context) => {
  const { apex } = await largeZone(context)
  const from = '127.0.0.9'
  const streams = await Promise.all([1, 2, 3].map(() => begunTransfer(apex, { from })))
  const refused = await DnsStream.open(ours.endpoint, { from })
  refused.send(axfr(apex, 5))
  await refused.until('an answer', ({ messages }) => messages.length === 1)
  expect(refused.messages[0]).toMatchObject({ id: 5, rcode: RCODE.SERVFAIL, answer: [] })
  streams[0]?.end()
  await ours.waitForEvent(new RegExp(`"zone":"${apex}".*"outcome":"broken off".*"msg":"transfer.out"`))
  const admitted = await begunTransfer(apex, { from })
  admitted.resume()
  await admitted.until('the whole zone', isWhole)
  for (const stream of [...streams, refused, admitted]) stream.end()
})

test('SIGTERM lets a transfer under way end, takes nobody new, and ends with 0', async (context) => {
  const server = await Twinzone.start()
  context.onTestFinished(() => server.remove())
  const { apex } = await largeZone(context, server)
  const stream = await begunTransfer(apex, { server })
  const ending = server.stop()
  await server.waitForEvent(/"msg":"stopping"/)
  const connect = () =>
    DnsStream.open(server.endpoint).then(
      (taken) => taken.end(),
      () => 'refused',
    )
  await waitFor('a closed door', connect)
  stream.resume()
  await stream.until('the whole zone', isWhole)
  expect(versionsIn(stream)).toEqual({ serials: [1, 1], tags: ['v1'], count: RECORDS })
  expect(await ending).toEqual({ code: 0, signal: null })
})
