import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { APEX, ID, opt, records, soa } from '../../test/transfer/kit.ts'
import { CLASS, OPCODE, RCODE } from '../dns/code.ts'
import { newMessage, readMessage, type DnsRecord, type Message } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { parseName, sameName, type Name } from '../dns/name.ts'
import { judgeNotify, type NotifyContext, type NotifyVerdict } from './notify.ts'

const QUESTION = { name: APEX, type: 6, class: CLASS.IN }

function notify(fields: Partial<Message> = {}): Uint8Array {
  return writeMessage(newMessage({ id: ID, opcode: OPCODE.NOTIFY, aa: true, questions: [QUESTION], ...fields }))
}

function judge(octets: Uint8Array, more: Partial<NotifyContext<string>> = {}): NotifyVerdict<string> {
  return judgeNotify(octets, {
    zoneOf: (apex: Name) => (sameName(apex, APEX) ? 'the zone' : undefined),
    decide: () => ({ allowed: true, rule: 'peer a', peer: 'a' }),
    ...more,
  })
}

function refusal(octets: Uint8Array, more: Partial<NotifyContext<string>> = {}): unknown {
  const verdict = judge(octets, more)
  return verdict.type === 'refused' ? [verdict.response.rcode, verdict.why] : verdict.type
}

describe('a NOTIFY', () => {
  test('NT-03 is answered with its ID, opcode and question', () => {
    const verdict = judge(notify({ edns: opt() }))
    expect(verdict).toMatchObject({
      type: 'refresh',
      zone: 'the zone',
      from: 'a',
      serialHint: undefined,
      rule: 'peer a',
    })
    if (verdict.type !== 'refresh') return
    const answer = readMessage(writeMessage(verdict.response))
    expect(answer).toMatchObject({
      id: ID,
      qr: true,
      opcode: OPCODE.NOTIFY,
      rcode: RCODE.NOERROR,
      questions: [QUESTION],
    })
    expect(answer.edns).toBeDefined()
  })

  test('NT-04 from a stranger starts nothing', () => {
    const decide = () => ({ allowed: false, why: 'address not allowed' }) as const
    expect(refusal(notify(), { decide })).toEqual([RCODE.REFUSED, 'address not allowed'])
  })

  test('NT-05 NT-06 carries a serial as a hint', () => {
    expect(judge(notify({ answer: records(soa(4_000_000_000)) }))).toMatchObject({ serialHint: 4_000_000_000 })
    const elsewhere = records(soa(9)).map((record) => ({ ...record, owner: parseName('other.test.') }))
    expect(judge(notify({ answer: elsewhere }))).toMatchObject({ type: 'refresh', serialHint: undefined })
    expect(judge(notify({ answer: records('@ NS ns') }))).toMatchObject({ type: 'refresh', serialHint: undefined })
  })

  test('NT-10 unsigned where a key is required is refused', () => {
    const decide = () => ({ allowed: false, why: 'not signed' }) as const
    expect(refusal(notify(), { decide })).toEqual([RCODE.REFUSED, 'not signed'])
  })

  test('NT-12 for another type than SOA is not implemented', () => {
    for (const type of [1, 59, 62, 255]) {
      expect(refusal(notify({ questions: [{ ...QUESTION, type }] }))).toEqual([RCODE.NOTIMP, 'type is not SOA'])
    }
  })

  test('NT-13 that is malformed is FORMERR, before a name is read', () => {
    const [own] = records(soa(1)) as [DnsRecord]
    expect(refusal(notify({ questions: [] }))).toEqual([RCODE.FORMERR, 'malformed'])
    expect(refusal(notify({ questions: [QUESTION, QUESTION] }))).toEqual([RCODE.FORMERR, 'malformed'])
    expect(refusal(notify({ answer: [own, own] }))).toEqual([RCODE.FORMERR, 'malformed'])
    expect(refusal(notify({ authority: [own] }))).toEqual([RCODE.FORMERR, 'malformed'])
    expect(refusal(notify({ additional: [own] }))).toEqual([RCODE.FORMERR, 'malformed'])
    const loop = notify({ questions: [] })
    loop[5] = 2
    expect(refusal(Uint8Array.of(...loop, 0xc0, 12, 0, 6, 0, 1))).toEqual([RCODE.FORMERR, 'malformed'])
    loop[5] = 1
    expect(refusal(Uint8Array.of(...loop, 0xc0, 12, 0, 6, 0, 1))).toEqual([RCODE.FORMERR, 'malformed'])
  })

  test('case 23: a SOA with short RDATA is FORMERR', () => {
    const [own] = records(soa(1)) as [DnsRecord]
    const short = notify({ answer: [{ ...own, rdata: own.rdata.slice(0, -1) }] })
    expect(refusal(short)).toEqual([RCODE.FORMERR, 'malformed'])
  })

  test('case 47: of another class starts nothing', () => {
    const ofClass = (klass: number) => refusal(notify({ questions: [{ ...QUESTION, class: klass }] }))
    expect(ofClass(CLASS.CH)).toEqual([RCODE.REFUSED, 'class is not IN'])
    expect(ofClass(CLASS.ANY)).toEqual([RCODE.FORMERR, 'class is not IN'])
    expect(ofClass(CLASS.NONE)).toEqual([RCODE.FORMERR, 'class is not IN'])
  })

  test('for a zone we are no secondary for is NOTAUTH, whatever its name (case 43)', () => {
    for (const name of ['other.test.', 'a\\"b.test.', '\\.\\.\\/etc.test.', '\\010.test.', 'www.example.']) {
      const questions = [{ ...QUESTION, name: parseName(name) }]
      expect(refusal(notify({ questions }))).toEqual([RCODE.NOTAUTH, 'not a secondary for this zone'])
    }
  })

  test('with a later version of EDNS is BADVERS', () => {
    expect(refusal(notify({ edns: { ...opt(), version: 1 } }))).toEqual([RCODE.BADVERS, 'EDNS version is unknown'])
  })

  test('MB-02 MB-05 that is an answer, or shorter than a header, is passed over', () => {
    expect(judge(notify({ qr: true })).type).toBe('silent')
    for (let length = 0; length < 12; length++) expect(judge(notify().subarray(0, length)).type).toBe('silent')
  })

  test('NT-13 of any octets is judged and throws nothing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => void judge(octets)))
    const whole = notify({ answer: records(soa(1)) })
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, octet) => {
        const spoilt = whole.slice()
        spoilt[at] = octet
        judge(spoilt)
      }),
    )
  })
})
