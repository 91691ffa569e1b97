import assert from 'node:assert'
import { expect, test } from 'vitest'
import { chanceOf, randomName, randomRdata } from '../../../test/random-rdata.ts'
import { tries } from '../../../test/tries.ts'
import type { DnsRecord } from '../message.ts'
import { type Name, parseName } from '../name.ts'
import { hexText } from '../octets.ts'
import { RECORD_TYPES, recordTypeOf } from '../record-types.ts'
import { parseZoneFile } from './parser.ts'
import { printRecord, printZone } from './printer.ts'

const APEX = parseName('example.org.')

function records(text: string, origin = APEX): DnsRecord[] {
  return [...parseZoneFile(text, { origin })].flatMap((item) => (item.type === 'record' ? [item.record] : []))
}

const described = ({ owner, type, class: code, ttl, rdata }: DnsRecord) => [
  hexText(owner),
  type,
  code,
  ttl,
  hexText(rdata),
]

test('MF-11 case 26: a written zone reads back as the same records, whatever their names and data', () => {
  for (let seed = 0; seed < tries(25, 500); seed++) {
    const chance = chanceOf(seed)
    const zone = [...RECORD_TYPES, recordTypeOf(65_280)].map((type) => {
      const labels = randomName(chance).slice(0, -1).slice(0, 200)
      const name = isWhole(labels) ? labels : []
      const owner = Uint8Array.from([...name, ...APEX]) as Uint8Array as Name
      return { owner, type: type.code, class: 1, ttl: chance(2 ** 31), rdata: randomRdata(type, chance) }
    })
    assert.deepEqual(records([...printZone(zone, { origin: APEX })].join('')).map(described), zone.map(described))
    assert.deepEqual(records(zone.map((record) => printRecord(record)).join('\n')).map(described), zone.map(described))
  }
})

function isWhole(labels: readonly number[]): boolean {
  let at = 0
  while (at < labels.length) at += (labels[at] as number) + 1
  return at === labels.length
}

test('MF-11 case 43: hostile names are escaped', () => {
  const name = (text: string) => parseName(text, APEX)
  const zone = [
    '\\$ORIGIN',
    '\\@',
    '*',
    '\\"',
    '\\;',
    'a\\ b',
    '\\(',
    '\\\\',
    '\\.',
    '\\010',
    'IN',
    '3600',
    'A',
    '\\#',
    '@',
  ].map((owner) => ({
    owner: name(owner),
    type: 1,
    class: 1,
    ttl: 1,
    rdata: Uint8Array.of(1, 2, 3, 4),
  }))
  const text = [...printZone(zone, { origin: APEX })].join('')
  expect(text.split('\n')).toEqual([
    '$ORIGIN example.org.',
    ...[
      '\\$ORIGIN',
      '\\@',
      '*',
      '\\"',
      '\\;',
      'a\\032b',
      '\\(',
      '\\092',
      '\\.',
      '\\010',
      'IN',
      '3600',
      'A',
      '\\035',
      '@',
    ].map((owner) => `${owner}\t1\tIN\tA\t1.2.3.4`),
    '',
  ])
  expect(records(text).map(described)).toEqual(zone.map(described))
})

test('the zone of a root is written with absolute names', () => {
  const [record] = records('a.b. 1 NS c.', parseName('.')) as [DnsRecord]
  expect(printRecord(record, { origin: parseName('.') })).toBe('a.b.\t1\tIN\tNS\tc.')
})

test('owners outside of the origin stay absolute', () => {
  const [record] = records('a.example.org. 1 NS c.') as [DnsRecord]
  expect(printRecord(record, { origin: parseName('example.net.') })).toBe('a.example.org.\t1\tIN\tNS\tc.')
})
