import { describe, expect, test } from 'vitest'
import { APEX, ID, opt, records, soa } from '../../test/transfer/kit.ts'
import { CLASS, META_TYPE, RCODE } from '../dns/code.ts'
import { OPTION, optionOf } from '../dns/edns.ts'
import { newMessage, type DnsRecord, type Message } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { parseName, sameName, type Name } from '../dns/name.ts'
import { addSerial, toSerial } from '../dns/serial.ts'
import { axfrQuery, ixfrQuery } from './primary-query.ts'
import { judgeTransfer, type TransferContext, type TransferVerdict, type ZoneToTransfer } from './transfer-request.ts'

const SERVING: ZoneToTransfer = { state: 'serving', serial: toSerial(100) }
const QUERY = { apex: APEX, id: ID, edns: true }

function judge(
  octets: Uint8Array,
  more: Partial<TransferContext<ZoneToTransfer>> = {},
): TransferVerdict<ZoneToTransfer> {
  return judgeTransfer(octets, {
    transport: 'tcp',
    zoneOf: (apex) => (sameName(apex, APEX) ? SERVING : undefined),
    decide: () => ({ allowed: true, rule: 'peer a', peer: 'a' }),
    takePlace: () => true,
    ...more,
  })
}

function rcodeOf(verdict: TransferVerdict<ZoneToTransfer>): number | string {
  return verdict.type === 'refused' ? verdict.response.rcode : verdict.what
}

function request(type: number, fields: Partial<Message> = {}, name: Name = APEX): Uint8Array {
  return writeMessage(newMessage({ id: ID, questions: [{ name, type, class: CLASS.IN }], ...fields }))
}

describe('a request for a transfer', () => {
  test('AX-12 AXFR by UDP is not implemented and gives no data', () => {
    const verdict = judge(axfrQuery(QUERY), { transport: 'udp' })
    expect(verdict).toMatchObject({
      why: 'AXFR over UDP',
      response: { rcode: RCODE.NOTIMP, answer: [], qr: true, id: ID },
    })
  })

  test('AX-13 whoever is not allowed is refused, with EDE 18 if EDNS was there', () => {
    const decide = () => ({ allowed: false, why: 'not signed' }) as const
    const verdict = judge(axfrQuery(QUERY), { decide })
    expect(verdict).toMatchObject({ why: 'not signed', response: { rcode: RCODE.REFUSED } })
    expect(verdict.type === 'refused' && optionOf(verdict.response.edns, OPTION.EDE)?.[1]).toBe(18)
    const plain = judge(axfrQuery({ ...QUERY, edns: false }), { decide })
    expect(plain.type === 'refused' && plain.response.edns).toBeUndefined()
  })

  test('AX-14 a zone we do not have, or a name below an apex, is NOTAUTH', () => {
    expect(rcodeOf(judge(request(META_TYPE.AXFR, {}, parseName('other.test.'))))).toBe(RCODE.NOTAUTH)
    expect(rcodeOf(judge(request(META_TYPE.AXFR, {}, parseName('www.example.'))))).toBe(RCODE.NOTAUTH)
    expect(rcodeOf(judge(request(META_TYPE.AXFR, {}, parseName('EXAMPLE.'))))).toBe('zone')
  })

  test('AX-15 without a free place it is SERVFAIL', () => {
    expect(judge(axfrQuery(QUERY), { takePlace: () => false })).toMatchObject({
      why: 'too many transfers',
      response: { rcode: RCODE.SERVFAIL },
    })
  })

  test('AX-16 strangers take no place (case 12)', () => {
    let taken = 0
    const takePlace = () => ++taken > 0
    for (let count = 0; count < 200; count++) {
      judge(axfrQuery(QUERY), { takePlace, decide: () => ({ allowed: false, why: 'address not allowed' }) })
    }
    expect(taken).toBe(0)
    judge(axfrQuery(QUERY), { takePlace })
    expect(taken).toBe(1)
  })

  test('a zone without contents, or an expired one, is SERVFAIL, but only to those who may know', () => {
    const empty = () => ({ state: 'empty', serial: undefined }) as const
    const expired = () => ({ state: 'expired', serial: toSerial(1) }) as const
    expect(judge(axfrQuery(QUERY), { zoneOf: empty })).toMatchObject({ why: 'zone not loaded' })
    expect(judge(axfrQuery(QUERY), { zoneOf: expired })).toMatchObject({ why: 'zone expired' })
    const decide = () => ({ allowed: false, why: 'address not allowed' }) as const
    expect(rcodeOf(judge(axfrQuery(QUERY), { zoneOf: expired, decide }))).toBe(RCODE.REFUSED)
  })

  test('IX-01 IXFR without exactly one SOA of the zone is FORMERR', () => {
    const [own] = records(soa(1)) as [DnsRecord]
    const other = { ...own, owner: parseName('other.test.') }
    const ns = records('@ NS ns') as [DnsRecord]
    const authorities: DnsRecord[][] = [[], [other], [own, own], ns, [{ ...own, class: CLASS.CH }]]
    for (const authority of authorities)
      expect(rcodeOf(judge(request(META_TYPE.IXFR, { authority })))).toBe(RCODE.FORMERR)
    expect(rcodeOf(judge(request(META_TYPE.IXFR, { authority: [own] })))).toBe('zone')
  })

  test('IX-02 whoever has our serial or a newer one gets one SOA, and takes no place', () => {
    const takePlace = () => false
    for (const ahead of [0, 1, 2 ** 31 - 1]) {
      const since = addSerial(toSerial(100), ahead)
      expect(rcodeOf(judge(ixfrQuery(QUERY, since), { takePlace }))).toBe('soa')
    }
    expect(rcodeOf(judge(ixfrQuery(QUERY, toSerial(99))))).toBe('zone')
    expect(rcodeOf(judge(ixfrQuery(QUERY, toSerial(100 + 2 ** 31))))).toBe('zone')
  })

  test('IX-06 by UDP there is one SOA where there is no place for more', () => {
    const [transport, takePlace] = ['udp', () => false] as const
    expect(judge(ixfrQuery(QUERY, toSerial(1)), { transport, takePlace })).toMatchObject({ what: 'soa', since: 1 })
    expect(judge(ixfrQuery(QUERY, toSerial(1)), { transport })).toMatchObject({ what: 'zone', since: 1 })
  })

  test('IX-14 a SOA of 60,000 octets is FORMERR', () => {
    const large: DnsRecord = { owner: APEX, type: 6, class: CLASS.IN, ttl: 0, rdata: new Uint8Array(60_000) }
    expect(judge(request(META_TYPE.IXFR, { authority: [large] }))).toMatchObject({
      why: 'malformed',
      response: { rcode: RCODE.FORMERR },
    })
  })

  test('two questions, other classes and later versions of EDNS get no zone', () => {
    const question = { name: APEX, type: META_TYPE.AXFR, class: CLASS.IN }
    expect(rcodeOf(judge(request(META_TYPE.AXFR, { questions: [question, question] })))).toBe(RCODE.FORMERR)
    expect(rcodeOf(judge(request(META_TYPE.AXFR, { questions: [{ ...question, class: CLASS.CH }] })))).toBe(
      RCODE.REFUSED,
    )
    expect(rcodeOf(judge(request(META_TYPE.AXFR, { edns: { ...opt(), version: 1 } })))).toBe(RCODE.BADVERS)
  })
})
