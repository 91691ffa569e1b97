import assert from 'node:assert'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseNote, printNote } from './record-note.ts'

test.each([
  ['', { comment: '', tags: [], proxied: undefined, settings: {} }],
  ['just words', { comment: 'just words', tags: [], proxied: undefined, settings: {} }],
  [
    'COMMENT cf_tags=a,b:c,d:"x,y"',
    { comment: 'COMMENT', tags: ['a', 'b:c', 'd:x,y'], proxied: undefined, settings: {} },
  ],
  ['cf_tags=cf-proxied:true', { comment: '', tags: [], proxied: true, settings: {} }],
  [
    'x cf_tags=cf-proxied:false,cf-flatten-cname',
    { comment: 'x', tags: [], proxied: false, settings: { flatten_cname: true } },
  ],
  ['about cf_tags= cf_tags=', { comment: 'about cf_tags=', tags: [], proxied: undefined, settings: {} }],
  ['not_cf_tags=a', { comment: 'not_cf_tags=a', tags: [], proxied: undefined, settings: {} }],
  ['broken cf_tags=a b', { comment: 'broken cf_tags=a b', tags: [], proxied: undefined, settings: {} }],
])('CF-146: "%s" is read as %j', (text, note) => {
  expect(parseNote(text)).toEqual(note)
})

test('CF-146: whatever comment and tags a record has, they come back from its note', () => {
  const piece = fc.constantFrom('cf_tags=', ' ', '"', '\\', '=', ',', ':', 'a', 'cf-', 'ü', ';', 'b:"', '\\"')
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').trim())
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}$/).filter((each) => !each.startsWith('cf-'))
  const tag = fc.oneof(
    name,
    fc.tuple(name, text).map((parts) => parts.join(':')),
  )
  fc.assert(
    fc.property(
      text,
      fc.array(tag, { maxLength: 4 }),
      fc.option(fc.boolean(), { nil: undefined }),
      (comment, tags, proxied) => {
        const note = printNote({ comment, tags }, proxied)
        assert.deepEqual(parseNote(note), { comment, tags, proxied, settings: {} }, note)
      },
    ),
    { numRuns: 3000 },
  )
})
