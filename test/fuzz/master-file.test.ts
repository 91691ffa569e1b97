/** Master files: any text is refused with a place, or read; what was read is written so that it reads the same. */

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { DnsRecord } from '../../src/dns/message.ts'
import { type Name, isWithin, parseName } from '../../src/dns/name.ts'
import { isMetaType } from '../../src/dns/record-types.ts'
import { TTL_MAX } from '../../src/dns/ttl.ts'
import { ZoneFileError } from '../../src/dns/zonefile/error.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import { printRecord, printZone } from '../../src/dns/zonefile/printer.ts'
import { campaign } from './campaign.ts'
import { textsOf } from './corpus.ts'
import { mutateText, smallerText } from './mutate-text.ts'
import { pick } from './mutate.ts'

const ORIGIN = parseName('fuzz.example.')
const RECORDS_MAX = 5000

const corpus = textsOf('zones')

test('what the campaign starts from is read to its end', () => {
  for (const text of corpus) assert(read(text) !== undefined, text.slice(0, 60))
})

campaign({
  claim: 'MF-11 any text is refused with its line and column, or is a zone that is written and read again unchanged',
  share: 'master file',
  known: corpus,
  make: (chance) => mutateText(pick(corpus, chance), corpus, chance),
  check: (text) => {
    const records = read(text)
    if (records !== undefined) checkZone(records)
  },
  smaller: smallerText,
  show: JSON.stringify,
})

/** The records, or undefined if the text is refused. Included text is the text itself, or text without records. */
function read(text: string): DnsRecord[] | undefined {
  const records: DnsRecord[] = []
  let includes = 0
  const include = (path: string): { text: string; file: string } | undefined => {
    if (++includes > 50) return undefined
    return path.length % 3 === 0 ? { text, file: path } : { text: '; nothing', file: path }
  }
  try {
    for (const item of parseZoneFile(text, { origin: ORIGIN, include, generateMax: 200 })) {
      assert(item.line >= 1 && item.line <= text.split('\n').length)
      if (item.type === 'record') records.push(item.record)
      if (records.length > RECORDS_MAX) return undefined
    }
    return records
  } catch (error) {
    if (!(error instanceof ZoneFileError)) throw error
    assert(error.line >= 1 && error.column >= 1, `${error.line}:${error.column}`)
    assert(!error.message.includes('\n') && error.message.length < 500, error.message)
    return undefined
  }
}

function checkZone(records: readonly DnsRecord[]): void {
  for (const { owner, type, ttl } of records) {
    assert(isWithin(owner, ORIGIN))
    assert(!isMetaType(type))
    assert(ttl >= 0 && ttl <= TTL_MAX)
  }
  // A zone spells its apex in one way only, whatever the lines of its file do (RFC 4343 §4).
  const zone = records.map((record) => ({ ...record, owner: spelledAs(record.owner) }))
  const written = [...printZone(records, { origin: ORIGIN })].join('')
  assert.deepEqual(again(written), zone)
  assert.deepEqual(again(records.map((record) => `${printRecord(record)}\n`).join('')), records)
}

/** An owner whose last labels are those of the apex, letter by letter. */
function spelledAs(owner: Name): Name {
  const name = owner.slice()
  name.set(ORIGIN, owner.length - ORIGIN.length)
  return name as Uint8Array as Name
}

function again(text: string): DnsRecord[] {
  const records: DnsRecord[] = []
  for (const item of parseZoneFile(text, { origin: ORIGIN })) if (item.type === 'record') records.push(item.record)
  return records
}
