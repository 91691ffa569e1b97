import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { askSerial } from '../interop/ask.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { batches, message, question, record, soaRecord, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary, smallZone } from '../hostile/primary.ts'
import { Served } from './process.ts'
import { DnsStream } from './stream.ts'

const ENDED_WELL = { code: 0, signal: null }
const APEX = 'stop.test.'

async function serverOf({ onTestFinished }: TestContext): Promise<Twinzone> {
  const ours = await Twinzone.start()
  onTestFinished(() => ours.remove())
  return ours
}

/** Some 12 MB: more than the buffers on the way hold. */
function* largeZone(): Generator<Buffer> {
  const padding = Buffer.concat(Array.from({ length: 20 }, () => Buffer.alloc(250, 249)))
  yield soaRecord(APEX, 1)
  yield* smallZone(APEX, 1)
  for (let at = 0; at < 2400; at++) yield record(`t${at}.${APEX}`, TYPE.TXT, padding)
  yield soaRecord(APEX, 1)
}

test('a transfer in that is under way does not hold up the end, and is made anew after the next start', async (context) => {
  const ours = await serverOf(context)
  const soa = soaRecord(APEX, 1)
  const script = honest(APEX, () => ({ serial: 1 }))
  const primary = await ScriptedPrimary.start({
    ...script,
    axfr: (line) => line.answer({ answer: [soa, ...smallZone(APEX, 1)] }), // and no more
  })
  context.onTestFinished(() => primary.remove())
  await ours.follow({ apex: APEX, primaries: [primary.endpoint] })
  await primary.waitForQuery(TYPE.AXFR)
  const start = performance.now()
  expect(await ours.stop()).toEqual(ENDED_WELL)
  expect(performance.now() - start).toBeLessThan(4000)
  primary.script = script
  await ours.start()
  await ours.waitForSerial(APEX, { serial: 1 })
})

test('connections that rest do not hold up the end', async (context) => {
  const one = await Served.begin(context)
  const open = (port: number) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    return { socket, connected: once(socket, 'connect'), closed: new Promise((resolve) => socket.on('close', resolve)) }
  }
  const resting = [open(one.dns.port), open(one.http.port)]
  await Promise.all(resting.map(({ connected }) => connected))
  await one.fetch('/livez') // keeps its connection alive
  const start = performance.now()
  expect(await one.stop()).toEqual(ENDED_WELL)
  expect(performance.now() - start).toBeLessThan(4000)
  for (const { socket } of resting) socket.destroy()
})

test('an export under way is finished; a reader that reads no more holds up the end for some seconds and no longer', async (context) => {
  const ours = await serverOf(context)
  const primary = await ScriptedPrimary.start({
    ...honest(APEX, () => ({ serial: 1 })),
    axfr: (line) => {
      for (const answer of batches(largeZone(), 60_000)) line.answer({ answer })
    },
  })
  context.onTestFinished(() => primary.remove())
  const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint], ixfr: false })
  await ours.waitForSerial(APEX, { serial: 1 })
  const stream = DnsStream.openNarrow(ours.endpoint)
  context.onTestFinished(() => stream.end())
  stream.send(message({ id: 1, flags: 0, question: question(APEX, TYPE.AXFR) }))
  await stream.until('the first message', ({ messages }) => messages.length > 0)
  stream.pause()
  const exported = await ours.fetch('GET', `/api/v1/zones/${zoneId}/zonefile`)
  const ending = ours.stop()
  const text = await exported.text()
  expect(text.split('\n').filter((line) => line.includes('TXT'))).toHaveLength(2401)
  const start = performance.now()
  expect(await ending).toEqual(ENDED_WELL)
  expect(performance.now() - start).toBeLessThan(7000)
  await ours.start()
  expect(await askSerial(ours.endpoint, APEX)).toBe(1)
})

test('the API is to be had on IPv6', async (context) => {
  const one = await Served.prepare(context)
  one.environment = { ...one.environment, TWINZONE_HTTP: `[::1]:${one.http.port}` }
  await one.start()
  expect(one.readyLine).toContain(`HTTP on http://[::1]:${one.http.port}`)
  expect((await fetch(`http://[::1]:${one.http.port}/readyz`)).status).toBe(200)
})
