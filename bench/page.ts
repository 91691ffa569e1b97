/** Puts what was measured last into `docs/performance.md` and the charts beside it. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { barChart, curveChart, type Bar } from './chart.ts'
import { againstBest, spreadOf, type Figure, type Report, type Spread } from './report.ts'
import { printLimit, standing, TARGETS } from './targets.ts'

const RESULTS = new URL('results/', import.meta.url)
const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url))
const CHARTS = fileURLToPath(new URL('../docs/performance/', import.meta.url))
/** The place of a generated part is two comments; what stands between them is replaced. */
const PLACE = /(<!-- measured: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g

/** A report as it was written, with the machine it was measured on. */
type Kept = Report & { readonly machine: Readonly<Record<string, string>> }

/** Which figures of which benchmark are drawn as bars. */
const BARS: Readonly<Record<string, readonly string[]>> = {
  answers: ['smallPerSecond', 'largePerSecond', 'smallP99', 'largeP99'],
  'answers-busy': ['fullRatio', 'changesRatio', 'changesPerSecond'],
  'transfer-out': ['seconds', 'signedSeconds', 'tenSeconds'],
  'transfer-in': ['firstSeconds', 'nextSeconds', 'restMiB', 'peakMiB'],
  differences: ['in1', 'in100', 'in10000', 'outMs'],
  start: ['seconds'],
  'many-zones-10000': ['fetchSeconds', 'startSeconds', 'pssMiB', 'idlePercent'],
  'many-zones-100000': ['fetchSeconds', 'startSeconds', 'pssMiB', 'idlePercent'],
  propagation: ['served50', 'served99'],
}

/** Draws and fills in what there are results of; gives a line that says so. */
export function drawResults(): string {
  mkdirSync(CHARTS, { recursive: true })
  const drawn = Object.entries(BARS).flatMap(([name, keys]) => {
    const report = readResults(name)
    if (report === undefined) return []
    writeFileSync(`${CHARTS}${name}.svg`, drawBars(report, keys))
    return [name]
  })
  const growth = readResults('growth')
  if (growth !== undefined) writeFileSync(`${CHARTS}growth.svg`, drawGrowth(growth))
  writeFileSync(PAGE, fillPage(readFileSync(PAGE, 'utf8'), readResults))
  return `drawn: ${[...drawn, ...(growth === undefined ? [] : ['growth'])].join(', ')}`
}

/** The page with each place filled; one without results says how to get them. */
export function fillPage(page: string, read: (name: string) => Kept | undefined): string {
  return page.replace(PLACE, (_, open: string, name: string, close: string) => {
    const text = name === 'targets' ? targetTable(read) : resultText(name, read(name))
    return `${open}\n${text}\n\n${close}`
  })
}

function readResults(name: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`${name}.json`, RESULTS), 'utf8')) as Kept
  } catch {
    return undefined
  }
}

function resultText(name: string, report: Kept | undefined): string {
  if (report === undefined) return `Not measured yet: \`npm run bench -- ${name}\`.`
  const { figures, subject = 'server', subjects, machine } = report
  const rows = figures.map((figure) => {
    const cells = subjects.map(({ runs }) => printMedian(spreadOf(runs.map((run) => run[figure.key])), figure))
    const compared = subject === 'server' ? againstBest(figure, subjects) : undefined
    const ratio = compared === undefined ? [] : [`×${compared.ratio.toFixed(2)}`]
    const last = subject !== 'server' || subjects.length === 1 ? [] : ratio.length === 0 ? ['–'] : ratio
    return [figure.title, ...cells, ...last]
  })
  const heads = subjects.map(
    (one) => `${subject === 'server' ? one.name : Number(one.name).toLocaleString('en')} ${one.version}`,
  )
  const last = subject !== 'server' || subjects.length === 1 ? [] : ['ours to the best other']
  return [
    table(['median', ...heads.map((head) => head.trim()), ...last], rows),
    '',
    `${machine['processor']}, ${machine['system']}, Node ${machine['node']}, commit ${machine['commit']}, ${machine['measured']}.`,
    'Least and most of all runs, and how it was measured: ' +
      `[bench/results/${name}.md](../bench/results/${name}.md).`,
    '',
    `![${report.title}](performance/${name}.svg)`,
  ].join('\n')
}

function targetTable(read: (name: string) => Kept | undefined): string {
  const rows = TARGETS.map((target) => {
    const report = read(target.bench)
    const stands = report === undefined ? undefined : standing(target, report)
    return [
      target.what,
      printLimit(target),
      stands?.measured ?? '–',
      stands === undefined ? '–' : stands.met ? 'met' : 'missed',
    ]
  })
  return table(['what', 'target', 'measured', ''], rows)
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

function printMedian(spread: Spread | undefined, { digits }: Figure): string {
  return spread === undefined ? '–' : spread.median.toFixed(digits)
}

function drawBars({ title, figures, subjects }: Report, keys: readonly string[]): string {
  const groups = keys.flatMap((key) => {
    const figure = figures.find((one) => one.key === key)
    if (figure === undefined) return []
    const ours = spreadOf((subjects[0]?.runs ?? []).map((run) => run[key]))
    const bars = subjects.flatMap(({ name, runs }): Bar[] => {
      const spread = spreadOf(runs.map((run) => run[key]))
      if (spread === undefined || !Number.isFinite(spread.max)) return []
      const { min, median, max } = spread
      const ratio =
        ours === undefined || name === 'twinzone' || ours.median === 0 ? '' : `, ×${(median / ours.median).toFixed(2)}`
      return [
        {
          name,
          value: median,
          min,
          max,
          strong: name === 'twinzone',
          label: `${median.toFixed(figure.digits)}${ratio}`,
        },
      ]
    })
    return bars.length === 0 ? [] : [{ title: figure.title, bars }]
  })
  return barChart(title, groups)
}

function drawGrowth({ title, figures, subjects }: Report): string {
  const curves = figures.map((figure) => ({
    name: figure.title,
    points: subjects.flatMap(({ name, runs }) => {
      const spread = spreadOf(runs.map((run) => run[figure.key]))
      if (spread === undefined) return []
      return [{ x: Number(name), y: spread.median, label: spread.median.toFixed(figure.digits) }]
    }),
  }))
  return curveChart(title, curves)
}
