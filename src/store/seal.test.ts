import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { makeSeal, Seal, sealFromDirectory, sealFromText } from './seal.ts'
import { Secret } from './secret.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const directory = mkdtempSync(join(tmpdir(), 'twinzone-seal-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('what was sealed opens in its place, and is not to be read before', () => {
  const seal = sealFromText(KEY)
  const envelope = seal.seal(new Secret('schlüssel'), 'tsig:1')
  expect(Buffer.from(envelope).toString('latin1')).not.toContain('schl')
  expect(seal.open(envelope, 'tsig:1').reveal()).toBe('schlüssel')
})

test('an envelope is never the same twice', () => {
  const seal = sealFromText(KEY)
  expect(seal.seal(new Secret('a'), 'tsig:1')).not.toEqual(seal.seal(new Secret('a'), 'tsig:1'))
})

test.each([
  ['moved to another row', (envelope: Uint8Array) => envelope, 'tsig:2'],
  ['changed in one bit', (envelope: Uint8Array) => envelope.with(30, (envelope[30] as number) ^ 1), 'tsig:1'],
  ['of another form', (envelope: Uint8Array) => envelope.with(0, 2), 'tsig:1'],
  ['cut short', (envelope: Uint8Array) => envelope.subarray(0, 10), 'tsig:1'],
])('an envelope %s does not open', (_, change, place) => {
  const seal = sealFromText(KEY)
  const envelope = change(Uint8Array.from(seal.seal(new Secret('secret text'), 'tsig:1')))
  expect(() => seal.open(envelope, place)).toThrow(`the secret of ${place} does not open`)
})

test('another key does not open it, and has another name', () => {
  const seal = sealFromText(KEY)
  const other = new Seal(new Uint8Array(32))
  expect(other.keyId).not.toBe(seal.keyId)
  expect(() => other.open(seal.seal(new Secret('a'), 'tsig:1'), 'tsig:1')).toThrow('does not open')
})

test.each([
  ['', 'found 0 octets'],
  ['c2hvcnQ=', 'found 5 octets'],
  ['not base64!', 'found no base64'],
])('"%s" is no key', (text, said) => {
  expect(() => sealFromText(text)).toThrow(`expected the base64 of 32 octets as seal key, ${said}`)
})

test('the key of a directory is made once, for our user only', () => {
  expect(sealFromDirectory(directory)).toBeUndefined()
  const made = makeSeal(directory)
  expect(statSync(join(directory, 'seal.key')).mode & 0o777).toBe(0o600)
  expect(sealFromDirectory(directory)?.keyId).toBe(made.keyId)
  writeFileSync(join(directory, 'seal.key'), 'nonsense')
  expect(() => sealFromDirectory(directory)).toThrow(/seal\.key: expected the base64/)
  expect(readFileSync(join(directory, 'seal.key'), 'utf8')).toBe('nonsense')
})

test('a secret prints as [secret], whoever prints it', () => {
  const secret = new Secret('hunter2')
  expect([String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ secret }), inspect(secret)]).toEqual([
    '[secret]',
    '[secret]',
    '{"secret":"[secret]"}',
    '{ secret: [secret] }',
    '[secret]',
  ])
})
