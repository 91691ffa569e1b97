/** Tables, bars and JSON on a terminal, and plain lines where there is none. */

export interface Terminal {
  readonly write: (text: string) => void
  /** Whether people look: colours and moving bars are for them only. */
  readonly interactive: boolean
  readonly columns: number
}

export const stdoutTerminal = (): Terminal => ({
  write: (text) => void process.stdout.write(text),
  interactive: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  columns: process.stdout.columns ?? 100,
})

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
