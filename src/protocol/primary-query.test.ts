import { expect, test } from 'vitest'
import { APEX, ID } from '../../test/transfer/kit.ts'
import { OPTION, optionOf } from '../dns/edns.ts'
import { readMessage } from '../dns/message.ts'
import { toSerial } from '../dns/serial.ts'
import { axfrQuery, ixfrQuery, soaQuery } from './primary-query.ts'
import { soaFacts } from './soa-facts.ts'

const QUERY = { apex: APEX, id: ID, edns: true }

test('AC-17 a query has one question, no flags, and nothing else but OPT', () => {
  for (const [octets, type] of [
    [axfrQuery(QUERY), 252],
    [soaQuery(QUERY), 6],
  ] as const) {
    const query = readMessage(octets)
    expect(query).toMatchObject({ id: ID, qr: false, opcode: 0, aa: false, tc: false, rd: false, ad: false, cd: false })
    expect(query.questions).toEqual([{ name: APEX, type, class: 1 }])
    expect([query.answer, query.authority, query.additional]).toEqual([[], [], []])
  }
})

test('EX-01 the EXPIRE option is asked for, empty, wherever EDNS is allowed', () => {
  expect(optionOf(readMessage(soaQuery(QUERY)).edns, OPTION.EXPIRE)).toHaveLength(0)
  expect(optionOf(readMessage(axfrQuery(QUERY)).edns, OPTION.EXPIRE)).toHaveLength(0)
  expect(readMessage(soaQuery({ ...QUERY, edns: false })).edns).toBeUndefined()
})

test('IX-01 IXFR is asked with our serial in a SOA record of the zone', () => {
  for (const serial of [0, 7, 4_000_000_000, 4_294_967_295]) {
    const { questions, authority } = readMessage(ixfrQuery(QUERY, toSerial(serial)))
    expect(questions[0]?.type).toBe(251)
    expect(authority).toHaveLength(1)
    expect(authority[0]?.owner).toEqual(APEX)
    const rdata = authority[0]?.rdata ?? new Uint8Array(0)
    expect(soaFacts(rdata, 0, rdata.length).serial).toBe(serial)
  }
})
