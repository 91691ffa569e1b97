import { describe, expect, test } from 'vitest'
import { answerMessage, APEX, ID, opt, records, soa, type AnswerOptions } from '../../test/transfer/kit.ts'
import { expireOption, OPTION } from '../dns/edns.ts'
import type { DnsRecord } from '../dns/message.ts'
import { parseName } from '../dns/name.ts'
import { mayAnswer, readSoaAnswer } from './soa-check.ts'

const QUESTION = { name: APEX, type: 6, class: 1 }

function check(answer: string | readonly DnsRecord[], options: AnswerOptions = {}): string {
  return outcome(answerMessage(answer, { questions: [QUESTION], ...options }))
}

function outcome(octets: Uint8Array): string {
  const read = readSoaAnswer(octets, { apex: APEX, id: ID })
  return read.type === 'soa' ? `serial ${read.soa.serial}` : read.reason.code
}

describe('the answer to a SOA query', () => {
  test('gives the serial and the timers', () => {
    const octets = answerMessage(soa(7), { questions: [QUESTION] })
    expect(readSoaAnswer(octets, { apex: APEX, id: ID })).toEqual({
      type: 'soa',
      soa: { serial: 7, refresh: 7200, retry: 900, expire: 1_209_600 },
      expireSeconds: undefined,
    })
    expect(check(soa(4_294_967_295))).toBe('serial 4294967295')
    expect(check(soa(7), { questions: [{ ...QUESTION, name: parseName('EXAMPLE.') }] })).toBe('serial 7')
  })

  test('EX-02 EX-04 brings the EXPIRE option, if it has four octets', () => {
    const read = (edns: AnswerOptions['edns']) =>
      readSoaAnswer(answerMessage(soa(7), { questions: [QUESTION], edns }), { apex: APEX, id: ID })
    expect(read(opt(expireOption(300)))).toMatchObject({ expireSeconds: 300 })
    expect(read(opt({ code: OPTION.EXPIRE, octets: new Uint8Array(3) }))).toMatchObject({ expireSeconds: undefined })
    expect(read(opt({ code: OPTION.EXPIRE, octets: new Uint8Array(0) }))).toMatchObject({ expireSeconds: undefined })
  })

  test('has a reason of its own for each thing that is wrong', () => {
    expect(check(soa(7), { aa: false })).toBe('soa-lame')
    expect(check('', { aa: false, authority: records('@ NS ns') })).toBe('soa-referral')
    expect(check('', { authority: records(soa(7)) })).toBe('soa-nodata')
    expect(check('@ CNAME other.test.')).toBe('soa-alias')
    expect(check(`@ CNAME other.test.\nother.test. ${soa(1).slice(2)}`)).toBe('soa-alias')
    expect(check(`other.test. ${soa(1).slice(2)}`)).toBe('soa-nodata')
    expect(check(soa(7) + soa(8))).toBe('soa-count')
    expect(check('', { tc: true })).toBe('soa-truncated')
    expect(check('', { rcode: 5 })).toBe('refused')
    expect(check('', { rcode: 2, questions: [] })).toBe('server-failure')
    expect(check(soa(7), { id: 1 })).toBe('wrong-id')
    expect(check(soa(7), { qr: false })).toBe('not-a-response')
    expect(check(soa(7), { opcode: 4 })).toBe('wrong-opcode')
    expect(check(soa(7), { questions: [] })).toBe('wrong-question')
    expect(check(soa(7), { questions: [{ ...QUESTION, type: 1 }] })).toBe('wrong-question')
    expect(check(soa(7), { questions: [{ ...QUESTION, name: parseName('other.test.') }] })).toBe('wrong-question')
  })

  test('may have short RDATA, or fewer octets than a header (cases 23 and 24)', () => {
    const [whole] = records(soa(7)) as [DnsRecord]
    expect(check([{ ...whole, rdata: whole.rdata.slice(0, -1) }])).toBe('soa-malformed')
    expect(check([{ ...whole, rdata: new Uint8Array(0) }])).toBe('soa-malformed')
    const octets = answerMessage(soa(7), { questions: [QUESTION] })
    for (let length = 0; length < octets.length; length++) {
      expect(outcome(octets.subarray(0, length))).toBe(length < 12 ? 'short-message' : 'soa-malformed')
    }
  })

  test('by UDP can be told from what anybody may have sent', () => {
    const octets = answerMessage(soa(7))
    expect([mayAnswer(octets, ID), mayAnswer(octets, 1), mayAnswer(octets.subarray(0, 11), ID)]).toEqual([
      true,
      false,
      false,
    ])
    expect(mayAnswer(answerMessage('', { qr: false }), ID)).toBe(false)
  })
})
