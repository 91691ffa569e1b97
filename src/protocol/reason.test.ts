import { expect, test } from 'vitest'
import type { TsigReason, TsigRefusal } from '../dns/tsig-verify.ts'
import { noticeLevel, noticeSentence, notice } from './notice.ts'
import { kindOf, mendOf, reason, sentenceOf, type ReasonCode } from './reason.ts'
import { REASON_ROWS } from './reason-rows.ts'
import { reasonOfTsig } from './tsig-reason.ts'

const rows = Object.entries(REASON_ROWS)

test.each(rows)('%s says what happened and what to do', (code, { sentence, mend }) => {
  expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
  expect(sentence).not.toMatch(/[.]$/)
  expect(sentence.length).toBeGreaterThan(10)
  expect(mend).toMatch(/^[A-Z].*[.]$/)
  expect(mendOf(code as ReasonCode)).toBe(mend)
})

test('no two failures read alike', () => {
  expect(new Set(rows.map(([, { sentence }]) => sentence)).size).toBe(rows.length)
})

test('facts stand in the sentence', () => {
  const failed = reason('wrong-id', { expected: 1, found: 2 })
  expect(sentenceOf(failed)).toBe('expected message ID 1, found 2')
  expect(kindOf(failed)).toBe('content')
  expect(sentenceOf(JSON.parse(JSON.stringify(failed)))).toBe(sentenceOf(failed))
})

test('a notice is a sentence with a level', () => {
  const said = notice('primary-behind', { theirs: 1, ours: 2 }, 'a')
  expect(noticeSentence(said)).toBe('it has serial 1, and we have 2: nothing to fetch')
  expect(noticeLevel(said.code)).toBe('info')
})

test('every failed signature has its reason', () => {
  const words: readonly [TsigReason, ReasonCode][] = [
    ['unsigned first message', 'tsig-unsigned'],
    ['unsigned last message', 'tsig-unsigned'],
    ['too many unsigned messages', 'tsig-unsigned'],
    ['unknown key', 'tsig-bad-key'],
    ['other key', 'tsig-bad-key'],
    ['unknown algorithm', 'tsig-bad-key'],
    ['wrong algorithm', 'tsig-bad-key'],
    ['peer does not know the key', 'tsig-bad-key'],
    ['bad MAC', 'tsig-bad-mac'],
    ['peer finds the MAC bad', 'tsig-bad-mac'],
    ['MAC too long', 'tsig-bad-mac'],
    ['MAC too short', 'tsig-bad-mac'],
    ['MAC cut below policy', 'tsig-bad-mac'],
    ['peer wants a longer MAC', 'tsig-bad-mac'],
    ['clock differs', 'tsig-bad-time'],
    ['peer finds the clock differs', 'tsig-bad-time'],
    ['malformed TSIG', 'tsig-error'],
    ['error in a request', 'tsig-error'],
    ['peer reports an error', 'tsig-error'],
  ]
  for (const [word, code] of words) {
    const refusal: TsigRefusal = { type: 'refused', error: 'BADSIG', reason: word, detail: 'as it was' }
    expect(reasonOfTsig(refusal, 'key.').code).toBe(code)
    expect(sentenceOf(reasonOfTsig(refusal, 'key.'))).toContain('as it was')
  }
})
