/**
 * Runs the benchmarks: `npm run bench -- [NAME…] [--quick] [--runs N] [--records N] [--zones N] [--only SERVER,SERVER]
 * [--primary knot|nsd|bind] [--signed]`, the guard of the hot paths: `guard [--keep]`, and `charts`, which draws what was
 * measured last.
 *
 * Results are written to `bench/results/`, those of a quick run to `bench/tmp/quick/`. Figures are worth comparing only
 * when they come from one run on one machine that did nothing else.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { PeerName } from '../test/interop/peers/peer.ts'
import { BENCHES, TOO_LONG, type BenchOptions } from './benches.ts'
import { guard } from './guard.ts'
import { drawResults } from './page.ts'

const GUARD_PROCESSES = 5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    runs: { type: 'string' },
    records: { type: 'string' },
    zones: { type: 'string' },
    primary: { type: 'string', default: 'nsd' },
    signed: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

const options: BenchOptions = {
  quick: values.quick,
  runs: numberOf(values.runs),
  records: numberOf(values.records),
  zones: numberOf(values.zones),
  primary: values.primary as PeerName,
  signed: values.signed,
  only: values.only?.split(','),
}

const all = Object.keys(BENCHES).filter((name) => !values.quick || !TOO_LONG.includes(name))
const names = positionals.length > 0 ? positionals : all
const unknown = names.find((name) => !(name in BENCHES) && name !== 'guard' && name !== 'charts')
if (unknown !== undefined)
  throw new Error(`no benchmark "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}, guard and charts`)
if (names.length === 1) await runOne(names[0] as string)
else for (const name of names) runApart(name)

async function runOne(name: string): Promise<void> {
  const bench = BENCHES[name]
  if (name === 'guard') say(await guard({ keep: values.keep, processes: GUARD_PROCESSES }))
  else if (name === 'charts') say(drawResults())
  else if (bench !== undefined) {
    say(await bench(options))
    if (!values.quick) say(drawResults())
  }
}

/** Each of several in a process of its own: what one has left in memory, and on which core it was, is not the next one's. */
function runApart(name: string): void {
  const others = process.argv.slice(2).filter((argument) => !positionals.includes(argument))
  const script = fileURLToPath(import.meta.url)
  const { status } = spawnSync(process.execPath, [script, name, ...others], { stdio: 'inherit' })
  if (status === 0) return
  process.stderr.write(`${name} failed\n`)
  process.exitCode = 1
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
