import { describe, expect, test } from 'vitest'
import { editOf, stored, zoneOf } from '../../test/zone-text.ts'
import { Arena } from './arena.ts'
import { type Difference, differenceBetween } from './difference.ts'
import { checkContents } from './rules.ts'

const NS = '@ NS ns\nns A 192.0.2.1\n'
const findings = (text: string): string[] =>
  checkContents(zoneOf(new Arena(), text)).map(({ severity, text }) => `${severity}: ${text}`)

describe('a zone is not published', () => {
  test.each([
    ['AC-14 it has no NS record at the apex', 'www A 192.0.2.1', 'error: the apex has no NS record'],
    ['AC-14 it is empty', '', 'error: the apex has no NS record'],
    ['AC-14 its apex has a CNAME', `${NS}@ CNAME www`, 'error: the apex has a CNAME record'],
  ])('%s', (_, text, finding) => {
    expect(findings(text)[0]).toBe(finding)
  })
})

describe('a zone is published with a warning', () => {
  test.each([
    ['www CNAME ns\nwww A 192.0.2.1', 'www has a CNAME and other records'],
    ['www CNAME ns\nwww CNAME ns2', 'www has several CNAME records'],
    ['old DNAME new\nold DNAME newer', 'old has several DNAME records'],
    ['old DNAME new\nold NS ns', 'old has a DNAME and is delegated'],
    ['*.w NS ns', 'WC-08 *.w is a wildcard with NS records'],
    ['sub DS 1 8 2 00', 'sub has a DS record and is no cut'],
    ['@ DS 1 8 2 00', '@ has a DS record and is no cut'],
    ['www 60 A 192.0.2.1\nwww 61 A 192.0.2.2', 'MB-13 www has records of one type with different TTLs'],
  ])('%s', (text, finding) => {
    expect(findings(NS + text)).toEqual([`warning: ${finding.replace(/^[A-Z]+-\d+ /, '')}`])
  })

  test('CN-02 a CNAME beside other data can be made an error', () => {
    const zone = zoneOf(new Arena(), `${NS}www CNAME ns\nwww A 192.0.2.1`)
    expect(checkContents(zone, { cnameAndOtherData: 'error' })).toMatchObject([{ severity: 'error' }])
  })

  test('a hundred are enough', () => {
    const many = Array.from({ length: 300 }, (_, n) => `w${n} CNAME ns\nw${n} CNAME ns2`).join('\n')
    expect(findings(NS + many)).toHaveLength(100)
  })
})

test.each([
  ['a signed CNAME', 'www CNAME ns\nwww RRSIG CNAME 8 3 60 20300101000000 20200101000000 1 @ AAAA\nwww NSEC @ CNAME'],
  [
    'records below a cut and below a DNAME',
    'sub NS ns.sub\nns.sub A 192.0.2.1\nx.y.sub TXT a\nold DNAME new\na.old A 192.0.2.1',
  ],
  ['a delegation with DS', 'sub NS ns\nsub DS 1 8 2 00'],
  [
    'signatures with different TTLs',
    'w RRSIG A 8 3 60 20300101000000 20200101000000 1 @ AAAA\nw 9 RRSIG NS 8 3 60 20300101000000 20200101000000 1 @ AAAA',
  ],
])('nothing is found in %s', (_, text) => {
  expect(findings(NS + text)).toEqual([])
})

test('after a change only what changed is looked at, and the apex', () => {
  const arena = new Arena()
  const before = zoneOf(arena, `${NS}a CNAME ns\na TXT old\nb CNAME ns`)
  const edit = editOf(arena, 'b TXT new', { base: before })
  const ns = stored('@ NS ns')[0] as Uint8Array
  edit.remove(ns, 0, ns.length)
  const after = edit.commit().contents
  const since = differenceBetween(before, after) as Difference
  expect(checkContents(after, { since }).map(({ text }) => text)).toEqual([
    'the apex has no NS record',
    'b has a CNAME and other records',
  ])
  expect(checkContents(after)).toHaveLength(3)
})
