import assert from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { APEX, endOf, ID, messagesOf, opt, records, soa, take } from '../../test/transfer/kit.ts'
import { META_TYPE, RCODE } from '../dns/code.ts'
import { readMessage, type DnsRecord } from '../dns/message.ts'
import { parseName } from '../dns/name.ts'
import { concatOctets } from '../dns/octets.ts'
import type { Hmac, TsigKey } from '../dns/tsig.ts'
import { TsigSigner } from '../dns/tsig-sign.ts'
import { TsigVerifier } from '../dns/tsig-stream.ts'
import { printRecord } from '../dns/zonefile/printer.ts'
import { Arena } from '../zone/arena.ts'
import type { Contents, Stored } from '../zone/contents.ts'
import { compose, differenceBetween, type Difference } from '../zone/difference.ts'
import { Edit } from '../zone/edit.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { createHmac } from 'node:crypto'
import { soaFacts } from './soa-facts.ts'
import {
  fullRuns,
  chainRuns,
  incrementalRuns,
  transferFrames,
  type TransferOutEnd,
  type TransferOutOptions,
} from './transfer-out.ts'

const ZONE = '@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.2\nsub NS ns.sub\nns.sub A 192.0.2.3\n'

const hmac: Hmac = (algorithm, secret, parts) => {
  const digest = createHmac(algorithm.replace('hmac-', ''), secret)
  for (const part of parts) digest.update(part)
  return new Uint8Array(digest.digest())
}

function run(list: readonly DnsRecord[], apex = APEX): Stored {
  const octets = concatOctets(...list.map((record) => storeRecord(record, apex)))
  return { octets, at: 0, end: octets.length }
}

function zoneRuns(text: string): Stored[] {
  const start = run(records(soa(7)))
  return [start, run(records(text)), start]
}

function options(more: Partial<TransferOutOptions> = {}): TransferOutOptions {
  return { id: ID, rd: false, name: APEX, type: META_TYPE.AXFR, edns: undefined, ...more }
}

/** The messages, and how the transfer ended. */
function send(
  runs: Iterable<Stored>,
  more: Partial<TransferOutOptions> = {},
): { messages: Uint8Array[]; end: TransferOutEnd } {
  const messages: Uint8Array[] = []
  const sending = transferFrames(runs, options(more))
  for (;;) {
    const next = sending.next()
    if (next.done) return { messages, end: next.value }
    messages.push(...messagesOf(next.value))
  }
}

describe('a transfer out', () => {
  test('AX-01 AX-05 begins and ends with the same SOA and has none in between', () => {
    const { messages, end } = send(zoneRuns(ZONE), { messageOctetsMax: 120 })
    const read = messages.map((message) => readMessage(message))
    const types = read.flatMap(({ answer }) => answer.map(({ type }) => type))
    expect(end).toBe('complete')
    expect(types).toEqual([6, 2, 1, 1, 2, 1, 6])
    expect(read.every(({ authority, additional }) => authority.length + additional.length === 0)).toBe(true)
  })

  test('AX-02 AX-03 every message has the ID, AA and the question', () => {
    const { messages } = send(zoneRuns(ZONE), { messageOctetsMax: 120, rd: true, name: parseName('eXample.') })
    expect(messages.length).toBeGreaterThan(2)
    for (const message of messages) {
      const read = readMessage(message)
      expect(read).toMatchObject({ id: ID, qr: true, opcode: 0, aa: true, tc: false, rd: true, ra: false, rcode: 0 })
      expect(read.questions).toEqual([{ name: parseName('eXample.'), type: META_TYPE.AXFR, class: 1 }])
    }
  })

  test('AX-04 fills its messages', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `h${index} A 192.0.2.1\n`).join('')
    const { messages } = send(zoneRuns(many), { messageOctetsMax: 16_384 })
    expect(5000 / messages.length).toBeGreaterThan(50)
    expect(messages.every((message) => message.length <= 16_384)).toBe(true)
    expect(send(zoneRuns(many)).messages).toHaveLength(2)
  })

  test('AX-06 AX-07 sends cuts, glue and occluded names as they are held', () => {
    const { messages } = send(zoneRuns(ZONE))
    expect(take(messages).sink.zone).toContain('ns.sub.example. 3600 IN A 192.0.2.3')
  })

  test('AX-08 is one version of the zone, however often the zone changes meanwhile', () => {
    const arena = new Arena()
    const first = new Edit(arena, undefined, APEX)
    const fill = (edit: Edit, text: string, serial: number) => {
      for (const record of records(text)) {
        const stored = storeRecord(record, APEX)
        edit.add(stored, 0, stored.length)
      }
      edit.setSoa(storeRecord(records(soa(serial))[0] as DnsRecord, APEX))
    }
    const hosts = (address: string) => Array.from({ length: 800 }, (_, at) => `h${at} A ${address}\n`).join('')
    fill(first, `@ NS ns\n${hosts('192.0.2.1')}`, 1)
    let { contents } = first.commit()
    const sending = transferFrames(fullRuns(contents), options({ messageOctetsMax: 512 }))
    const messages: Uint8Array[] = []
    for (let serial = 2, next = sending.next(); !next.done; next = sending.next(), serial++) {
      messages.push(...messagesOf(next.value))
      const edit = new Edit(arena, contents, APEX)
      fill(edit, `h${serial} A 192.0.2.${serial % 250}\nnew${serial} A 192.0.2.9\n`, serial)
      contents = edit.commit().contents
    }
    const taken = take(messages)
    expect(taken.outcome).toMatchObject({ form: 'AXFR', soa: { serial: 1 } })
    expect(taken.sink.zone).toHaveLength(801)
    expect(taken.sink.zone.every((line) => !line.includes('new'))).toBe(true)
  })

  test('AX-09 a record of 65,000 octets goes in a message of its own', () => {
    const large: DnsRecord = {
      owner: parseName('big.example.'),
      type: 65_280,
      class: 1,
      ttl: 1,
      rdata: new Uint8Array(65_000),
    }
    const start = run(records(soa(7)))
    const { messages, end } = send([start, run(records(ZONE)), run([large]), start])
    expect(end).toBe('complete')
    expect(take(messages).sink.zone).toHaveLength(6)
  })

  test('AX-10 a record too large for any message ends with SERVFAIL, and is no end of a zone (case 27)', () => {
    const large: DnsRecord = {
      owner: parseName('big.example.'),
      type: 65_280,
      class: 1,
      ttl: 1,
      rdata: new Uint8Array(65_535),
    }
    const start = run(records(soa(7)))
    const { messages, end } = send([start, run([large]), start])
    expect(end).toBe('record too large')
    expect(messages.map((message) => readMessage(message).rcode)).toEqual([RCODE.NOERROR, RCODE.SERVFAIL])
    expect(endOf(take(messages))).toBe('server-failure')
  })

  test('AX-17 OPT is in every message if the request had one', () => {
    const { messages } = send(zoneRuns(ZONE), { messageOctetsMax: 140, edns: opt() })
    expect(messages.length).toBeGreaterThan(1)
    for (const message of messages) expect(readMessage(message).edns).toBeDefined()
    for (const message of send(zoneRuns(ZONE)).messages) expect(readMessage(message).edns).toBeUndefined()
  })

  test('AX-18 AC-16 every message is signed, and the receiver verifies each', () => {
    const key: TsigKey = { name: parseName('key.'), algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(7) }
    const requestMac = new Uint8Array(32).fill(9)
    const now = 1_800_000_000_000
    const signer = new TsigSigner(key, { hmac, requestMac })
    const { messages } = send(zoneRuns(ZONE), {
      messageOctetsMax: 300,
      signatureOctets: 150,
      sign: (parts) => signer.sign(parts, now),
    })
    expect(messages.length).toBeGreaterThan(1)
    expect(messages.every((message) => message.length <= 300)).toBe(true)
    const verifier = new TsigVerifier(key, { hmac, requestMac })
    const plain = messages.map((message) => {
      const verdict = verifier.accept(message, now)
      assert(verdict.type === 'verified')
      return verdict.octets
    })
    expect(verifier.finish().type).toBe('complete')
    expect(endOf(take(plain))).toBe('AXFR')
  })

  test('AX-21 each message can be read without the others', () => {
    const { messages } = send(zoneRuns(ZONE), { messageOctetsMax: 100 })
    const alone = messages.flatMap((message) => readMessage(message).answer.map((record) => printRecord(record)))
    expect(alone).toEqual(records(soa(7) + ZONE + soa(7)).map((record) => printRecord(record)))
  })

  test('AX-22 ends with SERVFAIL between messages when the zone is gone', () => {
    let left = 2
    const { messages, end } = send(zoneRuns(ZONE), { messageOctetsMax: 100, isServed: () => left-- > 0 })
    expect([messages.length, end]).toEqual([3, 'zone gone'])
    expect(endOf(take(messages))).toBe('server-failure')
  })

  test('IX-02 one SOA answers an IXFR of somebody who is current', () => {
    const { messages } = send([run(records(soa(7)))], { type: META_TYPE.IXFR })
    expect(messages).toHaveLength(1)
    expect(endOf(take(messages, { since: 7 }))).toBe('up to date')
    expect(endOf(take(messages, { since: 9 }))).toBe('up to date')
    expect(endOf(take(messages, { since: 6, over: 'udp' }))).toBe('retry over TCP')
  })

  test('IX-05 CF-096 the whole zone answers an IXFR whose differences are unknown', () => {
    const { messages } = send(zoneRuns(ZONE), { type: META_TYPE.IXFR })
    expect(endOf(take(messages, { since: 3 }))).toBe('AXFR')
  })
})

describe('an incremental transfer out', () => {
  const zone = (serial: number, lines: string) => ({ serial, lines })
  const versions = [
    zone(4_294_967_294, '@ NS ns\nns A 192.0.2.1\nold A 192.0.2.2\n'),
    zone(4_294_967_295, '@ NS ns\nns A 192.0.2.1\nnew A 192.0.2.3\n'),
    zone(
      0,
      '@ NS ns\nns 60 A 192.0.2.1\nnew A 192.0.2.3\nnew RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. AAAA\n',
    ),
    zone(
      3,
      '@ NS ns\nns 60 A 192.0.2.1\nnew A 192.0.2.3\nnew RRSIG A 13 2 3600 20310101000000 20210101000000 1 example. BBBB\n',
    ),
  ]

  /** The versions, and the differences between each and the next. */
  function history() {
    const arena = new Arena()
    const made = versions.map(({ serial, lines }) => {
      const edit = new Edit(arena, undefined, APEX)
      for (const record of records(lines)) {
        const stored = storeRecord(record, APEX)
        edit.add(stored, 0, stored.length)
      }
      edit.setSoa(storeRecord(records(soa(serial))[0] as DnsRecord, APEX))
      return edit.commit().contents
    })
    const steps = made.slice(1).map((contents, at) => differenceBetween(made[at] as Contents, contents) as Difference)
    return { newest: made.at(-1) as Contents, steps }
  }

  test('IX-03 IX-04 IX-09 IX-13 is SOA, steps from oldest to newest, SOA', () => {
    const { newest, steps } = history()
    const { messages } = send(incrementalRuns(newest, chainRuns(steps)), { type: META_TYPE.IXFR })
    const all = messages.flatMap((message) => readMessage(message).answer)
    const serials = all.filter(({ type }) => type === 6).map(({ rdata }) => soaFacts(rdata, 0, rdata.length).serial)
    expect(serials).toEqual([3, 4_294_967_294, 4_294_967_295, 4_294_967_295, 0, 0, 3, 3])
    expect(all.filter(({ type }) => type === 1).map((record) => record.ttl)).toEqual([3600, 3600, 3600, 60])
  })

  test.each([0, 1, 2])(
    'IX-08 IX-10 SN-01 leads from version %i to the newest, without a record that is missing',
    (from) => {
      const { newest, steps } = history()
      const { messages } = send(incrementalRuns(newest, chainRuns(steps.slice(from))), {
        type: META_TYPE.IXFR,
        messageOctetsMax: 200,
      })
      const { serial, lines } = versions[from] as (typeof versions)[number]
      const taken = take(messages, { since: serial, base: lines })
      expect(endOf(taken)).toBe('IXFR')
      expect(taken.sink.zone).toEqual(take(send(fullRuns(newest)).messages).sink.zone)
      const whole = compose(...(steps.slice(from) as [Difference, ...Difference[]]))
      const condensed = send(incrementalRuns(newest, chainRuns([whole])), { type: META_TYPE.IXFR })
      expect(take(condensed.messages, { since: serial, base: lines }).sink.zone).toEqual(taken.sink.zone)
    },
  )
})

describe('a transfer out, fed to a transfer in,', () => {
  const label = fc.stringMatching(/^[a-zA-Z0-9-]{1,8}$/)
  const line = fc.tuple(
    fc.array(label, { minLength: 0, maxLength: 3 }),
    fc.oneof(
      fc.constant('A 192.0.2.1'),
      fc.nat(255).map((octet) => `A 192.0.2.${octet}`),
      label.map((name) => `MX 10 ${name}`),
      label.map((name) => `CNAME ${name}.test.`),
      fc.stringMatching(/^[a-z ]{0,200}$/).map((text) => `TXT "${text}"`),
      fc
        .uint8Array({ maxLength: 300 })
        .map((octets) => `TYPE65280 \\# ${octets.length} ${Buffer.from(octets).toString('hex')}`),
    ),
  )
  const zone = fc
    .array(line, { maxLength: 40 })
    .map((lines) => lines.map(([labels, data]) => `${[...labels, 'example.'].join('.')} ${data}\n`).join(''))
  const sizes = fc.constantFrom(700, 1000, 16_384, 65_535)

  test('gives the same contents, whatever the size of the messages', () => {
    fc.assert(
      fc.property(zone, sizes, (text, messageOctetsMax) => {
        const taken = take(send(zoneRuns(text), { messageOctetsMax }).messages)
        const wanted = new Set(records(text).map((record) => printRecord(record).replaceAll('\t', ' ').toLowerCase()))
        assert.strictEqual(endOf(taken), 'AXFR')
        assert.deepStrictEqual(new Set(taken.sink.zone.map((each) => each.toLowerCase())), wanted)
      }),
    )
  })

  test('AC-04 AC-05 is never done when it is cut, by messages or by octets', () => {
    fc.assert(
      fc.property(zone, fc.nat(), fc.nat(), (text, cutMessage, cutOctets) => {
        const { messages } = send(zoneRuns(text), { messageOctetsMax: 700 })
        const kept = messages.slice(0, cutMessage % messages.length)
        assert.notStrictEqual(take(kept).outcome.type, 'done')
        const last = messages[kept.length] as Uint8Array
        const part = last.subarray(0, cutOctets % last.length)
        assert.notStrictEqual(take([...kept, part]).outcome.type, 'done')
      }),
    )
  })

  test('AC-06 is done or refused with any octet changed, and nothing is thrown', () => {
    const { messages } = send(zoneRuns(ZONE), { messageOctetsMax: 130 })
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, flip) => {
        const spoilt = messages.map((message) => message.slice())
        const message = spoilt[which % spoilt.length] as Uint8Array
        const at = where % message.length
        message[at] = (message[at] as number) ^ flip
        assert(['done', 'failed'].includes(take(spoilt).outcome.type))
      }),
      { numRuns: 2000 },
    )
  })
})

/** The apex is compressed, and so is nothing else; so a name of the zone costs its own labels and two octets. */
test('a stored record goes out octet by octet', () => {
  const [record] = records('www A 192.0.2.2') as [DnsRecord]
  const stored = storeRecord(record, APEX)
  const { messages } = send([{ octets: stored, at: 0, end: stored.length }])
  expect(messages[0]?.subarray(-stored.length)).toEqual(stored)
})
