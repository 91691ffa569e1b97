import { deepStrictEqual, ok } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { APEX, dice } from '../../test/zone-model.ts'
import { assertSound } from '../../test/zone-soundness.ts'
import { parseName } from '../dns/name.ts'
import { recordTypeOf, typeCode } from '../dns/record-types.ts'
import { toSerial } from '../dns/serial.ts'
import { parseZoneFile } from '../dns/zonefile/parser.ts'
import { Arena } from './arena.ts'
import { type Contents, countsOf, recordsFrom, runsOf, soaOf } from './contents.ts'
import { applyDifference, DifferenceRecorder } from './difference.ts'
import { Edit } from './edit.ts'
import { editRecords, type EditMisfit, type EditStep, type Scope } from './edit-records.ts'
import { editedFrom, type EditedRecord, storeEdited } from './edited-record.ts'
import { readStoredRecord, storeRecord } from './stored-form.ts'
import { nextSerial, soaRecord, type ZoneFrame } from './zone-frame.ts'

const FRAME: ZoneFrame = {
  soa: {
    mname: parseName('ns1.ours.example.'),
    rname: parseName('hostmaster.ours.example.'),
    refresh: 10_000,
    retry: 2400,
    expire: 604_800,
    minimum: 1800,
    ttl: 3600,
  },
  serial: 'counter',
  nameServers: [parseName('ns1.ours.example.'), parseName('ns2.ours.example.')],
  nameServerTtl: 86_400,
  multiProvider: false,
  automaticTtl: 300,
  proxies: { ipv4: [], ipv6: [] },
  flattenAll: false,
  flattened: new Map(),
}

const PROXIES = {
  ipv4: [Uint8Array.of(192, 0, 2, 80), Uint8Array.of(192, 0, 2, 81)],
  ipv6: [Uint8Array.of(0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 0x80)],
}

let ids = 0
const nextId = (): string => (++ids).toString(16).padStart(32, '0')

type Wish = Partial<Pick<EditedRecord, 'proxied' | 'ttl' | 'attributes'>>

/** Edited records of a line in a master file whose origin is the apex. */
function record(line: string, wish: Wish = {}): EditedRecord {
  const [item] = [...parseZoneFile(`$TTL 600\n${line}\n`, { origin: APEX })]
  ok(item !== undefined && 'record' in item, line)
  const { owner, type, ttl, rdata } = item.record
  return { id: nextId(), owner, type, ttl, rdata, proxied: false, createdAt: 1, modifiedAt: 1, attributes: {}, ...wish }
}

const stored = (each: EditedRecord): Uint8Array => storeEdited(each, APEX)
const adding = (...records: readonly EditedRecord[]): EditStep[] => records.map((each) => ({ add: stored(each) }))

class Zone {
  readonly arena = new Arena()
  contents: Contents | undefined
  frame: ZoneFrame

  constructor(frame: Partial<ZoneFrame> = {}) {
    this.frame = { ...FRAME, ...frame }
    this.edit([], 'all')
  }

  edit(steps: readonly EditStep[], scope: Scope = 'touched', recorder?: DifferenceRecorder): EditMisfit | undefined {
    const edit = new Edit(this.arena, this.contents, APEX, recorder === undefined ? {} : { recorder })
    const misfit = editRecords(edit, steps, { frame: this.frame, scope })
    if (misfit !== undefined) {
      edit.abort()
      return misfit
    }
    edit.setSoa(storeRecord(soaRecord(APEX, this.frame, toSerial(1)), APEX))
    this.contents = edit.commit().contents
    assertSound(this.contents)
    return undefined
  }
}

const OWN = ['@ 86400 IN NS ns1.ours.example.', '@ 86400 IN NS ns2.ours.example.']

/** The lines with owners spelled out, so that their order and grouping do not matter. */
function served(zone: Zone): string[] {
  const records = Array.from(recordsFrom(zone.contents as Contents), ({ octets, at }) =>
    readStoredRecord(octets, at, APEX),
  )
  return records.map(({ owner, type, ttl, rdata }) => {
    const label =
      owner.length === APEX.length ? '@' : String.fromCharCode(...owner.subarray(1, 1 + (owner[0] as number)))
    return `${label} ${ttl} IN ${recordTypeOf(type).mnemonic} ${recordTypeOf(type).printRdata(rdata)}`
  })
}

describe('what is served', () => {
  const cases: readonly {
    what: string
    records: readonly EditedRecord[]
    frame?: Partial<ZoneFrame>
    served: string[]
  }[] = [
    { what: 'our nameservers, in a zone without records', records: [], served: OWN },
    {
      what: 'records as they are, an automatic TTL as a number',
      records: [record('www 120 A 192.0.2.1'), record('@ MX 10 mail', { ttl: 1 })],
      served: [...OWN, '@ 300 IN MX 10 mail.example.org.', 'www 120 IN A 192.0.2.1'],
    },
    {
      what: 'one TTL for an RRset, the lowest',
      records: [record('www 120 A 192.0.2.1'), record('www 60 A 192.0.2.2')],
      served: [...OWN, 'www 60 IN A 192.0.2.1', 'www 60 IN A 192.0.2.2'],
    },
    {
      what: 'no NS record of another provider at the apex',
      records: [record('@ NS ns.theirs.example.')],
      served: OWN,
    },
    {
      what: 'NS records of several providers where that is wished for, each once',
      records: [record('@ 300 NS ns.theirs.example.'), record('@ 300 NS NS2.ours.example.')],
      frame: { multiProvider: true },
      served: ['@ 300 IN NS ns.theirs.example.', '@ 300 IN NS ns1.ours.example.', '@ 300 IN NS ns2.ours.example.'],
    },
    {
      what: 'the addresses of proxies for a host with one record that is proxied',
      records: [
        record('www A 198.51.100.1', { proxied: true, ttl: 1 }),
        record('www A 198.51.100.2', { ttl: 1 }),
        record('www TXT "x"', { ttl: 1 }),
      ],
      frame: { proxies: PROXIES },
      served: [
        ...OWN,
        'www 300 IN A 192.0.2.80',
        'www 300 IN A 192.0.2.81',
        'www 300 IN TXT "x"',
        'www 300 IN AAAA 2001:db8::80',
      ],
    },
    {
      what: 'only addresses of the family that is wished for',
      records: [
        record('www CNAME cdn.example.net.', { proxied: true, ttl: 1, attributes: { settings: { ipv4_only: true } } }),
      ],
      frame: { proxies: PROXIES },
      served: [...OWN, 'www 300 IN A 192.0.2.80', 'www 300 IN A 192.0.2.81'],
    },
    {
      what: 'a proxied record itself, where there are no proxies',
      records: [record('www A 198.51.100.1', { proxied: true, ttl: 1 })],
      served: [...OWN, 'www 300 IN A 198.51.100.1'],
    },
    {
      what: 'no CNAME record at the apex, but the addresses of its target',
      records: [record('@ 600 CNAME web.example.net.'), record('@ TXT "x"')],
      frame: {
        flattened: new Map([
          ['\x03web\x07example\x03net\0', { ipv4: [Uint8Array.of(203, 0, 113, 1)], ipv6: [], ttl: 60 }],
        ]),
      },
      served: ['@ 60 IN A 203.0.113.1', ...OWN, '@ 600 IN TXT "x"'],
    },
    {
      what: 'a CNAME record alone: nothing may stand beside it',
      records: [record('www CNAME web.example.net.'), record('www TXT "x"')],
      served: [...OWN, 'www 600 IN CNAME web.example.net.'],
    },
    {
      what: 'addresses in place of CNAME records where all are flattened, and the records while they are not known',
      records: [record('www CNAME web.example.net.'), record('ftp CNAME gone.example.net.')],
      frame: {
        flattenAll: true,
        flattened: new Map([
          ['\x03web\x07example\x03net\0', { ipv4: [Uint8Array.of(203, 0, 113, 1)], ipv6: [], ttl: 60 }],
        ]),
      },
      served: [...OWN, 'ftp 600 IN CNAME gone.example.net.', 'www 60 IN A 203.0.113.1'],
    },
  ]
  test.each(cases)('$what', ({ records, frame, served: wanted }) => {
    const zone = new Zone(frame)
    expect(zone.edit(adding(...records))).toBeUndefined()
    expect(served(zone).toSorted()).toEqual(wanted.toSorted())
  })

  test('what is removed is served no more, and the owner with it', () => {
    const zone = new Zone()
    const one = record('a.b A 192.0.2.1')
    zone.edit(adding(one))
    zone.edit([{ remove: stored(one) }])
    expect(served(zone)).toEqual(OWN)
    expect(countsOf(zone.contents as Contents)).toMatchObject({ owners: 1, editedRecords: 0 })
  })

  test.each([
    ['a name in RDATA', '@ MX 10 mail', '@ MX 10 MAIL', '@ 600 IN MX 10 MAIL.example.org.'],
    ['an owner', 'www A 192.0.2.1', 'WWW A 192.0.2.1', 'WWW 600 IN A 192.0.2.1'],
  ])('a change of nothing but the case of %s', (_, before, after, line) => {
    const zone = new Zone()
    const one = record(before)
    zone.edit(adding(one))
    const step = { remove: stored(one), add: stored({ ...record(after), id: one.id }) }
    const recorder = new DifferenceRecorder()
    expect(zone.edit([step], 'touched', recorder)).toBeUndefined()
    expect(served(zone)).toEqual(expect.arrayContaining([line]))
    expect(served(zone)).toHaveLength(OWN.length + 1)
    const again = new DifferenceRecorder()
    zone.edit([], 'all', again)
    expect([recorder.isEmpty, again.isEmpty]).toEqual([false, true])
  })

  test('settings that change reach the records that are there', () => {
    const zone = new Zone()
    zone.edit(adding(record('www A 198.51.100.1', { proxied: true, ttl: 1 }), record('@ NS ns.theirs.example.')))
    zone.frame = { ...zone.frame, proxies: PROXIES, multiProvider: true, automaticTtl: 60 }
    zone.edit([], 'all')
    expect(served(zone)).toContain('www 60 IN A 192.0.2.80')
    expect(served(zone)).toContain('@ 600 IN NS ns.theirs.example.')
    expect(served(zone).join()).not.toContain('198.51.100.1')
  })
})

describe('what is refused', () => {
  const cases: readonly [string, readonly string[], string, string][] = [
    ['a record that is there', ['www A 192.0.2.1'], 'WWW A 192.0.2.1', 'record-exists'],
    ['a name in RDATA that differs in case', ['@ MX 10 mail'], '@ MX 10 MAIL', 'record-exists'],
    ['an address beside a CNAME', ['www CNAME a'], 'www A 192.0.2.1', 'cname-exists'],
    ['a second CNAME', ['www CNAME a'], 'www CNAME b', 'cname-exists'],
    ['a CNAME beside an address', ['www AAAA 2001:db8::1'], 'www CNAME a', 'address-exists'],
    ['a CNAME at the apex beside an address', ['@ A 192.0.2.1'], '@ CNAME a', 'address-exists'],
    ['an address at a cut', ['sub NS ns.sub'], 'sub A 192.0.2.1', 'ns-exists'],
    ['a CNAME at a cut', ['sub NS ns.sub'], 'sub CNAME a', 'ns-exists'],
    ['a cut where there is an address', ['sub A 192.0.2.1'], 'sub NS ns.sub', 'address-exists'],
    ['a DS record where there is no cut', [], `sub DS 1 13 2 ${'00'.repeat(32)}`, 'ds-without-ns'],
    [
      'an eleventh nameserver of a cut',
      Array.from({ length: 10 }, (_, n) => `sub NS ns${n}`),
      'sub NS ns10',
      'too-many-ns',
    ],
    [
      'an RRset of more than 8,192 octets',
      Array.from({ length: 4 }, (_, n) => `t TXT ${`"${'x'.repeat(254)}${n}" `.repeat(7)}`),
      `t TXT ${`"${'y'.repeat(255)}" `.repeat(5)}`,
      'rrset-too-large',
    ],
  ]
  test.each(cases)('%s', (_, there, line, conflict) => {
    const zone = new Zone()
    expect(zone.edit(adding(...there.map((each) => record(each))))).toBeUndefined()
    const before = served(zone)
    expect(zone.edit([...adding(record('other A 192.0.2.9')), ...adding(record(line))])).toEqual({
      type: 'conflict',
      step: 1,
      conflict,
    })
    expect(served(zone), 'nothing of the edit stays').toEqual(before)
  })

  test('the last NS record of a cut that has a DS record', () => {
    const zone = new Zone()
    const ns = record('sub NS ns.sub')
    zone.edit(adding(ns, record(`sub DS 1 13 2 ${'00'.repeat(32)}`)))
    expect(zone.edit([{ remove: stored(ns) }])).toMatchObject({ conflict: 'ds-without-ns' })
    const other = record('sub NS ns2.sub')
    expect(zone.edit([{ remove: stored(ns), add: stored({ ...other, id: ns.id }) }])).toBeUndefined()
  })

  test('a change of what somebody else has changed meanwhile', () => {
    const zone = new Zone()
    const first = record('www A 192.0.2.1')
    const second = { ...first, rdata: Uint8Array.of(192, 0, 2, 2), modifiedAt: 2 }
    const third = { ...first, rdata: Uint8Array.of(192, 0, 2, 3), modifiedAt: 2 }
    zone.edit(adding(first))
    expect(zone.edit([{ remove: stored(first), add: stored(second) }])).toBeUndefined()
    expect(zone.edit([{ remove: stored(first), add: stored(third) }])).toEqual({ type: 'stale', step: 0 })
    expect(served(zone)).toContain('www 600 IN A 192.0.2.2')
  })
})

test('any sequence of edits leads to what its records make at once, and so do its differences', () => {
  const roll = dice(7)
  const lines = ['A 192.0.2.', 'TXT "', 'MX 10 m', 'CNAME c', 'NS n', 'AAAA 2001:db8::']
  const zone = new Zone({ proxies: PROXIES, multiProvider: true })
  const there: EditedRecord[] = []
  let replayed = zone.contents as Contents
  for (let times = 0; times < 400; times++) {
    const kind = lines[roll(lines.length)] as string
    const line = `${['@', 'www', '*.w', `h${roll(9)}.b`, 'b'][roll(5)]} ${kind}${roll(9)}${kind.endsWith('"') ? '"' : ''}`
    const wish: Wish = { ttl: [1, 60, 600][roll(3)] as number, proxied: roll(4) === 0 }
    const fresh = record(line, wish)
    const victim = roll(3) === 0 ? there[roll(there.length + 1)] : undefined
    const steps: EditStep[] = [
      { ...(victim && { remove: stored(victim) }), ...(roll(3) > 0 && { add: stored(fresh) }) },
    ]
    const recorder = new DifferenceRecorder()
    const edit = new Edit(zone.arena, zone.contents, APEX, { recorder })
    const soa = storeRecord(soaRecord(APEX, zone.frame, toSerial(times + 2)), APEX)
    if (editRecords(edit, steps, { frame: zone.frame, scope: 'touched' }) !== undefined) {
      edit.abort()
      continue
    }
    edit.setSoa(soa)
    const before = zone.contents as Contents
    zone.contents = edit.commit().contents
    if (victim !== undefined) there.splice(there.indexOf(victim), 1)
    if (steps[0]?.add !== undefined) there.push(fresh)
    const again = new Edit(zone.arena, replayed, APEX)
    const { octets, at, end } = soaOf(before)
    deepStrictEqual(applyDifference(again, recorder.finish(octets.slice(at, end), soa)), undefined)
    replayed = again.commit().contents
  }
  ok(there.length > 10)
  const anew = new Zone(zone.frame)
  deepStrictEqual(anew.edit(adding(...there.toSorted(nsFirst))), undefined)
  for (const contents of [anew.contents as Contents, replayed]) {
    deepStrictEqual(octetsOf(contents), octetsOf(zone.contents as Contents))
    deepStrictEqual(countsOf(contents), countsOf(zone.contents as Contents))
    deepStrictEqual(editedOctets(contents), editedOctets(zone.contents as Contents))
  }
})

const nsFirst = (a: EditedRecord, b: EditedRecord): number =>
  Number(b.type === typeCode('NS')) - Number(a.type === typeCode('NS'))
const octetsOf = (contents: Contents): Uint8Array =>
  Buffer.concat(Array.from(runsOf(contents), ({ octets, at, end }) => octets.slice(at, end)))
const editedOctets = (contents: Contents): Uint8Array =>
  Buffer.concat(
    Array.from(editedFrom(contents, 0, countsOf(contents).editedRecords), ({ octets, at, end }) =>
      octets.slice(at, end),
    ),
  )

describe('CF-106: serials', () => {
  const now = Date.UTC(2026, 1, 28, 23, 59, 59)
  test.each([
    ['counter', undefined, 1],
    ['counter', 7, 8],
    ['counter', 2 ** 32 - 1, 0],
    ['unixtime', undefined, now / 1000],
    ['unixtime', now / 1000 - 5, now / 1000],
    ['unixtime', now / 1000, now / 1000 + 1],
    ['unixtime', now / 1000 + 9, now / 1000 + 10],
    ['date', undefined, 2026_02_28_00],
    ['date', 2026_02_27_99, 2026_02_28_00],
    ['date', 2026_02_28_41, 2026_02_28_42],
    ['date', 2026_02_28_99, 2026_02_29_00],
  ] as const)('%s after %s is %s', (policy, before, wanted) => {
    expect(nextSerial(policy, before === undefined ? undefined : toSerial(before), now)).toBe(wanted)
  })

  test.each([
    [Date.UTC(2024, 1, 29), 2024_02_29_00],
    [Date.UTC(2026, 0, 1), 2026_01_01_00],
    [Date.UTC(2026, 11, 31, 23, 59), 2026_12_31_00],
    [Date.UTC(2000, 1, 29), 2000_02_29_00],
    [Date.UTC(2100, 2, 1), 2100_03_01_00],
  ])('the date of %s is in %s', (now, wanted) => {
    expect(nextSerial('date', undefined, now)).toBe(wanted)
  })
})
