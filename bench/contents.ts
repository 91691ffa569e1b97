/**
 * How fast contents are built, searched, changed and copied, in one thread and without a network: `node bench/contents.ts`.
 *
 * The zone has 1,000,000 records: names of random letters, each with an A and an AAAA record, half with MX and TXT.
 * Time is the thread's processor time, since other programs may share the machine; memory still suffers from them. Of
 * some rounds the best and the median are shown. Writes `bench/results/contents.md`.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseName } from '../src/dns/name.ts'
import { Arena } from '../src/zone/arena.ts'
import type { Pointer } from '../src/zone/arena-view.ts'
import { type Contents, countsOf, pagesOf, runsOf } from '../src/zone/contents.ts'
import { Cursor } from '../src/zone/cursor.ts'
import { differenceBetween } from '../src/zone/difference.ts'
import { Edit } from '../src/zone/edit.ts'
import { type Limits, UNLIMITED } from '../src/zone/edit-limits.ts'
import { LEAF_OCTETS } from '../src/zone/page.ts'
import { checkContents } from '../src/zone/rules.ts'
import { loadSegments } from '../test/load-segments.ts'
import { segmentsOf } from '../src/zone/segments.ts'
import { SortKey } from '../src/zone/sort-key.ts'
import { ownerEnd, recordEnd, sameOwner } from '../src/zone/stored-record.ts'
import { dice, modelRecord, soaRecord } from '../test/zone-model.ts'

const RECORDS = Number(process.argv[2] ?? 1_000_000)
const ROUNDS = Number(process.argv[3] ?? 5)
const APEX = parseName('example.org.')
const LIMITED: Limits = { ...UNLIMITED, records: 1e9, octets: 1e12, recordsPerRRset: 1000, typesPerOwner: 100 }

/** Stored records one after the other, with where each begins; one more entry for the end. */
interface Run {
  readonly octets: Uint8Array
  readonly starts: Uint32Array
}

const roll = dice(1)

function letters(count: number): string {
  return Array.from({ length: count }, () => String.fromCharCode(97 + roll(26))).join('')
}

const octetText = (count: number): string =>
  Array.from({ length: count }, () => String.fromCharCode(roll(256))).join('')

/** Makes the zone, in canonical order. */
function makeZone(): Run {
  const names = new Set<string>()
  while (names.size < RECORDS / 2.9) names.add(letters(4 + roll(10)))
  const all: Uint8Array[] = [modelRecord([], 2, '\x02ns\x03net\0').stored]
  for (const name of [...names].sort()) {
    const owner = roll(10) === 0 ? ['www', name] : [name]
    all.push(modelRecord(owner, 1, octetText(4)).stored, modelRecord(owner, 28, octetText(16)).stored)
    if (roll(2) === 0) continue
    all.push(modelRecord(owner, 15, `\0\x0a\x04mail\x03${letters(3)}\0`).stored)
    all.push(modelRecord(owner, 16, `\x17v=spf1 ip4:${letters(12)}`).stored)
  }
  const contents = fill(new Arena(), { octets: Buffer.concat(all), starts: startsOf(Buffer.concat(all)) })
  const octets = Buffer.concat(Array.from(runsOf(contents), ({ octets, at, end }) => octets.slice(at, end)))
  return { octets, starts: startsOf(octets) }
}

function startsOf(octets: Uint8Array): Uint32Array {
  const starts: number[] = []
  for (let at = 0; at < octets.length; at = recordEnd(octets, at)) starts.push(at)
  return Uint32Array.from([...starts, octets.length]).slice(0, RECORDS + 1)
}

/** Puts records into a new zone, as they come. */
function fill(arena: Arena, { octets, starts }: Run, limits = UNLIMITED): Contents {
  const edit = new Edit(arena, undefined, APEX, { limits })
  edit.setSoa(soaRecord(1))
  for (let n = 0; n < starts.length - 1; n++) {
    const at = starts[n] as number
    edit.add(octets, at, (starts[n + 1] as number) - at)
  }
  return edit.commit().contents
}

/** The same records in another order: each number stands for a record. */
function inOrder({ octets, starts }: Run, order: Uint32Array): Run {
  const parts = Array.from(order, (index) => octets.subarray(starts[index], starts[index + 1]))
  const permuted = Buffer.concat(parts)
  return { octets: permuted, starts: startsOf(permuted) }
}

/** Numbers of records such that owners are at random and the records of each together. */
function byOwner({ octets, starts }: Run): Uint32Array {
  const owners: number[][] = []
  for (let n = 0; n < RECORDS; n++) {
    const isSame = n > 0 && sameOwner(octets, starts[n - 1] as number, octets, starts[n] as number)
    if (isSame) owners.at(-1)?.push(n)
    else owners.push([n])
  }
  return Uint32Array.from(Array.from(shuffled(owners.length), (index) => owners[index] as number[]).flat())
}

function free(arena: Arena, pages: Iterable<Pointer>): void {
  for (const page of pages) arena.free(page)
}

function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, n) => n)
  for (let n = count - 1; n > 0; n--) {
    const other = roll(n + 1)
    ;[order[n], order[other]] = [order[other] as number, order[n] as number]
  }
  return order
}

const rows: string[] = []

/** Measures some rounds and notes best and median of what `figure` makes of their milliseconds. */
function measure<T>(
  title: string,
  target: string,
  figure: (ms: number) => string,
  act: () => T,
  after?: (made: T) => void,
): void {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.threadCpuUsage()
    const made = act()
    const { user, system } = process.threadCpuUsage(start)
    times.push((user + system) / 1000)
    after?.(made)
  }
  times.sort((a, b) => a - b)
  note(title, target, figure(times[0] as number), figure(times[times.length >> 1] as number))
}

function note(title: string, target: string, best: string, median = best): void {
  rows.push(`| ${title} | ${best} | ${median} | ${target} |`)
  process.stdout.write(`${title}: ${best}, median ${median} (${target})\n`)
}

const perSecond = (ms: number): string => `${(RECORDS / ms / 1000).toFixed(2)} M/s`
const inMs = (ms: number): string => `${ms.toFixed(1)} ms`
const inMicros = (count: number) => (ms: number) => `${((ms / count) * 1000).toFixed(2)} µs`

const zone = makeZone()
const arena = new Arena()
const order = shuffled(RECORDS)
const freeAll = (contents: Contents): void => free(arena, pagesOf(contents))

measure('records taken in, in order', '2.5 M/s', perSecond, () => fill(arena, zone), freeAll)
measure('the same with limits per owner', '–', perSecond, () => fill(arena, zone, LIMITED), freeAll)
const ownersAtRandom = inOrder(zone, byOwner(zone))
measure(
  'owners at random, the records of each together',
  '0.7 M/s',
  perSecond,
  () => fill(arena, ownersAtRandom),
  freeAll,
)
const recordsAtRandom = inOrder(zone, order)
measure('records at random', '–', perSecond, () => fill(arena, recordsAtRandom), freeAll)

const scattered = fill(arena, recordsAtRandom)
const perRecord = (arena.use.usedOctets / RECORDS).toFixed(1)
freeAll(scattered)
const contents = fill(arena, zone)
const counts = countsOf(contents)
note('octets per record stored', '–', (counts.octets / RECORDS).toFixed(1))
note('octets per record in memory, taken in in order', '50–60', (arena.use.usedOctets / RECORDS).toFixed(1))
note('the same, taken in at random', '–', perRecord)

const QUESTIONS = 1_000_000
const questions = new Uint8Array(QUESTIONS * 32)
const ends = new Uint8Array(QUESTIONS)
for (let n = 0; n < QUESTIONS; n++) {
  const at = zone.starts[roll(RECORDS)] as number
  const end = ownerEnd(zone.octets, at)
  questions.set(zone.octets.subarray(at, end), n * 32)
  ends[n] = end - at
}
const cursor = new Cursor(arena)
const key = new SortKey()
cursor.openNames(contents.version)
/** Seeks all owners there are questions for, or the first few again and again; another octet makes them missing ones. */
function seekAll(among: number, change = 0): number {
  let found = 0
  for (let n = 0; n < QUESTIONS; n++) {
    const at = (n % among) * 32
    key.setOwner(questions, at, at + (ends[n % among] as number))
    ;(key.octets[key.length - 2] as number) ^= change // the last octet of the first label
    if (cursor.seek(key)) found++
  }
  return found
}
measure('an owner sought at random', '0.7 µs', inMicros(QUESTIONS), () => seekAll(QUESTIONS))
measure('one of 1,000 owners sought', '–', inMicros(QUESTIONS), () => seekAll(1000))
measure('an owner sought that is not there', '–', inMicros(QUESTIONS), () => seekAll(QUESTIONS, 0x40))

const target = new Uint8Array(counts.octets)
measure('the whole zone copied, run by run', '15 ms', inMs, () => {
  let to = 0
  for (const { octets, at, end } of runsOf(contents)) {
    target.set(octets.subarray(at, end), to)
    to += end - at
  }
})

let version = contents
let next = 0
/** Takes records out and puts them in again, so many in one edit. */
function changeSome(count: number): readonly Pointer[] {
  const edit = new Edit(arena, version, APEX)
  for (let times = 0; times < count; times++) {
    const index = order[(next + (times >> 1)) % RECORDS] as number
    const at = zone.starts[index] as number
    const length = (zone.starts[index + 1] as number) - at
    if (times % 2 === 0) edit.remove(zone.octets, at, length)
    else edit.add(zone.octets, at, length)
  }
  next += (count + 1) >> 1
  const committed = edit.commit()
  version = committed.contents
  return committed.retired
}
const CHANGES = 10_000
measure('one change made and committed', '20 µs', inMicros(CHANGES), () => {
  for (let times = 0; times < CHANGES; times++) free(arena, changeSome(1))
})
// Half of those took a record out: here they all come back.
freeAll(version)
version = fill(arena, zone)
measure(
  '10,000 changes at random, made and committed',
  '60 ms',
  inMs,
  () => changeSome(10_000),
  (retired) => free(arena, retired),
)

const before = version
const retired = [changeSome(1), changeSome(100)] as const
measure('101 changes found between two versions', '–', inMs, () => differenceBetween(before, version))
measure('all rules checked', '–', inMs, () => checkContents(version))
measure('the zone cut into segments', '–', inMs, () => [...segmentsOf(version)])
const segments = [...segmentsOf(version)]
note('segments', '–', String(segments.length))
for (const pages of retired) free(arena, pages)
measure(
  'a zone loaded from segments',
  '1.5 M/s',
  perSecond,
  () => loadSegments(arena, APEX, soaRecord(1), segments),
  freeAll,
)

const small = new Arena()
const TEN: Run = { octets: zone.octets, starts: zone.starts.slice(0, 11) }
const ZONES = 20_000
const makeSmall = (): Contents[] => Array.from({ length: ZONES }, () => fill(small, TEN))
const freeSmall = (zones: readonly Contents[]): void => zones.forEach((each) => free(small, pagesOf(each)))
measure('a zone of 10 records made', '–', inMicros(ZONES), makeSmall, freeSmall)
const smallZones = makeSmall()
note('octets in memory of a zone of 10 records', '1,024', (small.use.usedOctets / ZONES).toFixed(0))
freeSmall(smallZones)

const text = `# Contents: how fast they are built, searched, changed and copied

One thread, no network; a zone of ${RECORDS.toLocaleString('en')} records with ${counts.owners.toLocaleString('en')} owners; leaves of ${LEAF_OCTETS} octets. Processor time of
the thread, best and median of ${ROUNDS} rounds. ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.
Repeat with \`node bench/contents.ts\`.

| what | best | median | target |
| --- | ---: | ---: | ---: |
${rows.join('\n')}
`
const results = new URL('results/', import.meta.url)
mkdirSync(results, { recursive: true })
if (process.argv.length === 2) writeFileSync(new URL('contents.md', results), text)
