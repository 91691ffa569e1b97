/**
 * Tells when a change makes the hot paths slower: `npm run bench -- guard`, and with `--keep` to take today's numbers.
 *
 * Seconds say little on a machine that others use, so each path is timed against a fixed loop that touches no code of
 * ours: both take turns in short rounds, and what is kept and compared is the median of their ratios. How code is
 * compiled differs from process to process, so several processes measure, and the best of their medians counts.
 * Ratios of another kind of processor mean nothing here; each kind has its own.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('guard.json', import.meta.url))
const ROUNDS_SCRIPT = fileURLToPath(new URL('guard-rounds.ts', import.meta.url))
/** A ratio may get worse by a tenth. */
export const WORSE_MAX = 1.1

/** Ratios to the fixed loop, by path. */
export type Ratios = Readonly<Record<string, number>>

/** Ratios, by kind of processor and version of Node. */
type Kept = Readonly<Record<string, Ratios>>

export interface GuardOptions {
  readonly keep: boolean
  readonly processes: number
}

/** Measures and compares; gives a line per path. Throws with the paths that got worse by more than a tenth. */
export function guard({ keep, processes }: GuardOptions): Promise<string> {
  const now = best(Array.from({ length: processes }, measureInOneProcess))
  const kept = JSON.parse(readFileSync(FILE, 'utf8')) as Kept
  const machine = `${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node.split('.')[0]}`
  const before = kept[machine]
  if (keep) {
    const rounded = Object.fromEntries(Object.entries(now).map(([path, ratio]) => [path, Number(ratio.toFixed(3))]))
    writeFileSync(FILE, `${JSON.stringify({ ...kept, [machine]: rounded }, null, 2)}\n`)
  }
  const text = printRatios(now, before)
  if (before === undefined) return Promise.resolve(`${text}\nNothing is kept for "${machine}" yet; --keep does that.`)
  const worse = worsened(now, before)
  if (worse.length > 0 && !keep) throw new Error(`${text}\nslower by more than a tenth: ${worse.join(', ')}`)
  return Promise.resolve(text)
}

/** Of each path the least of the ratios. */
export function best(all: readonly Ratios[]): Ratios {
  const paths = Object.keys(all[0] ?? {})
  return Object.fromEntries(paths.map((path) => [path, Math.min(...all.map((ratios) => ratios[path] ?? Infinity))]))
}

/** The paths whose ratio is worse than what was kept, by more than a tenth. */
export function worsened(now: Ratios, before: Ratios): string[] {
  return Object.entries(now).flatMap(([path, ratio]) => {
    const was = before[path]
    return was !== undefined && ratio > was * WORSE_MAX ? [path] : []
  })
}

function printRatios(now: Ratios, before: Ratios | undefined): string {
  const rows = Object.entries(now).map(([path, ratio]) => {
    const was = before?.[path]
    const change = was === undefined ? '–' : `×${(ratio / was).toFixed(2)}`
    return `| ${path} | ${was?.toFixed(3) ?? '–'} | ${ratio.toFixed(3)} | ${change} |`
  })
  return ['| path | kept | now | change |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function measureInOneProcess(): Ratios {
  return JSON.parse(execFileSync(process.execPath, [ROUNDS_SCRIPT], { encoding: 'utf8' })) as Ratios
}
