/** `/zones/{id or name}/queries`: what was asked of a zone and when, at a glance. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Span } from '../../engine/analytics.ts'
import { timeQuantile, type Tally } from '../../engine/question-row.ts'
import type { ApiContext } from '../context.ts'
import { Answer, answer } from '../envelope.ts'
import { NamedZonePath, zoneNamed } from '../found.ts'
import { toUnicode } from '../idn.ts'
import { needs } from '../needs.ts'
import type { Dimension } from '../question-dimensions.ts'
import { QuestionReport, type ReportGroup } from '../question-report.ts'
import { intervalsOf, isoText, readSpan, TIME_DELTAS } from '../question-time.ts'
import { Slices } from '../slices.ts'
import type { TypeBoxTypes } from '../validation.ts'

const Counted = Type.Object({ value: Type.String(), count: Type.Integer() })

const BucketObject = Type.Object({
  since: Type.String(),
  until: Type.String(),
  count: Type.Integer(),
  rcodes: Type.Record(Type.String(), Type.Integer()),
})

const QueriesObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  since: Type.String(),
  until: Type.String(),
  count: Type.Integer(),
  answer_microseconds: Type.Object({ average: Type.Number(), median: Type.Number(), p99: Type.Number() }),
  buckets: Type.Array(BucketObject),
  names: Type.Array(Counted),
  types: Type.Array(Counted),
  rcodes: Type.Array(Counted),
  transports: Type.Array(Counted),
  ip_versions: Type.Array(Counted),
})

const TOP = 10
const TOP_MAX = 1000

const QueriesQuery = Type.Object({
  since: Type.Optional(Type.String()),
  until: Type.Optional(Type.String()),
  by: Type.Optional(Type.Enum([...TIME_DELTAS])),
  top: Type.Optional(Type.Integer({ minimum: 1, maximum: TOP_MAX })),
})

/** Each is counted by itself. */
const LISTS = ['queryName', 'queryType', 'tcp', 'ipVersion'] as const satisfies readonly Dimension[]
const MOST_FIRST = [{ by: 'queryCount', descending: true }] as const

export function queryRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const schema = { params: NamedZonePath, querystring: QueriesQuery, response: { 200: Answer(QueriesObject) } }
  app.get(
    '/zones/:zone/queries',
    { config: needs.analytics.read, schema },
    async ({ params: { zone: named }, query }) => {
      const zone = zoneNamed(named, context.registry)
      const span = readSpan(query, context.now())
      const intervals = intervalsOf(span, query.by ?? 'auto')
      const counted = await count(context, zone.id, span, intervals)
      return answer({ id: zone.id, name: toUnicode(zone.name), ...queriesObject(counted, span, intervals, query.top) })
    },
  )
}

interface CountedQueries {
  readonly byTime: QuestionReport
  readonly lists: Readonly<Record<(typeof LISTS)[number], QuestionReport>>
}

async function count(
  { runtime, coloName }: ApiContext,
  zoneId: string,
  span: Span,
  intervals: readonly Span[],
): Promise<CountedQueries> {
  const report = (dimension: Dimension, starts: readonly number[]) =>
    new QuestionReport({ dimensions: [dimension], filter: undefined, coloName, starts })
  const byTime = report(
    'responseCode',
    intervals.map(({ since }) => since),
  )
  const lists = Object.fromEntries(LISTS.map((dimension) => [dimension, report(dimension, [span.since])]))
  const slices = new Slices()
  for await (const { at, rows } of runtime.questions(zoneId, span)) {
    const bucket = { at, rows: [...rows] }
    for (const each of [byTime, ...Object.values(lists)]) each.add(bucket)
    if (slices.isOver()) await slices.next()
  }
  return { byTime, lists: lists as CountedQueries['lists'] }
}

function queriesObject(
  { byTime, lists }: CountedQueries,
  span: Span,
  intervals: readonly Span[],
  top = TOP,
): Omit<Static<typeof QueriesObject>, 'id' | 'name'> {
  const rcodes = byTime.groups(MOST_FIRST)
  const most = (report: QuestionReport) => report.groups(MOST_FIRST).slice(0, top).map(countedOf)
  const named = (report: QuestionReport, words: Readonly<Record<string, string>>) =>
    most(report).map(({ value, count: times }) => ({ value: words[value] ?? value, count: times }))
  return {
    since: isoText(span.since),
    until: isoText(span.until),
    count: byTime.total.count,
    answer_microseconds: timesOf(byTime.total),
    buckets: intervals.map(({ since, until }, at) => ({
      since: isoText(since),
      until: isoText(until),
      ...bucketOf(rcodes, at, intervals.length),
    })),
    names: most(lists.queryName),
    types: most(lists.queryType),
    rcodes: rcodes.map(countedOf),
    transports: named(lists.tcp, { 0: 'udp', 1: 'tcp' }),
    ip_versions: most(lists.ipVersion),
  }
}

function bucketOf(rcodes: readonly ReportGroup[], at: number, intervals: number) {
  const counts = rcodes.flatMap(({ values: [rcode = ''], sum, parts }) => {
    const times = (intervals === 1 ? sum : parts.get(at))?.count ?? 0
    return times === 0 ? [] : [[rcode, times] as const]
  })
  return { count: counts.reduce((sum, [, times]) => sum + times, 0), rcodes: Object.fromEntries(counts) }
}

const countedOf = ({ values: [value = ''], sum }: ReportGroup) => ({ value, count: sum.count })

function timesOf(total: Tally) {
  const average = total.count === 0 ? 0 : total.microseconds / total.count
  return {
    average: Math.round(average),
    median: Math.round(timeQuantile(total, 0.5)),
    p99: Math.round(timeQuantile(total, 0.99)),
  }
}
