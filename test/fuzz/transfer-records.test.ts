/** Transfers in: right and nearly right sequences of records, split over messages in every way. */

import { META_TYPE } from '../../src/dns/code.ts'
import { OPTION } from '../../src/dns/edns.ts'
import { type DnsRecord, newMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { parseName, type Name } from '../../src/dns/name.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import { printRecord } from '../../src/dns/zonefile/printer.ts'
import { type Chance, chanceOf } from '../random-rdata.ts'
import { campaign, showOctets, smallerList } from './campaign.ts'
import { pick } from './mutate.ts'
import { checkStream } from './transfer-target.ts'
import type { Asked } from './transfer-model.ts'

const APEX = parseName('Zone.example.')
const ID = 77
/** Serials from which steps go on over the edges of 31 and 32 bits. */
const SERIALS = [1, 2_147_483_646, 4_294_967_293, 4_000_000_000]

/** All records that a version may hold: few enough for the same one to be added and removed often. */
const POOL = recordsOf(`
@ NS ns
@ NS ns.Elsewhere.example.
@ MX 10 mail
@ 60 MX 10 MAIL
ns A 192.0.2.1
NS 60 A 192.0.2.1
mail A 192.0.2.2
a.b.c TXT "deep"
a.b.c TXT "DEEP"
b.c A 192.0.2.3
alias CNAME Mail
alias CNAME mail.zone.EXAMPLE.
sub NS ns.sub
ns.sub AAAA 2001:db8::1
d DNAME elsewhere.example.
*.w TXT "${'x'.repeat(200)}" "${'y'.repeat(200)}"
u TYPE65280 \\# 2 abCD
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A
www A 192.0.2.4
$GENERATE 5-25 www A 192.0.2.$
$GENERATE 0-15 host$ TXT "some text, so that pages fill: ${'z'.repeat(180)}"
`)

/** Records that no version holds. */
const FOREIGN = recordsOf(`
elsewhere.example. A 192.0.2.5
example. NS ns.example.
xzone.example. A 192.0.2.6
sub SOA ns host 1 2 3 4 5
elsewhere.example. SOA ns host 1 2 3 4 5
`)

interface Split {
  readonly asked: Asked
  readonly records: readonly DnsRecord[]
  /** Decides how the records are split over messages. */
  readonly seed: number
  readonly limits: Record<string, number>
}

campaign<Split>({
  claim:
    'AC-02 AC-03 IC-02 IC-03 IC-05 SN-01 a transfer is done only if its records make a version, and then it is that version',
  share: 'transfer records',
  make: (chance) => {
    const asked = ask(chance)
    const records = chance(3) === 0 ? full(asked, chance) : incremental(asked, chance)
    for (let faults = chance(2) * chance(4); faults > 0; faults--) spoil(records, chance)
    return { asked, records, seed: chance(2 ** 31), limits: chance(10) === 0 ? limits(chance) : {} }
  },
  check: ({ asked, records, seed, limits }) =>
    checkStream({ asked, messages: messagesOf(records, asked, seed), limits }),
  smaller: function* (split) {
    for (const records of smallerList(split.records)) yield { ...split, records }
  },
  show: ({ asked, records, seed }) =>
    [
      `${asked.type} since ${asked.since}, split by ${seed}`,
      ...asked.base.map((record) => `; ${printRecord(record)}`),
      ...records.map((record) => printRecord(record)),
      ...messagesOf(records, asked, seed).map(showOctets),
    ].join('\n'),
})

function ask(chance: Chance): Asked {
  const serial = pick(SERIALS, chance)
  const base = [soa(serial), ...version(chance)]
  const type = chance(3) === 0 ? 'AXFR' : 'IXFR'
  return {
    apex: APEX,
    id: ID,
    type,
    since: type === 'IXFR' ? serial : pick([undefined, serial, serial + 1], chance),
    base,
  }
}

/** Some of the pool, each record in one form only. */
function version(chance: Chance): DnsRecord[] {
  const density = 1 + chance(10)
  const chosen = new Map<string, DnsRecord>()
  for (const record of POOL) if (chance(10) < density) chosen.set(keyOf(record), record)
  return [...chosen.values()]
}

function full({ base }: Asked, chance: Chance): DnsRecord[] {
  const [first] = base as [DnsRecord]
  const end = soa((serialOf(first) + 1 + chance(4)) % 2 ** 32)
  return [end, ...shuffled(version(chance), chance), end]
}

/** Steps of differences that hold, from the base on. */
function incremental({ base }: Asked, chance: Chance): DnsRecord[] {
  const steps = 1 + chance(4)
  const serials = [serialOf(base[0] as DnsRecord)]
  for (let step = 0; step < steps; step++) serials.push(((serials.at(-1) as number) + 1 + chance(3)) % 2 ** 32)
  const last = soa(serials.at(-1) as number)
  const zone = new Map(base.slice(1).map((record) => [keyOf(record), record]))
  const records = [last]
  for (let step = 0; step < steps; step++) {
    const removed = [...zone.values()].filter(() => chance(8) === 0)
    for (const record of removed) zone.delete(keyOf(record))
    const added = version(chance).filter((record) => !zone.has(keyOf(record)))
    for (const record of added) zone.set(keyOf(record), record)
    records.push(soa(serials[step] as number), ...shuffled(removed, chance), soa(serials[step + 1] as number))
    records.push(...shuffled(added, chance))
  }
  return [...records, last]
}

/** One thing wrong, or odd and yet allowed. */
function spoil(records: DnsRecord[], chance: Chance): void {
  const at = chance(records.length)
  const record = records[at] ?? soa(1)
  switch (chance(11)) {
    case 0:
      records.splice(at, 1)
      break
    case 1:
      records.splice(chance(records.length + 1), 0, record)
      break
    case 2:
      records.splice(chance(records.length + 1), 0, pick(POOL, chance))
      break
    case 3:
      records.splice(chance(records.length + 1), 0, pick(FOREIGN, chance))
      break
    case 4:
      records.splice(
        chance(records.length + 1),
        0,
        soa(pick([...SERIALS, ...SERIALS.map((serial) => serial + 1)], chance)),
      )
      break
    case 5:
      records[at] = { ...record, class: chance(4) }
      break
    case 6:
      records[at] = { ...record, ttl: chance(2 ** 31) * 2 + 1 }
      break
    case 7:
      records[at] = { ...record, owner: otherCase(record.owner) }
      break
    case 8: {
      const soas = records.flatMap(({ type }, index) => (type === 6 ? [index] : []))
      const one = soas.length > 0 ? pick(soas, chance) : at
      records[one] = soa((serialOf(records[one] ?? record) + pick([1, 2, 3, 2 ** 32 - 1, 2 ** 31], chance)) % 2 ** 32)
      break
    }
    default:
      if (record.type === 6) records[at] = soa((serialOf(record) + chance(3) * 2 ** chance(32)) % 2 ** 32)
  }
}

/** The records in messages of any number of them, with a question or without, and with padding here and there. */
function messagesOf(records: readonly DnsRecord[], { type }: Asked, seed: number): Uint8Array[] {
  const chance = chanceOf(seed)
  const messages: Uint8Array[] = []
  const most = pick([1, 3, 20, 1000], chance)
  const questions = [{ name: APEX, type: META_TYPE[type], class: 1 }]
  const padding = {
    udpSize: 1232,
    version: 0,
    do: false,
    flags: 0,
    options: [{ code: OPTION.PADDING, octets: new Uint8Array(9) }],
  }
  for (let at = 0; at < records.length || messages.length === 0;) {
    const answer = chance(12) === 0 ? [] : records.slice(at, at + 1 + chance(most))
    at += answer.length
    const isFirst = messages.length === 0
    messages.push(
      writeMessage(
        newMessage({
          id: ID,
          qr: true,
          aa: true,
          answer,
          questions: isFirst || chance(2) === 0 ? questions : [],
          ...(answer.length === 0 || chance(5) === 0 ? { edns: padding } : {}),
        }),
      ),
    )
  }
  return messages
}

function limits(chance: Chance): Record<string, number> {
  const name = pick(['records', 'octets', 'recordsPerRRset', 'typesPerOwner', 'messages', 'steps'], chance)
  return { [name]: 1 + chance(name === 'octets' ? 5000 : 10) }
}

function shuffled<T>(list: readonly T[], chance: Chance): T[] {
  const rest = list.slice()
  return chance(3) === 0 ? rest : list.map(() => rest.splice(chance(rest.length), 1)[0] as T)
}

function soa(serial: number): DnsRecord {
  return recordsOf(`@ SOA ns Host\\.Master ${serial} 7200 900 1209600 300`)[0] as DnsRecord
}

function serialOf({ rdata }: DnsRecord): number {
  return new DataView(rdata.buffer).getUint32(rdata.length - 20)
}

function otherCase(name: Name): Name {
  return name.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)) as Uint8Array as Name
}

/** The same for records that are the same, whatever their TTL and the case of their names. */
function keyOf(record: DnsRecord): string {
  let key = keys.get(record)
  if (key === undefined) keys.set(record, (key = makeKey(record)))
  return key
}

const keys = new WeakMap<DnsRecord, string>()

function makeKey(record: DnsRecord): string {
  return printRecord({ ...record, ttl: 0 }).toLowerCase() + (record.type === 16 ? printRecord(record) : '')
}

function recordsOf(text: string): DnsRecord[] {
  const options = { origin: APEX, apex: parseName('.'), defaultTtl: 3600 }
  return [...parseZoneFile(text, options)].flatMap((item) => (item.type === 'record' ? [item.record] : []))
}
