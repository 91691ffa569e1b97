/** Tables, bars and JSON on a terminal, and plain lines where there is none. */

export interface Terminal {
  /** What the command has to say, for people or, as JSON, for programs. */
  readonly write: (text: string) => void
  /** A line that says how far something is; undefined where nobody looks. */
  readonly moving: MovingLine | undefined
}

/** Where the output goes; the moving line goes to standard error, so that it never gets into what programs read. */
export function openTerminal(): Terminal {
  const looked = process.stderr.isTTY && process.env['TERM'] !== 'dumb'
  return {
    write: (text) => void process.stdout.write(text),
    moving: looked ? new MovingLine((text) => void process.stderr.write(text), process.stderr.columns) : undefined,
  }
}

/** One line that is written over and over. */
class MovingLine {
  readonly columns: number
  readonly #write: (text: string) => void
  #shown = 0

  constructor(write: (text: string) => void, columns = 80) {
    this.#write = write
    this.columns = columns
  }

  show(text: string): void {
    // A line that fills the last column would begin another one.
    const line = text.slice(0, this.columns - 1)
    this.#write(`\r${line.padEnd(this.#shown)}`)
    this.#shown = line.length
  }

  /** Leaves the line empty for what is to be written there. */
  clear(): void {
    if (this.#shown > 0) this.#write(`\r${''.padEnd(this.#shown)}\r`)
    this.#shown = 0
  }
}

/** Aligned columns with a heading; nothing but the heading if there are no rows. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, at) => Math.max(heading.length, ...rows.map((row) => (row[at] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [headings.map((heading) => heading.toUpperCase()), ...rows].map((row) => `${line(row)}\n`).join('')
}

/** One line that shows how far a transfer is. `expected` is unknown for a zone that was never here. */
export function bar(
  { records, octets, expected }: { records: number; octets: number; expected?: number },
  columns = 80,
): string {
  const facts = `${thousands(records)} records  ${size(octets)}`
  if (expected === undefined || expected === 0) return facts
  const share = Math.min(records / expected, 1)
  const width = Math.max(10, Math.min(30, columns - facts.length - 10))
  const filled = Math.round(share * width)
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(Math.floor(share * 100)).padStart(3)}%  ${facts}`
}

export const thousands = (value: number): string => value.toLocaleString('en-US')

export function size(octets: number): string {
  const units = ['B', 'kB', 'MB', 'GB'] as const
  let at = 0
  let value = octets
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000
  return `${at === 0 ? value : value.toFixed(1)} ${units[at] ?? 'B'}`
}

/** How long ago an instant of the API was, in words. */
export function age(iso: string | null | undefined, now: number): string {
  if (iso === null || iso === undefined) return 'never'
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000))
  const steps = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const
  for (const [span, unit] of steps) if (seconds >= 2 * span) return `${Math.floor(seconds / span)} ${unit} ago`
  return `${seconds} s ago`
}
