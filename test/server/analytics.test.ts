import { expect, test } from 'vitest'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'
import { TYPE } from '../hostile/message.ts'
import { ask, questionMessage } from '../interop/ask.ts'
import { Twinzone } from '../interop/twinzone.ts'
import { DnsStream } from './stream.ts'

const APEX = 'asked.test.'
const KINDS = 'dimensions=queryName,queryType,responseCode,tcp&filters=queryType==A&sort=queryName,tcp'

interface Report {
  readonly data: readonly { readonly dimensions: readonly string[]; readonly metrics: readonly number[] }[]
}

test('questions by UDP and TCP are in the next report, and still there after a restart', async ({ onTestFinished }) => {
  const primary = await ScriptedPrimary.start(honest(APEX, () => ({ serial: 7 })))
  onTestFinished(() => primary.remove())
  const ours = await Twinzone.start({ config: { threads: { answer: 2 }, analytics: { coloName: 'FRA' } } })
  onTestFinished(() => ours.remove())
  const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint] })
  await ours.waitForSerial(APEX, { serial: 7 })

  const answered = (name: string): Promise<unknown> => ask(ours.endpoint, { name, type: TYPE.A, timeoutMs: 5000 })
  for (let time = 0; time < 20; time++) expect(await answered(`WWW.${APEX}`)).toBeDefined()
  for (let time = 0; time < 5; time++) expect(await answered('elsewhere.test.')).toBeDefined()
  const stream = await DnsStream.open(ours.endpoint)
  const ids = Array.from({ length: 30 }, (_, index) => index + 1)
  stream.send(...ids.map((id) => questionMessage({ id, name: `Www.${APEX}`, type: TYPE.A })))
  await stream.until('30 answers', ({ messages }) => messages.length === 30)
  stream.end()

  const rows = async (query: string): Promise<readonly unknown[][]> => {
    const path = `/client/v4/zones/${zoneId}/dns_analytics/report?since=-24h&${query}`
    const { data } = await ours.api<Report>('GET', path)
    return data.map(({ dimensions, metrics }) => [...dimensions, ...metrics])
  }
  const expected = [
    ['www.asked.test', 'A', 'NXDOMAIN', '0', 20],
    ['www.asked.test', 'A', 'NXDOMAIN', '1', 30],
  ]
  expect(await rows(KINDS)).toEqual(expected)
  expect(await rows('dimensions=coloName,ipVersion&filters=queryType==A')).toEqual([['FRA', '4', 50]])
  const [[median]] = (await rows('metrics=responseTimeMedian&filters=queryType==A')) as [[number]]
  expect(median).toBeGreaterThan(0)

  const metrics = await (await ours.fetch('GET', '/metrics')).text()
  expect(metrics).toMatch(/^twinzone_analytics_elsewhere_total 5$/m)
  expect(metrics).toMatch(/^twinzone_analytics_rows\{kept="hour"\} \d+$/m)
  expect(metrics).not.toContain('asked.test')

  await ours.stop()
  await ours.start()
  await ours.waitForSerial(APEX, { serial: 7 })
  expect(await rows(KINDS)).toEqual(expected)
  await answered(`www.${APEX}`)
  expect(await rows('filters=queryName==www.asked.test')).toEqual([[51]])
  const queries = await ours.api<{ names: unknown; transports: unknown }>('GET', `/api/v1/zones/${APEX}/queries`)
  expect(queries.names).toContainEqual({ value: 'www.asked.test', count: 51 })
  expect(queries.transports).toContainEqual({ value: 'tcp', count: 30 })
})

test('a server that is to count no questions counts none', async ({ onTestFinished }) => {
  const primary = await ScriptedPrimary.start(honest(APEX, () => ({ serial: 7 })))
  onTestFinished(() => primary.remove())
  const ours = await Twinzone.start({ config: { analytics: { samplesPerSecond: 0 } } })
  onTestFinished(() => ours.remove())
  const zoneId = await ours.follow({ apex: APEX, primaries: [primary.endpoint] })
  await ours.waitForSerial(APEX, { serial: 7 })
  const { data } = await ours.api<Report>('GET', `/client/v4/zones/${zoneId}/dns_analytics/report`)
  expect(data).toEqual([{ dimensions: [], metrics: [0] }])
})
