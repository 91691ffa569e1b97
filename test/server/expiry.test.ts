import { expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { readMessage } from '../../src/dns/message.ts'
import type { Message } from '../../src/dns/message.ts'
import { askSerial, exchange } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { Twinzone } from '../interop/twinzone.ts'
import type { TwinzoneOptions } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'
import { message, question, RCODE, record, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'
import type { Script } from '../hostile/primary.ts'
import { extendedErrorsIn } from './stream.ts'

/** The zone's own timers count, however short they are. */
const SHORT = {
  secondary: { refreshMin: 1, retryMin: 1 },
  limits: { checkSeconds: 1, checkTries: 1, transferIdleSeconds: 1 },
}
const TIMERS = { refresh: 1, retry: 1, expire: 3 }

const silent: Script = { soa: () => {}, axfr: () => {}, ixfr: () => {} }

interface ZoneState {
  readonly state: string
  readonly soa_serial: number | null
  readonly checked_time: string
  readonly modified_time: string
  readonly next_check_time: string
  /** Null until the zone has come. */
  readonly expires_time: string | null
}

/** A server that follows one zone by the zone's own timers. */
async function scene(
  { task, onTestFinished }: TestContext,
  { soa = TIMERS, ...options }: { soa?: typeof TIMERS } & TwinzoneOptions = {},
) {
  const apex = 'short.test.'
  const state = { serial: 5, soa }
  const script = honest(apex, () => state)
  const primary = await ScriptedPrimary.start(script)
  const ours = await Twinzone.start({ config: SHORT, ...options })
  onTestFinished(async () => {
    if (task.result?.state === 'fail') console.error(ours.log(), primary.log())
    await ours.remove()
    await primary.remove()
  })
  const zoneId = await ours.follow({ apex, primaries: [primary.endpoint], refreshSeconds: 0 })
  await ours.waitForSerial(apex, { serial: 5 })
  const shown = () => ours.api<ZoneState>('GET', `/api/v1/zones/${zoneId}`)
  // It is served a moment before whoever follows it hears so.
  await waitFor('the timers', async () => (await shown()).expires_time ?? undefined)
  return { apex, state, script, primary, ours, zoneId, shown }
}

const OPT = record(Buffer.alloc(1), TYPE.OPT, Buffer.alloc(0), { dnsClass: 1232, ttl: 0 })

/** What is answered for the apex's SOA, by UDP and with EDNS. */
async function answerOf(ours: Twinzone, apex: string): Promise<Message> {
  const asked = message({ id: 1, flags: 0, question: question(apex, TYPE.SOA), additional: [OPT] })
  const octets = await exchange(ours.endpoint, asked, { timeoutMs: 5000 })
  if (octets === undefined) throw new Error('no answer')
  return readMessage(octets)
}

/** When a zone expires unless its primary is heard of again. */
async function expiryOf(shown: () => Promise<ZoneState>): Promise<number> {
  return Date.parse((await shown()).expires_time ?? '')
}

const waitForAnswer = (ours: Twinzone, apex: string, rcode: number): Promise<Message> =>
  waitFor(`RCODE ${rcode}`, async () => {
    const answer = await answerOf(ours, apex)
    return answer.rcode === rcode ? answer : undefined
  })

test('CF-076: a zone whose primary is silent for longer than EXPIRE answers SERVFAIL with EDE 24, until it is back', async (context) => {
  const { apex, script, primary, ours, zoneId, shown } = await scene(context)
  primary.script = silent
  const expiresAt = await expiryOf(shown)
  const refused = await waitForAnswer(ours, apex, RCODE.SERVFAIL)
  expect(Date.now(), 'no sooner than it said').toBeGreaterThanOrEqual(expiresAt)
  expect(extendedErrorsIn(refused)).toEqual([24])
  expect(refused).toMatchObject({ aa: false, answer: [], authority: [] })
  expect(await shown()).toMatchObject({ state: 'expired', soa_serial: 5 })
  await expect(pullZone(ours.source, apex)).rejects.toThrow()
  expect(await (await ours.fetch('GET', '/metrics')).text()).toMatch(/^twinzone_zones\{state="expired"\} 1$/m)
  await ours.waitForEvent(/"msg":"zone.expired"/)

  primary.script = script
  expect(await waitForAnswer(ours, apex, RCODE.NOERROR)).toMatchObject({ aa: true })
  await ours.waitForEvent(/"msg":"zone.revived"/)
  expect(await shown()).toMatchObject({ state: 'serving', soa_serial: 5 })
  const brought = (await ours.transfers(zoneId)).filter(({ asked, outcome }) => asked !== 'SOA' && outcome === 'done')
  expect(brought, 'nothing had to be fetched again').toHaveLength(1)
})

test('a zone that expired stays so over a restart, however it ended, and recovers with a new version', async (context) => {
  const { apex, script, state, primary, ours, shown } = await scene(context)
  primary.script = silent
  await waitForAnswer(ours, apex, RCODE.SERVFAIL)
  for (const end of ['stop', 'kill'] as const) {
    await ours[end]()
    await ours.start()
    expect((await answerOf(ours, apex)).rcode, `after ${end}`).toBe(RCODE.SERVFAIL)
    expect(await shown()).toMatchObject({ state: 'expired', soa_serial: 5 })
  }
  state.serial = 6
  primary.script = script
  await ours.waitForSerial(apex, { serial: 6 })
  expect(await shown()).toMatchObject({ state: 'serving' })
})

test('time spent down counts: what expired meanwhile is not served at all', async (context) => {
  const { apex, primary, ours, shown } = await scene(context)
  primary.script = silent
  const expiresAt = await expiryOf(shown)
  await ours.stop()
  await waitFor('the expiry', () => (Date.now() > expiresAt ? true : undefined))
  await ours.start()
  expect((await answerOf(ours, apex)).rcode).toBe(RCODE.SERVFAIL)
})

test('CF-076: with `expired: serve` it answers on', async (context) => {
  const config = { ...SHORT, secondary: { ...SHORT.secondary, expired: 'serve' } }
  const { apex, primary, ours, shown } = await scene(context, { config })
  primary.script = silent
  const expiresAt = await expiryOf(shown)
  await ours.waitForEvent(/"msg":"zone.report".*expired|expired.*"msg":"zone.report"/)
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt)
  expect(await askSerial(ours.endpoint, apex)).toBe(5)
})

test('timers are the same after a restart, and a check that is not due is not made', async (context) => {
  const { apex, primary, ours, shown } = await scene(context, { soa: { refresh: 3600, retry: 600, expire: 7200 } })
  const before = await shown()
  const asked = primary.queries.length
  expect(await ours.stop()).toEqual({ code: 0, signal: null })
  await ours.start()
  expect(await askSerial(ours.endpoint, apex), 'served at once').toBe(5)
  const timers = ({ checked_time, next_check_time, expires_time }: ZoneState) => [
    checked_time,
    next_check_time,
    expires_time,
  ]
  const after = await shown()
  expect(after).toMatchObject({ state: 'serving', soa_serial: 5 })
  expect(timers(after)).toEqual(timers(before))
  expect(primary.queries.length).toBe(asked)
})
