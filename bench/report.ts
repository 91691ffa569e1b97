/** Numbers of several runs as a table people read and a file programs read, with what they were measured on. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const RESULTS = fileURLToPath(new URL('results/', import.meta.url))
/** Not kept: what was measured quickly is not worth comparing. */
const QUICK_RESULTS = fileURLToPath(new URL('tmp/quick/', import.meta.url))

/** One figure of a benchmark: what it is called, its unit, and how many digits are worth showing. */
export interface Figure {
  readonly key: string
  readonly title: string
  readonly digits: number
  /** Which values are the better ones; less unless told otherwise. */
  readonly better?: 'less' | 'more'
}

/** The values one subject reached, one per run; undefined where a run gave none. */
export interface Subject {
  readonly name: string
  readonly version: string
  readonly runs: readonly Readonly<Record<string, number | undefined>>[]
}

/** A benchmark and its outcome. */
export interface Report {
  readonly name: string
  readonly title: string
  /** How it was measured: sentences for the reader. */
  readonly method: readonly string[]
  readonly settings: Readonly<Record<string, string | number | boolean>>
  readonly figures: readonly Figure[]
  /** What the subjects are; servers unless told otherwise. */
  readonly subject?: string
  /** Ours first: the ratios are others to ours. */
  readonly subjects: readonly Subject[]
}

/** What several runs gave. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** Writes `results/<name>.md` and `results/<name>.json`, or with `--quick` the same in `tmp/quick/`; gives the text. */
export function writeReport(report: Report): string {
  const folder = process.argv.includes('--quick') ? QUICK_RESULTS : RESULTS
  mkdirSync(folder, { recursive: true })
  const machine = describeMachine()
  const summary = report.subjects.map(({ name, version, runs }) => ({
    name,
    version,
    figures: Object.fromEntries(report.figures.map(({ key }) => [key, spreadOf(runs.map((run) => run[key]))])),
  }))
  const text = printReport(report, machine)
  writeFileSync(join(folder, `${report.name}.md`), text)
  writeFileSync(join(folder, `${report.name}.json`), `${JSON.stringify({ ...report, machine, summary }, null, 2)}\n`)
  return text
}

function printReport(
  { title, method, settings, figures, subject = 'server', subjects }: Report,
  machine: Readonly<Record<string, string>>,
): string {
  const facts = Object.entries({ ...machine, ...settings }).map(([name, value]) => `${name}: ${value}`)
  const [ours] = subjects
  const rows = subjects.map(({ name, version, runs }) => {
    const cells = figures.map(({ key, digits }) => {
      const spread = spreadOf(runs.map((run) => run[key]))
      const base = spreadOf((ours?.runs ?? []).map((run) => run[key]))
      if (spread === undefined) return '–'
      const shown = base !== undefined && ours?.name !== name && base.median > 0
      const ratio = shown ? ` (×${(spread.median / base.median).toFixed(2)})` : ''
      return `${[spread.min, spread.median, spread.max].map((value) => value.toFixed(digits)).join(' / ')}${ratio}`
    })
    return `| ${name} ${version} | ${cells.join(' | ')} |`
  })
  return [
    `# ${title}`,
    '',
    ...method,
    '',
    `min / median / max of ${subjects[0]?.runs.length ?? 0} runs; × is the ratio of the medians to ${subject === 'server' ? 'ours' : 'the first'}.`,
    '',
    `| ${subject} | ${figures.map((figure) => figure.title).join(' | ')} |`,
    `| --- |${figures.map(() => ' --- |').join('')}`,
    ...rows,
    ...printBest(figures, subjects),
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
  ].join('\n')
}

/** A last row: ours against the best of the others, where there are others. */
function printBest(figures: readonly Figure[], subjects: readonly Subject[]): string[] {
  if (subjects[0]?.name !== 'twinzone' || subjects.length === 1) return []
  const cells = figures.map((figure) => {
    const best = againstBest(figure, subjects)
    return best === undefined ? '–' : `×${best.ratio.toFixed(2)} of ${best.name}`
  })
  return [`| ours : the best other | ${cells.join(' | ')} |`]
}

/** Our median divided by the best median of the others, and whose that is; undefined where one of them is missing. */
export function againstBest(
  { key, better }: Figure,
  [ours, ...others]: readonly Subject[],
): { readonly ratio: number; readonly name: string } | undefined {
  const medianOf = (subject: Subject): number | undefined => spreadOf(subject.runs.map((run) => run[key]))?.median
  const mine = ours === undefined ? undefined : medianOf(ours)
  const known = others.flatMap((subject) => {
    const value = medianOf(subject)
    return value === undefined || value === 0 ? [] : [{ name: subject.name, value }]
  })
  const sign = better === 'more' ? -1 : 1
  const [best] = known.sort((a, b) => sign * (a.value - b.value))
  return mine === undefined || best === undefined ? undefined : { ratio: mine / best.value, name: best.name }
}

/** Of the values there are; undefined if there is none. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) return undefined
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? min, sorted[sorted.length >> 1] ?? max]
  return { min, median: (low + high) / 2, max }
}

function describeMachine(): Record<string, string> {
  const [cpu] = cpus()
  return {
    processor: `${cpu?.model ?? 'unknown'}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `Linux ${release()}`,
    node: process.version,
    commit: commit(),
    measured: new Date().toISOString().slice(0, 16),
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
