import assert from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXPIRE_QUESTION, expireOption, extendedErrorOption, OPTION } from '../dns/edns.ts'
import { readMessage, type DnsRecord } from '../dns/message.ts'
import { isWithin, parseName } from '../dns/name.ts'
import { printRecord } from '../dns/zonefile/printer.ts'
import { Arena } from '../zone/arena.ts'
import { UNLIMITED } from '../zone/edit-limits.ts'
import { Edit } from '../zone/edit.ts'
import { readStoredRecord } from '../zone/stored-form.ts'
import { answerMessage, APEX, endOf, ID, opt, records, soa, take } from '../../test/transfer/kit.ts'
import { sentenceOf } from './reason.ts'
import { TransferIn } from './transfer-in.ts'

const ZONE = '@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.2\n'

/** The answer with one record per message. */
function oneByOne(text: string, asked: 'AXFR' | 'IXFR' = 'AXFR'): Uint8Array[] {
  return records(text).map((record) => answerMessage([record], { asked }))
}

function changed(message: Uint8Array, at: number, octet: number): Uint8Array {
  const copy = message.slice()
  copy[at] = octet
  return copy
}

describe('a full transfer', () => {
  test('brings the zone as it is', () => {
    const taken = take([answerMessage(soa(1) + ZONE + soa(1))])
    expect(endOf(taken)).toBe('AXFR')
    expect(taken.sink.zone).toEqual([
      'example. 3600 IN NS ns.example.',
      'ns.example. 3600 IN A 192.0.2.1',
      'www.example. 3600 IN A 192.0.2.2',
    ])
    expect(taken.sink.soaLine).toContain(' 1 7200 900 1209600 300')
    expect(taken.transfer.records).toBe(5)
    expect(taken.outcome).toMatchObject({ soa: { serial: 1, refresh: 7200, retry: 900, expire: 1_209_600 } })
  })

  test('AC-01 begins with the SOA of the zone', () => {
    expect(endOf(take([answerMessage(`@ NS ns\n${soa(1)}${soa(1)}`)]))).toBe('first-not-soa')
    expect(endOf(take([answerMessage(`sub ${soa(1).slice(2)}${ZONE}`)]))).toBe('first-not-soa')
    expect(endOf(take([answerMessage(`other.test. ${soa(1).slice(2)}${ZONE}`)]))).toBe('first-not-soa')
    const chaos = records(soa(1)).map((record) => ({ ...record, class: 3 }))
    expect(endOf(take([answerMessage(chaos)]))).toBe('wrong-class')
  })

  test('AC-02 ends with the SOA it began with, letters of names aside', () => {
    expect(endOf(take([answerMessage(soa(1) + ZONE + soa(1, 'NS. Host.'))]))).toBe('AXFR')
    expect(endOf(take([answerMessage(soa(1) + ZONE + soa(2))]))).toBe('unequal-soa')
    expect(endOf(take([answerMessage(soa(1) + ZONE + soa(1, 'other. host.'))]))).toBe('unequal-soa')
    expect(endOf(take([answerMessage(soa(1) + ZONE + soa(1).replace('300', '301'))]))).toBe('unequal-soa')
  })

  test('AC-03 a SOA in the middle is an error and no end (cases 16 and 17)', () => {
    const text = `${soa(2)}b A 192.0.2.1\n${soa(99)}c A 192.0.2.2\n${soa(2)}`
    expect(endOf(take([answerMessage(text)]))).toBe('soa-in-the-middle')
    expect(endOf(take(oneByOne(text)))).toBe('unequal-soa')
  })

  test('AC-04 AC-05 CF-068 a stream cut behind any message is not a zone (case 15)', () => {
    const messages = oneByOne(soa(1) + ZONE + soa(1))
    expect(endOf(take(messages))).toBe('AXFR')
    expect(endOf(take([]))).toBe('connection-lost')
    for (let kept = 1; kept < messages.length; kept++) expect(endOf(take(messages.slice(0, kept)))).toBe('cut')
    for (let kept = 1; kept < messages.length; kept++) {
      const inside = oneByOne(soa(1) + ZONE + soa(1), 'IXFR').slice(0, kept)
      expect(endOf(take(inside, { asked: 'IXFR' }))).toBe('cut')
    }
  })

  describe.each([0, 1, 2, 3, 4])('AC-06 a fault in message %i ends it:', (index) => {
    const spoilt = (spoil: (message: Uint8Array) => Uint8Array) =>
      endOf(take(oneByOne(soa(1) + ZONE + soa(1)).map((message, at) => (at === index ? spoil(message) : message))))

    test.each([
      ['another ID', (m: Uint8Array) => changed(m, 1, 99), 'wrong-id'],
      ['QR=0', (m: Uint8Array) => changed(m, 2, 0x04), 'not-a-response'],
      ['another opcode', (m: Uint8Array) => changed(m, 2, 0xa4), 'wrong-opcode'],
      ['TC=1', (m: Uint8Array) => changed(m, 2, 0x86), 'truncated'],
      ['REFUSED', (m: Uint8Array) => changed(m, 3, 5), 'refused'],
      ['SERVFAIL', (m: Uint8Array) => changed(m, 3, 2), 'server-failure'],
      ['NOTAUTH', (m: Uint8Array) => changed(m, 3, 9), 'not-authoritative'],
      ['an unknown RCODE', (m: Uint8Array) => changed(m, 3, 14), 'other-rcode'],
      ['another name asked', (m: Uint8Array) => changed(m, 13, 0x66), 'wrong-question'],
      ['another type asked', (m: Uint8Array) => changed(m, 22, 251), 'wrong-question'],
      ['another class asked', (m: Uint8Array) => changed(m, 24, 3), 'wrong-question'],
      ['11 octets', (m: Uint8Array) => m.slice(0, 11), 'short-message'],
      ['no octets', (m: Uint8Array) => m.slice(0, 0), 'short-message'],
      ['the last octet gone', (m: Uint8Array) => m.slice(0, -1), 'malformed'],
      ['an octet too many', (m: Uint8Array) => Uint8Array.of(...m, 0), 'malformed'],
      ['an additional record that is not there', (m: Uint8Array) => changed(m, 11, 1), 'malformed'],
    ])('%s', (_, spoil, code) => {
      expect(spoilt(spoil)).toBe(code)
    })
  })

  test('an RCODE that needs EDNS is seen, with the text beside it', () => {
    const ede = extendedErrorOption({ code: 18, text: 'not\nyou' })
    const taken = take([answerMessage('', { rcode: 16, edns: opt(ede) })])
    expect(endOf(taken)).toBe('bad-version')
    const refused = take([answerMessage('', { rcode: 5, edns: opt(ede) })]).outcome
    expect(refused.type === 'failed' && sentenceOf(refused.reason)).toBe(
      'the primary answered REFUSED (EDE 18: not you)',
    )
  })

  test('AC-07 the question may be in every message, in the first only, or in none', () => {
    const list = records(soa(1) + ZONE + soa(1))
    const bare = list.map((record) => answerMessage([record], { questions: [] }))
    const first = list.map((record, at) => answerMessage([record], at === 0 ? {} : { questions: [] }))
    const whole = take([answerMessage(list)]).sink.zone
    expect(take(bare).sink.zone).toEqual(whole)
    expect(take(first).sink.zone).toEqual(whole)
    expect(take([answerMessage(list, { questions: [] })]).sink.zone).toEqual(whole)
    const loud = [{ name: parseName('EXAMPLE.'), type: 252, class: 1 }]
    expect(take([answerMessage(list, { questions: loud })]).sink.zone).toEqual(whole)
  })

  test('AC-08 a hundred thousand messages of one record are a zone like any other', () => {
    let count = 0
    const sink = { begin() {}, soa() {}, add: () => (count++, 'added' as const), remove: () => 'absent' as const }
    const transfer = new TransferIn({ apex: APEX, id: ID, asked: 'AXFR', sink })
    const [start] = oneByOne(soa(1)) as [Uint8Array]
    const [middle] = oneByOne('www A 192.0.2.2') as [Uint8Array]
    transfer.accept(start)
    for (let sent = 0; sent < 100_000; sent++) transfer.accept(middle)
    expect(transfer.accept(start).type).toBe('done')
    expect([count, transfer.messages]).toEqual([100_000, 100_002])
  })

  test('AC-09 owners outside the zone are dropped and counted (case 20)', () => {
    const outside = 'test. A 192.0.2.9\nnotexample. A 192.0.2.9\nxexample. A 192.0.2.9\n. NS a.\nb.test. A 192.0.2.9\n'
    const taken = take([answerMessage(soa(1) + outside + ZONE + outside + soa(1))])
    expect(endOf(taken)).toBe('AXFR')
    expect(taken.sink.zone).toHaveLength(3)
    expect(taken.transfer.dropped).toBe(10)
  })

  test('AC-10 a record of another class ends it (case 19)', () => {
    for (const klass of [3, 4, 254, 255, 0]) {
      const list = records(soa(1) + ZONE + soa(1)).map((record, at) =>
        at === 2 ? { ...record, class: klass } : record,
      )
      expect(endOf(take([answerMessage(list)]))).toBe('wrong-class')
    }
  })

  test('AC-11 CF-078 unknown types are kept octet by octet', () => {
    const taken = take([answerMessage(`${soa(1)}${ZONE}x TYPE65280 \\# 4 00c00cff\n${soa(1)}`)])
    expect(taken.sink.zone).toContain('x.example. 3600 IN TYPE65280 \\# 4 00c00cff')
  })

  test('AC-12 nothing may follow the final SOA in its message', () => {
    expect(endOf(take([answerMessage(`${soa(1)}${ZONE}${soa(1)}a A 192.0.2.1\n`)]))).toBe('trailing-records')
  })

  test('AC-13 padded messages without records are passed over', () => {
    const padding = answerMessage('', { edns: opt({ code: OPTION.PADDING, octets: new Uint8Array(8) }) })
    const messages = oneByOne(soa(1) + ZONE + soa(1)).flatMap((message) => [padding, padding, padding, message])
    expect(endOf(take(messages))).toBe('AXFR')
    expect(endOf(take(Array.from({ length: 101 }, () => padding)))).toBe('empty-messages')
  })

  test('an answer without records is none', () => {
    expect(endOf(take([answerMessage('')]))).toBe('empty-answer')
    expect(endOf(take([answerMessage('', { asked: 'IXFR' })], { since: 1 }))).toBe('empty-answer')
  })

  test('AC-14b types that are no data, and SOA records elsewhere, end it', () => {
    for (const type of [0, 41, 128, 249, 250, 251, 252, 253, 254, 255]) {
      const odd: DnsRecord = { owner: parseName('a.example.'), type, class: 1, ttl: 0, rdata: new Uint8Array(0) }
      const [first, ...rest] = records(soa(1) + ZONE + soa(1)) as [DnsRecord, ...DnsRecord[]]
      expect(endOf(take([answerMessage([first, odd, ...rest])]))).toBe('meta-type')
    }
    expect(endOf(take([answerMessage(`${soa(1)}${ZONE}sub ${soa(1).slice(2)}${soa(1)}`)]))).toBe('soa-not-at-apex')
    expect(endOf(take([answerMessage(`${soa(1)}${ZONE}a.test. ${soa(1).slice(2)}${soa(1)}`)]))).toBe('soa-not-at-apex')
  })

  test('AC-15 octets and messages have limits, and the sink may have more (cases 1 to 3)', () => {
    const messages = oneByOne(soa(1) + ZONE + soa(1))
    expect(endOf(take(messages, { limits: { messages: 4 } }))).toBe('too-many-messages')
    expect(endOf(take(messages, { limits: { messages: 5 } }))).toBe('AXFR')
    expect(endOf(take(messages, { limits: { octets: 100 } }))).toBe('too-many-octets')
  })

  test('AC-15 a limit of the zone ends it and names the record (cases 2 and 3)', () => {
    const edit = new Edit(new Arena(), undefined, APEX, { limits: { ...UNLIMITED, recordsPerRRset: 2 } })
    const sink = {
      begin() {},
      soa: (octets: Uint8Array, at: number, length: number) => edit.setSoa(octets, at, length),
      add: (octets: Uint8Array, at: number, length: number) => edit.add(octets, at, length),
      remove: (octets: Uint8Array, at: number, length: number) => edit.remove(octets, at, length),
    }
    const many = Array.from({ length: 9 }, (_, at) => `www A 192.0.2.${at}\n`).join('')
    const { outcome } = take([answerMessage(soa(1) + many + soa(1))], { sink })
    expect(outcome.type === 'failed' && sentenceOf(outcome.reason)).toBe(
      'the limit recordsPerRRset is 2, and www.example. A would make it 3',
    )
    expect(outcome).toMatchObject({ type: 'failed', serial: 1 })
  })

  test('an error that is no fault of the primary is a bug and is not hidden', () => {
    const broken = () => {
      throw new Error('out of order')
    }
    const sink = { begin() {}, soa() {}, add: broken, remove: broken }
    expect(() => take([answerMessage(soa(1) + ZONE)], { sink })).toThrow('out of order')
  })

  test('agrees with the slow reader of messages, however names are compressed', () => {
    const label = fc.constantFrom('a', 'B', 'cc', 'example', 'test', 'www', 'x'.repeat(63))
    const owner = fc
      .array(label, { maxLength: 3 })
      .chain((labels) =>
        fc
          .constantFrom('example.', 'EXAMPLE.', 'sub.example.', 'test.', '')
          .map((end) => `${labels.join('.')}${labels.length > 0 ? '.' : ''}${end}` || '.'),
      )
    const rdata = owner.map((name) => `MX 1 ${name}`)
    const lines = fc.array(fc.tuple(owner, rdata), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(lines, fc.boolean(), (list, asked) => {
        const text = soa(1) + list.map(([name, data]) => `${name} ${data}\n`).join('') + soa(1)
        const message = answerMessage(text, asked ? {} : { questions: [] })
        const slow = readMessage(message).answer.filter(({ owner: name, type }) => type === 15 && isWithin(name, APEX))
        const added: string[] = []
        const sink = {
          begin() {},
          soa() {},
          add: (octets: Uint8Array, at: number) => (
            added.push(printRecord(readStoredRecord(octets, at, APEX))),
            'added' as const
          ),
          remove: () => 'absent' as const,
        }
        const taken = take([message], { sink })
        assert.strictEqual(endOf(taken), 'AXFR')
        const fold = (record: DnsRecord) => printRecord(record).replace(/example\.(?=\t)/i, 'example.')
        assert.deepStrictEqual(
          added.map((line) => line.replace(/example\.(?=\t)/i, 'example.')),
          slow.map(fold),
        )
        assert.strictEqual(taken.transfer.dropped, list.length - slow.length)
      }),
    )
  })

  test('a TTL with the top bit set counts as zero', () => {
    const list = records(soa(1) + ZONE + soa(1))
    const message = answerMessage(list.map((record) => ({ ...record, ttl: 0x8000_0001 })))
    expect(take([message]).sink.zone).toContain('www.example. 0 IN A 192.0.2.2')
  })

  test('malformed RDATA names its record (case 25)', () => {
    const bad: DnsRecord = { owner: parseName('a.example.'), type: 1, class: 1, ttl: 0, rdata: Uint8Array.of(1, 2, 3) }
    const [first] = records(soa(1)) as [DnsRecord]
    const { outcome } = take([answerMessage([first, bad])])
    expect(outcome.type === 'failed' && sentenceOf(outcome.reason)).toContain('the A record at a.example. is malformed')
    const soaless: DnsRecord = { ...first, rdata: first.rdata.slice(0, -1) }
    expect(endOf(take([answerMessage([soaless])]))).toBe('bad-rdata')
  })

  test('EX-02 EX-03 the EXPIRE option is handed on, and below two seconds it condemns the source', () => {
    const whole = soa(1) + ZONE + soa(1)
    expect(take([answerMessage(whole, { edns: opt(expireOption(77)) })]).outcome).toMatchObject({ expireSeconds: 77 })
    expect(endOf(take([answerMessage(whole, { edns: opt(expireOption(1)) })]))).toBe('primary-expired')
    expect(endOf(take([answerMessage(whole, { edns: opt(expireOption(0)) })]))).toBe('primary-expired')
  })

  test('EX-04 an EXPIRE option of another length is passed over', () => {
    const odd = opt({ code: OPTION.EXPIRE, octets: new Uint8Array(3) })
    expect(take([answerMessage(soa(1) + ZONE + soa(1), { edns: odd })]).outcome).toMatchObject({
      expireSeconds: undefined,
    })
    const empty = opt(EXPIRE_QUESTION)
    expect(take([answerMessage(soa(1) + ZONE + soa(1), { edns: empty })]).outcome.type).toBe('done')
  })

  test('what is not newer than ours is not fetched when we only want news', () => {
    for (const serial of [5, 4, 2 ** 31 + 5]) {
      const taken = take(oneByOne(soa(serial) + ZONE + soa(serial)), { since: 5, asked: 'AXFR' })
      expect(endOf(taken)).toBe('up to date')
      expect(taken.sink.form).toBeUndefined()
    }
    expect(endOf(take([answerMessage(soa(6) + ZONE + soa(6))], { since: 5, asked: 'AXFR' }))).toBe('AXFR')
  })

  test('the root can be transferred like any zone', () => {
    const root = parseName('.')
    const questions = [{ name: root, type: 252, class: 1 }]
    const text = `. ${soa(1).slice(2)}. NS a.\nb. NS c.b.\n. ${soa(1).slice(2)}`
    const message = answerMessage(text, { questions })
    const added: string[] = []
    const sink = {
      begin() {},
      soa() {},
      add: (octets: Uint8Array, at: number, length: number) => {
        added.push(Buffer.from(octets.subarray(at, at + length)).toString('hex'))
        return 'added' as const
      },
      remove: () => 'absent' as const,
    }
    expect(new TransferIn({ apex: root, id: ID, asked: 'AXFR', sink }).accept(message).type).toBe('done')
    expect(added).toEqual(['c00c0002000100000e100003016100', '0162c00c0002000100000e1000050163016200'])
  })
})
