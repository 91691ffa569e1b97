/** The end of a transfer is found, however its octets come. */

import { expect, test } from 'vitest'
import { TransferReader } from './transfer-reader.ts'

const APEX = [4, 122, 111, 110, 101, 0] // zone.

function record(type: number, rdata: readonly number[]): number[] {
  return [...APEX, 0, type, 0, 1, 0, 0, 14, 16, 0, rdata.length, ...rdata]
}

const soa = (serial: number): number[] =>
  record(6, [0, 0, ...[serial, 1, 1, 1, 1].flatMap((value) => [0, 0, 0, value])])
const a = (last: number): number[] => record(1, [192, 0, 2, last])
/** As long as it is, no more: a name, type ANY, and something like a MAC. */
const TSIG = [3, 107, 101, 121, 0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 4, 7, 7, 7, 7]

function message(answers: readonly number[][], { signed = false, question = false, rcode = 0 } = {}): number[] {
  const header = [0, 1, 0x84, rcode, 0, question ? 1 : 0, 0, answers.length, 0, 0, 0, signed ? 1 : 0]
  const body = [...(question ? [...APEX, 0, 252, 0, 1] : []), ...answers.flat(), ...(signed ? TSIG : [])]
  const length = header.length + body.length
  return [length >> 8, length & 255, ...header, ...body]
}

const STREAMS: Readonly<Record<string, number[][]>> = {
  'in one message': [message([soa(2), a(1), a(2), soa(2)], { question: true })],
  'in three messages': [message([soa(2)], { question: true }), message([a(1), a(2)]), message([a(3), soa(2)])],
  'signed, some messages without': [
    message([soa(2), a(1)], { question: true, signed: true }),
    message([a(2)]),
    message([soa(2)], { signed: true }),
  ],
}

test.each(Object.entries(STREAMS))('a transfer %s ends where it ends, in pieces of any size', (_, messages) => {
  const octets = Uint8Array.from(messages.flat())
  for (let size = 1; size <= octets.length; size++) {
    const reader = new TransferReader()
    for (let at = 0; at < octets.length; at += size) {
      expect(reader.ended).toBe(false)
      reader.read(octets.subarray(at, at + size))
    }
    expect(reader).toMatchObject({ ended: true, octets: octets.length, messages: messages.length })
  }
})

test('an SOA record with another serial is not the end', () => {
  const reader = new TransferReader()
  reader.read(Uint8Array.from([...message([soa(2), a(1)]), ...message([a(2), soa(1)])]))
  expect(reader).toMatchObject({ ended: false, records: 4 })
})

test('what is no transfer is told of', () => {
  const read = (octets: number[]) => () => new TransferReader().read(Uint8Array.from(octets))
  expect(read(message([], { rcode: 5 }))).toThrow('RCODE 5')
  expect(read(message([a(1)]))).toThrow('does not begin with an SOA record')
  expect(read([...message([soa(1), soa(1)]), 0])).toThrow('behind the end')
})
