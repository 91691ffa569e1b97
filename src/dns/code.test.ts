import { expect, test } from 'vitest'
import { opcodeName, OPCODE, RCODE, rcodeName, TSIG_ERROR, tsigErrorName } from './code.ts'

test('codes have names, and those without are numbered', () => {
  expect([rcodeName(RCODE.REFUSED), rcodeName(16), rcodeName(24)]).toEqual(['REFUSED', 'BADVERS', 'RCODE24'])
  expect([opcodeName(OPCODE.NOTIFY), opcodeName(9)]).toEqual(['NOTIFY', 'OPCODE9'])
})

test('16 is BADSIG in a TSIG', () => {
  expect([16, TSIG_ERROR.BADTIME, RCODE.REFUSED, 99].map(tsigErrorName)).toEqual([
    'BADSIG',
    'BADTIME',
    'REFUSED',
    'RCODE99',
  ])
})
