/**
 * Gives two servers as many events as hours of mixed load have, as fast as they go, and shows whether memory or file
 * descriptors grow: `npm run soak [-- --hours-worth N] [--rounds N] [--minutes N]`. What an hour is stands in
 * `soak-hour.ts`; what counts as growth in `soak-verdict.ts`. Ends with 1 if something grows, breaks, or is not as its
 * primary has it.
 *
 * There is a round for each hour, or as many as `--rounds` says. With `--minutes` no round is begun after that time. With
 * `--descriptors` the kinds of open descriptors are told, too.
 */

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readFileSync } from 'node:fs'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import { dnsperfMissing } from './dnsperf.ts'
import { missingFrom, SHAPE, worthOf } from './soak-hour.ts'
import { descriptorsOf, faultsIn, measureAtRest } from './soak-measure.ts'
import { SoakPair } from './soak-pair.ts'
import { printRounds, writeSoak, type Round } from './soak-report.ts'
import { runRound } from './soak-round.ts'
import { complaintsAbout } from './soak-verdict.ts'
import { makeZoneFiles, writeLines } from './zone-file.ts'

/** Longer than any connection may be idle, ours and those of the API. */
const REST_MS = 6000
const UDP_QUESTIONS_PER_PASS = 10_000
const TCP_QUESTIONS_PER_PASS = 5000

const { values } = parseArgs({
  options: {
    'hours-worth': { type: 'string', default: '8' },
    rounds: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    descriptors: { type: 'boolean', default: false },
  },
})
const hours = Number(values['hours-worth'])
const roundsMax = Number(values.rounds ?? hours)
const worth = worthOf(hours / roundsMax)
const until = performance.now() + Number(values.minutes) * 60_000

const missing = dnsperfMissing()
if (missing !== undefined) throw new Error(missing)
const folder = temporaryFolder()
const large = await makeZoneFiles(folder, { apex: 'large.test.', records: SHAPE.largeRecords })
const questions = readFileSync(large.questions, 'utf8').split('\n')
const files = { udp: join(folder, 'udp'), tcp: join(folder, 'tcp') }
const linesOf = (count: number): string[] => questions.slice(0, count).map((line) => `${line}\n`)
await writeLines(files.udp, linesOf(UDP_QUESTIONS_PER_PASS))
await writeLines(files.tcp, linesOf(TCP_QUESTIONS_PER_PASS))

const rounds: Round[] = []
const complaints: string[] = []
const pair = await SoakPair.start(large)
const logBegins = new Map(pair.servers.map(([name, server]) => [name, server.fullLog().length]))
try {
  while (rounds.length < roundsMax && performance.now() < until) rounds.push(await oneRound(rounds.length))
} catch (error) {
  complaints.push(`round ${rounds.length + 1} failed: ${(error as Error).message}`)
}
for (const [name, server] of pair.servers) {
  const memory = rounds.map((round) => round.servers[name]?.pssMiB ?? NaN)
  const descriptors = rounds.map((round) => round.servers[name]?.descriptors ?? NaN)
  complaints.push(...complaintsAbout({ name, memory, descriptors }))
  if (!server.running) complaints.push(`${name} has died`)
  const faults = faultsIn(server.fullLog().slice(logBegins.get(name)))
  if (faults.length > 0) complaints.push(`${name} logged ${faults.length} faults, such as ${faults.slice(0, 3).join()}`)
}
await pair.remove()
removeFolder(folder)
process.stdout.write(`${writeSoak({ rounds, roundsMax, hours, worth, complaints })}\n`)
process.exit(complaints.length === 0 ? 0 : 1)

/** A round's worth, a check that all arrived, a rest, and what is left then. */
async function oneRound(number: number): Promise<Round> {
  const began = performance.now()
  const { tally, lost } = await runRound(pair, files, { round: number, worth })
  await pair.settle()
  const lacking = missingFrom(tally, worth)
  if (lacking.length > 0) throw new Error(`too little of ${lacking.join()}`)
  const seconds = (performance.now() - began) / 1000
  await pause(REST_MS)
  const servers: Record<string, Awaited<ReturnType<typeof measureAtRest>>> = {}
  for (const [name, server] of pair.servers) {
    servers[name] = await measureAtRest(server)
    if (!server.running) throw new Error(`${name} has died`)
    if (values.descriptors) process.stderr.write(`${name} ${JSON.stringify(kindsOf(descriptorsOf(server)))}\n`)
  }
  const round = { seconds, tally, lost, servers }
  process.stderr.write(
    `${printRounds([round], number)
      .slice(number === 0 ? 0 : 2)
      .join('\n')}\n`,
  )
  return round
}

function kindsOf(descriptors: readonly string[]): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const one of descriptors) {
    const kind = one.replace(/:?\[.*/, '')
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}
