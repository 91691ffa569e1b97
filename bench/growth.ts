/**
 * How costs grow with a zone: a name sought, a record changed, all of it put into messages, for zones from ten thousand
 * to five million records; in one thread and without a network.
 */

import { META_TYPE } from '../src/dns/code.ts'
import { parseName } from '../src/dns/name.ts'
import { octetsOf } from '../src/protocol/frame-maker.ts'
import { fullRuns, transferFrames } from '../src/protocol/transfer-out.ts'
import { Arena } from '../src/zone/arena.ts'
import { type Contents, pagesOf } from '../src/zone/contents.ts'
import { Cursor } from '../src/zone/cursor.ts'
import { Edit } from '../src/zone/edit.ts'
import { SortKey } from '../src/zone/sort-key.ts'
import { dice, modelRecord, soaRecord } from '../test/zone-model.ts'
import { VERSION } from '../src/engine/version.ts'
import { writeReport, type Figure } from './report.ts'

const APEX = parseName('example.org.')
const [A, AAAA] = [1, 28]
const RECORDS_PER_NAME = 2
const SEEKS = 500_000
const CHANGES = 10_000
/** Labels of as many letters as five million records need, so that numbers in order are names in order. */
const LETTERS = 5
/** Small zones are sent often enough to take a time worth measuring. */
const RECORDS_SENT = 1_000_000
const MEBI = 2 ** 20

const FIGURES: readonly Figure[] = [
  { key: 'seekMicros', title: 'a name sought (µs)', digits: 2 },
  { key: 'changeMicros', title: 'a record changed (µs)', digits: 1 },
  { key: 'sendMs', title: 'all put into messages (ms)', digits: 1 },
  { key: 'memoryMiB', title: 'contents (MiB)', digits: 1 },
]

export interface GrowthOptions {
  readonly sizes: readonly number[]
  readonly runs: number
}

/** Measures, and writes the report; its subjects are sizes. */
export function benchGrowth({ sizes, runs }: GrowthOptions): Promise<string> {
  const subjects = sizes.map((records) => {
    const measured = measure(records, runs)
    process.stderr.write(`${records} ${JSON.stringify(measured)}\n`)
    return { name: String(records), version: 'records', runs: measured }
  })
  return Promise.resolve(
    writeReport({
      name: 'growth',
      title: 'How costs grow with a zone',
      subject: 'zone',
      method: [
        'In one thread, without a network. A name is sought at random among all; a change gives one record,',
        'at random, other data, and makes a version of it; a transfer is put into messages that go nowhere.',
      ],
      settings: { version: VERSION, seeks: SEEKS, changes: CHANGES },
      figures: FIGURES,
      subjects,
    }),
  )
}

function measure(records: number, runs: number): Record<string, number>[] {
  const arena = new Arena()
  const names = records / RECORDS_PER_NAME
  const filled = fill(arena, names)
  const memoryMiB = arena.use.usedOctets / MEBI
  const questions = questionsFor(names)
  const sends = Math.max(1, Math.floor(RECORDS_SENT / records))
  const changing = new Changing(arena, filled, names)
  seek(arena, filled, questions)
  sendTimes(filled, sends) // so that the first run finds compiled code, too
  const all: Record<string, number>[] = []
  for (let run = 0; run < runs; run++) {
    const seekMicros = micros(() => seek(arena, changing.contents, questions)) / SEEKS
    const changeMicros = micros(() => changing.change(CHANGES)) / CHANGES
    const sendMs = micros(() => sendTimes(changing.contents, sends)) / 1000 / sends
    all.push({ seekMicros, changeMicros, sendMs, memoryMiB })
  }
  for (const page of pagesOf(changing.contents)) arena.free(page)
  return all
}

function micros(act: () => void): number {
  const start = performance.now()
  act()
  return 1000 * (performance.now() - start)
}

function labelOf(number: number): string {
  let [label, left] = ['', number]
  for (let letter = 0; letter < LETTERS; letter++) {
    label = String.fromCharCode(97 + (left % 26)) + label
    left = Math.floor(left / 26)
  }
  return label
}

function fill(arena: Arena, names: number): Contents {
  const edit = new Edit(arena, undefined, APEX)
  edit.setSoa(soaRecord(1))
  for (let number = 0; number < names; number++) {
    const owner = [labelOf(number)]
    const first = modelRecord(owner, A, addressOf(number)).stored
    const second = modelRecord(owner, AAAA, addressOf(number) + '\0'.repeat(12)).stored
    edit.add(first, 0, first.length)
    edit.add(second, 0, second.length)
  }
  return edit.commit().contents
}

function addressOf(number: number): string {
  return String.fromCharCode(10, (number >> 16) & 255, (number >> 8) & 255, number & 255)
}

/** Owners to seek, one after the other, each of as many octets. */
function questionsFor(names: number): Uint8Array {
  const roll = dice(2)
  const questions = new Uint8Array(SEEKS * (LETTERS + 1))
  for (let question = 0; question < SEEKS; question++) {
    questions[question * (LETTERS + 1)] = LETTERS
    questions.set(Buffer.from(labelOf(roll(names))), question * (LETTERS + 1) + 1)
  }
  return questions
}

function seek(arena: Arena, contents: Contents, questions: Uint8Array): void {
  const cursor = new Cursor(arena)
  const key = new SortKey()
  cursor.openNames(contents.version)
  let found = 0
  for (let at = 0; at < questions.length; at += LETTERS + 1) {
    key.setOwner(questions, at, at + LETTERS + 1)
    if (cursor.seek(key)) found++
  }
  if (found !== SEEKS) throw new Error(`${SEEKS - found} names were not found`)
}

/** A zone whose AAAA records change, one version after the other. */
class Changing {
  contents: Contents
  readonly #arena: Arena
  readonly #names: number
  readonly #roll = dice(3)
  /** What the records that have changed are now. */
  readonly #now = new Map<number, number>()

  constructor(arena: Arena, contents: Contents, names: number) {
    this.#arena = arena
    this.contents = contents
    this.#names = names
  }

  change(count: number): void {
    for (let done = 0; done < count; done++) {
      const number = this.#roll(this.#names)
      const was = this.#now.get(number) ?? 0
      this.#now.set(number, was + 1)
      const edit = new Edit(this.#arena, this.contents, APEX)
      const [old, next] = [recordOf(number, was), recordOf(number, was + 1)]
      edit.remove(old, 0, old.length)
      edit.add(next, 0, next.length)
      const { contents, retired } = edit.commit()
      for (const page of retired) this.#arena.free(page)
      this.contents = contents
    }
  }
}

function recordOf(number: number, change: number): Uint8Array {
  const address = addressOf(number) + String.fromCharCode(change & 255).padStart(12, '\0')
  return modelRecord([labelOf(number)], AAAA, address).stored
}

function sendTimes(contents: Contents, times: number): void {
  for (let left = times; left > 0; left--) send(contents)
}

function send(contents: Contents): void {
  const options = { id: 1, rd: false, name: APEX, type: META_TYPE.AXFR, edns: undefined }
  let octets = 0
  for (const frames of transferFrames(fullRuns(contents), options)) octets += octetsOf(frames).length
  if (octets === 0) throw new Error('nothing was sent')
}
