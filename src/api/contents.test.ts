import { expect, test } from 'vitest'
import type { RecordReader, ZoneFacts } from '../engine/runtime.ts'
import type { Zone } from '../store/objects.ts'
import { withRecords, withServed } from './contents.ts'

const zone = { id: 'z', name: 'example.org', type: 'full' } as Zone

/** A zone whose contents come while somebody looks: each look sees what the next of `looks` says. */
function scene(looks: boolean[]) {
  const released: string[] = []
  const reader = { version: 7, release: () => released.push('released') } as unknown as RecordReader
  const look = () => (looks.shift() === true ? reader : undefined)
  const runtime = { records: look, served: look, facts: () => ({ state: 'serving' }) as ZoneFacts }
  return { runtime, released }
}

test.each([
  ['records', withRecords],
  ['served', withServed],
] as const)('contents that come between two looks are read, not called busy: %s', async (_, read) => {
  const { runtime, released } = scene([false, true])
  expect(await read({ runtime }, zone, async ({ version }) => version)).toBe(7)
  expect(released).toEqual(['released'])
})

test('a zone that is served and cannot be read, though it was looked at twice, is busy', async () => {
  const { runtime } = scene([false, false])
  await expect(withRecords({ runtime }, zone, async () => {})).rejects.toThrow('too many answers read zones just now')
})
