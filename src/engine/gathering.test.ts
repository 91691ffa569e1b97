import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gathering } from './gathering.ts'

test('messages of one turn travel together and in order, with those of promises that are kept in it', async () => {
  const posted: (readonly number[])[] = []
  const post = gathering<number>((messages) => posted.push(messages))
  const later = async () => {
    await Promise.resolve()
    await Promise.resolve()
    post(3)
  }
  post(1)
  void later()
  post(2)
  expect(posted).toEqual([])
  await nextTurn()
  expect(posted).toEqual([[1, 2, 3]])
  post(4)
  await nextTurn()
  expect(posted).toEqual([[1, 2, 3], [4]])
})
