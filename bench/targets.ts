/** What the server is to reach, and which figure of which benchmark says whether it does. */

import { againstBest, spreadOf, type Report } from './report.ts'

/** One target. */
export interface Target {
  readonly what: string
  readonly bench: string
  readonly key: string
  /** A figure of the others to compare with, where it has another name. */
  readonly otherKey?: string
  /** The most ours may be of the best of the others (the least, where more is better), or itself. */
  readonly limit: number
  readonly against: 'best' | 'itself'
  readonly better?: 'more'
}

const best = (what: string, bench: string, key: string, limit: number): Target => ({
  what,
  bench,
  key,
  limit,
  against: 'best',
})
const itself = (what: string, bench: string, key: string, limit: number): Target => ({
  ...best(what, bench, key, limit),
  against: 'itself',
})

export const TARGETS: readonly Target[] = [
  { ...best('answers per second, 10,000 names', 'answers', 'smallPerSecond', 1.1), better: 'more' },
  { ...best('answers per second, 1,000,000 records', 'answers', 'largePerSecond', 1.1), better: 'more' },
  best('p99 at 20,000 questions a second, 10,000 names', 'answers', 'smallP99', 1),
  best('p99 at 20,000 questions a second, 1,000,000 records', 'answers', 'largeP99', 1),
  itself('p99 while a large zone comes in, to idle', 'answers-busy', 'fullRatio', 2),
  itself('p99 during 1,000 IXFRs a second, to idle', 'answers-busy', 'changesRatio', 2),
  best('AXFR out', 'transfer-out', 'seconds', 1 / 10),
  best('AXFR out with hmac-sha256', 'transfer-out', 'signedSeconds', 1 / 6),
  best('AXFR out to 10 at once', 'transfer-out', 'tenSeconds', 1 / 10),
  best('AXFR in, the first', 'transfer-in', 'firstSeconds', 0.8),
  best('AXFR in, the next version', 'transfer-in', 'nextSeconds', 0.8),
  best('IXFR in of 1 change', 'differences', 'in1', 1),
  best('IXFR in of 100 changes', 'differences', 'in100', 1),
  best('IXFR in of 10,000 changes', 'differences', 'in10000', 1),
  { ...best('IXFR out of 1,000 versions, condensed', 'differences', 'condensedMs', 1), otherKey: 'outMs' },
  best('start, from the store or from text', 'start', 'seconds', 1 / 3),
  best('memory at rest', 'transfer-in', 'restMiB', 0.8),
  itself('memory during a transfer, to rest', 'transfer-in', 'peakRatio', 1.6),
  ...[10_000, 100_000].flatMap((zones) => {
    const [name, bench] = [`${zones.toLocaleString('en')} zones`, `many-zones-${zones}`]
    return [
      best(`${name}: all fetched`, bench, 'fetchSeconds', 1),
      best(`${name}: start`, bench, 'startSeconds', 1),
      best(`${name}: memory`, bench, 'pssMiB', 1),
      best(`${name}: CPU of SOA checks`, bench, 'idlePercent', 1),
    ]
  }),
  itself('an edit until it is served, p50 (ms)', 'propagation', 'served50', 10),
  itself('an edit until it is served, p99 (ms)', 'propagation', 'served99', 30),
  best('an edit until it is served, p50', 'propagation', 'served50', 1),
  best('an edit until it is served, p99', 'propagation', 'served99', 1),
]

/** How a target stands: what was measured, in words, and whether that is enough; undefined where nothing was. */
export function standing(
  target: Target,
  report: Report,
): { readonly measured: string; readonly met: boolean } | undefined {
  const figure = report.figures.find(({ key }) => key === target.key)
  const [ours, ...others] = report.subjects
  if (figure === undefined || ours === undefined) return undefined
  if (target.against === 'itself') {
    const value = spreadOf(ours.runs.map((run) => run[target.key]))?.median
    return value === undefined ? undefined : { measured: value.toFixed(2), met: value <= target.limit }
  }
  const { otherKey = target.key } = target
  const renamed = others.map((subject) => ({
    ...subject,
    runs: subject.runs.map((run) => ({ [target.key]: run[otherKey] })),
  }))
  const compared = againstBest(figure, [ours, ...renamed])
  if (compared === undefined) return undefined
  const met = target.better === 'more' ? compared.ratio >= target.limit : compared.ratio <= target.limit
  return { measured: `×${compared.ratio.toFixed(2)} of ${compared.name}`, met }
}

/** The limit in words. */
export function printLimit({ limit, against, better }: Target): string {
  const number = limit < 0.5 ? limit.toFixed(3) : String(limit)
  const sign = better === 'more' ? 'at least' : 'at most'
  return against === 'itself' ? `${sign} ${number}` : `${sign} ×${number} of the best other`
}
