/** The rounds of a soak as a table, and the report they go into. */

import { VERSION } from '../src/engine/version.ts'
import { writeReport, type Figure } from './report.ts'
import { SHAPE, type Tally } from './soak-hour.ts'
import type { AtRest } from './soak-measure.ts'
import { CONFIG } from './soak-pair.ts'
import { GROWTH_MAX, percent, trendOf, WARM_UP_ROUNDS } from './soak-verdict.ts'

const FIGURES: readonly (Figure & { readonly key: keyof AtRest })[] = [
  { key: 'restMiB', title: 'PSS at rest (MiB)', digits: 1 },
  { key: 'pssMiB', title: 'without garbage (MiB)', digits: 1 },
  { key: 'descriptors', title: 'descriptors', digits: 0 },
  { key: 'heapMiB', title: 'heap (MiB)', digits: 1 },
  { key: 'contentsMiB', title: 'contents (MiB)', digits: 1 },
  { key: 'storeMiB', title: 'store (MiB)', digits: 1 },
]

/** What happened in one round, and what each server held after it. */
export interface Round {
  readonly seconds: number
  readonly tally: Tally
  /** Questions by UDP that got no answer. */
  readonly lost: number
  readonly servers: Readonly<Record<string, AtRest>>
}

export interface Soak {
  readonly rounds: readonly Round[]
  /** How many were wanted, and how many hours they are worth. */
  readonly roundsMax: number
  readonly hours: number
  /** What a round has at least. */
  readonly worth: Tally
  readonly complaints: readonly string[]
}

/** Lines of a table: a head of two, and one for each round. */
export function printRounds(rounds: readonly Round[], from = 0): string[] {
  const names = Object.keys(rounds[0]?.servers ?? {})
  const figures = names.flatMap((name) => FIGURES.map(({ title }) => `${name}: ${title}`))
  const heads = ['round', 'seconds', 'IXFRs in', 'edits', 'questions by UDP (lost)', ...figures]
  const rows = rounds.map(({ seconds, tally, lost, servers }, at) => [
    from + at + 1,
    seconds.toFixed(0),
    tally.differencesIn,
    tally.edits,
    `2 × ${tally.questionsByUdp} (${lost})`,
    ...names.flatMap((name) => FIGURES.map(({ key, digits }) => servers[name]?.[key].toFixed(digits) ?? '–')),
  ])
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** Writes the report; gives its text, which ends with the verdict. */
export function writeSoak({ rounds, roundsMax, hours, worth, complaints }: Soak): string {
  const names = Object.keys(rounds[0]?.servers ?? {})
  const growths = names.map((name) => {
    const { growth } = trendOf(rounds.map((round) => round.servers[name]?.pssMiB ?? NaN))
    return `${name}: ${Number.isNaN(growth) ? 'unknown' : percent(growth)}`
  })
  const verdict = complaints.length === 0 ? 'Nothing grows.' : `Not as it should be: ${complaints.join('; ')}.`
  const text = writeReport({
    name: 'soak',
    subject: 'process',
    title: `Soak: ${rounds.length} of ${roundsMax} rounds of ${hours} hours' worth of mixed load`,
    method: [
      `**${verdict}** Growth of memory over the rounds after the first ${WARM_UP_ROUNDS}: ${growths.join(', ')};`,
      `${percent(GROWTH_MAX)} is too much.`,
      '',
      `Each round has the events of ${(hours / roundsMax).toFixed(2)} hours at least, as fast as they go:`,
      `${Object.entries(worth)
        .map(([kind, count]) => `${kind} ${count.toLocaleString('en')}`)
        .join(', ')}.`,
      `The first follows ${SHAPE.smallZones} small zones and one of ${SHAPE.largeRecords.toLocaleString('en')} records of a made primary,`,
      `and ${SHAPE.editedZones} zones that the second edits; the second follows the large zone of the first. They hand on signed.`,
      'After each round every zone has everywhere the serial of its primary, or the round has failed; then all rest,',
      'and PSS is taken, before and after all threads collect their garbage. What a server does once an hour it does at least once a round.',
      `Retention is small, so that nothing grows by design: ${JSON.stringify(CONFIG)}.`,
      'The audit log is kept for a day, at least: the store grows by it, and by nothing else.',
      'The clock is the real one: counts of questions by the hour, and what expires after days, are not soaked.',
      '',
      ...printRounds(rounds),
      '',
      'The same of all rounds, the warm-up included:',
    ],
    settings: {
      twinzone: VERSION,
      'seconds of all rounds': Math.round(rounds.reduce((sum, one) => sum + one.seconds, 0)),
    },
    figures: FIGURES,
    subjects: names.map((name) => ({
      name,
      version: 'twinzone',
      runs: rounds.map((round) => ({ ...round.servers[name] })),
    })),
  })
  return `${text}\n${verdict}`
}
