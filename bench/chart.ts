/** Draws charts as SVG: bars that compare, and curves that grow. Colours follow the reader's light or dark page. */

/** One bar: its value, and the least and most of several runs. */
export interface Bar {
  readonly name: string
  readonly value: number
  readonly min: number
  readonly max: number
  /** Ours stands out. */
  readonly strong: boolean
  /** What stands behind the bar. */
  readonly label: string
}

/** Bars of one unit, under one heading. */
export interface BarGroup {
  readonly title: string
  readonly bars: readonly Bar[]
}

/** A line through points; both axes are logarithmic. */
export interface Curve {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number; readonly label: string }[]
}

const WIDTH = 720
const NAME_WIDTH = 110
const LABEL_WIDTH = 190
const ROW = 22
const GROUP_HEAD = 34
const TITLE = 40
const CURVE_HEIGHT = 150
const CURVE_MARGIN = 60

const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.head { font-weight: 600 }
.bar { fill: #afb8c1 } .strong { fill: #1f6feb } .range { stroke: #57606a }
.curve { fill: none; stroke: #1f6feb; stroke-width: 2 } .point { fill: #1f6feb } .axis { stroke: #afb8c1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .bar { fill: #484f58 } .range { stroke: #8b949e } .axis { stroke: #484f58 }
}`

/** Horizontal bars, group under group; the longest of each group fills the width. A line shows least to most. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  const parts: string[] = []
  let y = TITLE
  for (const group of groups) {
    const most = Math.max(...group.bars.map(({ max }) => max), Number.MIN_VALUE)
    const scale = (WIDTH - NAME_WIDTH - LABEL_WIDTH) / most
    parts.push(text(0, y + 20, group.title, 'head'))
    y += GROUP_HEAD
    for (const bar of group.bars) {
      parts.push(...barParts(bar, y, scale))
      y += ROW
    }
  }
  return svg(title, y + 10, parts)
}

function barParts({ name, value, min, max, strong, label }: Bar, y: number, scale: number): string[] {
  const middle = y + ROW / 2
  return [
    text(0, middle + 5, name),
    `<rect class="bar${strong ? ' strong' : ''}" x="${NAME_WIDTH}" y="${y + 3}" width="${round(value * scale)}" height="${ROW - 6}"/>`,
    `<line class="range" x1="${round(NAME_WIDTH + min * scale)}" x2="${round(NAME_WIDTH + max * scale)}" y1="${middle}" y2="${middle}"/>`,
    text(round(NAME_WIDTH + max * scale + 8), middle + 5, label),
  ]
}

/** Curves one under the other, each with its own vertical axis; a flat line is a cost that does not grow. */
export function curveChart(title: string, curves: readonly Curve[]): string {
  const parts: string[] = []
  let y = TITLE
  for (const { name, points } of curves) {
    const bottom = y + GROUP_HEAD + CURVE_HEIGHT
    const toX = logScale(
      points.map((point) => point.x),
      CURVE_MARGIN,
      WIDTH - LABEL_WIDTH,
    )
    // At least two decades: what hardly grows must look flat.
    const ys = points.map((point) => point.y)
    const toY = logScale([...ys, Math.max(...ys) / 100], bottom - 10, y + GROUP_HEAD + 20)
    const places = points.map(({ x, y: value, label }) => ({
      x: round(toX(x)),
      y: round(toY(value)),
      label,
      number: x,
    }))
    parts.push(text(0, y + 20, name, 'head'))
    parts.push(`<line class="axis" x1="0" x2="${WIDTH}" y1="${bottom}" y2="${bottom}"/>`)
    parts.push(`<polyline class="curve" points="${places.map((place) => `${place.x},${place.y}`).join(' ')}"/>`)
    for (const place of places) {
      parts.push(`<circle class="point" cx="${place.x}" cy="${place.y}" r="4"/>`)
      parts.push(text(place.x + 8, place.y - 6, place.label))
      parts.push(text(place.x - 8, bottom + 16, place.number.toLocaleString('en')))
    }
    y = bottom + 24
  }
  return svg(title, y + 10, parts)
}

/** Maps values to places, equal ratios to equal distances. */
function logScale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))]
  const span = high - low || 1
  return (value) => from + ((Math.log(value) - low) / span) * (to - from)
}

function text(x: number, y: number, content: string, kind?: string): string {
  return `<text x="${x}" y="${y}"${kind === undefined ? '' : ` class="${kind}"`}>${escaped(content)}</text>`
}

function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    text(0, 22, title, 'title'),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
