/** `/zones/{zone}/dns_analytics/report` and `…/report/bytime`: how often what was asked of a zone. */

import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Span } from '../../engine/analytics.ts'
import { newTally } from '../../engine/question-row.ts'
import type { ApiContext } from '../context.ts'
import { answer } from '../envelope.ts'
import { zoneOf, ZonePath } from '../found.ts'
import { needs } from '../needs.ts'
import { several, Several } from '../query.ts'
import { DIMENSIONS, figureOf, isDimension, isMetric, METRICS } from '../question-dimensions.ts'
import type { Dimension, Metric } from '../question-dimensions.ts'
import { FilterError, readFilter, type QuestionTest } from '../question-filter.ts'
import { QuestionReport, type ReportGroup, type ReportOrder } from '../question-report.ts'
import { intervalsOf, isoText, queryFault, readSpan, TIME_DELTAS } from '../question-time.ts'
import { Slices } from '../slices.ts'
import type { TypeBoxTypes } from '../validation.ts'

const LIMIT = 100_000

/** Numbers in one answer. */
const CELLS_MAX = 1_000_000

const Text = Type.Optional(Type.String())

const ReportQuery = Type.Object({
  metrics: Several,
  dimensions: Several,
  since: Text,
  until: Text,
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
  sort: Several,
  filters: Text,
})

const ByTimeQuery = Type.Object({
  ...ReportQuery.properties,
  time_delta: Type.Optional(Type.Enum([...TIME_DELTAS])),
})

type ReportQuery = Static<typeof ReportQuery>

export function analyticsRoutes(face: FastifyInstance, context: ApiContext): void {
  const app = face.withTypeProvider<TypeBoxTypes>()
  const path = '/zones/:zone_id/dns_analytics/report'

  const whole = { params: ZonePath, querystring: ReportQuery }
  app.get(path, { config: needs.analytics.read, schema: whole }, async ({ params, query }) => {
    const asked = readReport(query, context)
    const { report, groups } = await gather(context, zoneOf(params, context.registry).id, asked, [asked.span])
    const data = groups.map(({ values, sum }) => ({
      dimensions: values,
      metrics: asked.metrics.map((metric) => figureOf(metric, sum)),
    }))
    return answer({ ...reportFrame(asked, report, data), query: echoOf(asked, query) })
  })

  const byTime = { params: ZonePath, querystring: ByTimeQuery }
  app.get(`${path}/bytime`, { config: needs.analytics.read, schema: byTime }, async ({ params, query }) => {
    const { time_delta: delta = 'auto' } = query
    const asked = readReport(query, context)
    const intervals = intervalsOf(asked.span, delta)
    const { report, groups } = await gather(context, zoneOf(params, context.registry).id, asked, intervals)
    const data = groups.map((group) => ({
      dimensions: group.values,
      metrics: asked.metrics.map((metric) => figuresByTime(metric, group, intervals.length)),
    }))
    return answer({
      ...reportFrame(asked, report, data),
      query: { ...echoOf(asked, query), time_delta: delta },
      time_intervals: intervals.map(({ since, until }) => [isoText(since), isoText(until)]),
    })
  })
}

/** What is asked for, understood. */
interface Asked {
  readonly metrics: readonly Metric[]
  readonly dimensions: readonly Dimension[]
  readonly span: Span
  readonly limit: number
  readonly order: readonly ReportOrder[]
  readonly filter: QuestionTest | undefined
}

function readReport(query: ReportQuery, { now }: ApiContext): Asked {
  const metrics = readWords('metrics', query.metrics, isMetric, METRICS) ?? ['queryCount']
  const dimensions = readWords('dimensions', query.dimensions, isDimension, DIMENSIONS) ?? []
  return {
    metrics,
    dimensions,
    span: readSpan(query, now()),
    limit: Math.min(query.limit ?? LIMIT, LIMIT),
    order: readOrder(query, metrics, dimensions),
    filter: query.filters === undefined || query.filters.trim() === '' ? undefined : filterOf(query.filters),
  }
}

function readWords<T extends string>(
  name: string,
  given: string | string[] | undefined,
  isWord: (word: string) => word is T,
  words: readonly T[],
): readonly T[] | undefined {
  const asked = several(given)
  if (asked === undefined || asked.length === 0) return undefined
  return [...new Set(asked)].map((word) => {
    if (isWord(word)) return word
    throw queryFault(`${name} must be among ${words.join(', ')}, found "${word}"`)
  })
}

/** By what is asked for only. A `+` arrives as a space, which is gone by now. The most frequent come first by default. */
function readOrder(
  { sort }: ReportQuery,
  metrics: readonly Metric[],
  dimensions: readonly Dimension[],
): readonly ReportOrder[] {
  const sorted = several(sort) ?? []
  if (sorted.length === 0) return metrics.slice(0, 1).map((by) => ({ by, descending: true }))
  const words = [...metrics, ...dimensions]
  return sorted.map((text) => {
    const by = words.find((word) => word === text.replace(/^[+-]/, ''))
    if (by !== undefined) return { by, descending: text.startsWith('-') }
    throw queryFault(`sort must be among the metrics and dimensions asked for (${words.join(', ')}), found "${text}"`)
  })
}

function filterOf(text: string): QuestionTest {
  try {
    return readFilter(text)
  } catch (error) {
    if (error instanceof FilterError) throw queryFault(`filters: ${error.message} (character ${error.column})`)
    throw error
  }
}

/** Reads what was counted, and lets others have their turn meanwhile. */
async function gather(
  { runtime, coloName }: ApiContext,
  zoneId: string,
  { span, dimensions, filter, metrics, order, limit }: Asked,
  intervals: readonly Span[],
): Promise<{ report: QuestionReport; groups: readonly ReportGroup[] }> {
  const starts = intervals.map(({ since }) => since)
  const report = new QuestionReport({ dimensions, filter, coloName, starts })
  const slices = new Slices()
  for await (const bucket of runtime.questions(zoneId, span)) {
    report.add(bucket)
    if (slices.isOver()) await slices.next()
  }
  const groups = report.groups(order).slice(0, limit)
  const cells = groups.length * metrics.length * intervals.length
  if (cells > CELLS_MAX)
    throw queryFault(
      `limit, metrics and time_delta must ask for ${CELLS_MAX} numbers at most, found ${cells}: ` +
        `${groups.length} rows of ${metrics.length} metrics in ${intervals.length} intervals`,
    )
  return { report, groups }
}

const NOTHING = newTally()

function figuresByTime(metric: Metric, { sum, parts }: ReportGroup, intervals: number): readonly number[] {
  if (intervals === 1) return [figureOf(metric, sum)]
  return Array.from({ length: intervals }, (_, at) => figureOf(metric, parts.get(at) ?? NOTHING))
}

/** All that was answered until now has been counted: there is no lag. */
function reportFrame<Row>({ metrics }: Asked, { total }: QuestionReport, data: readonly Row[]) {
  return {
    rows: data.length,
    data,
    data_lag: 0,
    min: {},
    max: {},
    totals: Object.fromEntries(metrics.map((metric) => [metric, figureOf(metric, total)])),
  }
}

function echoOf({ dimensions, metrics, span, limit }: Asked, { filters, sort }: ReportQuery) {
  const sorted = several(sort)
  return {
    dimensions,
    metrics,
    since: isoText(span.since),
    until: isoText(span.until),
    limit,
    ...(filters === undefined ? {} : { filters }),
    ...(sorted === undefined ? {} : { sort: sorted }),
  }
}
